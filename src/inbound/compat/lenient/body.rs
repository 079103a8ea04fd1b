//! Bodies: JSON, forms and base64 as clients write them.

use axum::http::{HeaderMap, header};
use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use bytes::Bytes;
use serde_json::Value;

use super::Fields;
use crate::inbound::contract::rejection::{Fault, Rejection};

/// A JSON text as a value. A byte order mark before it is skipped.
///
/// # Errors
/// When it is not JSON in UTF-8, or nested more than 128 deep.
pub fn json(text: &[u8]) -> Result<Value, Rejection> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    serde_json::from_slice(text)
        .map_err(|error| Rejection::new(Fault::InvalidJson, format!("The body is not valid JSON: {error}.")))
}

/// The fields of a body that is a JSON object.
///
/// # Errors
/// As [`json`] says, and when the value is no object.
pub fn object(text: &[u8]) -> Result<Fields, Rejection> {
    Fields::of(json(text)?).ok_or_else(|| Rejection::invalid("The body must be a JSON object."))
}

/// The fields of a form or a query, each a string. What is not UTF-8 has replacement characters.
pub fn form(text: &[u8]) -> Fields {
    let pairs = form_urlencoded::parse(text);
    let map = pairs.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect();
    Fields::new(map)
}

/// The bytes that a value's texts take.
pub fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(list) => list.iter().map(weight).sum(),
        Value::Object(map) => map.iter().map(|(name, value)| name.len() + weight(value)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

/// Whether the body is said to be JSON.
pub fn is_json(headers: &HeaderMap) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    given.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

/// Base64 as clients write it: with or without padding, with line breaks anywhere.
pub fn base64(text: &str) -> Option<Bytes> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let plain: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    LENIENT.decode(plain).ok().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_with_its_escapes() {
        let mut form = form(b"a=1+2&b=%C3%A9%2&c&d=x=y&a=z");
        assert_eq!(form.text("a"), Ok(Some("z".to_owned())));
        assert_eq!(form.text("b"), Ok(Some("é%2".to_owned())));
        assert_eq!(form.text("c"), Ok(Some(String::new())));
        assert_eq!(form.text("d"), Ok(Some("x=y".to_owned())));
    }

    #[test]
    fn base64_may_have_line_breaks_and_no_padding() {
        for text in ["aGkK", "aGk=", "aGk", "a\nGk=\n"] {
            assert!(base64(text).unwrap().starts_with(b"hi"), "{text:?}");
        }
        assert_eq!(base64("a*"), None);
    }
}
