//! The web page, embedded: `GET /ui` is the page, `GET /ui/…` what it loads. Knows nothing of what the page does.
//!
//! The page names its files relative to `/ui` (`ui/app.js`), so that it works below any stage path. Each file is there
//! plain, as gzip and as brotli; `Accept-Encoding` decides which is sent.

mod encoding;

use std::{collections::HashMap, fmt::Write as _, sync::LazyLock};

use axum::{
    Router,
    extract::{Path, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use include_dir::{Dir, include_dir};
use sha2::{Digest as _, Sha256};

use self::encoding::{Coding, wanted};
use super::error::{ApiError, nothing_here};
use super::list::elements;

static PLAIN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/ui/dist");
/// The same files, packed by the build script.
static GZIP: Dir<'_> = include_dir!("$OUT_DIR/ui-gzip");
static BROTLI: Dir<'_> = include_dir!("$OUT_DIR/ui-brotli");

/// A file in one of its forms. Each has a tag of its own: the tags are strong, and the bytes differ.
struct Form {
    bytes: &'static [u8],
    tag: String,
}

struct Asset {
    plain: Form,
    gzip: Option<Form>,
    brotli: Option<Form>,
}

static ASSETS: LazyLock<HashMap<&'static str, Asset>> = LazyLock::new(|| {
    let form = |bytes| Form { bytes, tag: etag(bytes) };
    let asset = |file: &'static include_dir::File<'_>| {
        let name = file.path().to_str()?;
        let plain = file.contents();
        let packed = |folder: &'static Dir<'_>| {
            let packed = folder.get_file(name).map(include_dir::File::contents);
            packed.filter(|packed| packed.len() < plain.len()).map(form)
        };
        Some((name, Asset { plain: form(plain), gzip: packed(&GZIP), brotli: packed(&BROTLI) }))
    };
    PLAIN.files().filter_map(asset).collect()
});

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
    file("index.html", &headers)
}

async fn asset(path: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Result<Response, ApiError> {
    file(&path.map(|Path(path)| path).unwrap_or_default(), &headers)
}

fn file(path: &str, headers: &HeaderMap) -> Result<Response, ApiError> {
    let Some(asset) = ASSETS.get(path) else { return Err(nothing_here()) };
    let packed = wanted(headers).and_then(|coding| {
        let form = match coding {
            Coding::Brotli => asset.brotli.as_ref(),
            Coding::Gzip => asset.gzip.as_ref(),
        };
        form.map(|form| (coding.name(), form))
    });
    let Form { bytes, tag } = packed.map_or(&asset.plain, |(_, form)| form);
    let common = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        // Ask each time, and be told "unchanged": a new version is never mixed with an old one.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
    ];
    let tagged = [(header::ETAG, tag.as_str())];
    if elements(headers, header::IF_NONE_MATCH).any(|known| matches(known, tag)) {
        return Ok((StatusCode::NOT_MODIFIED, common, tagged).into_response());
    }
    let kind = [(header::CONTENT_TYPE, media_type(path))];
    let coded = packed.map(|(name, _)| [(header::CONTENT_ENCODING, name)]);
    Ok((common, kind, coded, tagged, *bytes).into_response())
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
