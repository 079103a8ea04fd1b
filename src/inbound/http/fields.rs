//! The fields of a run that did not come as JSON: those of a form, or of a query beside a zip body.

use bytes::Bytes;

use crate::{
    domain::request::{ExecutionRequest, MAX_ARGS},
    inbound::{
        rejection::{Rejection, shown},
        run_request::{LimitsDto, Parts, RunRules},
        strict_json::{self, AtMost},
        upload::{self, Upload},
    },
};

/// What has been said so far. No field may be said twice, but `args` (one argument each time) and files.
#[derive(Debug, Default)]
pub(super) struct Fields {
    code: Option<String>,
    language: Option<String>,
    stdin: Option<Bytes>,
    args: Vec<String>,
    entrypoint: Option<String>,
    limits: Option<LimitsDto>,
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
            "stdin" => once(&mut self.stdin, name, value),
            "entrypoint" => once(&mut self.entrypoint, name, text(name, &value)?),
            "limits" => once(&mut self.limits, name, strict_json::parse(&value, Some(name))?),
            "args" if self.args.len() > MAX_ARGS => Ok(()), // One too many is enough to be refused.
            "args" => {
                self.args.push(text(name, &value)?);
                Ok(())
            }
            other => Err(Rejection::invalid(format!(
                "Unknown field `{}`. Known fields: `file`, `files`, `code`, `language`, `stdin`, `args`, \
                 `entrypoint`, `limits`.",
                shown(other)
            ))),
        }
    }

    /// The domain request that these fields and files make.
    ///
    /// # Errors
    /// When a file, or a rule of the domain, is broken.
    pub fn into_domain(self, uploads: Vec<Upload>, rules: &RunRules) -> Result<ExecutionRequest, Rejection> {
        let Self { code, language, stdin, args, entrypoint, limits } = self;
        let project = upload::project(uploads, entrypoint.as_deref())?;
        let language = match &language {
            Some(name) => rules.languages.resolve(name)?,
            None => upload::language_of(&project, entrypoint.as_deref(), &rules.languages),
        };
        let (stdin, limits) = (stdin.unwrap_or_default(), limits.unwrap_or_default());
        Parts { language, code, project, entrypoint, stdin, args: arguments(args)?, limits }.assemble(rules)
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

fn once<T>(slot: &mut Option<T>, name: &str, value: T) -> Result<(), Rejection> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(Rejection::invalid(format!("`{name}` is given twice."))),
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
