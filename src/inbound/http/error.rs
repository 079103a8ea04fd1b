//! One error body, and the status of every error. What callers read is decided here; reasons from inside are logged.

use std::{any::Any, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tracing::{error, warn};
use utoipa::ToSchema;

use crate::{
    domain::error::{ExecuteError, Impossible, SandboxError, StoreError},
    inbound::contract::{
        failure,
        rejection::{Fault, Rejection},
    },
};

/// How long a caller should wait before asking an unavailable backend again.
const BACKEND_RETRY: Duration = Duration::from_secs(5);
/// How long a caller should wait when too many large requests are under way: each takes about a second.
const OVERLOAD_RETRY: Duration = Duration::from_secs(2);

/// An error as the caller gets it. The body is written once the request's id is known; see `request_id`.
#[derive(Clone, Debug)]
pub struct ApiError {
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
    pub(in crate::inbound) fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self { status, code, message: message.into(), retry_after: None }
    }

    fn retry_after(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }

    pub(super) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "Something went wrong on our side.")
    }

    /// There is nothing here.
    #[must_use]
    pub fn not_found() -> Self {
        nothing_here()
    }

    /// The HTTP status in our own contract.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The stable word for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// One plain sentence for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whole seconds until it is worth asking again, where that can help.
    #[must_use]
    pub fn seconds_to_wait(&self) -> Option<u64> {
        self.retry_after.map(seconds)
    }

    /// A response that tells of this error, with `Retry-After` where asking again can help.
    #[must_use]
    pub fn with_wait(&self, mut response: Response) -> Response {
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds(wait)));
        }
        response
    }

    /// Whether it is certain that no code was run: then, and only then, the same request may be sent again.
    #[must_use]
    pub fn never_ran(&self) -> bool {
        !matches!(
            self.code,
            "sandbox_lost"
                | "deadline_exceeded"
                | "cancelled"
                | "store_unavailable"
                | "internal_error"
                | "not_run_again"
                | "still_running"
        )
    }

    /// The body that belongs to this error.
    pub(super) fn body(&self, request_id: &str) -> String {
        let body = ErrorBody { error: &self.message, code: self.code, request_id };
        // Three strings always serialise.
        serde_json::to_string(&body).unwrap_or_default()
    }

    /// Fills in the body that belongs to this error.
    pub(super) fn write_body(&self, response: &mut Response, request_id: &str) {
        *response.body_mut() = Body::from(self.body(request_id));
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
            Fault::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
        };
        let error = Self::new(status, fault.code(), message);
        if matches!(fault, Fault::Overloaded) { error.retry_after(OVERLOAD_RETRY) } else { error }
    }
}

impl From<ExecuteError> for ApiError {
    fn from(error: ExecuteError) -> Self {
        let (status, retry) = match &error {
            ExecuteError::Invalid(error) => return Rejection::from(error.clone()).into(),
            ExecuteError::Store(StoreError::Corrupt(_)) => {
                error!(%error, "a broken record");
                return Self::internal();
            }
            ExecuteError::Sandbox(error) => {
                if !matches!(error, SandboxError::Busy { .. } | SandboxError::Refused { .. }) {
                    warn!(%error, "no outcome");
                }
                of_sandbox(error)
            }
            ExecuteError::Store(StoreError::Unavailable(_)) => {
                warn!(%error, "no record");
                (StatusCode::SERVICE_UNAVAILABLE, Some(BACKEND_RETRY))
            }
            ExecuteError::KeyReused => (StatusCode::UNPROCESSABLE_ENTITY, None),
            ExecuteError::StillRunning { retry_after, .. } => (StatusCode::CONFLICT, Some(*retry_after)),
            ExecuteError::NotRunAgain(_) => (StatusCode::BAD_GATEWAY, None),
            ExecuteError::Withdrawn(_) => (StatusCode::GONE, None),
            ExecuteError::ShuttingDown => (StatusCode::SERVICE_UNAVAILABLE, Some(BACKEND_RETRY)),
        };
        let api = Self::new(status, failure::code(&error), failure::sentence(&error));
        match retry {
            Some(wait) => api.retry_after(wait),
            None => api,
        }
    }
}

const fn of_sandbox(error: &SandboxError) -> (StatusCode, Option<Duration>) {
    match error {
        SandboxError::Busy { retry_after } => (StatusCode::TOO_MANY_REQUESTS, Some(*retry_after)),
        SandboxError::Refused { what: Impossible::Files, .. } => (StatusCode::PAYLOAD_TOO_LARGE, None),
        SandboxError::Refused { what: Impossible::Limits, .. } => (StatusCode::BAD_REQUEST, None),
        SandboxError::Unavailable { .. }
        | SandboxError::LanguageUnavailable { .. }
        | SandboxError::Cancelled => (StatusCode::SERVICE_UNAVAILABLE, Some(BACKEND_RETRY)),
        SandboxError::Lost { .. } => (StatusCode::BAD_GATEWAY, None),
        SandboxError::DeadlineExceeded | SandboxError::TooLate => (StatusCode::GATEWAY_TIMEOUT, None),
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        ExecuteError::from(error).into()
    }
}

/// Paths there are, for those who nearly named one.
const PATHS: [&str; 9] =
    ["/run", "/run/live", "/history", "/history/{id}", "/languages", "/health", "/openapi.json", "/ui", "/"];

pub(super) async fn not_found(uri: Uri) -> ApiError {
    let message = match nearest(uri.path()) {
        Some(path) => format!("There is nothing at this path. Its nearest is `{path}`."),
        None => return nothing_here(),
    };
    ApiError::new(StatusCode::NOT_FOUND, "not_found", message)
}

pub(super) fn nothing_here() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "not_found", "There is nothing at this path.")
}

/// The path that is meant by one with a slash too many, or in capital letters.
fn nearest(path: &str) -> Option<&'static str> {
    let mut parts = path.split('/').filter(|part| !part.is_empty()).map(str::to_ascii_lowercase);
    let (first, second, third) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let meant = match (first.as_str(), second, third) {
        ("history", Some(_), None) => "/history/{id}".to_owned(),
        ("run", Some(live), None) if live == "live" => "/run/live".to_owned(),
        (first, None, None) => format!("/{first}"),
        _ => return None,
    };
    PATHS.into_iter().find(|known| *known == meant)
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
