//! Headers that are lists.

use axum::http::{HeaderMap, HeaderName};

/// The elements of a header that is a list (RFC 9110, section 5.6.1), however many lines it has. Lines that are no text
/// have none.
pub(super) fn elements(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}
