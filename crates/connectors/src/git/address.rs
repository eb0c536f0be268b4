//! Addresses of repositories, and which of them may be fetched. Pure.
//!
//! They come from Argo CD, where whoever may write an application chooses them: only what the configuration names is
//! handed to git, and only in forms of which nothing can be read as an option, a command or another place.

use wilco_core::wildcard;

/// The longest address that is looked at, in bytes.
const LONGEST: usize = 1024;

/// An address of which everything behind the host may have `*`, for any characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryPattern(String);

/// Why a pattern is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PatternFault {
    /// It is no address that git would be given.
    #[error(
        "not an address such as `https://git.example/acme/*`, `ssh://git@git.example/acme/*` or \
         `git@git.example:acme/*`, without a password"
    )]
    Address,
    /// The host is not plain.
    #[error("the host is written out: `*` may stand behind it only")]
    Host,
}

/// What an address is made of.
#[derive(Debug, PartialEq, Eq)]
struct Parts<'a> {
    scheme: Scheme,
    /// The host, with a user and a port if they are there.
    host: &'a str,
    path: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Https,
    Ssh,
    Git,
    /// Only what the configuration names as such: no other pattern fits it.
    File,
    /// `git@git.example:acme/wallet.git`, which is SSH too.
    Scp,
}

impl RepositoryPattern {
    /// A pattern such as `https://git.example/acme/*`.
    ///
    /// # Errors
    /// It is no address, or its host is not plain.
    pub fn parse(text: &str) -> Result<Self, PatternFault> {
        let parts = Parts::of(text).ok_or(PatternFault::Address)?;
        if parts.host.contains('*') {
            return Err(PatternFault::Host);
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether this is an address of it, and one that git may be given.
    #[must_use]
    pub fn matches(&self, address: &str) -> bool {
        let (Some(pattern), Some(address)) = (Parts::of(&self.0), Parts::of(address)) else {
            return false;
        };
        pattern.scheme == address.scheme
            && pattern.host.eq_ignore_ascii_case(address.host)
            && wildcard::fits(pattern.path, address.path)
    }
}

/// Whether an address is one of a folder of this machine.
pub(super) fn is_local(address: &str) -> bool {
    Parts::of(address).is_some_and(|parts| parts.scheme == Scheme::File)
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\\' | '?' | '#');
        // `::` names a helper program, as in `ext::sh -c …`.
        if text.len() > LONGEST || text.contains(odd) || text.contains("::") {
            return None;
        }
        // A dot that is written as a code is one too, to some servers.
        if text.to_ascii_lowercase().contains("%2e") {
            return None;
        }
        let parts = match text.split_once("://") {
            Some((scheme, rest)) => {
                let scheme = match scheme {
                    "https" => Scheme::Https,
                    "ssh" => Scheme::Ssh,
                    "git" => Scheme::Git,
                    "file" => Scheme::File,
                    _ => return None,
                };
                let (host, path) = rest.split_at(rest.find('/')?);
                Self { scheme, host, path }
            }
            None => {
                let (host, path) = text.split_once(':')?;
                Self { scheme: Scheme::Scp, host, path }
            }
        };
        let path = parts.path.strip_prefix('/').unwrap_or(parts.path);
        let plain = !path.is_empty()
            && !path.starts_with('-')
            && path.split('/').all(|part| part != "." && part != "..");
        (plain && is_host(parts.scheme, parts.host)).then_some(parts)
    }
}

fn is_host(scheme: Scheme, host: &str) -> bool {
    if scheme == Scheme::File {
        return host.is_empty();
    }
    let (user, host) = host.split_once('@').unwrap_or(("git", host));
    // A password would be on show in the list of processes. What begins with `-` is an option to ssh.
    let well =
        |part: &str| !part.is_empty() && !part.starts_with('-') && !part.contains(['@', '/']);
    well(user) && !user.contains(':') && well(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, address: &str) -> bool {
        RepositoryPattern::parse(pattern).unwrap().matches(address)
    }

    #[test]
    fn what_the_configuration_names_fits() {
        for (pattern, address, expected) in [
            ("https://git.example/acme/*", "https://git.example/acme/wallet.git", true),
            ("https://git.example/acme/*", "https://git.example/acme/team/wallet", true),
            ("https://git.example/acme/*", "https://GIT.example/acme/wallet", true),
            ("https://git.example/acme/*", "https://git.example/other/wallet", false),
            ("https://git.example/acme/*", "https://git.example.evil/acme/wallet", false),
            ("https://git.example/acme/*", "https://git.example@evil/acme/wallet", false),
            ("https://git.example/acme/*", "https://me@git.example/acme/wallet", false),
            ("https://git.example/acme/*", "ssh://git.example/acme/wallet", false),
            ("https://git.example:8443/*", "https://git.example:8443/wallet", true),
            ("https://git.example/acme/w*t.git", "https://git.example/acme/wallet.git", true),
            ("https://git.example/acme/w*t.git", "https://git.example/acme/walle.git", false),
            ("https://git.example/*/a*/b", "https://git.example/x/ay/b", true),
            ("https://git.example/*b*b", "https://git.example/b", false),
            ("git@git.example:acme/*", "git@git.example:acme/wallet.git", true),
            ("git@git.example:acme/*", "git@git.example:other/wallet.git", false),
            ("ssh://git@git.example/*", "ssh://git@git.example/acme/wallet.git", true),
            ("file:///srv/git/*", "file:///srv/git/wallet.git", true),
            ("file:///srv/git/*", "file:///srv/other/wallet.git", false),
        ] {
            assert_eq!(matches(pattern, address), expected, "{pattern} {address}");
        }
    }

    #[test]
    fn what_git_could_take_for_something_else_never_fits() {
        let long = format!("https://git.example/{}", "a".repeat(LONGEST));
        for address in [
            "",
            "-uhttps://git.example/x",
            "--upload-pack=touch /tmp/x",
            "ext::sh -c touch% /tmp/x",
            "ext::https://git.example/x",
            "/srv/git/wallet.git",
            "../wallet.git",
            "http://git.example/x",
            "ftp://git.example/x",
            "HTTPS://git.example/x",
            "https://git.example/a/../x",
            "https://git.example/a/..",
            "https://git.example/a/%2E%2e/x",
            "https://git.example/./x",
            "https://git.example/a\\..\\x",
            "https://git.example/x?y=/z",
            "https://git.example/x#y",
            "https://git.example/x y",
            "https://git.example/x\n-y",
            "https://git.example/-x",
            "https://user:secret@git.example/x",
            "https://git.example",
            "https://git.example/",
            "https:///x",
            "ssh://-oProxyCommand=touch/x",
            "ssh://git@-oProxyCommand=touch/x",
            "ssh://-x@git.example/x",
            "-oProxyCommand=touch:x",
            "git@-oProxyCommand=touch:x",
            "git@git.example:-x",
            "git@git.example:../x",
            "file://host/srv/git/x",
            long.as_str(),
        ] {
            assert_eq!(Parts::of(address), None, "{address}");
            assert!(RepositoryPattern::parse(address).is_err(), "{address}");
        }
    }

    #[test]
    fn the_host_of_a_pattern_is_written_out() {
        for pattern in ["https://*/acme/x", "https://*.example/*", "git@*:acme/x"] {
            assert_eq!(RepositoryPattern::parse(pattern), Err(PatternFault::Host), "{pattern}");
        }
        assert_eq!(RepositoryPattern::parse("*"), Err(PatternFault::Address));
    }
}
