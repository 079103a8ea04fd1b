//! The JSON of a run, as `POST /run` and every event carry it, and the domain request it means.
//!
//! Strict: an unknown field, a wrong type or a field given twice is refused by name. Knows no protocol.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::{
    rejection::Rejection,
    schema,
    strict_json::{self, AtMost, object, present},
};
use crate::domain::{
    language::{Language, LanguageTable},
    limits::{Limits, RequestedLimits},
    project::{MAX_FILES, Project},
    request::{Args, Code, ExecutionRequest, MAX_ARGS, Program, Stdin},
};

/// What requests are measured by.
#[derive(Clone, Debug)]
pub struct RunRules {
    /// The languages on offer.
    pub languages: Arc<LanguageTable>,
    /// The most a run may use.
    pub limits: Limits,
}

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
    /// What the program reads on standard input; then end of file.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_length = 65536, nullable = false)]
    pub stdin: Option<String>,
    /// The program's arguments.
    #[serde(default, deserialize_with = "present")]
    #[schema(schema_with = schema::arguments)]
    pub args: Option<AtMost<String, MAX_ARGS>>,
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
        let language = match &self.language {
            Some(name) => rules.languages.resolve(name)?,
            None => rules.languages.default_language(),
        };
        let mut project = Project::default();
        for (index, file) in self.files.into_iter().enumerate() {
            let FileDto { name, content, encoding } = file;
            project.add(&name, decode(content, encoding.as_deref(), index)?)?;
        }
        Parts {
            language,
            code: self.code,
            project,
            entrypoint: self.entrypoint,
            stdin: self.stdin.unwrap_or_default().into(),
            args: self.args.unwrap_or_default().0,
            limits: self.limits,
        }
        .assemble(rules)
    }
}

fn decode(content: String, encoding: Option<&str>, index: usize) -> Result<Bytes, Rejection> {
    match encoding {
        None | Some("utf8") => Ok(Bytes::from(content)),
        Some("base64") => BASE64_STANDARD.decode(&content).map(Bytes::from).map_err(|_| {
            Rejection::invalid(format!("`files[{index}].content` must be base64 (RFC 4648, with padding)."))
        }),
        Some(_) => Err(Rejection::invalid(format!("`files[{index}].encoding` must be `utf8` or `base64`."))),
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
    /// Lower limits.
    pub limits: LimitsDto,
}

impl Parts {
    /// The domain request they make.
    ///
    /// # Errors
    /// When a rule of the domain is broken.
    pub fn assemble(self, rules: &RunRules) -> Result<ExecutionRequest, Rejection> {
        let LimitsDto { timeout_seconds, memory_mb, output_bytes } = self.limits;
        let asked = RequestedLimits { timeout_seconds, memory_mb, output_bytes };
        let code = self.code.map(Code::parse).transpose()?;
        Ok(ExecutionRequest {
            program: Program::assemble(&self.language, code, self.project, self.entrypoint.as_deref())?,
            stdin: Stdin::parse(self.stdin)?,
            args: Args::parse(self.args)?,
            limits: rules.limits.lowered_by(asked)?,
            language: self.language,
        })
    }
}
