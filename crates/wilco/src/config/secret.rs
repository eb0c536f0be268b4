//! Secrets are named in the configuration, never written there.

use secrecy::SecretString;

use super::check::Environment;

/// Reads `env:NAME` or `file:PATH`.
///
/// # Errors
/// One sentence without the secret.
pub(super) fn read(reference: &str, environment: &dyn Environment) -> Result<SecretString, String> {
    if let Some(name) = reference.strip_prefix("env:") {
        return match environment.variable(name) {
            Some(value) if !value.is_empty() => Ok(value.into()),
            _ => Err(format!("the environment variable `{name}` is not set")),
        };
    }
    if let Some(path) = reference.strip_prefix("file:") {
        let text = environment.file(path).map_err(|e| format!("`{path}` cannot be read: {e}"))?;
        let secret = text.trim_end_matches(['\r', '\n']);
        // A mount that is empty would be a secret that everybody knows.
        if secret.trim().is_empty() {
            return Err(format!("`{path}` is empty"));
        }
        return Ok(secret.to_owned().into());
    }
    Err("a secret is named, not written here: `env:NAME` or `file:PATH`".to_owned())
}
