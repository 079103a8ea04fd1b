//! The JSON of a run, as `POST /run` and every event carry it, and the domain request it means.
//!
//! Strict: an unknown field, a wrong type or a field given twice is refused by name. Knows no protocol.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::{
    encoding::decoded,
    rejection::Rejection,
    schema,
    strict_json::{self, AtMost, object, present},
    test_cases::{CompareDto, TestDto, TestList, TestsParts},
};
use crate::domain::{
    files::{MAX_PATTERNS, Patterns, Workspace},
    language::{CompileArgs, Language, LanguageTable, MAX_COMPILE_ARGS},
    limits::{Limits, RequestedLimits},
    project::{MAX_FILES, Project},
    request::{Args, Code, ExecutionRequest, InvalidRequest, MAX_ARGS, Program, Stdin},
};

/// What requests are measured by.
#[derive(Clone, Debug)]
pub struct RunRules {
    /// The languages on offer.
    pub languages: Arc<LanguageTable>,
    /// The most a run may use.
    pub limits: Limits,
    /// The most characters (Unicode scalar values) of `code`.
    pub max_code_chars: usize,
}

/// The most bytes of standard input that a request may bring in a body of ordinary size.
pub const ORDINARY_STDIN_BYTES: usize = 64 * 1024;

/// What to run.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunRequest {
    /// The program. Required unless `files` are given.
    #[serde(default, deserialize_with = "present")]
    #[schema(min_length = 1, max_length = 5000, nullable = false)]
    pub code: Option<String>,
    /// Name or alias of the language.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    pub language: Option<String>,
    /// Which version of the language: `3.11`, `^3.9`, `~3.11`, `>=3.9 <4` or `*`; the newest that is there and will do.
    /// Not given, it is the newest of all. `python@3.11` in `language` means the same.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_length = 64, nullable = false)]
    pub version: Option<String>,
    /// What the program reads on standard input; then end of file. At most 8 MiB.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_length = 8_388_608, nullable = false)]
    pub stdin: Option<String>,
    /// How `stdin` is written: `utf8` (as it is) or `base64`.
    #[serde(default, deserialize_with = "present")]
    #[schema(pattern = "^(utf8|base64)$", nullable = false)]
    pub stdin_encoding: Option<String>,
    /// The program's arguments.
    #[serde(default, deserialize_with = "present")]
    #[schema(schema_with = schema::arguments)]
    pub args: Option<AtMost<String, MAX_ARGS>>,
    /// How the program is compiled. Only for languages that are.
    #[serde(default, deserialize_with = "compile")]
    #[schema(nullable = false)]
    pub compile: Option<CompileDto>,
    /// Further files beside the program.
    #[serde(default, deserialize_with = "files")]
    #[schema(max_items = 200)]
    pub files: Vec<FileDto>,
    /// Which file to run.
    #[serde(default, deserialize_with = "present")]
    #[schema(schema_with = schema::file_name)]
    pub entrypoint: Option<String>,
    /// Lower limits than the server's.
    #[serde(default, deserialize_with = "object")]
    pub limits: LimitsDto,
    /// Test cases: the program is run once for each, in one sandbox. At most 16 MiB in all; neither `stdin` nor `args`
    /// stands beside them.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Vec<TestDto>>, min_items = 1, max_items = 500, nullable = false)]
    pub tests: Option<TestList>,
    /// How outputs are compared with what test cases expect. Only beside `tests`.
    #[serde(default, deserialize_with = "present")]
    #[schema(schema_with = schema::compare)]
    pub compare: Option<CompareDto>,
    /// Whether the test cases after the first that fails are skipped; false by default. Only beside `tests`.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    pub stop_at_first_failure: Option<bool>,
    /// Whether the answer shows what the test cases wrote to standard output and where that differs; true by default. Only
    /// beside `tests`.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    pub reveal: Option<bool>,
    /// Whether the program may write in the folder of its files: `read_only` (the default) or `writable`, up to 64 MiB and 1024
    /// files and folders.
    #[serde(default, deserialize_with = "present")]
    #[schema(pattern = "^(read_only|writable)$", nullable = false)]
    pub workspace: Option<String>,
    /// Which files come back when the program has ended: patterns of names below its folder, such as `*.png` and `out/**`.
    /// Only beside `"workspace": "writable"`.
    #[serde(default, deserialize_with = "present")]
    #[schema(schema_with = schema::patterns)]
    pub collect: Option<AtMost<String, MAX_PATTERNS>>,
    /// `live` where standard input is typed while the program runs: on a socket alone.
    #[serde(default, deserialize_with = "present")]
    #[schema(ignore)]
    pub input: Option<String>,
}

