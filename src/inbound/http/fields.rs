//! The fields of a run that did not come as JSON: those of a form, or of a query beside a zip body.

use bytes::Bytes;

use crate::{
    domain::{
        files::MAX_PATTERNS,
        project::InvalidProject,
        request::{ExecutionRequest, MAX_ARGS},
    },
    inbound::{
        contract::{
            rejection::{Fault, Rejection, shown},
            run_request::{CompileDto, LimitsDto, ORDINARY_STDIN_BYTES, Parts, RunRules, WorkspaceParts},
            strict_json::{self, AtMost},
            test_cases::{COMPARE_RULE, CompareDto, TestList, TestsParts},
        },
        files::{
            archive::InvalidArchive,
            upload::{self, InvalidUpload, Upload},
        },
    },
};

/// What has been said so far. No field may be said twice, but `args` (one argument each time) and files.
#[derive(Debug, Default)]
pub(super) struct Fields {
    code: Option<String>,
    language: Option<String>,
    version: Option<String>,
    stdin: Option<Bytes>,
    args: Vec<String>,
    entrypoint: Option<String>,
    limits: Option<LimitsDto>,
    compile: Option<CompileDto>,
    tests: Option<TestList>,
    compare: Option<CompareDto>,
    stop_at_first_failure: Option<bool>,
    reveal: Option<bool>,
    workspace: Option<String>,
    collect: Vec<String>,
}

impl Fields {
    /// Takes one field.
    ///
    /// # Errors
    /// When it is unknown, given twice, not text, or not what it must be.
    pub fn set(&mut self, name: &str, value: Bytes) -> Result<(), Rejection> {
        match name {
            "code" => once(&mut self.code, name, text(name, &value)?),
            "language" => once(&mut self.language, name, text(name, &value)?),
            "version" => once(&mut self.version, name, text(name, &value)?),
            "stdin" => once(&mut self.stdin, name, value),
            "entrypoint" => once(&mut self.entrypoint, name, text(name, &value)?),
            "limits" => once(&mut self.limits, name, strict_json::parse(&value, Some(name))?),
            "compile" => once(&mut self.compile, name, strict_json::parse(&value, Some(name))?),
            "tests" => once(&mut self.tests, name, strict_json::parse_value(&value, name)?),
            "compare" => once(&mut self.compare, name, compare(name, &value)?),
            "stop_at_first_failure" => once(&mut self.stop_at_first_failure, name, switch(name, &value)?),
            "reveal" => once(&mut self.reveal, name, switch(name, &value)?),
            "workspace" => once(&mut self.workspace, name, text(name, &value)?),
            "collect" if self.collect.len() > MAX_PATTERNS => Ok(()),
            "collect" => {
                self.collect.push(text(name, &value)?);
                Ok(())
            }
            "args" if self.args.len() > MAX_ARGS => Ok(()), // One too many is enough to be refused.
            "args" => {
                self.args.push(text(name, &value)?);
                Ok(())
            }
            other => Err(Rejection::invalid(format!(
                "Unknown field `{}`. Known fields: `file`, `files`, `code`, `language`, `version`, `stdin`, `args`, \
                 `entrypoint`, `limits`, `compile`, `tests`, `compare`, `stop_at_first_failure`, `reveal`, `workspace`, \
                 `collect`.",
                shown(other)
            ))),
        }
    }

    /// The domain request that these fields and files make.
    ///
    /// # Errors
    /// When a file, or a rule of the domain, is broken.
    pub fn into_domain(self, uploads: Vec<Upload>, rules: &RunRules) -> Result<ExecutionRequest, Rejection> {
        let beside = [("stdin", self.stdin.is_some()), ("args", !self.args.is_empty())];
        let Self { code, language, version, stdin, args, entrypoint, limits, .. } = self;
        let Self { compile, tests, compare, stop_at_first_failure, reveal, workspace, collect, .. } = self;
        let collect = if collect.is_empty() { None } else { Some(patterns(collect)?) };
        let workspace = WorkspaceParts { workspace, collect };
        let tests = TestsParts { tests, compare, stop_at_first_failure, reveal };
        let project = upload::project(uploads, entrypoint.as_deref())?;
        let guess = || upload::language_of(&project, entrypoint.as_deref(), &rules.languages).family.clone();
        let name = language.unwrap_or_else(guess);
        let language = rules.languages.resolve_version(&name, version.as_deref())?;
        let (stdin, limits) = (stdin.unwrap_or_default(), limits.unwrap_or_default());
        let args = arguments(args)?;
        Parts { language, code, project, entrypoint, stdin, args, compile, limits, tests, workspace }
            .assemble(rules, &beside)
    }

