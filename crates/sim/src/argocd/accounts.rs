//! Accounts, sessions and rights (ARGO-1 … ARGO-4, ARGO-8).

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

/// Failures after which an account is refused (ARGO-3; Argo CD default).
const MAX_FAILURES: u32 = 5;
/// How long it is refused after the last failure, in milliseconds (ARGO-3; Argo CD default).
const LOCK_OUT_MS: i64 = 300_000;
/// A session younger than this before its end is renewed by a cookie (ARGO-2).
const RENEW_MS: i64 = 300_000;

/// One account and what it may do. Starts with every right on every project, and without a way to
/// sign in.
#[derive(Debug, Clone)]
pub struct Account {
    pub(crate) name: String,
    pub(crate) password: Option<String>,
    pub(crate) tokens: Vec<String>,
    pub(crate) projects: Option<BTreeSet<String>>,
    pub(crate) may_sync: bool,
    pub(crate) may_override: bool,
    pub(crate) may_act: bool,
    pub(crate) may_read_logs: bool,
}

impl Account {
    /// An account with this user name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            password: None,
            tokens: Vec::new(),
            projects: None,
            may_sync: true,
            may_override: true,
            may_act: true,
            may_read_logs: true,
        }
    }

    /// May sign in with this password.
    #[must_use]
    pub fn password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self
    }

    /// Has this API token, which never expires.
    #[must_use]
    pub fn token(mut self, token: &str) -> Self {
        self.tokens.push(token.to_owned());
        self
    }

    /// Sees only these projects.
    #[must_use]
    pub fn projects(mut self, projects: &[&str]) -> Self {
        self.projects = Some(projects.iter().map(|&project| project.to_owned()).collect());
        self
    }

    /// May read, not sync.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.may_sync = false;
        self.may_override = false;
        self.may_act = false;
        self
    }

    /// May not read logs (ARGO-8).
    #[must_use]
    pub fn no_logs(mut self) -> Self {
        self.may_read_logs = false;
        self
    }

    /// May not run resource actions (ARGO-8).
    #[must_use]
    pub fn no_actions(mut self) -> Self {
        self.may_act = false;
        self
    }

    /// May sync, but not to another revision than the target revision (see
    /// `Traps::foreign_revision_needs_override`).
    #[must_use]
    pub fn no_override(mut self) -> Self {
        self.may_override = false;
        self
    }

    pub(crate) fn sees(&self, project: &str) -> bool {
        self.projects.as_ref().is_none_or(|projects| projects.contains(project))
    }

    /// The answer to "can I": get, sync and override of applications, and their logs.
    pub(crate) fn can(&self, resource: &str, action: &str, object: &str) -> bool {
        let project = object.split('/').next().unwrap_or_default();
        let seen = project.is_empty() || project == "*" || self.sees(project);
        let right = match (resource, action) {
            ("applications", "get") => true,
            ("applications", "sync") => self.may_sync,
            ("applications", "override") => self.may_override,
            ("logs", "get") => self.may_read_logs,
            _ => false,
        };
        seen && right
    }
}

#[derive(Debug, Clone)]
struct Session {
    account: String,
    expires_ms: i64,
}

/// All accounts, the sessions issued, and the failed sign-ins.
#[derive(Debug)]
pub(crate) struct Accounts {
    known: BTreeMap<String, Account>,
    sessions: BTreeMap<String, Session>,
    failures: BTreeMap<String, (u32, i64)>,
    issued: u64,
    /// Life of a session token in milliseconds.
    pub(crate) token_life_ms: i64,
}

impl Default for Accounts {
    fn default() -> Self {
        Self {
            known: BTreeMap::new(),
            sessions: BTreeMap::new(),
            failures: BTreeMap::new(),
            issued: 0,
            token_life_ms: 24 * 3_600_000,
        }
    }
}

impl Accounts {
    /// Adds or replaces an account. A changed password ends all its sessions (ARGO-4).
    pub(crate) fn put(&mut self, account: Account) {
        self.revoke(&account.name);
        self.known.insert(account.name.clone(), account);
    }

    /// Ends all sessions of an account.
    pub(crate) fn revoke(&mut self, name: &str) {
        self.sessions.retain(|_, session| session.account != name);
    }

    /// A new session token, or `None` for a wrong password and for a locked account (the same
    /// answer on purpose).
    pub(crate) fn sign_in(&mut self, name: &str, password: &str, now_ms: i64) -> Option<String> {
        let (failed, last_ms) = self.failures.get(name).copied().unwrap_or((0, 0));
        let locked = failed >= MAX_FAILURES && now_ms - last_ms < LOCK_OUT_MS;
        let right = self.known.get(name).is_some_and(|a| a.password.as_deref() == Some(password));
        if locked {
            return None;
        }
        if !right {
            let failed = if failed >= MAX_FAILURES { 1 } else { failed + 1 };
            self.failures.insert(name.to_owned(), (failed, now_ms));
            return None;
        }
        self.failures.remove(name);
        Some(self.issue(name, now_ms))
    }

    fn issue(&mut self, name: &str, now_ms: i64) -> String {
        self.issued += 1;
        let expires_ms = now_ms + self.token_life_ms;
        let header = json!({ "alg": "HS256", "typ": "JWT" });
        let claims = json!({
            "iss": "argocd",
            "sub": format!("{name}:login"),
            "nbf": now_ms / 1000,
            "iat": now_ms / 1000,
            "exp": expires_ms / 1000,
            "jti": format!("session-{}", self.issued),
        });
        let part = |value: String| URL_SAFE_NO_PAD.encode(value);
        let token = [header.to_string(), claims.to_string(), "double".to_owned()].map(part);
        let token = token.join(".");
        // `exp` has whole seconds, so the session must end at that second too.
        let expires_ms = expires_ms / 1000 * 1000;
        self.sessions.insert(token.clone(), Session { account: name.to_owned(), expires_ms });
        token
    }

    /// Whose token this is, if it is valid now.
    pub(crate) fn who(&self, token: &str, now_ms: i64) -> Option<Account> {
        if let Some(session) = self.sessions.get(token) {
            let valid = now_ms < session.expires_ms;
            return valid.then(|| self.known.get(&session.account).cloned()).flatten();
        }
        self.known.values().find(|a| a.tokens.iter().any(|t| t == token)).cloned()
    }

    /// A new token for a login session that is about to end (ARGO-2: handed out as a cookie).
    pub(crate) fn renewal(&mut self, token: &str, now_ms: i64) -> Option<String> {
        let session = self.sessions.get(token)?.clone();
        let left_ms = session.expires_ms - now_ms;
        (left_ms > 0 && left_ms < RENEW_MS).then(|| self.issue(&session.account, now_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accounts() -> Accounts {
        let mut accounts = Accounts::default();
        accounts.put(Account::new("bot").password("right"));
        accounts
    }

    #[test]
    fn argo_3_five_failures_lock_even_the_right_password() {
        let mut accounts = accounts();
        for _ in 0..5 {
            assert!(accounts.sign_in("bot", "wrong", 1_000).is_none());
        }
        assert!(accounts.sign_in("bot", "right", 1_000 + LOCK_OUT_MS - 1).is_none());
        assert!(accounts.sign_in("bot", "right", 1_000 + LOCK_OUT_MS).is_some());
    }

    #[test]
    fn argo_4_a_changed_account_ends_its_sessions() {
        let mut accounts = accounts();
        let token = accounts.sign_in("bot", "right", 0).unwrap();
        assert!(accounts.who(&token, 1).is_some());
        accounts.put(Account::new("bot").password("new"));
        assert!(accounts.who(&token, 1).is_none());
    }
}
