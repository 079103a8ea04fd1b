//! A submission as it is shown: which fields, in base64 or not.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde_json::{Map, Value, json};
use time::{OffsetDateTime, format_description::FormatItem, macros::format_description};

use super::status::{self, Status};
use crate::{
    domain::{
        limits::Limits,
        outcome::{self, Execution},
    },
    inbound::compat::lenient,
};

/// What is shown unless a client asks for other fields.
const DEFAULT: [&str; 8] =
    ["token", "time", "memory", "stdout", "stderr", "compile_output", "message", "status"];

/// Every field there is.
const ALL: [&str; 35] = [
    "source_code",
    "language_id",
    "stdin",
    "expected_output",
    "stdout",
    "status_id",
    "created_at",
    "finished_at",
    "time",
    "memory",
    "stderr",
    "token",
    "number_of_runs",
    "cpu_time_limit",
    "cpu_extra_time",
    "wall_time_limit",
    "memory_limit",
    "stack_limit",
    "max_processes_and_or_threads",
    "enable_per_process_and_thread_time_limit",
    "enable_per_process_and_thread_memory_limit",
    "max_file_size",
    "compile_output",
    "exit_code",
    "exit_signal",
    "message",
    "wall_time",
    "compiler_options",
    "command_line_arguments",
    "redirect_stderr_to_stdout",
    "callback_url",
    "additional_files",
    "enable_network",
    "status",
    "language",
];

/// Which fields are wanted, and how.
#[derive(Clone, Debug)]
pub struct Wanted {
    fields: Vec<&'static str>,
    base64: bool,
}

impl Wanted {
    /// What the parameters `fields` and `base64_encoded` ask for.
    ///
    /// # Errors
    /// The names of fields that there are not.
    pub fn of(fields: Option<&str>, base64: bool) -> Result<Self, String> {
        let fields = match fields.map(str::trim).filter(|fields| !fields.is_empty()) {
            None => DEFAULT.to_vec(),
            Some("*") => ALL.to_vec(),
            Some(list) => {
                let names: Vec<&str> =
                    list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
                let known = |name: &&str| ALL.into_iter().find(|known| known == name);
                let unknown: Vec<&str> = names.iter().filter(|name| known(name).is_none()).copied().collect();
                if !unknown.is_empty() {
                    return Err(unknown.join(", ").chars().take(200).collect());
                }
                names.iter().filter_map(known).collect()
            }
        };
        Ok(Self { fields, base64 })
    }
}

/// All that is known of a submission.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// Its token.
    pub token: String,
    /// Where it stands, where that is not told by its execution.
    pub status: Option<Status>,
    /// Why there is no execution.
    pub message: Option<String>,
    /// What came of it.
    pub execution: Option<(Execution, Limits)>,
    /// The id of its language and the language's name.
    pub language: Option<(u32, String)>,
    /// The program, where it is known.
    pub source: Option<Bytes>,
    /// When it was accepted.
    pub created: Option<OffsetDateTime>,
    /// Whether both streams are in `stdout`.
    pub joined: bool,
}

/// A stream that is not UTF-8, in an answer without base64.
#[derive(Debug, PartialEq, Eq)]
pub struct NotText;

impl NotText {
    /// What is said about it.
    pub const SENTENCE: &'static str = "some attributes for this submission cannot be converted to UTF-8, use base64_encoded=true query parameter";
}

impl Shown {
    /// The same where a refusal has no place: it stands with the token.
    pub fn among_others(&self, wanted: &Wanted) -> Value {
        self.view(wanted).unwrap_or_else(|NotText| json!({"token": self.token, "error": NotText::SENTENCE}))
    }

