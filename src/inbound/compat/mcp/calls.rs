//! The tool as MCP describes it, and its calls.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    Era,
    message::{Failure, INVALID_PARAMS},
};
use crate::{
    domain::{
        idempotency::IdempotencyKey,
        ports::{ExecutionStore, Sandbox},
    },
    inbound::{
        compat::tool::{self, Offer, arguments, report},
        contract::{
            answer::{FileAnswer, RunAnswer},
            run_request::RunRules,
        },
        http::{ApiError, Asker, Desk, Taken},
    },
    service::Answer,
};

/// In `_meta` of a call: under one key a call is run one time only, however often it is sent.
const KEY: &str = "safe-code-executor/idempotency-key";

/// The tool.
pub fn described(offer: &Offer, rules: &RunRules) -> Value {
    json!({
        "name": tool::NAME,
        "title": tool::TITLE,
        "description": tool::description(offer, rules),
        "inputSchema": tool::input_schema(offer),
        "outputSchema": tool::output_schema(),
        "annotations": {
            "title": tool::TITLE,
            "readOnlyHint": false,
            "destructiveHint": false,
            "idempotentHint": false,
            "openWorldHint": false,
        },
    })
}

/// Calls the tool.
///
/// # Errors
/// When there is no such tool, or the parameters are not those of a call. What keeps the program from running is no error of
/// the protocol, but a result.
pub async fn call<S: Sandbox, R: ExecutionStore>(
    desk: &Desk<S, R>,
    asker: &Asker,
    era: Era,
    mut params: Map<String, Value>,
    taken: &Taken,
) -> Result<Map<String, Value>, Failure> {
    // JSON-RPC errors came with status 200 before 2026-07-28.
    let status = if era == Era::Modern { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let invalid = |message: &str| Failure { status, ..Failure::new(INVALID_PARAMS, message) };
    match params.get("name").and_then(Value::as_str) {
        Some(tool::NAME) => {}
        Some(_) => return Err(invalid("There is no such tool: the only one is `run_code`.")),
        None => return Err(invalid("`name` must be the name of a tool.")),
    }
    let arguments = match params.remove("arguments") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(arguments)) => arguments,
        Some(_) => return Err(invalid("`arguments` must be an object.")),
    };
    let key =
        match params.get("_meta").and_then(|meta| meta.get(KEY)) {
            None => None,
            Some(_) if !asker.known => {
                return Err(invalid("Nobody authenticated this caller, who has no idempotency keys."));
            }
            Some(key) => {
                let key = key.as_str().and_then(|text| IdempotencyKey::parse(text).ok());
                Some(key.ok_or_else(|| {
                    invalid("The idempotency key must be 1 to 255 printable ASCII characters.")
                })?)
            }
        };
    Ok(match run(desk, asker, arguments, taken, key).await {
        Ok(answer) => ran(&answer),
        Err(error) => not_run(&error),
    })
}

async fn run<S: Sandbox, R: ExecutionStore>(
    desk: &Desk<S, R>,
    asker: &Asker,
    arguments: Map<String, Value>,
    taken: &Taken,
    key: Option<IdempotencyKey>,
) -> Result<Answer, ApiError> {
    let request = arguments::request(arguments, desk.rules())?;
    Ok(desk.service().execute(desk.submission(asker, request, taken, key)).await?)
}

/// The result of a run. The same JSON stands in a text, for clients that know of nothing else; after it come the files that the
/// program left: pictures as such, others as resources.
fn ran(answer: &Answer) -> Map<String, Value> {
    let report = Value::Object(report::of(answer));
    let mut content = vec![json!({"type": "text", "text": report.to_string()})];
    content.extend(RunAnswer::from(answer).files.unwrap_or_default().into_iter().map(file));
    let mut result = Map::new();
    result.insert("content".to_owned(), Value::Array(content));
    result.insert("structuredContent".to_owned(), report);
    result.insert("isError".to_owned(), json!(false));
    result
}

fn file(FileAnswer { name, media_type, content, .. }: FileAnswer) -> Value {
    if media_type.starts_with("image/") && media_type != "image/svg+xml" {
        return json!({"type": "image", "data": content, "mimeType": media_type});
    }
    let uri = format!("file:///{name}");
    json!({"type": "resource", "resource": {"uri": uri, "mimeType": media_type, "blob": content}})
}

/// The result of a call that ran nothing, or lost what it ran. Without `structuredContent`: clients hold that against the
/// schema of a run's.
fn not_run(error: &ApiError) -> Map<String, Value> {
    let mut result = Map::new();
    result.insert("content".to_owned(), json!([{"type": "text", "text": report::failure(error)}]));
    result.insert("isError".to_owned(), json!(true));
    result
}
