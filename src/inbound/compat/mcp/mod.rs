//! The Model Context Protocol, over its streamable HTTP transport: `POST /mcp`, one JSON answer for each request, no session
//! and no stream. Both eras are spoken; see [`era`].
//!
//! One tool, [`tool`](super::tool). Whatever a program does is a result; what keeps it from running is a result with `isError`,
//! whose sentence a model can act on.

mod calls;
mod era;
mod message;
#[cfg(test)]
mod tests;

use axum::{
    Router,
    body::Body,
    extract::{Request as HttpRequest, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::post,
};
use serde_json::{Map, Value, json};

use self::{
    era::{Era, VERSIONS, dressed},
    message::{Failure, INTERNAL_ERROR, INVALID_REQUEST, Message, Request, result},
};
use super::{lenient, offer};
use crate::{
    domain::ports::{ExecutionStore, Sandbox},
    inbound::http::{ApiError, Asker, Desk, Foreign, RequestId, Taken, Weighs},
};

/// What a host may show its model before it lists the tools.
const INSTRUCTIONS: &str = "run_code runs a program in a fresh sandbox and returns what it printed. Use it to compute, to check code \
before you give it to somebody, and to work on text and data. Send the whole program each time.";
/// How long a client may keep the list of tools, in milliseconds.
const FRESH_FOR: u32 = 300_000;

/// The contract.
pub fn contract<S: Sandbox, R: ExecutionStore>(desk: &Desk<S, R>) -> Foreign {
    let routes = Router::new()
        .route("/mcp", post(endpoint::<S, R>))
        .route("/mcp/", post(endpoint::<S, R>))
        .with_state(desk.clone());
    Foreign { paths: &["/mcp"], routes, tell }
}

/// An error outside of any request that could be read: JSON-RPC without an id.
fn tell(error: &ApiError, _: &RequestId) -> Response {
    failure_of(error).answer(&Value::Null)
}

fn failure_of(error: &ApiError) -> Failure {
    let code = if error.status().is_server_error() { INTERNAL_ERROR } else { INVALID_REQUEST };
    Failure { status: error.status(), ..Failure::new(code, error.message()) }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        failure_of(&error)
    }
}

impl Weighs for Message {
    fn bytes(&self) -> usize {
        match self {
            Self::Unanswered => 0,
            Self::Request(Request { params, .. }) => params.values().map(lenient::weight).sum(),
        }
    }
}

/// Who we are.
fn server_info() -> Value {
    json!({"name": "safe-code-executor", "title": "Safe Code Executor", "version": env!("CARGO_PKG_VERSION")})
}

async fn endpoint<S: Sandbox, R: ExecutionStore>(
    State(desk): State<Desk<S, R>>,
    asker: Asker,
    request: HttpRequest,
) -> Response {
    let (parts, body) = request.into_parts();
    if !lenient::is_json(&parts.headers) {
        let failure = Failure::new(INVALID_REQUEST, "`Content-Type` must be `application/json`.");
        return Failure { status: StatusCode::UNSUPPORTED_MEDIA_TYPE, ..failure }.answer(&Value::Null);
    }
    let read = desk.read(&parts.headers, body, |bytes| Message::parse(&bytes)).await;
    let (request, taken) = match read {
        Ok((Message::Request(request), taken)) => (request, taken),
        Ok((Message::Unanswered, _)) => return (StatusCode::ACCEPTED, Body::empty()).into_response(),
        Err(failure) => return failure.answer(&Value::Null),
    };
    let id = request.id.clone();
    let answered = match Era::of(&parts.headers, &request) {
        Ok(era) => answer(&desk, &asker, era, request, &taken).await,
        Err(failure) => Err(failure),
    };
    match answered {
        Ok(value) => result(&id, value),
        Err(failure) => failure.answer(&id),
    }
}

async fn answer<S: Sandbox, R: ExecutionStore>(
    desk: &Desk<S, R>,
    asker: &Asker,
    era: Era,
    request: Request,
    taken: &Taken,
) -> Result<Value, Failure> {
    let Request { method, params, .. } = request;
    let said = match (method.as_str(), era) {
        ("initialize", Era::Legacy) => object(json!({
            "protocolVersion": era::settled(&params),
            "capabilities": {"tools": {}},
            "serverInfo": server_info(),
            "instructions": INSTRUCTIONS,
        })),
        ("ping", Era::Legacy) => Map::new(),
        ("server/discover", Era::Modern) => object(json!({
            "supportedVersions": VERSIONS,
            "capabilities": {"tools": {}},
            "instructions": INSTRUCTIONS,
            "ttlMs": FRESH_FOR,
            "cacheScope": "public",
        })),
        ("tools/list", _) => {
            let offer = offer::of(desk).await;
            let mut list = object(json!({"tools": [calls::described(&offer, desk.rules())]}));
            if era == Era::Modern {
                list.insert("ttlMs".to_owned(), json!(FRESH_FOR));
                list.insert("cacheScope".to_owned(), json!("public"));
            }
            list
        }
        ("tools/call", _) => calls::call(desk, asker, era, params, taken).await?,
        (method, era) => return Err(era::unknown_method(era, method)),
    };
    Ok(dressed(era, said))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
