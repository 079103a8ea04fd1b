//! `GET /submissions/{token}`, alone or in a batch.

use axum::{
    Json,
    extract::{Path, Request, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

use super::{
    Judge0,
    create::{MOST_IN_BATCH, Parameters},
    kept::{Note, Stage},
    languages, status,
    view::{NotText, Shown},
};
use crate::{
    domain::{
        error::ExecuteError,
        id::ExecutionId,
        ports::{ExecutionStore, Sandbox},
        record::{EndRecord, ExecutionRecord, RecordState},
    },
    inbound::http::{ApiError, Asker},
};

/// One submission of the caller's.
pub async fn one<S: Sandbox, R: ExecutionStore>(
    State(judge): State<Judge0<S, R>>,
    asker: Asker,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let wanted = match parameters(&asker, &request) {
        Ok(parameters) => parameters.wanted,
        Err(answer) => return Ok(*answer),
    };
    let error =
        |status: StatusCode, sentence: &str| (status, Json(json!({"error": sentence}))).into_response();
    let Some(shown) = found(&judge, &asker, &token).await? else {
        return Ok(error(StatusCode::NOT_FOUND, "there is no submission with this token"));
    };
    Ok(match shown.view(&wanted) {
        Ok(view) => Json(view).into_response(),
        Err(NotText) => error(StatusCode::BAD_REQUEST, NotText::SENTENCE),
    })
}

/// Several: null for a token that there is not.
pub async fn batch<S: Sandbox, R: ExecutionStore>(
    State(judge): State<Judge0<S, R>>,
    asker: Asker,
    request: Request,
) -> Result<Response, ApiError> {
    let Parameters { wanted, tokens, .. } = match parameters(&asker, &request) {
        Ok(parameters) => parameters,
        Err(answer) => return Ok(*answer),
    };
    let in_header =
        request.headers().get("tokens").and_then(|tokens| tokens.to_str().ok()).map(str::to_owned);
    let tokens = tokens.or(in_header).unwrap_or_default();
    let tokens: Vec<&str> = tokens.split(',').map(str::trim).filter(|token| !token.is_empty()).collect();
    if tokens.is_empty() || tokens.len() > MOST_IN_BATCH {
        let sentence = format!("there should be between 1 and {MOST_IN_BATCH} tokens");
        return Ok((StatusCode::BAD_REQUEST, Json(json!({"error": sentence}))).into_response());
    }
    let mut all = Vec::new();
    for token in tokens {
        all.push(match found(&judge, &asker, token).await? {
            None => Value::Null,
            Some(shown) => shown.among_others(&wanted),
        });
    }
    Ok(Json(json!({"submissions": all})).into_response())
}

/// Whom nobody authenticated has no submissions: a token can be guessed from its neighbours.
fn parameters(asker: &Asker, request: &Request) -> Result<Parameters, Box<Response>> {
    if !asker.known {
        return Err(Box::new(StatusCode::UNAUTHORIZED.into_response()));
    }
    Parameters::of(request.uri())
}

/// What is known of a submission of the caller's.
async fn found<S: Sandbox, R: ExecutionStore>(
    judge: &Judge0<S, R>,
    asker: &Asker,
    token: &str,
) -> Result<Option<Shown>, ApiError> {
    let Ok(id) = token.parse::<ExecutionId>() else { return Ok(None) };
    let note = judge.kept.find(&asker.caller, id);
    let joined = note.as_ref().is_some_and(|note| note.joined);
    let shown = Shown { token: token.to_owned(), joined, ..Shown::default() };
    match &note {
        Some(Note { stage: Stage::Waits, .. }) => {
            return Ok(Some(Shown { status: Some(status::IN_QUEUE), ..shown }));
        }
        Some(Note { stage: Stage::Failed(why), .. }) => {
            return Ok(Some(Shown {
                status: Some(status::INTERNAL_ERROR),
                message: Some(why.clone()),
                ..shown
            }));
        }
        _ => {}
    }
    let record = judge.desk.service().get(&asker.caller, id).await.map_err(ExecuteError::from)?;
    Ok(record.map(|record| on_record(judge, note.as_ref(), record, shown)))
}

fn on_record<S, R>(judge: &Judge0<S, R>, note: Option<&Note>, record: ExecutionRecord, shown: Shown) -> Shown
where
    S: Sandbox,
    R: ExecutionStore,
{
    let name = &record.start.language;
    let id = note.map(|note| note.language_id).or_else(|| languages::id_of(judge.flavour, name));
    let title =
        judge.desk.rules().languages.resolve(name).map_or_else(|_| name.clone(), |known| known.title.clone());
    let shown = Shown {
        language: id.map(|id| (id, title)),
        source: Some(record.start.code.clone()),
        created: Some(record.start.started_at),
        ..shown
    };
    let failed = |why: &str, shown: Shown| Shown {
        status: Some(status::INTERNAL_ERROR),
        message: Some(why.to_owned()),
        ..shown
    };
    match record.state {
        RecordState::Running => shown,
        RecordState::Abandoned => failed("The service stopped before this execution ended.", shown),
        RecordState::Ended(EndRecord::Failed { message, .. }) => failed(&message, shown),
        RecordState::Ended(EndRecord::Ran(ran)) => match ran.execution() {
            Some(execution) => Shown { execution: Some(execution), ..shown },
            None => failed("Its outcome was not kept.", shown),
        },
    }
}
