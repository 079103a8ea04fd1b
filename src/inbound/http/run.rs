//! `POST /run`: run code, and answer at its end, event by event, or later.

mod events;
mod parts;
mod way;

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tokio::runtime::Handle;
use utoipa::ToSchema;

use self::way::Way;
use super::{
    App, AskedBy, Deadline, Held, RequestId, body,
    error::{ApiError, ErrorBody},
    fields,
    form::{self, RunForm, ZipFile},
    live::Watched,
    places::Places,
    query,
    room::Hold,
    size::{BodySize, MAX_BODY_BYTES},
};
use crate::{
    domain::{
        caller::Source,
        id::ExecutionId,
        idempotency::IdempotencyKey,
        ports::{ExecutionStore, Sandbox},
        request::ExecutionRequest,
    },
    inbound::{
        contract::{
            answer::{RunAnswer, TimingsAnswer},
            live_event::Telling,
            rejection::{Fault, Rejection, shown},
            run_request::RunRequest,
        },
        files::archive::is_zip,
    },
    service::{Holding, OnLeave, Submission, Submitted, live},
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// On an answer that was given before; nothing was run for it.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Runs code, waits for its end (unless told otherwise), and says how it ended. Whenever the code was run the answer is 200, whatever
/// came of it: `status` tells.
///
/// A zip file can also be the whole body; the other fields are then query parameters.
#[utoipa::path(
    post,
    path = "/run",
    params((
        "wait" = Option<bool>, Query, nullable = false,
        description = "`false`: answer 202 with the id as soon as the run is on record, and let it run to its end; `GET /history/{id}?wait=20` has the outcome. Not on AWS Lambda. With a bare zip file this is not one of its fields.",
    ), (
        "Prefer" = Option<String>, Header, nullable = false,
        description = "`respond-async` (RFC 7240) asks for the same as `wait=false`, where it can be had.",
    ), (
        "Idempotency-Key" = Option<String>, Header, nullable = false, min_length = 1, max_length = 255,
        pattern = r"^[ -~]*[!-~][ -~]*$",
        description = "With one, the request is run one time only, to its end also when the caller goes away: within a day the same request gets the same answer.",
    )),
    request_body(
        description = "The program, in one of three forms.",
        content(
            (RunRequest = "application/json", example = json!({"language": "python", "code": "print(2+2)"})),
            (RunForm = "multipart/form-data"),
            (ZipFile = "application/zip"),
        )
    ),
    responses(
        (
            status = 200,
            description = "The code was run. To those who send `Accept: text/event-stream` it is told while it runs, as server-sent events whose data are the `Live…` objects: `accepted`, then `began`, `output`, `gap` and `ended` for each step, `file` for each file that came back, at last `result` with this very object or `error` with an error's. On AWS Lambda all events come at the end. To those who send `Accept: multipart/mixed` the first part is this object without what is in `files`, and each file is a part of its own.",
            content((RunAnswer = "application/json"), (String = "text/event-stream"), (String = "multipart/mixed")),
            headers(
                ("server-timing" = String, description = "`timings_ms`, as browsers' tools show it."),
                ("idempotent-replayed" = Option<String>, description = "`true` on an answer that was given before."),
            )
        ),
        (
            status = 202, description = "The run is on record, and goes on by itself.", body = Accepted,
            headers(
                ("location" = String, description = "Where the outcome will be: `/history/{id}`."),
                ("preference-applied" = Option<String>, description = "`respond-async`, where that was preferred."),
                ("idempotent-replayed" = Option<String>, description = "`true` where the same was asked for before under this key."),
            )
        ),
        (status = 400, description = "The request is not good; the sentence names the field and the rule.", body = ErrorBody),
        (status = 403, description = "Sent by the page of another site, or to a host that is not ours.", body = ErrorBody),
        (status = 408, description = "The body arrived too slowly, or stopped arriving.", body = ErrorBody),
        (
            status = 409, description = "The request of this `Idempotency-Key` is still running.", body = ErrorBody,
            headers(("retry-after" = u64, description = "Seconds until it is worth asking again."))
        ),
        (status = 413, description = "The body, the archive or the project is too large; the sentence names the cap. A body may have 6 MiB; with `tests`, or more than 64 KiB of `stdin`, 36 MiB from a local server.", body = ErrorBody),
        (status = 415, description = "The content type, or the content encoding, is not read.", body = ErrorBody),
        (status = 422, description = "The `Idempotency-Key` was used for another request.", body = ErrorBody),
        (
            status = 429, description = "As many sandboxes are running as are allowed.", body = ErrorBody,
            headers(("retry-after" = u64, description = "Seconds until it is worth asking again."))
        ),
        (status = 410, description = "The request of this `Idempotency-Key` was accepted before, and its caller stopped it, or its record is gone.", body = ErrorBody),
        (status = 502, description = "The sandbox was lost after the code was sent, now or under this `Idempotency-Key`. It may have run, and is not run again.", body = ErrorBody),
        (
            status = 503, description = "The Docker host or the record store is unavailable, too many large requests are under way, or we are shutting down.", body = ErrorBody,
            headers(("retry-after" = u64, description = "Seconds until it is worth asking again."))
        ),
        (status = 504, description = "The deadline came before the run had ended, and it was stopped; or before it could begin.", body = ErrorBody),
    )
)]
pub(super) async fn run<S: Sandbox, R: ExecutionStore>(
    State(app): State<App<S, R>>,
    AskedBy(caller): AskedBy,
    request: Request,
) -> Result<Response, ApiError> {
    let deadline = request.extensions().get::<Deadline>().map(|Deadline(at)| *at);
    let id = request.extensions().get::<RequestId>().cloned().unwrap_or_else(RequestId::generate);
    let held = request.extensions().get::<Held>().cloned();
    let key = key(request.headers())?;
    let Read { way, request, room } = read(request, &app).await?;
    let mut submission = Submission {
        id: ExecutionId::generate(),
        caller,
        source: Source::Http,
        request,
        key,
        deadline,
        on_leave: OnLeave::under(key.as_ref()),
        // Its project is in memory until the run is over, whoever waits for that.
        holds: Holding::on(room),
        live: None,
    };
    match way {
        Way::Later { .. } if app.config.goes_on => Ok(later(app.service.submit(submission).await?, way)),
        Way::Events => {
            let (told, listener) = live::listened();
            submission.live = Some(told);
            let mut run = Watched::new(
                app.service,
                submission,
                (listener, Telling::default()),
                id,
                "server-sent events",
                held,
            );
            if !app.config.goes_on {
                run.wait_for_its_end().await;
            }
            events::answer(run).await
        }
        // Who only prefers an answer later gets it at the end where there is no later.
        Way::AtItsEnd | Way::InParts | Way::Later { .. } => {
            let answer = app.service.execute(submission).await?;
            let replayed = answer.replayed.then_some([(REPLAYED, HeaderValue::from_static("true"))]);
            let told = RunAnswer::from(&answer);
            let timing = [(SERVER_TIMING, server_timing(&told.timings_ms))];
            let mut response = if way == Way::InParts {
                let files = answer.execution.collected.map(|collected| collected.files).unwrap_or_default();
                (timing, parts::answer(told, &files)).into_response()
            } else {
                (timing, Json(told)).into_response()
            };
            response.headers_mut().extend(replayed.into_iter().flatten());
            Ok(response)
        }
    }
}

