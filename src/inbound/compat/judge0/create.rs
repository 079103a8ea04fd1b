//! `POST /submissions`, alone or in a batch.

use axum::{
    Json,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use tracing::Instrument as _;

use super::{
    Judge0,
    kept::{Note, Stage},
    submission::{Refusal, Submission},
    view::{Shown, Wanted},
};
use crate::{
    domain::{
        id::ExecutionId,
        ports::{ExecutionStore, Sandbox},
        request::ExecutionRequest,
    },
    inbound::{
        compat::lenient::{self, Fields},
        contract::rejection::Rejection,
        http::{ApiError, Asker, Taken, Weighs},
    },
    service,
};

/// Submissions of a batch, at most.
pub const MOST_IN_BATCH: usize = 20;
/// How long one of a batch waits in line before it fails.
const PATIENCE: std::time::Duration = std::time::Duration::from_mins(5);
/// How long it waits before it asks for a place again.
const ASK_AGAIN: std::time::Duration = std::time::Duration::from_millis(200);

/// Why there is no token.
pub enum Refused {
    Submission(Refusal),
    Error(ApiError),
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self::Error(error)
    }
}

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Self {
        Self::Error(rejection.into())
    }
}

impl axum::response::IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Submission(refusal) => (StatusCode::UNPROCESSABLE_ENTITY, Json(refusal)).into_response(),
            Self::Error(error) => error.into_response(),
        }
    }
}

/// What the query says.
pub struct Parameters {
    pub base64: bool,
    pub wait: bool,
    pub wanted: Wanted,
    pub tokens: Option<String>,
}

impl Parameters {
    /// The parameters of this query.
    ///
    /// # Errors
    /// The answer, when fields are asked for that there are not.
    pub fn of(uri: &Uri) -> Result<Self, Box<Response>> {
        let mut query = lenient::form(uri.query().unwrap_or_default().as_bytes());
        let mut is_true = |name: &str| matches!(query.text(name), Ok(Some(text)) if text == "true");
        let (base64, wait) = (is_true("base64_encoded"), is_true("wait"));
        let fields = query.text("fields").ok().flatten();
        let tokens = query.text("tokens").ok().flatten();
        let wanted = Wanted::of(fields.as_deref(), base64).map_err(|unknown| {
            let body = json!({"error": format!("invalid fields: [{unknown}]")});
            Box::new((StatusCode::BAD_REQUEST, Json(body)).into_response())
        })?;
        Ok(Self { base64, wait, wanted, tokens })
    }
}

/// The fields of a body: JSON, or a form.
fn fields(headers: &HeaderMap, body: &Bytes) -> Result<Fields, Rejection> {
    let kind = headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        return Ok(lenient::form(body));
    }
    lenient::object(body)
}

/// One submission: answered with its token, or, with `wait=true`, when it has ended.
pub async fn one<S: Sandbox, R: ExecutionStore>(
    State(judge): State<Judge0<S, R>>,
    asker: Asker,
    request: Request,
) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let parameters = match Parameters::of(&parts.uri) {
        Ok(parameters) => parameters,
        Err(answer) => return Ok(*answer),
    };
    let (submission, taken) = read(&judge, &parts.headers, body, parameters.base64).await?;
    let Submission { request, language_id, joined } = submission;
    let to_run = judge.desk.submission(&asker, request, &taken, None);
    let (id, note) = (to_run.id, Note { language_id, joined, stage: Stage::OnRecord });
    if !parameters.wait {
        start(&judge, to_run).await?;
        judge.kept.note(&asker.caller, id, note);
        return Ok((StatusCode::CREATED, Json(json!({"token": id.to_string()}))).into_response());
    }
    let source = Bytes::copy_from_slice(to_run.request.program.source());
    let created = time::OffsetDateTime::now_utc();
    let name = to_run.request.language.title.clone();
    let answer = judge.desk.service().execute(to_run).await.map_err(ApiError::from)?;
    judge.kept.note(&asker.caller, id, note);
    let shown = Shown {
        token: answer.id.to_string(),
        execution: Some((answer.execution, answer.limits)),
        language: Some((language_id, name)),
        source: Some(source),
        created: Some(created),
        joined,
        ..Shown::default()
    };
    Ok((StatusCode::CREATED, Json(shown.among_others(&parameters.wanted))).into_response())
}

