//! What other sites' pages may do here: nothing, unless their origin is on the list. A page may open a socket to anywhere,
//! by a GET, and read what comes: the opening of a socket is guarded like a request that changes something.
//!
//! Without authentication a local server's only wall is the browser's. A page anywhere could otherwise send a form
//! to `http://127.0.0.1:5000/run` and have code run, even though it could not read the answer.

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use std::{sync::Arc, time::Duration};
use tower_http::{
    cors::{AllowOrigin, CorsLayer},
    csrf::CsrfLayer,
};
use tracing::warn;

use super::error::ApiError;

const ANY: &str = "*";
/// Headers that clients of ours send, and those of the other systems whose contracts are served.
const HEADERS: [&str; 12] = [
    "content-type",
    "authorization",
    "idempotency-key",
    "prefer",
    "mcp-protocol-version",
    "mcp-method",
    "mcp-name",
    "mcp-session-id",
    "x-api-key",
    "x-auth-token",
    "x-rapidapi-key",
    "x-rapidapi-host",
];

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
    let trusted: Arc<[HeaderValue]> = allowed.into();
    let routes = routes.layer(middleware::from_fn_with_state(trusted, sockets));
    if allowed.is_empty() { routes } else { routes.layer(cors(AllowOrigin::list(allowed.iter().cloned()))) }
}

fn cors(origins: AllowOrigin) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers(HEADERS.map(HeaderName::from_static))
        .expose_headers(
            [
                "x-request-id",
                "server-timing",
                "retry-after",
                "idempotent-replayed",
                "link",
                "location",
                "preference-applied",
            ]
            .map(HeaderName::from_static),
        )
        .max_age(Duration::from_hours(1))
}

/// Refuses the opening of a socket by another site's page.
async fn sockets(State(trusted): State<Arc<[HeaderValue]>>, request: Request, next: Next) -> Response {
    let opens = request.headers().contains_key(header::UPGRADE);
    if opens && !may_open(request.headers(), &trusted) { cross_site() } else { next.run(request).await }
}

/// Whether `Origin` (RFC 6455, section 10.2) is this server's own, or trusted, or not there: then it is no browser.
fn may_open(headers: &HeaderMap, trusted: &[HeaderValue]) -> bool {
    let own = |origin: &HeaderValue| {
        let host = headers.get(header::HOST).map(HeaderValue::as_bytes);
        let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
        host.zip(origin).is_some_and(|(host, (_, origin))| host.eq_ignore_ascii_case(origin.as_bytes()))
    };
    headers.get_all(header::ORIGIN).iter().all(|origin| own(origin) || trusted.contains(origin))
}

fn cross_site() -> Response {
    let message = "Requests from other sites' pages are not allowed here.";
    ApiError::new(StatusCode::FORBIDDEN, "cross_site", message).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_is_opened_by_our_own_pages_trusted_ones_and_programs() {
        let trusted = [HeaderValue::from_static("https://learn.example")];
        for (origin, may) in [
            (None, true),
            (Some("http://127.0.0.1:5000"), true),
            (Some("https://learn.example"), true),
            (Some("http://127.0.0.1:5001"), false),
            (Some("http://127.0.0.1"), false),
            (Some("https://learn.example.evil"), false),
            (Some("http://learn.example"), false),
            (Some("null"), false),
            (Some(""), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:5000"));
            headers.extend(origin.map(|origin| (header::ORIGIN, HeaderValue::from_static(origin))));
            assert_eq!(may_open(&headers, &trusted), may, "{origin:?}");
        }
    }
}
