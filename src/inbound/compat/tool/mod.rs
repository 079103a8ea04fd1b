//! The tool that language models call, whichever protocol carries the call: its name, what it says of itself, what it takes and
//! what it gives. Knows no protocol.

pub mod arguments;
pub mod report;

use std::time::Duration;

use serde_json::{Value, json};

use crate::inbound::contract::run_request::RunRules;

/// What the tool is called.
pub const NAME: &str = "run_code";
/// What people read.
pub const TITLE: &str = "Run code in a sandbox";

/// The languages on offer.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The names that a call may use, the default first.
    pub names: Vec<String>,
    /// The same with their exact versions, the packages that they have and limits of their own, as a sentence lists them.
    pub versions: String,
    /// The longest time limit of any of them.
    pub longest: Duration,
}

/// What a model reads before it decides to call the tool.
pub fn description(offer: &Offer, rules: &RunRules) -> String {
    let limits = rules.limits;
    format!(
        "Runs a program in a fresh, isolated sandbox and returns what it printed and how it ended. Every call is a new process \
         that remembers nothing of earlier calls: send the whole program each time, and print what you want to see. There is \
         no network, files written to the current folder are gone after the call unless they are pictures or named in `collect`, and nothing can be installed: beside the standard library there are the \
         packages named below. Unless said otherwise a run may take {} seconds and {} MB of memory. Languages: {}.",
        limits.timeout.as_secs_f64(),
        limits.memory_mb,
        offer.versions
    )
}

/// The arguments as JSON Schema. `plain` leaves out what some converters of schemas do not understand.
pub fn input_schema(offer: &Offer) -> Value {
    let default = offer.names.first().map_or("python", String::as_str);
    let text = |description: &str| json!({"type": "string", "description": description});
    let texts = |description: &str| json!({"type": "array", "items": {"type": "string"}, "maxItems": 64, "description": description});
    json!({
        "type": "object",
        "properties": {
            "code": text("The whole program."),
            "language": {
                "type": "string", "enum": offer.names, "default": default,
                "description": "The language of the program.",
            },
            "stdin": text("What the program reads on standard input. Without it standard input is empty."),
            "args": texts("Command-line arguments of the program."),
            "files": {
                "type": "array", "maxItems": 200,
                "description": "Further files beside the program, which it can open by these names.",
                "items": {
                    "type": "object",
                    "properties": {
                        "name": text("The file's name, such as data/input.csv."),
                        "content": text("The file's content."),
                        "encoding": {
                            "type": "string", "enum": ["utf8", "base64"], "default": "utf8",
                            "description": "How the content is written; base64 for files that are not text.",
                        },
                    },
                    "required": ["name", "content"],
                    "additionalProperties": false,
                },
            },
            "collect": {
                "type": "array", "items": {"type": "string"}, "maxItems": 16,
                "description": "Which of the files that the program leaves come back, such as *.csv or out/**. Without it pictures do.",
            },
            "tests": {
                "type": "array", "minItems": 1, "maxItems": 500,
                "description": "Test cases: the program is run once for each, in place of the one run with `stdin` and `args`.",
                "items": {
                    "type": "object",
                    "properties": {
                        "name": text("A name for the test case."),
                        "stdin": text("Standard input of this test case."),
                        "args": texts("Arguments of this test case."),
                        "expected_output": text("What the program should print; white space at line ends does not count."),
                    },
                    "additionalProperties": false,
                },
            },
            "timeout_seconds": {
                "type": "number", "exclusiveMinimum": 0, "maximum": offer.longest.as_secs_f64(),
                "description": "A shorter time limit than the language's own.",
            },
        },
        "required": ["code"],
        "additionalProperties": false,
    })
}

/// What a run gives, as JSON Schema.
pub fn output_schema() -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    let number = |description: &str| json!({"type": "number", "description": description});
    json!({
        "type": "object",
        "properties": {
            "id": text("The id of the execution."),
            "language": text("The language that was run."),
            "status": text(
                "How the program ended: completed, nonzero_exit, signal, time_limit, memory_limit, output_limit, \
                 disk_limit or compile_error."
            ),
            "exit_code": {"type": "integer", "description": "The exit code; 0 is success, -2 that time ran out."},
            "output": text("What the program wrote to standard output."),
            "error": text("What the program, or its compiler, wrote to standard error."),
            "compiler": text("What the compiler said of a program that it compiled: warnings."),
            "signal": text("The signal that ended the program, if one did."),
            "limit": text("The limit that ended the program, and how we know, if one did."),
            "truncated": {
                "type": "boolean",
                "description": "Whether output was left out of the middle; a line in the text says where and how much.",
            },
            "diagnostics": {
                "type": "array", "description": "Faults of the program and their places.",
                "items": {"type": "object"},
            },
            "tests": {
                "type": "array", "description": "What came of each test case.", "items": {"type": "object"},
            },
            "summary": {"type": "object", "description": "All test cases together."},
            "files": {
                "type": "array", "items": {"type": "object"},
                "description": "The files that the program left and that come back: name, size in bytes, media type.",
            },
            "files_omitted": {
                "type": "array", "items": {"type": "object"},
                "description": "Files that were asked for and do not come back, each with the reason.",
            },
            "seconds": number("How long the program ran."),
        },
        "required": ["id", "language", "status", "exit_code", "output", "error"],
    })
}
