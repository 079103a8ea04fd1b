//! A program and its limits, as a contract asks for them.

use std::sync::Arc;

use bytes::Bytes;

use crate::{
    domain::{
        language::Language,
        limits::{Limits, MIN_MEMORY_MB, MIN_TIMEOUT},
        project::Project,
        request::ExecutionRequest,
    },
    inbound::contract::{
        rejection::Rejection,
        run_request::{CompileDto, LimitsDto, Parts, RunRules, WorkspaceParts},
        strict_json::AtMost,
        test_cases::TestsParts,
    },
};

/// A program as most contracts have it: files, one of which is run. So the cap on `code` does not bind it; those on
/// files do.
#[derive(Clone, Debug)]
pub struct Program {
    /// The language.
    pub language: Arc<Language>,
    /// The name of the file that is run. `None`: the language's usual one.
    pub name: Option<String>,
    /// Its content.
    pub source: Bytes,
    /// Other files beside it.
    pub files: Vec<(String, Bytes)>,
    /// Standard input.
    pub stdin: Bytes,
    /// Arguments.
    pub args: Vec<String>,
    /// Further arguments for the compiler; empty where there is none.
    pub compile: Vec<String>,
    /// Limits as they were asked for.
    pub limits: Asked,
    /// Test cases.
    pub tests: TestsParts,
    /// Whether it may write among its files, and which of them come back.
    pub workspace: WorkspaceParts,
}

/// Limits as they were asked for. None of them is refused: what is more than the language's, not positive or not there, is
/// the language's.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// Seconds.
    pub seconds: Option<f64>,
    /// MiB.
    pub memory_mb: Option<f64>,
}

impl Program {
    /// A program and nothing else.
    pub fn new(language: Arc<Language>, source: impl Into<Bytes>) -> Self {
        Self {
            language,
            name: None,
            source: source.into(),
            files: Vec::new(),
            stdin: Bytes::new(),
            args: Vec::new(),
            compile: Vec::new(),
            limits: Asked::default(),
            tests: TestsParts::default(),
            workspace: WorkspaceParts::default(),
        }
    }

    /// The same, and it may write among its files, as on any machine of one's own. Those that fit a pattern come back.
    #[must_use]
    pub fn writing(self, collect: Vec<String>) -> Self {
        let workspace = WorkspaceParts { workspace: Some("writable".to_owned()), collect: Some(collect) };
        Self { workspace, ..self }
    }

    /// The request that it makes.
    ///
    /// # Errors
    /// When a rule of ours about files, arguments or input is broken.
    pub fn assemble(self, rules: &RunRules) -> Result<ExecutionRequest, Rejection> {
        let name = self.name.map_or_else(
            || self.language.default_file().to_owned(),
            |name| with_ending(name, &self.language),
        );
        let mut project = Project::default();
        project.add(&name, self.source)?;
        for (name, content) in self.files {
            project.add(&name, content)?;
        }
        let limits = self.limits.within(self.language.limits(rules.limits));
        let beside = [("stdin", !self.stdin.is_empty()), ("args", !self.args.is_empty())];
        Parts {
            language: self.language,
            code: None,
            project,
            compile: (!self.compile.is_empty()).then_some(CompileDto { args: Some(AtMost(self.compile)) }),
            entrypoint: Some(name),
            stdin: self.stdin,
            args: self.args,
            limits,
            tests: self.tests,
            workspace: self.workspace,
        }
        .assemble(rules, &beside)
    }
}

/// The name, with the ending of its language where that language's compiler would not know the file without one.
fn with_ending(name: String, language: &Language) -> String {
    let has = |ending: &String| name.to_ascii_lowercase().ends_with(&format!(".{ending}"));
    match language.extensions.first() {
        Some(ending) if language.compiler.is_some() && !language.extensions.iter().any(has) => {
            format!("{name}.{ending}")
        }
        _ => name,
    }
}

impl Asked {
    /// What of this lowers these limits, which are those of the language.
    #[must_use]
    pub fn within(self, ours: Limits) -> LimitsDto {
        let (min, max) = (MIN_TIMEOUT.as_secs_f64(), ours.timeout.as_secs_f64());
        #[expect(clippy::cast_precision_loss, reason = "megabytes are far below 2^53")]
        let (least, most) = (MIN_MEMORY_MB as f64, ours.memory_mb as f64);
        let asked = |value: Option<f64>| value.filter(|value| *value > 0.0);
        LimitsDto {
            timeout_seconds: asked(self.seconds).filter(|asked| *asked < max).map(|asked| asked.max(min)),
            memory_mb: asked(self.memory_mb)
                .map(f64::ceil)
                .filter(|a| *a < most)
                .map(|asked| asked.max(least)),
            output_bytes: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_lowered_and_never_refused() {
        let ours = Limits::default();
        for (asked, seconds) in [
            (None, None),
            (Some(-1.0), None),
            (Some(0.0), None),
            (Some(10.0), None),
            (Some(1e308), None),
            (Some(f64::NAN), None),
            (Some(3.5), Some(3.5)),
            (Some(0.000_1), Some(0.01)),
        ] {
            let dto = Asked { seconds: asked, memory_mb: None }.within(ours);
            assert_eq!(dto.timeout_seconds, seconds, "{asked:?}");
            assert!(ours.lowered_by(dto.into()).is_ok());
        }
        for (asked, mb) in
            [(Some(-1.0), None), (Some(500_000.0), None), (Some(1.0), Some(16.0)), (Some(64.2), Some(65.0))]
        {
            let dto = Asked { seconds: None, memory_mb: asked }.within(ours);
            assert_eq!(dto.memory_mb, mb, "{asked:?}");
            assert!(ours.lowered_by(dto.into()).is_ok());
        }
    }
}