/// The execution of a run that is answered later.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Accepted)]
pub(super) struct Accepted {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// `running`; `ended` where the same was asked for before under the same `Idempotency-Key`, and is over.
    #[schema(pattern = "^(running|ended)$")]
    status: &'static str,
}

/// The answer that says where the outcome will be found.
fn later(Submitted { id, replayed, running }: Submitted, way: Way) -> Response {
    let accepted = Accepted { id: id.to_string(), status: if running { "running" } else { "ended" } };
    let mut response = (StatusCode::ACCEPTED, Json(accepted)).into_response();
    let headers = response.headers_mut();
    if let Ok(location) = HeaderValue::try_from(format!("/history/{id}")) {
        headers.insert(header::LOCATION, location);
    }
    if way == (Way::Later { preferred: true }) {
        headers.insert(PREFERENCE_APPLIED, HeaderValue::from_static("respond-async"));
    }
    if replayed {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// The key under which the request is run one time only, if the caller gave one.
fn key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Rejection> {
    let invalid =
        || Rejection::invalid("`Idempotency-Key` must be 1 to 255 printable ASCII characters, given once.");
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            let key = value.to_str().ok().and_then(|text| IdempotencyKey::parse(text).ok());
            key.map(Some).ok_or_else(invalid)
        }
        (Some(_), Some(_)) => Err(invalid()),
    }
}

