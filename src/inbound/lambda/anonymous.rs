//! What a caller whom nobody authenticated may not have. Behind a door without authentication (a function URL of type
//! `NONE`, a load balancer, an API without authorizer) everybody is the same caller: a history would be everybody's, and
//! an idempotency key would give one stranger's answer to another.

use axum::{
    body::Body,
    http::{StatusCode, header},
    response::Response,
};
use lambda_http::Request;
use serde_json::json;

const MESSAGE: &str = "Nobody authenticated this caller, who has neither a history nor idempotency keys.";

/// The answer to a request for one of these; `None` where it is for neither.
pub(super) fn refusal(request: &Request, request_id: &str) -> Option<Response> {
    let path = request.uri().path();
    let history = path == "/history" || path.starts_with("/history/");
    (history || request.headers().contains_key("idempotency-key")).then(|| {
        let body = json!({ "error": MESSAGE, "code": "not_authenticated", "request_id": request_id });
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = StatusCode::FORBIDDEN;
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CONTENT_TYPE, "application/json"),
            (header::CACHE_CONTROL, "no-store"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ] {
            headers.insert(name, header::HeaderValue::from_static(value));
        }
        response
    })
}
