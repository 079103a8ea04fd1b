//! Jobe's outcomes. Its clients know none of an exit code: a program that says nothing on standard error and exits with 3 has run
//! well there.

use serde_json::{Value, json};

use crate::{
    domain::{
        id::ExecutionId,
        language::Language,
        outcome::{Captured, Ending, LimitName, Outcome},
    },
    inbound::compat::lenient,
};

const COMPILE_ERROR: u8 = 11;
const RUNTIME_ERROR: u8 = 12;
const TIME_LIMIT: u8 = 13;
const OK: u8 = 15;
const MEMORY_LIMIT: u8 = 17;
const OUTPUT_LIMIT: u8 = 30;

/// The answer to a run that took place.
pub fn answer(id: ExecutionId, language: &Language, outcome: &Outcome) -> Value {
    let Outcome { ending, stdout, stderr, .. } = outcome;
    let (mut output, mut errors, mut compiler) = (text(stdout), text(stderr), String::new());
    let number = match ending {
        Ending::NotCompiled(_) => {
            compiler = std::mem::take(&mut errors);
            output.clear();
            COMPILE_ERROR
        }
        Ending::Limit(limit) => match limit.name {
            LimitName::WallTime | LimitName::CpuTime => {
                errors.clear();
                TIME_LIMIT
            }
            LimitName::Memory => MEMORY_LIMIT,
            LimitName::Output => OUTPUT_LIMIT,
            LimitName::Disk => {
                errors.push_str(&limit.evidence);
                RUNTIME_ERROR
            }
        },
        // Clients compare what they get: a cut stream must not pass for a whole one.
        _ if stdout.truncated() || stderr.truncated() => OUTPUT_LIMIT,
        Ending::Exited(_) if is_syntax_error(&language.family, &output, &errors) => {
            compiler = std::mem::take(&mut errors);
            output.clear();
            COMPILE_ERROR
        }
        Ending::Signaled(_) => RUNTIME_ERROR,
        Ending::Exited(_) if !errors.is_empty() => RUNTIME_ERROR,
        Ending::Exited(_) => OK,
    };
    json!({
        "run_id": id.to_string(), "outcome": number, "cmpinfo": compiler, "stdout": output, "stderr": errors,
    })
}

/// Whether this is what Python or PHP says of a program that it could not read at all, before a line of it was run. In these
/// two languages Jobe looks at syntax first.
fn is_syntax_error(family: &str, output: &str, errors: &str) -> bool {
    const NAMES: [&str; 3] = ["SyntaxError:", "IndentationError:", "TabError:"];
    let named = || errors.lines().any(|line| NAMES.iter().any(|name| line.starts_with(name)));
    output.is_empty()
        && match family {
            "python" => errors.starts_with("  File \"") && named(),
            "php" => errors.starts_with("PHP Parse error:"),
            _ => false,
        }
}

/// A stream as Jobe writes it: where it is not UTF-8, each byte that is no printable ASCII is `\xNN`.
fn text(stream: &Captured) -> String {
    let bytes = lenient::marked(stream);
    if let Ok(text) = std::str::from_utf8(&bytes) {
        return text.to_owned();
    }
    let mut text = String::with_capacity(bytes.len());
    for byte in &bytes {
        match byte {
            b'\n' | b'\r' | b'\t' | b' '..=b'~' => text.push(char::from(*byte)),
            byte => text.extend([format!("\\x{byte:02x}")]),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{is_syntax_error, text};
    use crate::domain::outcome::Captured;

    #[test]
    fn a_program_that_could_not_be_read_is_told_from_one_that_failed() {
        let python = "  File \"/sandbox/main.py\", line 1\n    (\n    ^\nSyntaxError: '(' was never closed\n";
        let php = "PHP Parse error:  syntax error, unexpected end of file in /sandbox/main.php on line 9\n";
        assert!(is_syntax_error("python", "", python) && is_syntax_error("php", "", php));
        assert!(!is_syntax_error("python", "printed", python), "it ran, and read another one");
        assert!(!is_syntax_error("php", "printed", php));
        assert!(!is_syntax_error("javascript", "", python));
        assert!(!is_syntax_error("python", "", "Traceback (most recent call last):\nSyntaxError: no\n"));
        assert!(!is_syntax_error("php", "", "PHP Fatal error:  Uncaught Exception\n"));
    }

    #[test]
    fn a_byte_that_is_no_text_is_written_as_such() {
        assert_eq!(text(&Captured::whole(&b"a\xffb\xc3\xa9"[..])), "a\\xffb\\xc3\\xa9");
    }
}