    /// Whether they bring what a body may be larger for: test cases, or much standard input.
    pub fn may_be_large(&self) -> bool {
        let stdin = self.stdin.as_ref().is_some_and(|stdin| stdin.len() > ORDINARY_STDIN_BYTES);
        self.tests.is_some() || stdin
    }
}

/// A single `args` that begins like a JSON array is one; everything else is one argument each.
fn arguments(given: Vec<String>) -> Result<Vec<String>, Rejection> {
    match given.as_slice() {
        [array] if array.starts_with('[') => match serde_json::from_str(array) {
            Ok(AtMost::<String, MAX_ARGS>(args)) => Ok(args),
            Err(_) => {
                Err(Rejection::invalid("`args` must be a JSON array of strings, or one argument a field."))
            }
        },
        _ => Ok(given),
    }
}

/// A single `collect` that is a JSON array of strings is one; everything else is one pattern each.
fn patterns(given: Vec<String>) -> Result<Vec<String>, Rejection> {
    match given.as_slice() {
        [array] if array.starts_with("[\"") || array == "[]" => match serde_json::from_str(array) {
            Ok(AtMost::<String, MAX_PATTERNS>(patterns)) => Ok(patterns),
            Err(_) => Err(Rejection::invalid(
                "`collect` must be a JSON array of at most 16 strings, or one pattern a field.",
            )),
        },
        _ => Ok(given),
    }
}

fn once<T>(slot: &mut Option<T>, name: &str, value: T) -> Result<(), Rejection> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(Rejection::invalid(format!("`{name}` is given twice."))),
    }
}

/// One of the words as it is, or any way as JSON.
fn compare(name: &str, bytes: &Bytes) -> Result<CompareDto, Rejection> {
    let text = text(name, bytes)?;
    if text.starts_with(['{', '"']) {
        return strict_json::parse_value(bytes, name);
    }
    let wrong = || Rejection::invalid(format!("`{name}` must be {COMPARE_RULE}."));
    CompareDto::of_word(&text).ok_or_else(wrong)
}

fn switch(name: &str, bytes: &Bytes) -> Result<bool, Rejection> {
    match &bytes[..] {
        b"true" => Ok(true),
        b"false" => Ok(false),
        _ => Err(Rejection::invalid(format!("`{name}` must be `true` or `false`."))),
    }
}

fn text(name: &str, bytes: &Bytes) -> Result<String, Rejection> {
    let text = std::str::from_utf8(bytes).map(str::to_owned);
    text.map_err(|_| Rejection::invalid(format!("`{name}` must be UTF-8 text.")))
}

/// A body that is nothing but a zip file.
pub(super) fn bare_zip(
    fields: Vec<(String, String)>,
    content: Bytes,
    rules: &RunRules,
) -> Result<ExecutionRequest, Rejection> {
    let mut said = Fields::default();
    for (name, value) in fields {
        said.set(&name, value.into())?;
    }
    said.into_domain(vec![Upload { name: Some("body.zip".to_owned()), content }], rules)
}

impl From<InvalidUpload> for Rejection {
    fn from(error: InvalidUpload) -> Self {
        let fault = match &error {
            InvalidUpload::Archive(InvalidArchive::TooLarge) => Fault::ArchiveTooLarge,
            InvalidUpload::Archive(
                InvalidArchive::TooManyEntries
                | InvalidArchive::Project(InvalidProject::TooManyFiles | InvalidProject::TooLarge),
            )
            | InvalidUpload::Project(InvalidProject::TooManyFiles | InvalidProject::TooLarge) => {
                Fault::ProjectTooLarge
            }
            InvalidUpload::Archive(_) => Fault::InvalidArchive,
            InvalidUpload::Unnamed | InvalidUpload::InCompany | InvalidUpload::Project(_) => {
                Fault::InvalidRequest
            }
        };
        Self::new(fault, error.to_string())
    }
}
