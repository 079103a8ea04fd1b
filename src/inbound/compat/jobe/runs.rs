//! `POST runs`.

use axum::{
    Json,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use serde_json::Value;

use super::{Jobe, family, outcome};
use crate::{
    domain::ports::{ExecutionStore, Sandbox},
    inbound::{
        compat::lenient::{self, Asked, Program, Wrong},
        contract::{
            rejection::{Fault, Rejection, shown},
            run_request::RunRules,
        },
        http::{ApiError, Asker, Weighs},
    },
};

/// How much longer than its CPU time a run may take there by the clock.
const DEFAULT_CPU_SECONDS: f64 = 5.0;

/// A run, and the files that it names.
struct Run {
    program: Program,
    /// Ids and names.
    files: Vec<(String, String)>,
}

impl Weighs for Run {
    fn bytes(&self) -> usize {
        self.program.source.len() + self.program.stdin.len()
    }
}

/// Runs a program to its end.
pub async fn run<S: Sandbox, R: ExecutionStore>(
    State(jobe): State<Jobe<S, R>>,
    asker: Asker,
    request: Request,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let rules = jobe.desk.rules().clone();
    let parse = move |bytes: Bytes| Ok::<_, ApiError>(Run::parse(&bytes, &rules)?);
    let (Run { mut program, files }, taken) = jobe.desk.read(&parts.headers, body, parse).await?;
    for (id, name) in files {
        let Some(content) = jobe.files.get(&asker.caller, &id.to_ascii_lowercase()) else {
            // The client now puts all its files here, and asks again.
            let sentence = "One or more of the specified files is missing/unavailable";
            return Ok((StatusCode::NOT_FOUND, Json(sentence)).into_response());
        };
        program.files.push((name, content));
    }
    let language = program.language.clone();
    let request = program.assemble(jobe.desk.rules())?;
    let answer = jobe.desk.service().execute(jobe.desk.submission(&asker, request, &taken, None)).await?;
    Ok(Json(outcome::answer(answer.id, &language, &answer.execution.outcome)).into_response())
}

impl Run {
    fn parse(body: &Bytes, rules: &RunRules) -> Result<Self, Rejection> {
        let mut body = lenient::object(body)?;
        // In these very words: programs that try a server look for them.
        let missing =
            |name: &str| Rejection::invalid(format!("run_spec is missing the required attribute '{name}'"));
        let mut spec = body.object("run_spec")?.ok_or_else(|| missing("run_spec"))?;
        let id = spec.text("language_id")?.ok_or_else(|| missing("language_id"))?;
        let code = spec.text("sourcecode")?.ok_or_else(|| missing("sourcecode"))?;
        let unknown = || {
            let message = format!("Language '{}' is not known", shown(&id));
            Rejection::new(Fault::UnknownLanguage, message)
        };
        let language = rules.languages.resolve(family(&id).ok_or_else(unknown)?).map_err(|_| unknown())?;
        let mut program = Program::new(language, code).writing(Vec::new());
        program.name = spec.text("sourcefilename")?.filter(|name| !name.is_empty());
        program.stdin = spec.text("input")?.unwrap_or_default().into();
        if let Some(mut parameters) = spec.object("parameters")? {
            program.args = parameters.texts("runargs")?.unwrap_or_default();
            if program.language.compiler.is_some() {
                program.compile = parameters.texts("compileargs")?.unwrap_or_default();
            }
            let cpu = parameters.number("cputime")?.filter(|asked| *asked > 0.0);
            program.limits = Asked {
                seconds: cpu.or(Some(DEFAULT_CPU_SECONDS)),
                memory_mb: parameters.number("memorylimit")?,
            };
        } else {
            program.limits = Asked { seconds: Some(DEFAULT_CPU_SECONDS), memory_mb: None };
        }
        let files = spec.list("file_list")?.unwrap_or_default();
        let files = files.into_iter().map(listed).collect::<Result<_, _>>()?;
        Ok(Self { program, files })
    }
}

/// An entry of the list of files: an id, a name, and perhaps a third part.
fn listed(entry: Value) -> Result<(String, String), Rejection> {
    let rule = || Rejection::from(Wrong::new("file_list", "an array of pairs of an id and a name"));
    let Value::Array(parts) = entry else { return Err(rule()) };
    match parts.as_slice() {
        [Value::String(id), Value::String(name)] | [Value::String(id), Value::String(name), _] => {
            Ok((id.clone(), name.clone()))
        }
        _ => Err(rule()),
    }
}
