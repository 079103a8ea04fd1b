//! `/history` and `/history/{id}`: what the caller had run, and what came of it; and how to be rid of it.

use std::time::Duration;

use axum::{
    Json,
    extract::{FromRequestParts as _, Path, Request, State},
    http::{HeaderValue, StatusCode, header, request},
    response::{IntoResponse as _, Response},
};

use tokio::time::Instant;

use super::{
    App, AskedBy, Deadline,
    error::{ApiError, ErrorBody},
    query,
};
use crate::{
    domain::{
        id::ExecutionId,
        ports::{ExecutionStore, Sandbox},
        record::{DEFAULT_HISTORY, HistoryLimit, MAX_HISTORY},
    },
    inbound::contract::{history_entry::HistoryEntry, rejection::Rejection},
    service::Gone,
};

/// The caller's latest executions, newest first. Long code and output are cut, and flagged as cut. A page that is full
/// names the next one in its `Link` header.
#[utoipa::path(
    get,
    path = "/history",
    params(
        (
            "limit" = Option<i64>, Query, nullable = false,
            description = "How many; what is below 1 or above 100 is taken as 1 or 100. 10 when left out.",
        ),
        (
            "before" = Option<String>, Query, nullable = false, format = "uuid",
            description = "Only executions that are older than the one of this id: the next page is that before the last entry's id.",
        ),
    ),
    responses(
        (
            status = 200, description = "The executions.", body = Vec<HistoryEntry>,
            headers(("link" = Option<String>, description = "`<history?before=…&limit=…>; rel=\"next\"`, relative to this path; not there on a page that is not full."))
        ),
        (status = 400, description = "The limit is no whole number, `before` no id, or a parameter is unknown.", body = ErrorBody),
    )
)]
pub(super) async fn list<S: Sandbox, R: ExecutionStore>(
    State(app): State<App<S, R>>,
    AskedBy(caller): AskedBy,
    request: Request,
) -> Result<Response, ApiError> {
    let (mut parts, _) = request.into_parts();
    let [limit, before] = query::known(&mut parts, ["limit", "before"]).await?;
    let limit = limit_of(limit.as_deref())?;
    let before = before.map(|text| id("before", &text)).transpose()?;
    let records = app.service.history(&caller, before, limit).await?;
    let last = records.last().filter(|_| records.len() == limit.get()).map(|record| record.start.id);
    let entries: Vec<_> = records.iter().map(HistoryEntry::from).collect();
    let mut response = Json(entries).into_response();
    if let Some(link) = last.and_then(|last| next_page(last, limit)) {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

/// A link (RFC 8288) to the page after this one. Relative: below which path we stand a front door may decide.
fn next_page(last: ExecutionId, limit: HistoryLimit) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("<history?before={last}&limit={}>; rel=\"next\"", limit.get())).ok()
}

fn id(name: &str, text: &str) -> Result<ExecutionId, Rejection> {
    text.parse().map_err(|error| Rejection::invalid(format!("`{name}`: {error}.")))
}

/// Any whole number is a wish that can be met half way; anything else is a mistake.
fn limit_of(asked: Option<&str>) -> Result<HistoryLimit, Rejection> {
    let Some(text) = asked else { return Ok(HistoryLimit::clamped(DEFAULT_HISTORY)) };
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Rejection::invalid("`limit` must be a whole number."));
    }
    // What does not fit is far outside the bounds, on the side its sign says.
    let beyond = if text.starts_with('-') { 0 } else { MAX_HISTORY };
    Ok(HistoryLimit::clamped(text.parse().unwrap_or(beyond)))
}

