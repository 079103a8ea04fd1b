//! The code runner of Dify, below `/dify`: `POST /v1/sandbox/run`. Its clients read a result out of standard output, and take any
//! text in `error` for a failure: so a cut stream is a failure here, and standard error alone is none.

use axum::{
    Json, Router,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use bytes::Bytes;
use serde_json::{Value, json};

use super::lenient::{self, Program, Wrong};
use crate::{
    domain::{
        outcome::{Ending, LimitName, Outcome},
        ports::{ExecutionStore, Sandbox},
        request::ExecutionRequest,
    },
    inbound::{
        contract::{
            rejection::{Fault, Rejection, shown},
            run_request::RunRules,
        },
        http::{ApiError, Asker, Desk, Foreign, RequestId},
    },
};

/// The contract.
pub fn contract<S: Sandbox, R: ExecutionStore>(desk: &Desk<S, R>) -> Foreign {
    let routes = Router::new()
        .route("/dify/v1/sandbox/run", post(run::<S, R>))
        .route("/dify/v1/sandbox/dependencies", get(dependencies).post(dependencies))
        .route("/dify/health", get(health))
        .with_state(desk.clone());
    Foreign { paths: &["/dify"], routes, tell }
}

/// An error as Dify words it: the status once more, negative.
fn tell(error: &ApiError, _: &RequestId) -> Response {
    let status = match error.status() {
        StatusCode::TOO_MANY_REQUESTS => StatusCode::SERVICE_UNAVAILABLE,
        status => status,
    };
    let body = json!({"code": -i32::from(status.as_u16()), "message": error.message(), "data": null});
    (status, Json(body)).into_response()
}

async fn health() -> Json<&'static str> {
    Json("ok")
}

async fn dependencies() -> Json<Value> {
    success(&json!({"dependencies": []}))
}

fn success(data: &Value) -> Json<Value> {
    Json(json!({"code": 0, "message": "success", "data": data}))
}

async fn run<S: Sandbox, R: ExecutionStore>(
    State(desk): State<Desk<S, R>>,
    asker: Asker,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let (parts, body) = request.into_parts();
    let answer = desk.run(&asker, &parts.headers, body, parse).await?;
    Ok(success(&data(&answer.execution.outcome)))
}

/// Whether a network is wanted is not asked: every client says that it is.
fn parse(body: &Bytes, rules: &RunRules) -> Result<ExecutionRequest, Rejection> {
    let mut fields = lenient::object(body)?;
    let name = fields.text("language")?.ok_or_else(|| Wrong::new("language", "a string"))?;
    let family = match name.as_str() {
        "python3" => "python",
        "nodejs" | "javascript" => "javascript",
        other => {
            let message = format!("unsupported language: {}", shown(other));
            return Err(Rejection::new(Fault::UnknownLanguage, message));
        }
    };
    let code = fields.text("code")?.filter(|code| !code.is_empty());
    let code = code.ok_or_else(|| Wrong::new("code", "a string that is not empty"))?;
    let preload = fields.text("preload")?.filter(|preload| !preload.is_empty());
    let source = preload.map_or_else(|| code.clone(), |preload| format!("{preload}\n{code}"));
    Program::new(rules.languages.resolve(family)?, source).assemble(rules)
}

fn data(outcome: &Outcome) -> Value {
    let Outcome { ending, stdout, stderr, .. } = outcome;
    let (output, errors) = (lenient::text(stdout), lenient::text(stderr));
    let error = match ending {
        _ if stdout.truncated() => "error: output limit: standard output was longer than is kept".to_owned(),
        Ending::Exited(0) => String::new(),
        Ending::Exited(code) => format!("error: process exited with code {code}\n{errors}"),
        Ending::Signaled(signal) => format!("error: process was ended by {}\n{errors}", signal.name()),
        // It takes no language that is compiled.
        Ending::NotCompiled(_) => format!("error: the program was not compiled\n{errors}"),
        Ending::Limit(limit) => match limit.name {
            LimitName::WallTime | LimitName::CpuTime => "error: timeout".to_owned(),
            LimitName::Memory => format!("error: memory limit: {}", limit.evidence),
            LimitName::Disk => format!("error: disk limit: {}", limit.evidence),
            LimitName::Output => format!("error: output limit: {}", limit.evidence),
        },
    };
    json!({"stdout": output, "stderr": errors, "error": error, "exit_code": ending.exit_code()})
}