/// How a program is compiled.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CompileRequest)]
pub struct CompileDto {
    /// Further arguments for the compiler, each of which the language allows: see `GET /languages`.
    #[serde(default, deserialize_with = "present")]
    #[schema(schema_with = schema::compile_arguments)]
    pub args: Option<AtMost<String, MAX_COMPILE_ARGS>>,
}

/// One file of a program.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SourceFile)]
pub struct FileDto {
    /// Its name below the project's root.
    #[schema(schema_with = schema::file_name)]
    pub name: String,
    /// Its content.
    pub content: String,
    /// How the content is written: `utf8` (as it is) or `base64`.
    #[serde(default, deserialize_with = "present")]
    #[schema(pattern = "^(utf8|base64)$", nullable = false)]
    pub encoding: Option<String>,
}

/// Limits a caller asks for; each at most the server's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RequestedLimits)]
pub struct LimitsDto {
    /// Wall-clock and CPU time in seconds.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    pub timeout_seconds: Option<f64>,
    /// Memory in MiB.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = i64, required = false)]
    pub memory_mb: Option<f64>,
    /// Bytes kept of each output stream.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = i64, required = false)]
    pub output_bytes: Option<f64>,
}

fn compile<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<CompileDto>, D::Error> {
    object(deserializer).map(Some)
}

fn files<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<FileDto>, D::Error> {
    #[derive(Deserialize)]
    struct Element(#[serde(deserialize_with = "object")] FileDto);
    let AtMost(elements) = AtMost::<Element, MAX_FILES>::deserialize(deserializer)?;
    Ok(elements.into_iter().map(|Element(file)| file).collect())
}

impl RunRequest {
    /// The request in this JSON text.
    ///
    /// # Errors
    /// When it is not JSON, or not a run request; the sentence names the field and the rule.
    pub fn from_json(text: &[u8]) -> Result<Self, Rejection> {
        strict_json::parse(text, None)
    }

    /// The domain request this means.
    ///
    /// # Errors
    /// When a rule of the domain is broken.
    pub fn into_domain(self, rules: &RunRules) -> Result<ExecutionRequest, Rejection> {
        match self.input {
            None => self.whole(rules),
            Some(_) => Err(Rejection::invalid("`input` is read at `GET /run/live` alone.")),
        }
    }

    /// The domain request this means, of a program whose standard input is typed while it runs.
    ///
    /// # Errors
    /// As [`into_domain`](Self::into_domain), and when the request does not say that its input is live, or has some.
    pub fn into_live(self, rules: &RunRules) -> Result<ExecutionRequest, Rejection> {
        if self.input.as_deref() != Some("live") {
            return Err(Rejection::invalid("`input` must be there, and be `live`."));
        }
        let beside = [
            ("stdin", self.stdin.is_some()),
            ("stdin_encoding", self.stdin_encoding.is_some()),
            ("tests", self.tests.is_some()),
        ];
        if let Some((name, _)) = beside.iter().find(|(_, there)| *there) {
            let message = format!("`{name}` cannot stand beside `input`: standard input is typed later.");
            return Err(Rejection::invalid(message));
        }
        self.whole(rules)
    }

    fn whole(self, rules: &RunRules) -> Result<ExecutionRequest, Rejection> {
        let default = rules.languages.default_language();
        let name = self.language.as_deref().unwrap_or(&default.family);
        let language = rules.languages.resolve_version(name, self.version.as_deref())?;
        let mut project = Project::default();
        for (index, file) in self.files.into_iter().enumerate() {
            let FileDto { name, content, encoding } = file;
            let names = || (format!("files[{index}].content"), format!("files[{index}].encoding"));
            project.add(&name, decoded(content, encoding.as_deref(), names)?)?;
        }
        let beside = [
            ("stdin", self.stdin.is_some()),
            ("stdin_encoding", self.stdin_encoding.is_some()),
            ("args", self.args.is_some()),
        ];
        let names = || ("stdin".to_owned(), "stdin_encoding".to_owned());
        let stdin = decoded(self.stdin.unwrap_or_default(), self.stdin_encoding.as_deref(), names)?;
        Parts {
            language,
            code: self.code,
            project,
            entrypoint: self.entrypoint,
            stdin,
            args: self.args.unwrap_or_default().0,
            compile: self.compile,
            limits: self.limits,
            tests: TestsParts {
                tests: self.tests,
                compare: self.compare,
                stop_at_first_failure: self.stop_at_first_failure,
                reveal: self.reveal,
            },
            workspace: WorkspaceParts {
                workspace: self.workspace,
                collect: self.collect.map(|AtMost(list)| list),
            },
        }
        .assemble(rules, &beside)
    }

    /// Whether it brings what a body may be larger for: test cases, or much standard input.
    #[must_use]
    pub fn may_be_large(&self) -> bool {
        self.tests.is_some() || self.stdin.as_ref().is_some_and(|stdin| stdin.len() > ORDINARY_STDIN_BYTES)
    }
}

/// The parts of a run, from whatever form they came in.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The language.
    pub language: Arc<Language>,
    /// Bare code, if there is some.
    pub code: Option<String>,
    /// The files.
    pub project: Project,
    /// Which file to run, if the caller says so.
    pub entrypoint: Option<String>,
    /// Standard input.
    pub stdin: Bytes,
    /// Arguments.
    pub args: Vec<String>,
    /// How it is compiled, if the caller says so.
    pub compile: Option<CompileDto>,
    /// Lower limits.
    pub limits: LimitsDto,
    /// Test cases.
    pub tests: TestsParts,
    /// What may be written, and what comes back.
    pub workspace: WorkspaceParts,
}

