//! `SandboxFusion`'s `POST /run_code`, as trainers of models call it: at the root and below `/sandboxfusion`.
//!
//! Its client sends again, up to five times, whatever is not answered by 200, and every `SandboxError`. So what may have run is
//! answered by 200 as a failure of the program, with the reason in `message`; only what never ran is told by its status.

use std::collections::BTreeMap;

use axum::{
    Json, Router,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde_json::{Value, json};

use super::lenient::{self, Asked, Program, Wrong};
use crate::{
    domain::{
        outcome::{Ending, Execution, LimitName, Outcome, Status},
        ports::{ExecutionStore, Sandbox},
        request::ExecutionRequest,
    },
    inbound::{
        contract::{rejection::Rejection, run_request::RunRules},
        http::{ApiError, Asker, Desk, Foreign, RequestId},
    },
};

/// Its names of languages that are not ours.
const NAMES: [(&str, &str); 4] =
    [("nodejs", "javascript"), ("pytest", "python"), ("cs", "csharp"), ("node", "javascript")];

/// The contract.
pub fn contract<S: Sandbox, R: ExecutionStore>(desk: &Desk<S, R>) -> Foreign {
    let routes = Router::new()
        .route("/run_code", post(run::<S, R>))
        .route("/sandboxfusion/run_code", post(run::<S, R>))
        .route("/sandboxfusion/v1/ping", get(ping))
        .with_state(desk.clone());
    Foreign { paths: &["/run_code", "/sandboxfusion"], routes, tell }
}

async fn ping() -> Json<&'static str> {
    Json("pong")
}

/// An error as `SandboxFusion` words it.
fn tell(error: &ApiError, _: &RequestId) -> Response {
    if !error.never_ran() {
        return Json(failed(error.message())).into_response();
    }
    let status = match error.status() {
        StatusCode::SERVICE_UNAVAILABLE => StatusCode::TOO_MANY_REQUESTS,
        status => status,
    };
    error.with_wait((status, Json(json!({"detail": error.message()}))).into_response())
}

/// The answer to a run without an outcome that may have taken place.
fn failed(message: &str) -> Value {
    answer("Failed", message, &stage("Error", &Value::Null, &Value::Null, "", ""), &BTreeMap::new())
}

fn answer(status: &str, message: &str, run: &Value, files: &BTreeMap<String, String>) -> Value {
    json!({
        "status": status, "message": message, "compile_result": null, "run_result": run, "executor_pod_name": null,
        "files": files,
    })
}

fn stage(status: &str, seconds: &Value, code: &Value, stdout: &str, stderr: &str) -> Value {
    json!({
        "status": status, "execution_time": seconds, "return_code": code, "stdout": stdout, "stderr": stderr,
    })
}

async fn run<S: Sandbox, R: ExecutionStore>(
    State(desk): State<Desk<S, R>>,
    asker: Asker,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let (parts, body) = request.into_parts();
    let ran = desk.run(&asker, &parts.headers, body, parse).await?;
    Ok(Json(told(&ran.execution)))
}

fn parse(body: &Bytes, rules: &RunRules) -> Result<ExecutionRequest, Rejection> {
    let mut fields = lenient::object(body)?;
    let code = fields.text("code")?.filter(|code| !code.is_empty());
    let code = code.ok_or_else(|| Wrong::new("code", "a string that is not empty"))?;
    let asked = fields.text("language")?.ok_or_else(|| Wrong::new("language", "a string"))?;
    let name = NAMES.iter().find(|(theirs, _)| *theirs == asked).map_or(asked.as_str(), |(_, ours)| ours);
    let fetched = fields.texts("fetch_files")?.unwrap_or_default();
    let mut program = Program::new(rules.languages.resolve(name)?, code).writing(fetched);
    program.stdin = fields.text("stdin")?.unwrap_or_default().into();
    program.args = fields.texts("args")?.unwrap_or_default();
    if let Some(files) = fields.object("files")? {
        program.files = files.all(|name, value| {
            let content = value.as_str().and_then(lenient::base64);
            content.ok_or_else(|| Wrong::new(format!("files.{name}"), "base64 text"))
        })?;
    }
    program.limits =
        Asked { seconds: fields.number("run_timeout")?, memory_mb: fields.number("memory_limit_MB")? };
    program.assemble(rules)
}

fn told(execution: &Execution) -> Value {
    let Execution { outcome, compile, collected, .. } = execution;
    let compiler = compile.as_ref().map_or(Value::Null, |compiler| ended(compiler).1);
    let (message, run) = if outcome.ending.status() == Status::CompileError {
        (String::new(), Value::Null)
    } else {
        ended(outcome)
    };
    let files = collected.iter().flat_map(|collected| &collected.files);
    let files = files.map(|file| (file.name.clone(), BASE64_STANDARD.encode(&file.content))).collect();
    let status = if outcome.ending == Ending::Exited(0) { "Success" } else { "Failed" };
    let mut told = answer(status, &message, &run, &files);
    told["compile_result"] = compiler;
    told
}

/// What came of a stage, and what is to be said of it that it has no word for.
fn ended(outcome: &Outcome) -> (String, Value) {
    let Outcome { ending, stdout, stderr, usage, .. } = outcome;
    let (status, message, code) = match ending {
        Ending::Exited(code) => ("Finished", String::new(), json!(code)),
        // As a process tells it to its parent in Python.
        Ending::Signaled(signal) => ("Finished", String::new(), json!(-i32::from(signal.0))),
        Ending::NotCompiled(compiler) => ("Finished", String::new(), json!(compiler.exit_code())),
        Ending::Limit(limit) => match limit.name {
            LimitName::WallTime | LimitName::CpuTime => ("TimeLimitExceeded", String::new(), Value::Null),
            LimitName::Memory | LimitName::Output | LimitName::Disk => {
                ("Finished", limit.evidence.clone(), json!(-9))
            }
        },
    };
    let seconds = json!(usage.wall.as_secs_f64());
    (message, stage(status, &seconds, &code, &lenient::text(stdout), &lenient::text(stderr)))
}
