//! JSON read strictly, with errors that name the field and the rule instead of a byte offset.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::rejection::{Fault, Rejection, shown};

/// Reads one JSON object: a whole body, or (as `field`) the text of one field.
///
/// # Errors
/// When the text is not JSON, or not this object.
pub fn parse<T: DeserializeOwned>(text: &[u8], field: Option<&str>) -> Result<T, Rejection> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(&mut json, &mut track);
    match object(tracked) {
        Ok(value) => json.end().map(|()| value).map_err(|error| not_json(&error, field)),
        Err(error) if error.is_data() => {
            let inner = track.path().to_string();
            let path = match (field, inner.as_str()) {
                (field, ".") => field.unwrap_or_default().to_owned(),
                (Some(field), inner) => format!("{field}.{inner}"),
                (None, _) => inner,
            };
            Err(Rejection::invalid(rule(&error, &path)))
        }
        Err(error) => Err(not_json(&error, field)),
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
    let what = field.map_or_else(|| "The body".to_owned(), |field| format!("`{field}`"));
    Rejection::new(Fault::InvalidJson, format!("{what} is not valid JSON: {error}."))
}

/// serde's own words for what is wrong, made into a rule about a field. `path` is empty for the body itself.
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
    if let Some(rest) = text.strip_prefix("unknown field ") {
        let (name, known) = rest.rsplit_once(", expected ").unwrap_or((rest, ""));
        let known = known.strip_prefix("one of ").unwrap_or(known);
        return format!("Unknown field `{}`. Known fields: {known}.", shown(name.trim_matches('`')));
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