/// A JSON body up to this size is parsed where it is: that takes less than handing it over.
pub(super) const SMALL_JSON: usize = 64 * 1024;

/// What is asked for, how it is to be answered, and the room that its project takes.
struct Read {
    way: Way,
    request: ExecutionRequest,
    room: Hold,
}

/// What the body asks for, whichever of its forms it has.
async fn read<S, R>(request: Request, app: &App<S, R>) -> Result<Read, ApiError> {
    let (mut parts, body) = request.into_parts();
    let Announced { media, way, query } = match announced(&mut parts, app.config.goes_on).await {
        Ok(announced) => announced,
        Err(refusal) => {
            body::discard(&parts.headers, body).await;
            return Err(refusal);
        }
    };
    let mut hold = app.room.hold();
    let largest = app.config.max_body_bytes;
    let largest = if media.brings_files_alone() { largest.min(MAX_BODY_BYTES) } else { largest };
    let bytes = body::read(&parts.headers, body, largest, &mut hold).await?;
    let size = BodySize::of(&bytes);
    let rules = app.config.rules.clone();
    let (request, room) = match media {
        MediaType::Json if bytes.len() <= SMALL_JSON => {
            (RunRequest::from_json(&bytes)?.into_domain(&rules)?, hold)
        }
        MediaType::Json => {
            let read = move || {
                let request =
                    RunRequest::from_json(&bytes).map_err(|wrong| size.or_too_large(&bytes, wrong))?;
                size.fits(request.may_be_large())?;
                request.into_domain(&rules)
            };
            apart(&app.places, hold, read).await?
        }
        MediaType::Form => {
            let runtime = Handle::current();
            let read = move || {
                let (fields, uploads) = runtime
                    .block_on(form::read(parts, bytes.clone()))
                    .map_err(|wrong| size.or_too_large(&bytes, wrong))?;
                size.fits(fields.may_be_large())?;
                fields.into_domain(uploads, &rules)
            };
            apart(&app.places, hold, read).await?
        }
        MediaType::Bytes if !is_zip(&bytes) => {
            let why = "`application/octet-stream` is read only when it is a zip file.";
            return Err(unsupported(why).into());
        }
        MediaType::Zip | MediaType::Bytes => {
            apart(&app.places, hold, move || fields::bare_zip(query, bytes, &rules)).await?
        }
    };
    Ok(Read { way, request, room })
}

/// Does what takes long in a place for it, which owns the body and its room. What comes out may be larger than the body
/// was, or smaller: the place is given up when there is room for it.
async fn apart(
    places: &Places,
    hold: Hold,
    work: impl FnOnce() -> Result<ExecutionRequest, Rejection> + Send + 'static,
) -> Result<(ExecutionRequest, Hold), Rejection> {
    let work = move || work().map(|request| (request.bytes(), request));
    apart_sized(places, hold, work, |refused| refused).await
}

