//! One error body, and the status of every error. What callers read is decided here; reasons from inside are logged.

use std::{any::Any, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tracing::{error, warn};
use utoipa::ToSchema;

use crate::{
    domain::error::{ExecuteError, SandboxError, StoreError},
    inbound::rejection::{Fault, Rejection},
};

/// How long a caller should wait before asking an unavailable backend again.
const BACKEND_RETRY: Duration = Duration::from_secs(5);

/// An error as the caller gets it. The body is written once the request's id is known; see `request_id`.
#[derive(Clone, Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    retry_after: Option<Duration>,
}

/// What went wrong, in one plain sentence.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub(super) struct ErrorBody<'a> {
    /// One plain sentence for people.
    pub error: &'a str,
    /// A stable word for programs.
    pub code: &'a str,
    /// The id to name when asking about it.
    pub request_id: &'a str,
}

impl ApiError {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None }
    }

    fn retry_after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }

    fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "Something went wrong on our side.")
    }

    /// Fills in the body that belongs to this error.
    pub fn write_body(&self, response: &mut Response, request_id: &str) {
        let body = ErrorBody { error: &self.message, code: self.code, request_id };
        // Three strings always serialise.
        *response.body_mut() = Body::from(serde_json::to_vec(&body).unwrap_or_default());
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.remove(header::CONTENT_LENGTH);
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds(wait)));
        }
    }
}

/// Whole seconds, rounded up: never ask a caller back too early.
fn seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Rejection> for ApiError {
    fn from(Rejection { fault, message }: Rejection) -> Self {
        let status = match fault {
            Fault::InvalidJson
            | Fault::InvalidRequest
            | Fault::CodeTooLong
            | Fault::UnknownLanguage
            | Fault::InvalidArchive => StatusCode::BAD_REQUEST,
            Fault::ArchiveTooLarge | Fault::ProjectTooLarge | Fault::BodyTooLarge => {
                StatusCode::PAYLOAD_TOO_LARGE
            }
            Fault::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Fault::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        };
        Self::new(status, fault.code(), message)
    }
}

impl From<ExecuteError> for ApiError {
    fn from(error: ExecuteError) -> Self {
        match error {
            ExecuteError::Invalid(error) => Rejection::from(error).into(),
            ExecuteError::Sandbox(error) => error.into(),
            ExecuteError::Store(error) => error.into(),
            ExecuteError::KeyReused => {
                let text = "This `Idempotency-Key` was used for another request.";
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", text)
            }
            ExecuteError::StillRunning => {
                let text = "The request of this `Idempotency-Key` is still running. Ask again for its answer.";
                Self::new(StatusCode::CONFLICT, "still_running", text).retry_after(Duration::from_secs(1))
            }
            ExecuteError::NotRunAgain(why) => {
                let text = format!("The request of this `Idempotency-Key` has no outcome, and is not run again. {why}");
                Self::new(StatusCode::BAD_GATEWAY, "not_run_again", text)
            }
            ExecuteError::ShuttingDown => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "shutting_down", "The service is shutting down.")
                    .retry_after(BACKEND_RETRY)
            }
        }
    }
}

impl From<SandboxError> for ApiError {
    fn from(error: SandboxError) -> Self {
        if !matches!(error, SandboxError::Busy { .. }) {
            warn!(%error, "no outcome");
        }
        let (status, code, retry) = match &error {
            SandboxError::Busy { retry_after } => (StatusCode::TOO_MANY_REQUESTS, "busy", Some(*retry_after)),
            SandboxError::Unavailable { .. } => {
                (StatusCode::SERVICE_UNAVAILABLE, "docker_unavailable", Some(BACKEND_RETRY))
            }
            SandboxError::Lost { .. } => (StatusCode::BAD_GATEWAY, "sandbox_lost", None),
            SandboxError::DeadlineExceeded => (StatusCode::GATEWAY_TIMEOUT, "deadline_exceeded", None),
            SandboxError::Cancelled => (StatusCode::SERVICE_UNAVAILABLE, "cancelled", Some(BACKEND_RETRY)),
        };
        let api = Self::new(status, code, error.public());
        match retry {
            Some(wait) => api.retry_after(wait),
            None => api,
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => {
                warn!(%error, "no record");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "store_unavailable", error.public())
                    .retry_after(BACKEND_RETRY)
            }
            StoreError::Corrupt(_) => {
                error!(%error, "a broken record");
                Self::internal()
            }
        }
    }
}

pub(super) async fn not_found() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "not_found", "There is nothing at this path.")
}

/// axum adds the `Allow` header. A plain `OPTIONS` asks for just that and is no error.
pub(super) async fn method_not_allowed(method: Method) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    let message = "This path does not take this method; the `Allow` header names those it takes.";
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message).into_response()
}

/// A handler panicked. What it said is in the log, by the panic hook and here.
pub(super) fn panicked(payload: Box<dyn Any + Send>) -> Response {
    let said = payload.downcast_ref::<&str>().copied();
    let said = said.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    error!(panic = said.unwrap_or("(no text)"), "a handler panicked");
    ApiError::internal().into_response()
}