/// The fields of a run that tell of files that the program writes.
#[derive(Clone, Debug, Default)]
pub struct WorkspaceParts {
    /// `workspace`.
    pub workspace: Option<String>,
    /// `collect`.
    pub collect: Option<Vec<String>>,
}

impl WorkspaceParts {
    fn into_domain(self) -> Result<Workspace, Rejection> {
        let writable = match self.workspace.as_deref() {
            None | Some("read_only") => false,
            Some("writable") => true,
            Some(_) => return Err(Rejection::invalid("`workspace` must be `read_only` or `writable`.")),
        };
        let collect = Patterns::parse(self.collect.unwrap_or_default()).map_err(InvalidRequest::from)?;
        match writable {
            true => Ok(Workspace::Writable { collect }),
            false if collect.as_slice().is_empty() => Ok(Workspace::ReadOnly),
            false => Err(InvalidRequest::CollectReadOnly.into()),
        }
    }
}

impl From<LimitsDto> for RequestedLimits {
    fn from(LimitsDto { timeout_seconds, memory_mb, output_bytes }: LimitsDto) -> Self {
        Self { timeout_seconds, memory_mb, output_bytes }
    }
}

impl Parts {
    /// The domain request they make. `beside` are the fields that must not stand beside `tests`, and whether they were
    /// given.
    ///
    /// # Errors
    /// When a rule of the domain is broken.
    pub fn assemble(self, rules: &RunRules, beside: &[(&str, bool)]) -> Result<ExecutionRequest, Rejection> {
        let code = self.code.map(|code| Code::at_most(code, rules.max_code_chars)).transpose()?;
        let program = Program::assemble(&self.language, code, self.project, self.entrypoint.as_deref())?;
        let (stdin, args) = (Stdin::parse(self.stdin)?, Args::parse(self.args)?);
        let compile_args = match self.compile {
            Some(CompileDto { args }) => self.language.compile_args(args.unwrap_or_default().0)?,
            None => CompileArgs::default(),
        };
        let limits = self.language.limits(rules.limits).lowered_by(self.limits.into())?;
        let tests = self.tests.into_domain(limits, beside)?;
        let workspace = self.workspace.into_domain()?;
        let Self { language, .. } = self;
        Ok(ExecutionRequest { language, program, compile_args, stdin, args, limits, tests, workspace })
    }
}
