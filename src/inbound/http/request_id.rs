//! Every request has an id, every answer carries it, every error body names it.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument as _, info_span};
use uuid::Uuid;

use super::error::ApiError;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request. A front door that has one puts it into the request's extensions.
#[derive(Clone, Debug)]
pub struct RequestId(String);

impl RequestId {
    /// An id as the front door made it: of its characters those are kept that a header and a log line can show.
    #[must_use]
    pub fn new(id: &str) -> Self {
        let plain = |c: &char| c.is_ascii_alphanumeric() || "-_.:=;".contains(*c);
        Self(id.chars().filter(plain).take(128).collect())
    }

    pub(in crate::inbound) fn generate() -> Self {
        Self(Uuid::now_v7().to_string())
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Gives the request its id and writes the body of an error. The outermost layer.
pub(super) async fn identify(mut request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().cloned().unwrap_or_else(RequestId::generate);
    request.extensions_mut().insert(id.clone());
    let span = info_span!("request", request_id = id.0, method = %request.method());
    let mut response = next.run(request).instrument(span).await;
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        error.write_body(&mut response, &id.0);
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        headers.insert(HEADER, value);
    }
    headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