/// The same, of anything: `work` gives its bytes with it.
pub(super) async fn apart_sized<T: Send + 'static, E: Send + 'static>(
    places: &Places,
    hold: Hold,
    work: impl FnOnce() -> Result<(usize, T), E> + Send + 'static,
    refused: impl Fn(Rejection) -> E,
) -> Result<(T, Hold), E> {
    let ((done, mut hold), place) = places.work(move || (work(), hold)).await.map_err(&refused)?;
    let (bytes, value) = done?;
    hold.resize(bytes).await.map_err(&refused)?;
    drop(place);
    Ok((value, hold))
}

/// What can be told before the body is read.
struct Announced {
    media: MediaType,
    way: Way,
    /// The query's parameters but `wait`: fields of a bare file.
    query: Vec<(String, String)>,
}

async fn announced(parts: &mut request::Parts, goes_on: bool) -> Result<Announced, ApiError> {
    let media = MediaType::of(&parts.headers)?;
    plainly_encoded(&parts.headers)?;
    let (wait, query): (Vec<_>, Vec<_>) =
        query::pairs(parts).await?.into_iter().partition(|(name, _)| name == "wait");
    if wait.len() > 1 {
        return Err(Rejection::invalid("`wait` is given twice.").into());
    }
    let way = Way::of(&parts.headers, wait.first().map(|(_, value)| value.as_str()))?;
    if way == (Way::Later { preferred: false }) && !goes_on {
        let message = "`wait=false` is not available here: nothing runs on once a request is answered. \
                       Send the request to the queue instead, and look for its outcome in the history.";
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "not_available", message));
    }
    match query.first() {
        Some((name, _)) if !media.brings_files_alone() => {
            let message = format!(
                "Unknown query parameter `{}`. With this content type everything but `wait` stands in the body.",
                shown(name)
            );
            Err(Rejection::invalid(message).into())
        }
        _ => Ok(Announced { media, way, query }),
    }
}

/// A body must come as it is: one that is packed would have to be unpacked, and bounded, once more.
pub(super) fn plainly_encoded(headers: &HeaderMap) -> Result<(), Rejection> {
    for value in headers.get_all(header::CONTENT_ENCODING) {
        let text = value.to_str().unwrap_or("?");
        let mut codings = text.split(',').map(str::trim).filter(|coding| !coding.is_empty());
        if let Some(coding) = codings.find(|coding| !coding.eq_ignore_ascii_case("identity")) {
            let shown = shown(coding);
            let message =
                format!("The `Content-Encoding` `{shown}` is not supported. Send the body as it is.");
            return Err(Rejection::new(Fault::UnsupportedMediaType, message));
        }
    }
    Ok(())
}

/// The types of body that are read.
#[derive(Clone, Copy)]
enum MediaType {
    Json,
    Form,
    Zip,
    /// Anything, by its name; a zip file, we hope.
    Bytes,
}

impl MediaType {
    fn of(headers: &HeaderMap) -> Result<Self, Rejection> {
        if headers.get_all(header::CONTENT_TYPE).iter().count() > 1 {
            return Err(unsupported("The `Content-Type` header is given twice."));
        }
        let given = headers.get(header::CONTENT_TYPE).map_or("", |value| value.to_str().unwrap_or("?"));
        let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/json" => Ok(Self::Json),
            "multipart/form-data" => Ok(Self::Form),
            "application/zip" | "application/x-zip-compressed" => Ok(Self::Zip),
            "application/octet-stream" => Ok(Self::Bytes),
            "" => Err(unsupported("The `Content-Type` header is missing.")),
            other => Err(unsupported(&format!("The content type `{}` is not supported.", shown(other)))),
        }
    }

    /// Whether the body is a bare file: then the fields have no place but the query.
    const fn brings_files_alone(self) -> bool {
        matches!(self, Self::Zip | Self::Bytes)
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
