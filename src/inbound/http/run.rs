//! `POST /run`: run code, wait, answer.

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};

use super::{App, AskedBy, Deadline, body, error::ApiError};
use crate::{
    domain::{
        caller::Source,
        id::ExecutionId,
        ports::{ExecutionStore, Sandbox},
        request::ExecutionRequest,
    },
    inbound::{
        answer::{RunAnswer, TimingsAnswer},
        rejection::{Fault, Rejection, shown},
        run_request::{RunRequest, RunRules},
    },
    service::Submission,
};

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

pub(super) async fn run<S: Sandbox, R: ExecutionStore>(
    State(app): State<App<S, R>>,
    AskedBy(caller): AskedBy,
    request: Request,
) -> Result<Response, ApiError> {
    let deadline = request.extensions().get::<Deadline>().map(|Deadline(at)| *at);
    let request = read(request, &app.config.rules, app.config.max_body_bytes).await?;
    let submission =
        Submission { id: ExecutionId::generate(), caller, source: Source::Http, request, key: None, deadline };
    let answer = RunAnswer::from(&app.service.execute(submission).await?);
    let timing = [(SERVER_TIMING, server_timing(&answer.timings_ms))];
    Ok((timing, Json(answer)).into_response())
}

/// What the body asks for, whichever of its forms it has.
async fn read(request: Request, rules: &RunRules, limit: usize) -> Result<ExecutionRequest, Rejection> {
    let (parts, body) = request.into_parts();
    match MediaType::of(&parts.headers)? {
        MediaType::Json => {
            let bytes = body::read(&parts.headers, body, limit).await?;
            RunRequest::from_json(&bytes)?.into_domain(rules)
        }
    }
}

/// The types of body that are read.
enum MediaType {
    Json,
}

impl MediaType {
    fn of(headers: &HeaderMap) -> Result<Self, Rejection> {
        let given = headers.get(header::CONTENT_TYPE).map_or("", |value| value.to_str().unwrap_or("?"));
        let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/json" => Ok(Self::Json),
            "" => Err(unsupported("The `Content-Type` header is missing.")),
            other => Err(unsupported(&format!("The content type `{}` is not supported.", shown(other)))),
        }
    }
}

fn unsupported(fault: &str) -> Rejection {
    let help = "Send JSON with `Content-Type: application/json` (curl: `-H 'Content-Type: application/json'`), \
                a form with files as `multipart/form-data` (curl: `-F file=@main.py`), or a zip file as \
                `application/zip`.";
    Rejection::new(Fault::UnsupportedMediaType, format!("{fault} {help}"))
}

/// The timings as browsers' tools show them. Digits and ASCII names only: Lambda breaks on anything else.
fn server_timing(timings: &TimingsAnswer) -> HeaderValue {
    let TimingsAnswer { queue, acquire, run, collect, record, total } = timings;
    let text = format!(
        "queue;dur={queue}, acquire;dur={acquire}, run;dur={run}, collect;dur={collect}, \
         record;dur={record}, total;dur={total}"
    );
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("total"))
}
