//! JSON-RPC 2.0: what a message asks, and how it is answered.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::{Map, Value, json};

use crate::inbound::{compat::lenient, contract::rejection::Rejection};

pub const PARSE_ERROR: i32 = -32700;
pub const INVALID_REQUEST: i32 = -32600;
pub const METHOD_NOT_FOUND: i32 = -32601;
pub const INVALID_PARAMS: i32 = -32602;
pub const INTERNAL_ERROR: i32 = -32603;
/// Of MCP since 2026-07-28: a header says something else than the body.
pub const HEADER_MISMATCH: i32 = -32020;
/// Of MCP since 2026-07-28: a version that is not spoken here.
pub const UNSUPPORTED_VERSION: i32 = -32022;

/// What was sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// A question.
    Request(Request),
    /// Something that nobody answers: a notification, or an answer to a question that was never asked.
    Unanswered,
}

/// A question.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Its id, which the answer repeats.
    pub id: Value,
    /// What is asked.
    pub method: String,
    /// With which parameters.
    pub params: Map<String, Value>,
}

/// An error as JSON-RPC has it, with the HTTP status that goes with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    pub status: StatusCode,
    pub code: i32,
    pub message: String,
    pub data: Option<Value>,
}

impl Failure {
    /// A failure with status 400.
    pub fn new(code: i32, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, message: message.into(), data: None }
    }

    /// The answer to the request of this id.
    pub fn answer(self, id: &Value) -> Response {
        let Self { status, code, message, data } = self;
        let mut error = json!({"code": code, "message": message});
        if let Some(data) = data {
            error["data"] = data;
        }
        (status, Json(json!({"jsonrpc": "2.0", "id": id, "error": error}))).into_response()
    }
}

/// The answer with a result.
pub fn result(id: &Value, result: Value) -> Response {
    Json(json!({"jsonrpc": "2.0", "id": id, "result": result})).into_response()
}

impl Message {
    /// The message in this text.
    ///
    /// # Errors
    /// When it is not JSON, or not one message of JSON-RPC 2.0. Batches are refused: MCP has none.
    pub fn parse(text: &[u8]) -> Result<Self, Failure> {
        let value =
            lenient::json(text).map_err(|Rejection { message, .. }| Failure::new(PARSE_ERROR, message))?;
        let invalid = |message: &str| Failure::new(INVALID_REQUEST, message);
        let Value::Object(mut message) = value else {
            return Err(invalid("The body must be one JSON-RPC message: an object. Batches are not taken."));
        };
        if message.get("jsonrpc") != Some(&Value::from("2.0")) {
            return Err(invalid("`jsonrpc` must be \"2.0\"."));
        }
        let method = match message.remove("method") {
            Some(Value::String(method)) => method,
            None if message.contains_key("result") || message.contains_key("error") => {
                return Ok(Self::Unanswered);
            }
            _ => return Err(invalid("`method` must be a string.")),
        };
        let id = match message.remove("id") {
            None => return Ok(Self::Unanswered),
            Some(id @ (Value::String(_) | Value::Number(_))) => id,
            Some(_) => return Err(invalid("`id` must be a string or a number.")),
        };
        let params = match message.remove("params") {
            None => Map::new(),
            Some(Value::Object(params)) => params,
            Some(_) => return Err(Failure::new(INVALID_PARAMS, "`params` must be an object.")),
        };
        Ok(Self::Request(Request { id, method, params }))
    }
}
