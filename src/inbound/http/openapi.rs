//! `GET /openapi.json`: the contract, generated from the types and handlers that keep it.
//!
//! What types cannot say (which of two fields must be there, the limits and languages of this very server) is
//! added here.

#[cfg(test)]
mod tests;

use axum::{Json, extract::State};
use serde_json::{Value, json};
use utoipa::OpenApi;

use super::{App, health, history, languages, live, root, run};
use crate::{
    domain::{
        limits::{MIN_MEMORY_MB, MIN_TIMEOUT},
        ports::{ExecutionStore, Sandbox},
        record::DEFAULT_HISTORY,
    },
    inbound::contract::{live_event, run_request::RunRules},
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Safe Code Executor",
        description = "Runs untrusted code in single-use, hardened Docker containers, and says truthfully what happened.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        root::banner,
        health::health,
        run::run,
        languages::languages,
        history::list,
        history::one,
        history::remove,
        live::socket::open,
        document
    ),
    components(schemas(
        live_event::Accepted,
        live_event::Began,
        live_event::Output,
        live_event::Gap,
        live_event::Ended
    ))
)]
struct Api;

/// This document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    responses((status = 200, description = "The contract as OpenAPI 3.1.", body = Object, content_type = "application/json"))
)]
pub(super) async fn document<S: Sandbox, R: ExecutionStore>(State(app): State<App<S, R>>) -> Json<Value> {
    Json(contract(&app.config.rules))
}

/// The contract of a server with these rules.
pub(super) fn contract(rules: &RunRules) -> Value {
    let mut contract = serde_json::to_value(Api::openapi()).unwrap_or_default();
    let schemas = &mut contract["components"]["schemas"];
    let names = rules.languages.iter().flat_map(|l| std::iter::once(&l.name).chain(&l.aliases));
    let names: Vec<&String> = names.collect();
    let default = rules.languages.default_language();
    for schema in ["RunRequest", "RunForm"] {
        schemas[schema]["properties"]["language"]["enum"] = json!(names);
    }
    schemas["RunRequest"]["properties"]["language"]["default"] = json!(default.name);
    schemas["RunForm"]["additionalProperties"] = json!(false);
    schemas["RunRequest"]["anyOf"] = something_to_run();
    schemas["RunRequest"]["properties"]["files"]["uniqueItems"] = json!(true);
    schemas["SourceFile"]["anyOf"] = json!([
        {"properties": {"encoding": {"const": "utf8"}}},
        {"properties": {"encoding": {"const": "base64"}, "content": {"pattern": BASE64}}, "required": ["encoding"]},
    ]);
    for schema in ["RunRequest", "RunForm"] {
        schemas[schema]["properties"]["code"]["maxLength"] = json!(rules.max_code_chars);
        schemas[schema]["dependentSchemas"] = only_beside_tests();
    }
    let limits = &mut schemas["RequestedLimits"]["properties"];
    let bounded = |limit: &mut Value, min: Value, max: Value| {
        limit["minimum"] = min;
        limit["maximum"] = max;
    };
    // A language may allow more than the others do.
    let allowed = || rules.languages.iter().map(|language| language.limits(rules.limits));
    let timeout = allowed().map(|limits| limits.timeout).max().unwrap_or(rules.limits.timeout);
    let memory_mb = allowed().map(|limits| limits.memory_mb).max().unwrap_or(rules.limits.memory_mb);
    bounded(&mut limits["timeout_seconds"], json!(MIN_TIMEOUT.as_secs_f64()), json!(timeout.as_secs_f64()));
    bounded(&mut limits["memory_mb"], json!(MIN_MEMORY_MB), json!(memory_mb));
    bounded(&mut limits["output_bytes"], json!(1), json!(rules.limits.output_bytes));
    // Any whole number, however large: it is clamped.
    let limit = &mut contract["paths"]["/history"]["get"]["parameters"][0]["schema"];
    *limit = json!({"type": "integer", "default": DEFAULT_HISTORY});
    for operation in operations(&mut contract) {
        every_operation(operation);
    }
    contract
}

/// Base64 by RFC 4648, with padding, and nothing in the bits that are padded.
const BASE64: &str = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$";

/// Code, or files among which it is clear what to run. That the entry point is one of the files no schema can say,
/// nor that several need none when one is called as entry points are: here they do.
fn something_to_run() -> Value {
    json!([
        {"required": ["code"]},
        {"required": ["files"], "properties": {"files": {"minItems": 1, "maxItems": 1}}, "not": {"required": ["entrypoint"]}},
        {"required": ["files", "entrypoint"], "properties": {"files": {"minItems": 1}}},
    ])
}

/// What each test case has for itself must not stand beside them; how they are judged stands beside nothing else.
fn only_beside_tests() -> Value {
    let absent = ["stdin", "stdin_encoding", "args"].map(|name| (name.to_owned(), json!(false)));
    let needs_tests = || json!({"required": ["tests"]});
    json!({
        "tests": {"properties": serde_json::Map::from_iter(absent)},
        "compare": needs_tests(),
        "stop_at_first_failure": needs_tests(),
        "reveal": needs_tests(),
    })
}

fn operations(contract: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = contract["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    paths.filter_map(Value::as_object_mut).flat_map(|methods| methods.values_mut())
}

/// What is true of every answer: it has an id, we may have a bug, and a local server answers to its own names only.
fn every_operation(operation: &mut Value) {
    let responses = &mut operation["responses"];
    responses["500"] = json!({
        "description": "Something went wrong on our side.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    });
    let wrong_host = || {
        json!({
            "description": "Sent to a host that is not ours.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        })
    };
    if let Some(responses) = responses.as_object_mut() {
        responses.entry("403").or_insert_with(wrong_host);
    }
    let responses = responses.as_object_mut().into_iter().flat_map(|responses| responses.values_mut());
    for response in responses {
        response["headers"]["x-request-id"] =
            json!({"description": "The id of the request.", "required": true, "schema": {"type": "string"}});
    }
}
