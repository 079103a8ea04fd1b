//! The arguments of a call, and the request that they mean.

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::{
    domain::request::ExecutionRequest,
    inbound::{
        compat::lenient::{Asked, Fields, Program, Wrong, base64},
        contract::{
            rejection::{Rejection, shown},
            run_request::{LimitsDto, RunRules},
            strict_json::AtMost,
            test_cases::{TestDto, TestList, TestsParts},
        },
    },
};

/// The names that a call may use, as sentences list them.
const KNOWN: &str = "code, language, stdin, args, files, collect, tests, timeout_seconds";

/// What comes back of the files that a program leaves, unless a call asks for others.
pub const PICTURES: [&str; 5] = ["*.png", "*.jpg", "*.jpeg", "*.gif", "*.webp"];

/// The request that these arguments mean. An argument that is null is not there.
///
/// # Errors
/// When an argument is unknown, missing, or not as it must be; the sentence tells a model what to do instead.
pub fn request(arguments: Map<String, Value>, rules: &RunRules) -> Result<ExecutionRequest, Rejection> {
    let mut fields = Fields::of(Value::Object(arguments)).unwrap_or_default();
    let code = fields.text("code")?.filter(|code| !code.is_empty());
    let code =
        code.ok_or_else(|| Rejection::invalid("`code` is required: the whole program, as a string."))?;
    let name = fields.text("language")?.filter(|name| !name.is_empty());
    let default = rules.languages.default_language();
    let language = rules.languages.resolve(name.as_deref().unwrap_or(&default.family))?;
    let mut program = Program::new(language, code);
    program.stdin = fields.text("stdin")?.unwrap_or_default().into();
    program.args = fields.texts("args")?.unwrap_or_default();
    for file in fields.objects("files")?.unwrap_or_default() {
        program.files.push(one_file(file)?);
    }
    if let Some(tests) = fields.objects("tests")?.filter(|tests| !tests.is_empty()) {
        let tests = tests.into_iter().map(test).collect::<Result<Vec<_>, _>>()?;
        program.tests = TestsParts { tests: Some(TestList::from(tests)), ..TestsParts::default() };
    }
    let collect = fields.texts("collect")?.filter(|patterns| !patterns.is_empty());
    program = match (collect, program.tests.tests.is_some()) {
        // What a test case leaves is gone before the next one.
        (None, true) => program.writing(Vec::new()),
        (None, false) => program.writing(PICTURES.map(str::to_owned).to_vec()),
        (Some(patterns), _) => program.writing(patterns),
    };
    program.limits = Asked { seconds: fields.number("timeout_seconds")?, memory_mb: None };
    known(&fields, KNOWN)?;
    program.assemble(rules)
}

fn one_file(mut file: Fields) -> Result<(String, Bytes), Rejection> {
    let required = |field: &str| Rejection::invalid(format!("Each of `files` needs a `{field}`."));
    let name = file.text("name")?.ok_or_else(|| required("name"))?;
    let content = file.text("content")?.ok_or_else(|| required("content"))?;
    let content = match file.text("encoding")?.as_deref() {
        None | Some("utf8" | "utf-8" | "text") => content.into(),
        Some("base64") => base64(&content).ok_or_else(|| Wrong::new("content", "base64"))?,
        Some(_) => return Err(Wrong::new("encoding", "`utf8` or `base64`").into()),
    };
    known(&file, "name, content, encoding")?;
    Ok((name, content))
}

fn test(mut test: Fields) -> Result<TestDto, Rejection> {
    let parsed = TestDto {
        name: test.text("name")?,
        stdin: test.text("stdin")?,
        stdin_encoding: None,
        args: test.texts("args")?.map(AtMost),
        expected_output: test.text("expected_output")?,
        limits: LimitsDto::default(),
    };
    known(&test, "name, stdin, args, expected_output")?;
    Ok(parsed)
}

/// A model that is told nothing of a misspelt argument goes on believing that it counts.
fn known(fields: &Fields, known: &str) -> Result<(), Rejection> {
    match fields.left() {
        None => Ok(()),
        Some(name) => {
            let name = shown(name);
            Err(Rejection::invalid(format!("Unknown argument `{name}`. Known arguments: {known}.")))
        }
    }
}
