//! What other sites' pages may do here: nothing, unless their origin is on the list.
//!
//! Without authentication a local server's only wall is the browser's. A page anywhere could otherwise send a form
//! to `http://127.0.0.1:5000/run` and have code run, even though it could not read the answer.

use axum::{
    Router,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use std::time::Duration;
use tower_http::{
    cors::{AllowOrigin, CorsLayer},
    csrf::CsrfLayer,
};
use tracing::warn;

use super::error::ApiError;

const ANY: &str = "*";

/// The routes, open to the pages of these origins and to no others. `*` opens them to all.
pub(super) fn guarded(routes: Router, allowed: &[HeaderValue]) -> Router {
    if allowed.iter().any(|origin| origin == ANY) {
        return routes.layer(cors(AllowOrigin::any()));
    }
    let mut guard = CsrfLayer::new();
    for origin in allowed.iter().filter_map(|origin| origin.to_str().ok()) {
        guard = match guard.clone().add_trusted_origin(origin) {
            Ok(guard) => guard,
            Err(error) => {
                warn!(origin, %error, "an allowed origin is none; pages of it are not let in");
                guard
            }
        };
    }
    let routes = routes.layer(guard.with_rejection_response(|_| cross_site()));
    if allowed.is_empty() { routes } else { routes.layer(cors(AllowOrigin::list(allowed.iter().cloned()))) }
}

fn cors(origins: AllowOrigin) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::CONTENT_TYPE,
            header::AUTHORIZATION,
            HeaderName::from_static("idempotency-key"),
        ])
        .expose_headers(
            ["x-request-id", "server-timing", "retry-after", "idempotent-replayed", "link"]
                .map(HeaderName::from_static),
        )
        .max_age(Duration::from_hours(1))
}

fn cross_site() -> Response {
    let message = "Requests from other sites' pages are not allowed here.";
    ApiError::new(StatusCode::FORBIDDEN, "cross_site", message).into_response()
}
