//! Bytes in a text field: as they are, or in base64.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;

use super::rejection::Rejection;

/// The bytes that this text stands for. `names` gives the field's name and that of the field with its encoding.
///
/// # Errors
/// When the encoding is neither `utf8` nor `base64`, or the text is not in it.
pub(super) fn decoded(
    text: String,
    encoding: Option<&str>,
    names: impl FnOnce() -> (String, String),
) -> Result<Bytes, Rejection> {
    match encoding {
        None | Some("utf8") => Ok(Bytes::from(text)),
        Some("base64") => BASE64_STANDARD.decode(&text).map(Bytes::from).map_err(|_| {
            Rejection::invalid(format!("`{}` must be base64 (RFC 4648, with padding).", names().0))
        }),
        Some(_) => Err(Rejection::invalid(format!("`{}` must be `utf8` or `base64`.", names().1))),
    }
}