    /// The fields that are wanted.
    ///
    /// # Errors
    /// When one is not UTF-8 and base64 is not wanted.
    pub fn view(&self, wanted: &Wanted) -> Result<Value, NotText> {
        let text = |bytes: Option<Bytes>| text(bytes, wanted.base64);
        let execution = self.execution.as_ref();
        let outcome = execution.map(|(execution, _)| &execution.outcome);
        let status = self
            .status
            .or_else(|| execution.map(|(execution, _)| status::of(execution)))
            .unwrap_or(status::PROCESSING);
        let (said, exit_code, exit_signal) = match outcome {
            Some(outcome) => {
                let (said, code, signal) = status::words(&outcome.ending);
                (said, json!(code), json!(signal))
            }
            None => (None, Value::Null, Value::Null),
        };
        // The compiler's words stand in a field of their own, also as the standard error of what was not compiled.
        let compiled = outcome.is_none_or(|outcome| outcome.ending.status() != outcome::Status::CompileError);
        let compiler = execution.and_then(|(execution, _)| execution.compile.as_ref());
        let compiler: Option<Bytes> = compiler.map(|compiler| {
            [lenient::marked(&compiler.stdout), lenient::marked(&compiler.stderr)].concat().into()
        });
        let streams = outcome
            .filter(|_| compiled)
            .map(|outcome| (lenient::marked(&outcome.stdout), lenient::marked(&outcome.stderr)));
        let (stdout, stderr) = match streams {
            Some((stdout, stderr)) if self.joined => (Some([stdout, stderr].concat().into()), None),
            Some((stdout, stderr)) => (Some(stdout), Some(stderr)),
            None => (None, None),
        };
        let limits = execution.map(|(_, limits)| *limits);
        let seconds =
            |time: Option<std::time::Duration>| time.map(|time| format!("{:.3}", time.as_secs_f64()));
        let finished = self.created.zip(outcome).map(|(at, outcome)| at + outcome.usage.wall);
        let mut shown = Map::new();
        for field in &wanted.fields {
            let value = match *field {
                "token" => json!(self.token),
                "stdout" => text(stdout.clone())?,
                "stderr" => text(stderr.clone())?,
                "message" => text(self.message.clone().or_else(|| said.clone()).map(Bytes::from))?,
                "compile_output" => text(compiler.clone())?,
                "source_code" => text(self.source.clone())?,
                "status" => status.json(),
                "status_id" => json!(status.0),
                "language_id" => json!(self.language.as_ref().map(|(id, _)| id)),
                "language" => json!(self.language.as_ref().map(|(id, name)| json!({"id": id, "name": name}))),
                "time" => json!(seconds(outcome.map(|outcome| outcome.usage.cpu))),
                "wall_time" => json!(seconds(outcome.map(|outcome| outcome.usage.wall))),
                "memory" => json!(outcome.map(|outcome| outcome.usage.memory_bytes / 1024)),
                "created_at" => json!(self.created.map(moment)),
                "finished_at" => json!(finished.map(moment)),
                "exit_code" => exit_code.clone(),
                "exit_signal" => exit_signal.clone(),
                "cpu_time_limit" | "wall_time_limit" => {
                    json!(limits.map(|limits| format!("{:.1}", limits.timeout.as_secs_f64())))
                }
                "memory_limit" => json!(limits.map(|limits| limits.memory_mb * 1024)),
                "number_of_runs" => json!(1),
                "redirect_stderr_to_stdout" => json!(self.joined),
                "enable_network" => json!(false),
                _ => Value::Null,
            };
            shown.insert((*field).to_owned(), value);
        }
        Ok(Value::Object(shown))
    }
}

/// Nothing is null, never an empty text.
fn text(bytes: Option<Bytes>, base64: bool) -> Result<Value, NotText> {
    let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) else { return Ok(Value::Null) };
    if base64 {
        return Ok(json!(in_lines(&bytes)));
    }
    String::from_utf8(bytes.to_vec()).map(Value::from).map_err(|_| NotText)
}

/// Base64 in lines of 60 characters, each with its end, as the original's decoders expect it.
fn in_lines(bytes: &[u8]) -> String {
    let plain = BASE64_STANDARD.encode(bytes);
    let mut lines = String::with_capacity(plain.len() + plain.len() / 60 + 1);
    // Base64 is ASCII: every place is the end of a character.
    for start in (0..plain.len()).step_by(60) {
        lines.push_str(&plain[start..plain.len().min(start + 60)]);
        lines.push('\n');
    }
    lines
}

/// A moment, always with milliseconds: the SDK's parser needs them.
fn moment(at: OffsetDateTime) -> String {
    const FORMAT: &[FormatItem<'_>] =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    at.format(FORMAT).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_has_lines_of_60_characters_each_with_its_end() {
        let lines = in_lines(&[b'x'; 100]);
        assert!(lines.ends_with('\n') && lines.lines().all(|line| line.len() <= 60));
        assert_eq!(lenient::base64(&lines).unwrap(), &[b'x'; 100][..]);
        assert_eq!(text(Some(Bytes::new()), true), Ok(Value::Null));
        assert_eq!(text(Some(Bytes::from_static(&[0xff])), false), Err(NotText));
    }
}
