//! The one HTTP client: what all tools need alike.
//!
//! - Redirects are not followed: a redirect of an API is a sign-in page or a wrong address.
//! - Every request has its own timeout, every body a size limit.
//! - A write wants a [`Permit`], looked at right before the send, and says precisely what is known
//!   when it fails: surely not sent, or unclear. Nothing is ever written twice here.
//! - A read is repeated once when the connection broke under it.
//! - Proxies of the environment are not used: tools stand in the same network, and a proxy that
//!   queues or rewrites would blur what happened.

mod fault;
mod redact;
mod reply;
mod stream;
mod text;

use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Method, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tracing::Instrument as _;
use wilco_core::answer::{Trouble, TroubleKind};
use wilco_core::port::Permit;

pub use fault::{BuildFault, WriteFault};
pub use redact::redact;
pub use reply::Reply;
pub use stream::{Stream, StreamEnd};
pub use text::clean;

use fault::Break;

/// The longest body that is read, in bytes. A list of 2,000 applications is about 10 MiB.
const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;
/// How long a connection may take to be made; a part of the request's own timeout.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Shorter than what servers and proxies grant, so that a write rarely meets a connection that is
/// just being closed and becomes unclear for nothing.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// A connection to one tool at one address.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    connection: String,
    base: Url,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Request {
    /// The path with placeholders, for spans and logs: `/api/v1/applications/{name}`.
    pub route: &'static str,
    method: Method,
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
    body: Option<Value>,
    accept: &'static str,
    timeout: Duration,
}

impl Request {
    /// A request whose path is `route` with its placeholders filled in order; each filling is one
    /// segment and is escaped.
    #[must_use]
    pub fn new(method: Method, route: &'static str, fill: &[&str], timeout: Duration) -> Self {
        let mut fill = fill.iter();
        let path = route
            .split('/')
            .filter(|part| !part.is_empty())
            .map(|part| match part.strip_prefix('{') {
                Some(_) => fill.next().copied().unwrap_or_default().to_owned(),
                None => part.to_owned(),
            })
            .collect();
        let accept = "application/json";
        Self { route, method, path, query: Vec::new(), body: None, accept, timeout }
    }

    /// A question.
    #[must_use]
    pub fn get(route: &'static str, fill: &[&str], timeout: Duration) -> Self {
        Self::new(Method::GET, route, fill, timeout)
    }

    /// With one more query field.
    #[must_use]
    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// With another kind of answer than JSON.
    #[must_use]
    pub fn accept(mut self, accept: &'static str) -> Self {
        self.accept = accept;
        self
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }
}

impl Http {
    /// A client for the tool at `base`; `connection` names it in troubles and spans, `ca_pem` adds
    /// authorities to those of the host.
    ///
    /// # Errors
    /// When the address or a certificate cannot be used.
    pub fn new(connection: &str, base: &str, ca_pem: Option<&[u8]>) -> Result<Self, BuildFault> {
        let base = Url::parse(base).map_err(|error| BuildFault::Address(error.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") || base.cannot_be_a_base() {
            return Err(BuildFault::Address("neither http nor https".to_owned()));
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(BuildFault::Address("it holds a user name or a password".to_owned()));
        }
        let mut builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .user_agent(concat!("wilco/", env!("CARGO_PKG_VERSION")));
        // Reading the host's authorities takes longer than all else at the start of a client, and
        // without TLS nobody asks for them. Redirects are not followed, so it stays without.
        if base.scheme() == "http" {
            builder = builder.tls_certs_only([]);
        } else if let Some(pem) = ca_pem {
            let authorities = Certificate::from_pem_bundle(pem)
                .map_err(|error| BuildFault::Certificate(fault::deepest(&error)))?;
            builder = builder.tls_certs_merge(authorities);
        }
        let client = builder.build().map_err(|error| BuildFault::Client(fault::deepest(&error)))?;
        Ok(Self { client, connection: connection.to_owned(), base })
    }

    /// The connection's name in troubles.
    #[must_use]
    pub fn connection(&self) -> &str {
        &self.connection
    }

    /// A trouble with this tool.
    #[must_use]
    pub fn trouble(&self, kind: TroubleKind, detail: &str) -> Trouble {
        Trouble { tool: self.connection.clone(), kind, detail: clean(detail) }
    }

    /// Asks; an answer of any status is a reply. Repeated once when the connection breaks.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn read(
        &self,
        request: &Request,
        bearer: Option<&SecretString>,
    ) -> Result<Reply, Trouble> {
        let again = match self.exchange(request, bearer, None).await {
            Err(Break::Cut(_)) => self.exchange(request, bearer, None).await,
            other => other,
        };
        again.map_err(|broken| broken.trouble(self))
    }

    /// Sends something that is no effect on the tool's subject, such as a sign-in: no permit is
    /// needed, and it is never repeated.
    ///
    /// # Errors
    /// When no whole answer came.
    pub async fn sign_in(&self, request: &Request) -> Result<Reply, Trouble> {
        self.exchange(request, None, None).await.map_err(|broken| broken.trouble(self))
    }

