//! A submission as clients send it, and the request that it means.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::{Flavour, languages};
use crate::{
    domain::request::ExecutionRequest,
    inbound::{
        compat::lenient::{self, Asked, Fields, Program},
        contract::{
            rejection::shown,
            run_request::{LimitsDto, RunRules},
            strict_json::AtMost,
            test_cases::{TestDto, TestList, TestsParts},
        },
        files::archive,
        http::Weighs,
    },
};

/// The most characters of `command_line_arguments`.
const MAX_ARGUMENTS: usize = 512;
/// The least memory that may be asked for, in KB.
const MIN_MEMORY_KB: f64 = 2048.0;

/// Why a submission is refused: sentences by the fields they are about.
pub type Refusal = Map<String, Value>;

/// A submission that can be run.
#[derive(Clone, Debug)]
pub struct Submission {
    /// What is run.
    pub request: ExecutionRequest,
    /// The id of its language as the client gave it.
    pub language_id: u32,
    /// Whether the answer has both streams in `stdout`.
    pub joined: bool,
}

impl Weighs for Submission {
    fn bytes(&self) -> usize {
        self.request.bytes()
    }
}

fn refusal(field: &str, sentence: impl Into<String>) -> Refusal {
    Map::from_iter([(field.to_owned(), Value::from(vec![sentence.into()]))])
}

impl Submission {
    /// The submission in these fields. `base64` says whether its texts are in base64.
    ///
    /// # Errors
    /// Sentences about each field that is not good.
    pub fn parse(
        mut fields: Fields,
        base64: bool,
        flavour: Flavour,
        rules: &RunRules,
    ) -> Result<Self, Refusal> {
        let id = fields.number("language_id").map_err(|_| refusal("language_id", "is not a number"))?;
        let id = id.ok_or_else(|| refusal("language_id", "can't be blank"))?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "out of bounds it is no id"
        )]
        let language_id = if id.fract() == 0.0 { id as u32 } else { 0 };
        let language = languages::resolve(flavour, language_id, rules);
        let language =
            language.ok_or_else(|| refusal("language_id", format!("language with id {id} doesn't exist")))?;

        let source = text(&mut fields, "source_code", base64)?.filter(|source| !source.is_empty());
        let source = source.ok_or_else(|| refusal("source_code", "can't be blank"))?;
        let mut program = Program::new(language, source).writing(Vec::new());
        let stdin = text(&mut fields, "stdin", base64)?.unwrap_or_default();
        let expected = text(&mut fields, "expected_output", base64)?;
        let args = arguments(&mut fields)?;
        if let Some(zip) = plain(&mut fields, "additional_files")?.filter(|text| !text.is_empty()) {
            let zip = lenient::base64(&zip).ok_or_else(|| refusal("additional_files", "is not base64"))?;
            let files = archive::unpack(&zip).map_err(|why| refusal("additional_files", why.to_string()))?;
            program.files =
                files.into_iter().map(|(name, content)| (name.as_str().to_owned(), content)).collect();
        }
        program.limits = limits(&mut fields, rules)?;
        refused(&mut fields)?;
        let joined = switch(&mut fields, "redirect_stderr_to_stdout")?;
        match expected {
            None => (program.stdin, program.args) = (stdin, args),
            // Judged as a test case: by all that the program writes, and kept on record.
            Some(expected) => program.tests = judged(&stdin, args, &expected)?,
        }
        let request = program.assemble(rules).map_err(|why| refusal("source_code", why.message))?;
        Ok(Self { request, language_id, joined })
    }
}

fn judged(stdin: &Bytes, args: Vec<String>, expected: &Bytes) -> Result<TestsParts, Refusal> {
    use ::base64::{Engine as _, prelude::BASE64_STANDARD};
    let expected = String::from_utf8(expected.to_vec());
    let case = TestDto {
        name: None,
        stdin: Some(BASE64_STANDARD.encode(stdin)),
        stdin_encoding: Some("base64".to_owned()),
        args: Some(AtMost(args)),
        expected_output: Some(expected.map_err(|_| refusal("expected_output", "is not UTF-8"))?),
        limits: LimitsDto::default(),
    };
    Ok(TestsParts { tests: Some(TestList::from(vec![case])), ..TestsParts::default() })
}

fn plain(fields: &mut Fields, name: &str) -> Result<Option<String>, Refusal> {
    fields.text(name).map_err(|_| refusal(name, "is not a string"))
}

