//! JSON read strictly, with errors that name the field and the rule instead of a byte offset.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

use serde_json::de::SliceRead;

use super::rejection::{Fault, Rejection, shown};

/// How `serde_json` calls half of a surrogate pair, by what comes after the half.
const HALF_PAIR: [&str; 2] = ["lone leading surrogate in hex escape", "unexpected end of hex escape"];

/// Reads one JSON object: a whole body, or (as `field`) the text of one field. A byte order mark before it is skipped,
/// as RFC 8259 (section 8.1) lets us.
///
/// # Errors
/// When the text is not JSON in UTF-8, or not this object.
pub fn parse<T: DeserializeOwned>(text: &[u8], field: Option<&str>) -> Result<T, Rejection> {
    parse_by(text, field, |json| object(json))
}

/// Reads one JSON value, which need not be an object: the text of `field`.
///
/// # Errors
/// When the text is not JSON in UTF-8, or not this value.
pub fn parse_value<T: DeserializeOwned>(text: &[u8], field: &str) -> Result<T, Rejection> {
    parse_by(text, Some(field), |json| T::deserialize(json))
}

/// The deserializer of a text, which keeps the path to where it is.
type Tracked<'a, 'text> =
    serde_path_to_error::Deserializer<'a, 'a, &'a mut serde_json::Deserializer<SliceRead<'text>>>;

fn parse_by<T>(
    text: &[u8],
    field: Option<&str>,
    read: impl FnOnce(Tracked<'_, '_>) -> Result<T, serde_json::Error>,
) -> Result<T, Rejection> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    if is_wide(text) {
        let what = what(field);
        let message = format!("{what} is not valid JSON: it is UTF-16 or UTF-32, and must be UTF-8.");
        return Err(Rejection::new(Fault::InvalidJson, message));
    }
    let mut json = serde_json::Deserializer::from_slice(text);
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(&mut json, &mut track);
    match read(tracked) {
        Ok(value) => json.end().map(|()| value).map_err(|error| not_json(&error, field)),
        Err(error) if error.is_data() || is_half_pair(&error) => {
            let inner = track.path().to_string();
            // A name that could not be read is `?` there.
            let inner = inner.strip_suffix('?').map_or(inner.as_str(), |known| known.trim_end_matches('.'));
            let path = match (field, inner) {
                (field, "." | "") => field.unwrap_or_default().to_owned(),
                (Some(field), inner) if inner.starts_with('[') => format!("{field}{inner}"),
                (Some(field), inner) => format!("{field}.{inner}"),
                (None, inner) => inner.to_owned(),
            };
            Err(Rejection::invalid(rule(&error, &path)))
        }
        Err(error) => Err(not_json(&error, field)),
    }
}

/// Whether these bytes are UTF-16 or UTF-32. JSON begins with an ASCII character and has no NUL: one among the first
/// two bytes, or a byte order mark of two bytes, can be nothing else.
fn is_wide(text: &[u8]) -> bool {
    match text {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        [first, second, ..] => (*first == 0) != (*second == 0) || matches!(text, [0, 0, _, 1..=0x7f, ..]),
        _ => false,
    }
}

fn is_half_pair(error: &serde_json::Error) -> bool {
    error.is_syntax() && HALF_PAIR.iter().any(|text| error.to_string().starts_with(text))
}

/// The first `MAX` elements of an array, and one more where there are more: enough to refuse them for their number. What
/// comes after them is read, and not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtMost<T, const MAX: usize>(pub Vec<T>);

impl<T, const MAX: usize> Default for AtMost<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for AtMost<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Elements<T, const MAX: usize>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Elements<T, MAX> {
            type Value = AtMost<T, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a sequence")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
                let mut kept = Vec::new();
                while kept.len() <= MAX {
                    match array.next_element()? {
                        Some(element) => kept.push(element),
                        None => return Ok(AtMost(kept)),
                    }
                }
                while array.next_element::<IgnoredAny>()?.is_some() {}
                Ok(AtMost(kept))
            }
        }
        deserializer.deserialize_seq(Elements(PhantomData))
    }
}

/// A value that is there: `null` is a wrong type, not a way to leave a field out.
///
/// # Errors
/// When the value is not a `T`.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A struct that is written as an object. By itself serde takes an array of the fields' values, too.
///
/// # Errors
/// When the value is not an object, or not a `T`.
pub fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct OnlyMap<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for OnlyMap<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }
    }
    deserializer.deserialize_map(OnlyMap(PhantomData))
}

fn not_json(error: &serde_json::Error, field: Option<&str>) -> Rejection {
    Rejection::new(Fault::InvalidJson, format!("{} is not valid JSON: {error}.", what(field)))
}

fn what(field: Option<&str>) -> String {
    field.map_or_else(|| "The body".to_owned(), |field| format!("`{field}`"))
}

/// serde's own words for what is wrong, made into a rule about a field. Another release of serde may say it otherwise:
/// `each_bad_field_is_named_with_its_rule` holds every sentence. `path` is empty for the body itself.
fn rule(error: &serde_json::Error, path: &str) -> String {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = error.to_string();
    let text = text.strip_suffix(&place).unwrap_or(&text);
    let named = || {
        let name = text.split('`').nth(1).unwrap_or_default();
        match path {
            "" => format!("`{name}`"),
            // The path may or may not end in the field itself.
            path if path == name || path.ends_with(&format!(".{name}")) => format!("`{path}`"),
            path => format!("`{path}.{name}`"),
        }
    };
    if HALF_PAIR.contains(&text) {
        let place = if path.is_empty() { "The body".to_owned() } else { format!("`{path}`") };
        let at = format!("line {} column {}", error.line(), error.column());
        return format!(
            "{place} holds half of a surrogate pair, such as `\\ud800`, which is no character ({at})."
        );
    }
    if let Some(rest) = text.strip_prefix("unknown field ") {
        let (name, known) = rest.rsplit_once(", expected ").unwrap_or((rest, ""));
        let known = known.strip_prefix("one of ").unwrap_or(known);
        let case = path.strip_prefix("tests[").and_then(|rest| rest.split(']').next());
        let case = case.map(|index| format!("tests[{index}].")).unwrap_or_default();
        return format!("Unknown field `{case}{}`. Known fields: {known}.", shown(name.trim_matches('`')));
    }
    if text.starts_with("missing field ") {
        return format!("{} is required.", named());
    }
    if text.starts_with("duplicate field ") {
        return format!("{} is given twice.", named());
    }
    let expected = match text.rsplit_once(", expected ").map(|(_, expected)| expected) {
        Some("a sequence") => "an array",
        Some("f64") => "a number",
        Some(expected) => expected,
        None => "something else",
    };
    match path {
        "" => format!("The body must be {expected}."),
        path => format!("`{path}` must be {expected}."),
    }
}
