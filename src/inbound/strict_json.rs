//! JSON read strictly, with errors that name the field and the rule instead of a byte offset.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::rejection::{Fault, Rejection, shown};

/// Reads one JSON object. `what` begins the sentence when it is not JSON.
///
/// # Errors
/// When the text is not JSON, or not this object.
pub fn parse<T: DeserializeOwned>(text: &[u8], what: &str) -> Result<T, Rejection> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(&mut json, &mut track);
    match object(tracked) {
        Ok(value) => json.end().map(|()| value).map_err(|error| not_json(&error, what)),
        Err(error) if error.is_data() => {
            Err(Rejection::invalid(rule(&error, &track.path().to_string(), what)))
        }
        Err(error) => Err(not_json(&error, what)),
    }
}

/// A value that is there: `null` is a wrong type, not a way to leave a field out.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A struct that is written as an object. By itself serde takes an array of the fields' values, too.
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

fn not_json(error: &serde_json::Error, what: &str) -> Rejection {
    Rejection::new(Fault::InvalidJson, format!("{what} is not valid JSON: {error}."))
}

/// serde's own words for what is wrong, made into a rule about a field.
fn rule(error: &serde_json::Error, path: &str, what: &str) -> String {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = error.to_string();
    let text = text.strip_suffix(&place).unwrap_or(&text);
    let field = |name: &str| match path {
        "." => format!("`{name}`"),
        // The path of an unknown or doubled field may end in the field itself.
        path if path == name || path.ends_with(&format!(".{name}")) => format!("`{path}`"),
        path => format!("`{path}.{name}`"),
    };
    let quoted = |text: &str| text.split('`').nth(1).map(str::to_owned).unwrap_or_default();
    if let Some(rest) = text.strip_prefix("unknown field ") {
        let (name, known) = rest.rsplit_once(", expected ").unwrap_or((rest, ""));
        let known = known.trim_start_matches("one of ");
        return format!("Unknown field `{}`. Known fields: {known}.", shown(name.trim_matches('`')));
    }
    if text.starts_with("missing field ") {
        return format!("{} is required.", field(&quoted(text)));
    }
    if text.starts_with("duplicate field ") {
        return format!("{} is given twice.", field(&quoted(text)));
    }
    let expected = match text.rsplit_once(", expected ").map(|(_, expected)| expected) {
        Some("a sequence") => "an array",
        Some("f64") => "a number",
        Some(expected) => expected,
        None => "something else",
    };
    match path {
        "." => format!("{what} must be {expected}."),
        path => format!("`{path}` must be {expected}."),
    }
}
