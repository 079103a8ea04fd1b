//! `GET /history` and `GET /history/{id}`: what the caller had run, and what came of it.

use axum::{
    Json,
    extract::{FromRequestParts as _, Path, Request, State},
    http::StatusCode,
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

/// The caller's latest executions, newest first. Long code and output are cut, and flagged as cut.
#[utoipa::path(
    get,
    path = "/history",
    params((
        "limit" = Option<i64>, Query, nullable = false,
        description = "How many; what is below 1 or above 100 is taken as 1 or 100. 10 when left out.",
    )),
    responses(
        (status = 200, description = "The executions.", body = Vec<HistoryEntry>),
        (status = 400, description = "The limit is no whole number, or a parameter is unknown.", body = ErrorBody),
    )
)]
pub(super) async fn list<S: Sandbox, R: ExecutionStore>(
    State(app): State<App<S, R>>,
    AskedBy(caller): AskedBy,
    request: Request,
) -> Result<Json<Vec<HistoryEntry>>, ApiError> {
    let (mut parts, _) = request.into_parts();
    let limit = limit(query::only(&mut parts, "limit").await?.as_deref())?;
    let records = app.service.history(&caller, None, limit).await?;
    Ok(Json(records.iter().map(HistoryEntry::from).collect()))
}

/// Any whole number is a wish that can be met half way; anything else is a mistake.
fn limit(asked: Option<&str>) -> Result<HistoryLimit, Rejection> {
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
    let id: ExecutionId = text.parse().map_err(|error| Rejection::invalid(format!("`id`: {error}.")))?;
    match app.service.get(&caller, id).await? {
        Some(record) => Ok(Json(HistoryEntry::from(&record))),
        None => Err(ApiError::new(StatusCode::NOT_FOUND, "not_found", "There is no such execution.")),
    }
}