    /// Writes, once. An answer of any status is a reply.
    ///
    /// # Errors
    /// See [`WriteFault`]: after the send has begun every fault is unclear.
    pub async fn write(
        &self,
        request: &Request,
        bearer: Option<&SecretString>,
        permit: &Permit,
    ) -> Result<Reply, WriteFault> {
        self.exchange(request, bearer, Some(permit)).await.map_err(|broken| match broken {
            Break::PermitOver => WriteFault::PermitOver,
            Break::NotSent(_) => WriteFault::NotSent(broken.trouble(self)),
            _ => WriteFault::Unclear(broken.trouble(self)),
        })
    }

    async fn exchange(
        &self,
        request: &Request,
        bearer: Option<&SecretString>,
        permit: Option<&Permit>,
    ) -> Result<Reply, Break> {
        let span = tracing::info_span!(
            "tool_call",
            connection = %self.connection,
            method = %request.method,
            route = request.route,
            status = tracing::field::Empty,
            ms = tracing::field::Empty,
        );
        async {
            let began = monotonic_now();
            let outcome = self.send(request, bearer, permit).await;
            let span = tracing::Span::current();
            span.record("ms", u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX));
            match &outcome {
                Ok(reply) => {
                    span.record("status", reply.status());
                    tracing::debug!("answered");
                }
                Err(broken) => tracing::debug!(?broken, "not answered"),
            }
            outcome
        }
        .instrument(span)
        .await
    }

    async fn send(
        &self,
        request: &Request,
        bearer: Option<&SecretString>,
        permit: Option<&Permit>,
    ) -> Result<Reply, Break> {
        let mut built = self.build(request, bearer)?;
        *built.timeout_mut() = Some(request.timeout);
        // Nothing may come between this look and the send.
        if permit.is_some_and(|permit| !permit.is_valid_at(monotonic_now())) {
            return Err(Break::PermitOver);
        }
        #[expect(clippy::disallowed_methods, reason = "this is the one place that sends")]
        let response = self.client.execute(built).await.map_err(Break::of)?;
        self.whole(response).await
    }

    /// Reads an answer to its end.
    async fn whole(&self, mut response: reqwest::Response) -> Result<Reply, Break> {
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(Break::of)? {
            if body.len() + chunk.len() > MAX_BODY_BYTES {
                return Err(Break::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply::new(&self.connection, status, body))
    }

    fn build(
        &self,
        request: &Request,
        bearer: Option<&SecretString>,
    ) -> Result<reqwest::Request, Break> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(&request.path);
        }
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let mut builder =
            self.client.request(request.method.clone(), url).header(ACCEPT, request.accept);
        if request.method != Method::GET {
            builder = builder.header(CONTENT_TYPE, "application/json");
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.to_string());
        }
        if let Some(token) = bearer {
            builder = builder.bearer_auth(token.expose_secret());
        }
        builder.build().map_err(|error| Break::NotSent(fault::deepest(&error)))
    }
}

/// Permits are moments on the monotonic clock, and so is what a span measures.
#[expect(
    clippy::disallowed_methods,
    reason = "the send permit is about real time, not the engine's"
)]
fn monotonic_now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(base: &str, request: &Request) -> String {
        let http = Http::new("tool", base, None).unwrap();
        http.build(request, None).unwrap().url().to_string()
    }

    #[test]
    fn names_stay_one_segment_under_any_root_path() {
        let get =
            |name| Request::get("/api/{name}/x", &[name], CONNECT_TIMEOUT).query("p", "a b&c");
        assert_eq!(url("http://h", &get("a")), "http://h/api/a/x?p=a+b%26c");
        assert_eq!(url("https://h/argo/", &get("a")), "https://h/argo/api/a/x?p=a+b%26c");
        assert_eq!(url("http://h", &get("../a?b#c")), "http://h/api/..%2Fa%3Fb%23c/x?p=a+b%26c");
        assert!(url("http://h", &get("지갑")).contains("/api/%EC%A7%80"));
    }

    #[test]
    fn argo_05_every_write_says_that_it_is_json() {
        let http = Http::new("tool", "http://h", None).unwrap();
        for (method, wanted) in [(Method::GET, false), (Method::POST, true), (Method::DELETE, true)]
        {
            let request = Request::new(method.clone(), "/x", &[], CONNECT_TIMEOUT);
            let built = http.build(&request, None).unwrap();
            assert_eq!(built.headers().contains_key(CONTENT_TYPE), wanted, "{method}");
        }
    }

    #[test]
    fn addresses_with_secrets_or_other_schemes_are_refused() {
        for bad in ["", "argocd", "ftp://h", "http://user:word@h", "mailto:a@b"] {
            let fault = Http::new("tool", bad, None).unwrap_err();
            assert!(!fault.to_string().contains("word@"), "{fault}");
        }
        let broken = b"-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n";
        assert!(Http::new("tool", "https://h", Some(broken)).is_err());
    }
}