/// Starts a run whose answer nobody waits for. Where nothing goes on after an answer it is over before.
async fn start<S: Sandbox, R: ExecutionStore>(
    judge: &Judge0<S, R>,
    to_run: service::Submission,
) -> Result<(), ApiError> {
    let service = judge.desk.service();
    if judge.desk.goes_on() {
        service.submit(to_run).await?;
    } else {
        service.execute(to_run).await?;
    }
    Ok(())
}

async fn read<S: Sandbox, R: ExecutionStore>(
    judge: &Judge0<S, R>,
    headers: &HeaderMap,
    body: Body,
    base64: bool,
) -> Result<(Submission, Taken), Refused> {
    let (flavour, rules, kind) = (judge.flavour, judge.desk.rules().clone(), headers.clone());
    let parse = move |bytes: Bytes| {
        let fields = fields(&kind, &bytes)?;
        Submission::parse(fields, base64, flavour, &rules).map_err(Refused::Submission)
    };
    judge.desk.read(headers, body, parse).await
}

/// The submissions of a batch, each good or refused.
struct Batch(Vec<Result<Submission, Refusal>>);

impl Weighs for Batch {
    fn bytes(&self) -> usize {
        self.0.iter().flatten().map(Weighs::bytes).sum()
    }
}

/// A batch: a token for each that is good, at once. They run side by side within our places; one that finds none waits here.
pub async fn batch<S: Sandbox, R: ExecutionStore>(
    State(judge): State<Judge0<S, R>>,
    asker: Asker,
    request: Request,
) -> Result<Response, Refused> {
    let (parts, body) = request.into_parts();
    let base64 = match Parameters::of(&parts.uri) {
        Ok(parameters) => parameters.base64,
        Err(answer) => return Ok(*answer),
    };
    let (flavour, rules, kind) = (judge.flavour, judge.desk.rules().clone(), parts.headers.clone());
    let parse = move |bytes: Bytes| {
        let mut fields = fields(&kind, &bytes)?;
        let list = fields.objects("submissions").map_err(Rejection::from)?.unwrap_or_default();
        if list.is_empty() || list.len() > MOST_IN_BATCH {
            let sentence = format!("there should be between 1 and {MOST_IN_BATCH} submissions in a batch");
            return Err(Refused::Error(Rejection::invalid(sentence).into()));
        }
        let one = |fields: Fields| Submission::parse(fields, base64, flavour, &rules);
        Ok(Batch(list.into_iter().map(one).collect()))
    };
    let (Batch(list), taken) = judge.desk.read(&parts.headers, body, parse).await?;
    let status =
        if list.iter().any(Result::is_ok) { StatusCode::CREATED } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (mut answers, mut runs) = (Vec::new(), Vec::new());
    for submission in list {
        let answer = match submission {
            Err(refusal) => Value::Object(refusal),
            Ok(Submission { request, language_id, joined }) => {
                let id = ExecutionId::generate();
                let note = Note { language_id, joined, stage: Stage::Waits };
                if judge.kept.note(&asker.caller, id, note) {
                    let (judge, asker, taken) = (judge.clone(), asker.clone(), taken.clone());
                    let run = async move { in_line(&judge, &asker, id, request, &taken).await };
                    runs.push(tokio::spawn(run.in_current_span()));
                    json!({"token": id.to_string()})
                } else {
                    json!({"error": "queue is full"})
                }
            }
        };
        answers.push(answer);
    }
    if !judge.desk.goes_on() {
        for run in runs {
            let _ = run.await;
        }
    }
    Ok((status, Json(answers)).into_response())
}

/// Runs one of a batch as soon as there is a place for it.
async fn in_line<S: Sandbox, R: ExecutionStore>(
    judge: &Judge0<S, R>,
    asker: &Asker,
    id: ExecutionId,
    request: ExecutionRequest,
    taken: &Taken,
) {
    let until = Instant::now() + PATIENCE;
    let stage = loop {
        let to_run = judge.desk.submission(asker, request.clone(), taken, None);
        let to_run = service::Submission { id, ..to_run };
        match start(judge, to_run).await {
            Ok(()) => break Stage::OnRecord,
            // Nothing was run, and nothing is on record.
            Err(error) if error.code() == "busy" && Instant::now() < until => sleep(ASK_AGAIN).await,
            // It is on record, with what became of it.
            Err(error) if !error.never_ran() => break Stage::OnRecord,
            Err(error) => break Stage::Failed(error.message().to_owned()),
        }
    };
    judge.kept.goes_on(id, stage);
}
