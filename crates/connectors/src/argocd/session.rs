//! Signing in: one session for all calls, renewed in time, and never a storm of logins (ARGO-1 … 4).

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use wilco_core::answer::{Trouble, TroubleKind};
use wilco_core::time::Timestamp;

use super::config::SignIn;
use super::wire;
use crate::Now;
use crate::http::{Http, Request};

/// How long a refused sign-in is taken as the answer. Five failures in five minutes lock an account
/// (ARGO-3), so it is longer than the minute that five of them would need.
const REFUSED_FOR: Duration = Duration::from_secs(30);
/// A session is renewed this long before it ends, or after three quarters of a short life.
const RENEW_BEFORE: Duration = Duration::from_mins(1);

/// A token, and which sign-in it came from.
#[derive(Debug, Clone)]
pub(super) struct Ticket {
    pub(super) token: SecretString,
    generation: u64,
}

/// The sign-in of one instance.
pub(super) struct Session {
    sign_in: SignIn,
    timeout: Duration,
    now: Now,
    state: Mutex<State>,
    /// How many sign-ins have ended; those who waited for one share its failure.
    ended: AtomicU64,
}

#[derive(Default)]
struct State {
    ticket: Option<(Ticket, Option<Timestamp>)>,
    generation: u64,
    last_failure: Option<Trouble>,
    refused: Option<(Timestamp, Trouble)>,
}

impl Session {
    pub(super) fn new(sign_in: SignIn, timeout: Duration, now: Now) -> Self {
        let state = Mutex::new(State::default());
        Self { sign_in, timeout, now, state, ended: AtomicU64::new(0) }
    }

    /// The account's name, when the configuration tells.
    pub(super) fn username(&self) -> Option<&str> {
        match &self.sign_in {
            SignIn::Session { username, .. } => Some(username),
            SignIn::Token(_) => None,
        }
    }

    /// A token that should be good.
    pub(super) async fn ticket(&self, http: &Http) -> Result<Ticket, Trouble> {
        self.ticket_after(http, None).await
    }

    /// A token in place of one that was answered with 401 (ARGO-2); a static token has none.
    pub(super) async fn renewed(&self, http: &Http, used: &Ticket) -> Result<Ticket, Trouble> {
        self.ticket_after(http, Some(used.generation)).await
    }

    /// A fresh token was answered with 401: only a person can help (ARGO-4), so do not go on trying.
    pub(super) async fn give_up(&self, used: &Ticket, trouble: &Trouble) {
        let mut state = self.state.lock().await;
        if state.generation == used.generation {
            state.ticket = None;
            state.refused = Some(((self.now)(), trouble.clone()));
        }
    }

    async fn ticket_after(&self, http: &Http, unwanted: Option<u64>) -> Result<Ticket, Trouble> {
        let (username, password) = match &self.sign_in {
            SignIn::Session { username, password } => (username, password),
            SignIn::Token(token) => {
                return match unwanted {
                    None => Ok(Ticket { token: token.clone(), generation: 0 }),
                    Some(_) => Err(http.trouble(TroubleKind::SignIn, "")),
                };
            }
        };
        let before = self.ended.load(Ordering::Acquire);
        // The lock is held over the sign-in: that is the single flight.
        let mut state = self.state.lock().await;
        let now = (self.now)();
        if let Some((ticket, renew_at)) = &state.ticket {
            let good = renew_at.is_none_or(|at| now < at);
            if good && unwanted != Some(ticket.generation) {
                return Ok(ticket.clone());
            }
        }
        if let Some((at, trouble)) = &state.refused
            && now.since(*at) < REFUSED_FOR
        {
            return Err(trouble.clone());
        }
        if self.ended.load(Ordering::Acquire) != before
            && let Some(trouble) = &state.last_failure
        {
            return Err(trouble.clone());
        }
        let outcome = self.log_in(http, username, password).await;
        self.ended.fetch_add(1, Ordering::AcqRel);
        match outcome {
            Ok(token) => {
                state.generation += 1;
                let ticket = Ticket { token, generation: state.generation };
                let renew_at = renew_at(ticket.token.expose_secret(), now);
                state.ticket = Some((ticket.clone(), renew_at));
                state.last_failure = None;
                state.refused = None;
                Ok(ticket)
            }
            Err(trouble) => {
                state.ticket = None;
                state.last_failure = Some(trouble.clone());
                if !trouble.kind.passes() || trouble.kind == TroubleKind::SlowDown {
                    state.refused = Some((now, trouble.clone()));
                }
                Err(trouble)
            }
        }
    }

    async fn log_in(
        &self,
        http: &Http,
        username: &str,
        password: &SecretString,
    ) -> Result<SecretString, Trouble> {
        let body = json!({ "username": username, "password": password.expose_secret() });
        let request = Request::new(Method::POST, "/api/v1/session", &[], self.timeout).json(body);
        let reply = http.sign_in(&request).await?;
        let answer: wire::Token = reply.json().map_err(|mut trouble| {
            // Whatever the tool calls it, a refused sign-in is a matter of the sign-in.
            if !trouble.kind.passes() {
                trouble.kind = TroubleKind::SignIn;
            }
            trouble
        })?;
        if answer.token.is_empty() {
            return Err(reply.as_trouble(TroubleKind::Garbled, "no token"));
        }
        Ok(answer.token.into())
    }
}

/// When to sign in again, from `exp` of the token. A token without it, or one that seems over already
/// (clocks that disagree), is used until it is answered with 401.
fn renew_at(token: &str, now: Timestamp) -> Option<Timestamp> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?.trim_end_matches('=')).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    let expires = Timestamp(claims.get("exp")?.as_i64()?.checked_mul(1000)?);
    let life = expires.since(now);
    (!life.is_zero()).then(|| expires - RENEW_BEFORE.min(life / 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!("eyJhbGciOiJIUzI1NiJ9.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn argo_01_the_end_of_a_session_is_read_from_its_token() {
        let now = Timestamp(1_000_000);
        let day = token(r#"{"exp":87400}"#);
        assert_eq!(renew_at(&day, now), Some(Timestamp(87_400_000 - 60_000)));
        let short = token(r#"{"exp":1040}"#);
        assert_eq!(renew_at(&short, now), Some(Timestamp(1_030_000)));
        for endless in [token("{}"), token(r#"{"exp":1}"#), "opaque".to_owned(), String::new()] {
            assert_eq!(renew_at(&endless, now), None, "{endless}");
        }
    }
}
