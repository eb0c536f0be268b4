//! The page's files, compiled into the program: no build step, nothing to install, nothing fetched
//! from elsewhere.

use axum::http::header;
use axum::response::IntoResponse;

/// One file of the page.
pub(super) struct File {
    /// Where the browser finds it.
    pub(super) path: &'static str,
    /// Its media type.
    kind: &'static str,
    /// What is in it.
    content: &'static str,
}

const JS: &str = "text/javascript; charset=utf-8";

macro_rules! files {
    ($($path:literal $kind:expr, $name:literal;)*) => {
        &[$(File { path: $path, kind: $kind, content: include_str!(concat!("page/", $name)) }),*]
    };
}

pub(super) const FILES: &[File] = files! {
    "/" "text/html; charset=utf-8", "index.html";
    "/style.css" "text/css; charset=utf-8", "style.css";
    "/icon.svg" "image/svg+xml", "icon.svg";
    "/app.js" JS, "app.js";
    "/api.js" JS, "api.js";
    "/choices.js" JS, "choices.js";
    "/composer.js" JS, "composer.js";
    "/message.js" JS, "message.js";
    "/model.js" JS, "model.js";
    "/pane.js" JS, "pane.js";
    "/people.js" JS, "people.js";
    "/text.js" JS, "text.js";
    "/words.js" JS, "words.js";
};

impl File {
    pub(super) fn serve(&self) -> impl IntoResponse + use<> {
        ([(header::CONTENT_TYPE, self.kind)], self.content)
    }
}