/// One of the caller's executions, whole; of one that is running, when it has ended or `wait` is over.
#[utoipa::path(
    get,
    path = "/history/{id}",
    params(
        ("id" = String, Path, format = "uuid", description = "The id of the execution."),
        (
            "wait" = Option<i64>, Query, nullable = false, minimum = 1, maximum = 25,
            description = "For how many seconds to wait for the end of an execution that is running. What it is by then is answered; without `wait` what it is now.",
        ),
    ),
    responses(
        (status = 200, description = "The execution.", body = HistoryEntry),
        (status = 400, description = "This is not an id, `wait` no whole number from 1 to 25, or a parameter is unknown.", body = ErrorBody),
        (status = 404, description = "The caller has no execution of this id.", body = ErrorBody),
    )
)]
pub(super) async fn one<S: Sandbox, R: ExecutionStore>(
    State(app): State<App<S, R>>,
    AskedBy(caller): AskedBy,
    request: Request,
) -> Result<Json<HistoryEntry>, ApiError> {
    let deadline = request.extensions().get::<Deadline>().map(|Deadline(at)| *at);
    let (mut parts, _) = request.into_parts();
    let id = id_of(&mut parts).await?;
    let [wait] = query::known(&mut parts, ["wait"]).await?;
    let record = match wait {
        None => app.service.get(&caller, id).await?,
        Some(text) => {
            let wait = patience(&text)?;
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now() + READING));
            app.service.get_when_ended(&caller, id, left.map_or(wait, |left| wait.min(left))).await?
        }
    };
    record.map(|record| Json(HistoryEntry::from(&record))).ok_or_else(no_such)
}

/// Stops an execution that is running, or forgets one that has ended. The `Idempotency-Key` of one that is forgotten stays
/// taken: the same request is not run again under it.
#[utoipa::path(
    delete,
    path = "/history/{id}",
    params(("id" = String, Path, format = "uuid", description = "The id of the execution.")),
    responses(
        (status = 202, description = "It was running, and is being stopped. Its record will say so."),
        (status = 204, description = "It had ended, and is forgotten."),
        (status = 400, description = "This is not an id, or a parameter is given.", body = ErrorBody),
        (status = 404, description = "The caller has no execution of this id.", body = ErrorBody),
        (status = 409, description = "It is running, and another handler has it: it cannot be stopped from here.", body = ErrorBody),
        (
            status = 503, description = "The record store is unavailable.", body = ErrorBody,
            headers(("retry-after" = u64, description = "Seconds until it is worth asking again."))
        ),
    )
)]
pub(super) async fn remove<S: Sandbox, R: ExecutionStore>(
    State(app): State<App<S, R>>,
    AskedBy(caller): AskedBy,
    request: Request,
) -> Result<StatusCode, ApiError> {
    let (mut parts, _) = request.into_parts();
    let id = id_of(&mut parts).await?;
    let [] = query::known(&mut parts, []).await?;
    match app.service.remove(&caller, id).await? {
        Gone::Stopping => Ok(StatusCode::ACCEPTED),
        Gone::Forgotten => Ok(StatusCode::NO_CONTENT),
        Gone::Unknown => Err(no_such()),
        Gone::OutOfReach => {
            let message = "Another handler has this execution under way: it cannot be stopped from here, and ends \
                           by itself.";
            Err(ApiError::new(StatusCode::CONFLICT, "running_elsewhere", message))
        }
    }
}

async fn id_of(parts: &mut request::Parts) -> Result<ExecutionId, Rejection> {
    let path = Path::<String>::from_request_parts(parts, &()).await;
    id("id", &path.map(|Path(text)| text).unwrap_or_default())
}

/// The longest that the end of an execution is waited for in one request: gateways give up after 29 s.
const MAX_WAIT: u64 = 25;

/// What is kept free of a request's own deadline for reading the record and answering.
const READING: Duration = Duration::from_secs(3);

fn patience(text: &str) -> Result<Duration, Rejection> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text.parse().ok().filter(|seconds| digits && (1..=MAX_WAIT).contains(seconds));
    let seconds = seconds.ok_or_else(|| {
        Rejection::invalid(format!("`wait` must be a whole number of seconds from 1 to {MAX_WAIT}."))
    })?;
    Ok(Duration::from_secs(seconds))
}

fn no_such() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "not_found", "There is no such execution.")
}