fn text(fields: &mut Fields, name: &str, base64: bool) -> Result<Option<Bytes>, Refusal> {
    let Some(text) = plain(fields, name)? else { return Ok(None) };
    if !base64 {
        return Ok(Some(text.into()));
    }
    lenient::base64(&text).map(Some).ok_or_else(|| refusal(name, "is not base64"))
}

fn switch(fields: &mut Fields, name: &str) -> Result<bool, Refusal> {
    Ok(fields.switch(name).map_err(|_| refusal(name, "is neither true nor false"))?.unwrap_or_default())
}

fn number(fields: &mut Fields, name: &str) -> Result<Option<f64>, Refusal> {
    fields.number(name).map_err(|_| refusal(name, "is not a number"))
}

/// One string, split as a shell splits it.
fn arguments(fields: &mut Fields) -> Result<Vec<String>, Refusal> {
    const FIELD: &str = "command_line_arguments";
    let text = plain(fields, FIELD)?.unwrap_or_default();
    if text.chars().count() > MAX_ARGUMENTS {
        return Err(refusal(FIELD, format!("is too long (maximum is {MAX_ARGUMENTS} characters)")));
    }
    words(&text).ok_or_else(|| refusal(FIELD, "has a quote that is not closed"))
}

/// The words of a command line by POSIX' rules of quoting, without expansion; `None` where a quote is not closed.
fn words(text: &str) -> Option<Vec<String>> {
    let (mut words, mut word) = (Vec::new(), None::<String>);
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            c if c.is_whitespace() => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next()? {
                        '"' => break,
                        '\\' => match rest.next()? {
                            c @ ('"' | '\\' | '$' | '`') => word.push(c),
                            c => word.extend(['\\', c]),
                        },
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.get_or_insert_default().extend(rest.next()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Some(words)
}

/// The limits. Here, and in no other contract, more than ours is refused: clients read the bounds in `/config_info`.
fn limits(fields: &mut Fields, rules: &RunRules) -> Result<Asked, Refusal> {
    #[expect(clippy::cast_precision_loss, reason = "kilobytes are far below 2^53")]
    let most_kb = (rules.limits.memory_mb * 1024) as f64;
    let most = rules.limits.timeout.as_secs_f64();
    let mut within = |name: &str, least: f64, most: f64| -> Result<Option<f64>, Refusal> {
        match number(fields, name)? {
            Some(asked) if asked > most => {
                Err(refusal(name, format!("must be less than or equal to {most}")))
            }
            Some(asked) if asked < least => {
                Err(refusal(name, format!("must be greater than or equal to {least}")))
            }
            asked => Ok(asked),
        }
    };
    let cpu = within("cpu_time_limit", 0.0, most)?;
    let wall = within("wall_time_limit", 1.0, most)?;
    let memory = within("memory_limit", MIN_MEMORY_KB, most_kb)?;
    let seconds = match (cpu.filter(|cpu| *cpu > 0.0), wall) {
        (Some(cpu), Some(wall)) => Some(cpu.min(wall)),
        (one, other) => one.or(other),
    };
    Ok(Asked { seconds, memory_mb: memory.map(|kb| kb / 1024.0) })
}

/// What cannot be had here.
fn refused(fields: &mut Fields) -> Result<(), Refusal> {
    for name in ["callback_url", "compiler_options"] {
        if let Some(text) = plain(fields, name)?.filter(|text| !text.is_empty()) {
            return Err(refusal(name, format!("is not allowed here: `{}`", shown(&text))));
        }
    }
    if switch(fields, "enable_network")? {
        return Err(refusal("enable_network", "enabling network is not allowed"));
    }
    match number(fields, "number_of_runs")? {
        Some(runs) if runs > 1.0 => Err(refusal("number_of_runs", "must be less than or equal to 1")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_command_line_is_split_as_a_shell_splits_it() {
        for (text, split) in [
            ("", &[][..]),
            ("a b", &["a", "b"]),
            ("  a\t'b c'\n", &["a", "b c"]),
            (r#""a \" $x" b\ c ''"#, &[r#"a " $x"#, "b c", ""]),
            (r"'a\'b", &[r"a\b"]),
            (r#""a\nb" x"y"z"#, &[r"a\nb", "xyz"]),
        ] {
            assert_eq!(words(text).unwrap(), split, "{text}");
        }
        assert_eq!(words("'a"), None);
        assert_eq!(words("\"a"), None);
    }
}
