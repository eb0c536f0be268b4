//! Who may talk to the console: a browser on this machine, from the console's own page.
//!
//! - The `Host` must be a loopback name. A page of the internet whose name was rebound to 127.0.0.1
//!   (DNS rebinding) still sends its own name.
//! - An `Origin`, where there is one, must be the console's own.
//! - What changes state needs the header [`HEADER`]. A foreign page can make a browser send a form
//!   (CSRF), but no header of its own without a preflight, which is never granted here.

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::requests::fault;

/// Every request that changes something must carry it, with any value.
pub const HEADER: &str = "x-wilco-console";

/// Refuses what does not come from the console's own page on this machine.
pub(super) async fn own_page_only(request: Request, next: Next) -> Response {
    match check(&request) {
        Ok(()) => with_headers(next.run(request).await),
        Err(code) => {
            tracing::warn!(code, path = request.uri().path(), "console request refused");
            fault(StatusCode::FORBIDDEN, code).into_response()
        }
    }
}

fn check(request: &Request) -> Result<(), &'static str> {
    let headers = request.headers();
    let host = only(headers, header::HOST).filter(|host| is_loopback(host)).ok_or("wrong_host")?;
    if headers.contains_key(header::ORIGIN) {
        let origin =
            only(headers, header::ORIGIN).and_then(|origin| origin.strip_prefix("http://"));
        if !origin.is_some_and(|origin| origin.eq_ignore_ascii_case(host)) {
            return Err("wrong_origin");
        }
    }
    if !request.method().is_safe() && !headers.contains_key(HEADER) {
        return Err("missing_header");
    }
    Ok(())
}

/// The value of a header that is there exactly once.
fn only(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    ["127.0.0.1", "[::1]"].contains(&name) || name.eq_ignore_ascii_case("localhost")
}

/// The page runs its own scripts only, and nobody may put it into a frame.
fn with_headers(mut response: Response) -> Response {
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
                          connect-src 'self'; img-src 'self' data:; base-uri 'none'; \
                          form-action 'none'; frame-ancestors 'none'";
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
    ] {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_loopback_names_pass() {
        for host in
            ["127.0.0.1", "127.0.0.1:8080", "localhost:80", "LOCALHOST", "[::1]:80", "[::1]"]
        {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:80",
            "::1",
            "10.0.0.1",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
