//! Slack's Web API: one way to call a method, and precisely what is known when it brought nothing.
//!
//! - Arguments are form fields, JSON in those that want it, as Slack's own client for Node does it: some methods take
//!   nothing else.
//! - HTTP 200 with `"ok": false` is the usual error (SLACK-15).
//! - Nothing is repeated here: who called knows whether it may be.

mod fault;
mod pace;

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{StatusCode, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;

pub(crate) use fault::ApiFault;
use pace::Pace;

use super::Clock;

/// How long one call may take.
const TIMEOUT: Duration = Duration::from_secs(8);
/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);
/// The largest answer that is read; a page of 200 messages with blocks is about 2 MiB.
const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;
/// Where Slack says nothing in its 429.
const RETRY_AFTER_MS: u64 = 1_000;

/// The fields of a call.
pub(crate) type Fields = Vec<(&'static str, String)>;

/// The Web API, with one token.
pub(crate) struct WebApi {
    client: reqwest::Client,
    base: Url,
    token: SecretString,
    pace: Pace,
    clock: Clock,
}

/// What every answer has.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    ok: bool,
    #[serde(default)]
    error: String,
    #[serde(default)]
    needed: String,
    #[serde(default)]
    response_metadata: Metadata,
}

#[derive(Deserialize, Default)]
struct Metadata {
    #[serde(default)]
    messages: Vec<String>,
}

impl WebApi {
    /// A client of the API at `base`, which ends in `/`.
    ///
    /// # Errors
    /// The client cannot be built.
    pub(crate) fn new(
        base: Url,
        token: SecretString,
        clock: Clock,
    ) -> Result<Self, reqwest::Error> {
        let mut builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .user_agent(concat!("wilco/", env!("CARGO_PKG_VERSION")));
        if base.scheme() == "http" {
            // A stand-in on this machine: no certificates are asked for, and no proxy stands in between.
            builder = builder.tls_certs_only([]).no_proxy();
        }
        Ok(Self { client: builder.build()?, base, token, pace: Pace::default(), clock })
    }

    /// Calls a method. `channel` is given where Slack counts by channel; at the steady rate calls are
    /// `every_ms` apart.
    ///
    /// # Errors
    /// See [`ApiFault`].
    pub(crate) async fn call(
        &self,
        method: &'static str,
        channel: Option<&str>,
        every_ms: i64,
        fields: &Fields,
    ) -> Result<Value, ApiFault> {
        let key = (method, channel.unwrap_or_default().to_owned());
        let wait = self.pace.may_go(&key, every_ms, (self.clock)());
        if let Err(after_ms) = wait {
            return Err(ApiFault::Limited { after_ms });
        }
        let answer = self.ask(method, fields).await;
        if let Err(ApiFault::Limited { after_ms }) = &answer {
            tracing::debug!(method, after_ms, "rate limited");
            self.pace.limited(key, *after_ms, (self.clock)());
        }
        answer
    }

    async fn ask(&self, method: &str, fields: &Fields) -> Result<Value, ApiFault> {
        let url = self.base.join(method).map_err(|error| ApiFault::Unreached(error.to_string()))?;
        let request = self.client.post(url).bearer_auth(self.token.expose_secret()).form(fields);
        #[expect(clippy::disallowed_methods, reason = "the one place that speaks to Slack")]
        let sent = request.send().await;
        let response = sent.map_err(|error| {
            let why = deepest(&error);
            if error.is_connect() || error.is_builder() {
                ApiFault::Unreached(why)
            } else {
                ApiFault::Unclear(why)
            }
        })?;
        let status = response.status();
        if status == StatusCode::TOO_MANY_REQUESTS {
            let seconds = response
                .headers()
                .get("retry-after")
                .and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok());
            let after_ms = seconds.map_or(RETRY_AFTER_MS, |seconds| seconds.saturating_mul(1_000));
            return Err(ApiFault::Limited { after_ms });
        }
        if !status.is_success() {
            return Err(ApiFault::Unclear(format!("HTTP {status}")));
        }
        let body = read(response).await?;
        let value: Value = serde_json::from_slice(&body)
            .map_err(|_| ApiFault::Unclear("the answer is no JSON".into()))?;
        let answer = Answer::deserialize(&value)
            .map_err(|error| ApiFault::Unclear(format!("the answer is none: {error}")))?;
        if answer.ok {
            return Ok(value);
        }
        match answer.error.as_str() {
            "" => Err(ApiFault::Unclear("the answer is none".into())),
            "ratelimited" | "rate_limited" => Err(ApiFault::Limited { after_ms: RETRY_AFTER_MS }),
            error => {
                let mut detail = answer.response_metadata.messages;
                if !answer.needed.is_empty() {
                    detail.push(format!("needs {}", answer.needed));
                }
                Err(ApiFault::refused(error, detail.join("; ")))
            }
        }
    }
}

async fn read(mut response: reqwest::Response) -> Result<Vec<u8>, ApiFault> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= MAX_BODY_BYTES => {
                body.extend_from_slice(&chunk);
            }
            Ok(Some(_)) => return Err(ApiFault::Unclear("the answer is too large".into())),
            Ok(None) => return Ok(body),
            Err(error) => return Err(ApiFault::Unclear(deepest(&error))),
        }
    }
}

/// The cause behind the causes: "connection refused", not "error sending request".
fn deepest(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
