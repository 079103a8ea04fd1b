//! A tool server described by OpenAPI, as Open WebUI and other hosts take one: `GET /tools/openapi.json` and the one operation
//! in it. The document is made for converters: a plain object schema without references, JSON only, no header
//! parameters, and descriptions written for a model.

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::{
    lenient, offer,
    tool::{self, arguments, report},
};
use crate::{
    domain::{
        ports::{ExecutionStore, Sandbox},
        request::ExecutionRequest,
    },
    inbound::{
        contract::{
            rejection::{Fault, Rejection},
            run_request::RunRules,
        },
        http::{ApiError, Asker, Desk, Foreign, RequestId},
    },
};

/// The contract.
pub fn contract<S: Sandbox, R: ExecutionStore>(desk: &Desk<S, R>) -> Foreign {
    let routes = Router::new()
        .route("/tools/openapi.json", get(document::<S, R>))
        .route("/tools/run_code", post(run_code::<S, R>))
        .with_state(desk.clone());
    Foreign { paths: &["/tools"], routes, tell }
}

/// `detail` is where hosts that read tool servers look for the sentence.
fn tell(error: &ApiError, _: &RequestId) -> Response {
    error.with_wait((error.status(), Json(json!({"detail": report::failure(error)}))).into_response())
}

async fn document<S: Sandbox, R: ExecutionStore>(
    State(desk): State<Desk<S, R>>,
    headers: HeaderMap,
) -> Json<Value> {
    let offer = offer::of(&desk).await;
    let rules = desk.rules();
    let failure = |description: &str| {
        json!({
            "description": description,
            "content": {"application/json": {"schema": {
                "type": "object",
                "properties": {"detail": {"type": "string", "description": "What is wrong, and what to do about it."}},
            }}},
        })
    };
    Json(json!({
        "openapi": "3.1.0",
        "info": {
            "title": tool::TITLE,
            "version": env!("CARGO_PKG_VERSION"),
            "description": "One tool: run a program in a fresh sandbox and see what it printed.",
        },
        "servers": [{"url": base(&headers)}],
        "paths": {"/run_code": {"post": {
            "operationId": tool::NAME,
            "summary": tool::TITLE,
            "description": tool::description(&offer, rules),
            "requestBody": {
                "required": true,
                "content": {"application/json": {"schema": tool::input_schema(&offer)}},
            },
            "responses": {
                "200": {
                    "description": "The program was run; `status` says how it ended.",
                    "content": {"application/json": {"schema": tool::output_schema()}},
                },
                "400": failure("The arguments are not good; nothing was run."),
                "429": failure("All sandboxes are busy; nothing was run."),
                "503": failure("No sandbox can be had now; nothing was run."),
            },
        }}},
    }))
}

/// Where the tool is, by the name that the client knows this server by. A proxy that speaks TLS says so.
fn base(headers: &HeaderMap) -> String {
    let text = |name| headers.get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    let scheme = if text("x-forwarded-proto") == Some("https") { "https" } else { "http" };
    text("host").map_or_else(|| "/tools".to_owned(), |host| format!("{scheme}://{host}/tools"))
}

async fn run_code<S: Sandbox, R: ExecutionStore>(
    State(desk): State<Desk<S, R>>,
    asker: Asker,
    request: Request,
) -> Result<Json<Map<String, Value>>, ApiError> {
    let (parts, body) = request.into_parts();
    if !lenient::is_json(&parts.headers) {
        let message = "`Content-Type` must be `application/json`.";
        return Err(Rejection::new(Fault::UnsupportedMediaType, message).into());
    }
    Ok(Json(report::of(&desk.run(&asker, &parts.headers, body, parse).await?)))
}

fn parse(body: &Bytes, rules: &RunRules) -> Result<ExecutionRequest, Rejection> {
    let Value::Object(arguments) = lenient::json(body)? else {
        return Err(Rejection::invalid("The body must be an object."));
    };
    arguments::request(arguments, rules)
}
