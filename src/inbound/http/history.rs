//! `GET /history` and `GET /history/{id}`: what the caller had run, and what came of it.

use axum::{
    Json,
    extract::{FromRequestParts as _, Path, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::{
    App, AskedBy,
    error::{ApiError, ErrorBody},
    query,
};
use crate::{
    domain::{
        id::ExecutionId,
        ports::{ExecutionStore, Sandbox},
        record::{DEFAULT_HISTORY, HistoryLimit, MAX_HISTORY},
    },
    inbound::{history_entry::HistoryEntry, rejection::Rejection},
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

/// One of the caller's executions, whole.
#[utoipa::path(
    get,
    path = "/history/{id}",
    params(("id" = String, Path, format = "uuid", description = "The id of the execution.")),
    responses(
        (status = 200, description = "The execution.", body = HistoryEntry),
        (status = 400, description = "This is not an id.", body = ErrorBody),
        (status = 404, description = "The caller has no execution of this id.", body = ErrorBody),
    )
)]
pub(super) async fn one<S: Sandbox, R: ExecutionStore>(
    State(app): State<App<S, R>>,
    AskedBy(caller): AskedBy,
    request: Request,
) -> Result<Json<HistoryEntry>, ApiError> {
    let (mut parts, _) = request.into_parts();
    let path = Path::<String>::from_request_parts(&mut parts, &()).await;
    let text = path.map(|Path(text)| text).unwrap_or_default();
    match app.service.get(&caller, id("id", &text)?).await? {
        Some(record) => Ok(Json(HistoryEntry::from(&record))),
        None => Err(ApiError::new(StatusCode::NOT_FOUND, "not_found", "There is no such execution.")),
    }
}
