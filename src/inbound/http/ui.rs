//! The web page, embedded: `GET /ui` is the page, `GET /ui/…` what it loads. Knows nothing of what the page does.
//!
//! The page names its files relative to `/ui` (`ui/app.js`), so that it works below any stage path.

use std::fmt::Write as _;

use axum::{
    Router,
    extract::{Path, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use include_dir::{Dir, include_dir};
use sha2::{Digest as _, Sha256};

use super::error::{ApiError, not_found};

static DIST: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/ui/dist");

/// Nothing but our own files, and no way to be framed or to send anything elsewhere: what a program printed must
/// stay text even if the page had a hole.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
     font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// The routes of the page.
pub(super) fn routes<T: Clone + Send + Sync + 'static>() -> Router<T> {
    Router::new()
        .route("/ui", get(page))
        // Relative to `/ui/`, so that it leads back whatever stands before.
        .route("/ui/", get(async || (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, "../ui")])))
        .route("/ui/{*path}", get(asset))
}

async fn page(headers: HeaderMap) -> Result<Response, ApiError> {
    file("index.html", &headers).await
}

async fn asset(path: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Result<Response, ApiError> {
    file(&path.map(|Path(path)| path).unwrap_or_default(), &headers).await
}

async fn file(path: &str, headers: &HeaderMap) -> Result<Response, ApiError> {
    let Some(file) = DIST.get_file(path) else { return Err(not_found().await) };
    let tag = etag(file.contents());
    let common = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        // Ask each time, and be told "unchanged": a new version is never mixed with an old one.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    if known.flat_map(|value| value.split(',')).any(|known| matches(known.trim(), &tag)) {
        return Ok((StatusCode::NOT_MODIFIED, common, [(header::ETAG, tag)]).into_response());
    }
    let kind = [(header::CONTENT_TYPE, media_type(path))];
    Ok((common, kind, [(header::ETAG, tag)], file.contents()).into_response())
}

/// By weak comparison (RFC 9110, 13.1.2): a proxy that compressed the file made the tag weak.
fn matches(known: &str, tag: &str) -> bool {
    known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
}

fn etag(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    let mut tag = String::with_capacity(34);
    tag.push('"');
    for byte in &digest[..16] {
        // Writing into a string cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("txt") => "text/plain; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}
