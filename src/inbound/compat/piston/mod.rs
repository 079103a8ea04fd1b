//! Piston's API, version 2: `/api/v2` as self-hosted servers have it, `/api/v2/piston` as the public one had it. In each:
//! `GET /runtimes`, `POST /execute`, and `GET /connect`, a WebSocket. Every body is read as JSON, whatever its content type says: some clients say another.

mod connect;
mod execute;
mod runtimes;
mod stage;
#[cfg(test)]
mod tests;

use axum::{
    Json, Router,
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use crate::{
    domain::ports::{ExecutionStore, Sandbox},
    inbound::http::{ApiError, Desk, Foreign, RequestId},
};

/// The contract.
pub fn contract<S: Sandbox, R: ExecutionStore>(desk: &Desk<S, R>) -> Foreign {
    let routes = ["/api/v2", "/api/v2/piston"].into_iter().fold(Router::new(), |routes, base| {
        routes
            .route(&format!("{base}/"), get(banner))
            .route(&format!("{base}/runtimes"), get(runtimes::list::<S, R>))
            .route(&format!("{base}/runtimes/"), get(runtimes::list::<S, R>))
            .route(&format!("{base}/execute"), post(execute::execute::<S, R>))
            .route(&format!("{base}/execute/"), post(execute::execute::<S, R>))
            .route(&format!("{base}/connect"), get(connect::connect::<S, R>))
    });
    Foreign { paths: &["/api/v2"], routes: routes.with_state(desk.clone()), tell }
}

async fn banner() -> Json<Value> {
    Json(json!({"message": "Piston v3.1.1"}))
}

/// An error as Piston words it. What went wrong inside is 500 there, whatever it was; only "too many" may be tried again.
fn tell(error: &ApiError, _: &RequestId) -> Response {
    let message = error.message();
    let (status, body) = match error.status() {
        StatusCode::NOT_FOUND => (StatusCode::NOT_FOUND, json!({"message": "Not Found"})),
        status if error.code() == "overloaded" => {
            let status = if status.is_server_error() { StatusCode::TOO_MANY_REQUESTS } else { status };
            (status, json!({"message": message}))
        }
        status if status.is_server_error() => {
            (StatusCode::INTERNAL_SERVER_ERROR, json!({"message": message}))
        }
        _ if error.code() == "invalid_json" || error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            (StatusCode::BAD_REQUEST, json!({"message": message, "stack": ""}))
        }
        status => (status, json!({"message": message})),
    };
    let response = (status, Json(body)).into_response();
    if status == StatusCode::TOO_MANY_REQUESTS { error.with_wait(response) } else { response }
}
