//! What somebody who types into a running program sends, message by message. Knows no protocol.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;

use super::{
    rejection::{Rejection, shown},
    strict_json::{self, present},
};
use crate::domain::conversation::Input;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveInput {
    /// Something for the program.
    Program(Input),
    /// The run is to be stopped.
    Stop,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    r#type: String,
    #[serde(default, deserialize_with = "present")]
    text: Option<String>,
    #[serde(default, deserialize_with = "present")]
    base64: Option<String>,
    #[serde(default, deserialize_with = "present")]
    name: Option<String>,
}

impl LiveInput {
    /// The message in this JSON text.
    ///
    /// # Errors
    /// When it is not JSON, or no message; the sentence names the field and the rule.
    pub fn from_json(text: &[u8]) -> Result<Self, Rejection> {
        let Message { r#type, text, base64, name } = strict_json::parse(text, Some("message"))?;
        let invalid = |message: &str| Err(Rejection::invalid(message));
        match (r#type.as_str(), text, base64, name) {
            ("input", Some(text), None, None) => Ok(Self::Program(Input::Bytes(text.into()))),
            ("input", None, Some(base64), None) => match BASE64_STANDARD.decode(&base64) {
                Ok(bytes) => Ok(Self::Program(Input::Bytes(bytes.into()))),
                Err(_) => invalid("`base64` must be base64 (RFC 4648, with padding)."),
            },
            ("input", ..) => invalid("A message of type `input` has `text` or `base64`, and no more."),
            ("signal", None, None, Some(name)) if name == "SIGINT" => Ok(Self::Program(Input::Interrupt)),
            ("signal", ..) => invalid("A message of type `signal` has a `name`, which must be `SIGINT`."),
            ("end_input", None, None, None) => Ok(Self::Program(Input::End)),
            ("stop", None, None, None) => Ok(Self::Stop),
            ("end_input" | "stop", ..) => invalid("A message of this type has no other field."),
            (other, ..) => Err(Rejection::invalid(format!(
                "Unknown `type` `{}`. Known: `input`, `end_input`, `signal`, `stop`.",
                shown(other)
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_means_what_it_says() {
        let bytes = |text: &'static str| LiveInput::Program(Input::Bytes(text.into()));
        for (json, meant) in [
            (r#"{"type":"input","text":"a\n"}"#, bytes("a\n")),
            (r#"{"type":"input","text":""}"#, bytes("")),
            (r#"{"base64":"YQo=","type":"input"}"#, bytes("a\n")),
            (r#"{"type":"end_input"}"#, LiveInput::Program(Input::End)),
            (r#"{"type":"signal","name":"SIGINT"}"#, LiveInput::Program(Input::Interrupt)),
            (r#"{"type":"stop"}"#, LiveInput::Stop),
        ] {
            assert_eq!(LiveInput::from_json(json.as_bytes()), Ok(meant), "{json}");
        }
    }

    #[test]
    fn whatever_else_is_sent_is_refused_in_a_sentence() {
        for (json, said) in [
            ("", "`message` is not valid JSON"),
            ("[]", "must be an object"),
            ("{}", "`message.type` is required"),
            (r#"{"type":"input"}"#, "has `text` or `base64`"),
            (r#"{"type":"input","text":"a","base64":"YQ=="}"#, "has `text` or `base64`"),
            (r#"{"type":"input","text":"a","name":"x"}"#, "has `text` or `base64`"),
            (r#"{"type":"input","text":null}"#, "`message.text` must be"),
            (r#"{"type":"input","base64":"YQ"}"#, "must be base64"),
            (r#"{"type":"input","text":"a","to":1}"#, "Unknown field `to`"),
            (r#"{"type":"signal","name":"SIGKILL"}"#, "must be `SIGINT`"),
            (r#"{"type":"signal"}"#, "must be `SIGINT`"),
            (r#"{"type":"stop","text":"x"}"#, "no other field"),
            (r#"{"type":"halt"}"#, "Unknown `type` `halt`"),
        ] {
            let message = LiveInput::from_json(json.as_bytes()).unwrap_err().message;
            assert!(message.contains(said), "{json}: {message}");
        }
    }
}
