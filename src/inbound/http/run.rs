//! `POST /run`: run code, wait, answer.

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header, request},
    response::{IntoResponse, Response},
};
use tokio::runtime::Handle;

use super::{
    App, AskedBy, Deadline, body,
    error::{ApiError, ErrorBody},
    fields,
    form::{self, RunForm, ZipFile},
    places::Places,
    query,
    room::Hold,
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
        answer::{RunAnswer, TimingsAnswer},
        archive::is_zip,
        rejection::{Fault, Rejection, shown},
        run_request::RunRequest,
    },
    service::{Holding, OnLeave, Submission},
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// On an answer that was given before; nothing was run for it.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Runs code, waits for its end, and says how it ended. Whenever the code was run the answer is 200, whatever
/// came of it: `status` tells.
///
/// A zip file can also be the whole body; the other fields are then query parameters.
#[utoipa::path(
    post,
    path = "/run",
    params((
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
            status = 200, description = "The code was run.", body = RunAnswer,
            headers(
                ("server-timing" = String, description = "`timings_ms`, as browsers' tools show it."),
                ("idempotent-replayed" = Option<String>, description = "`true` on an answer that was given before."),
            )
        ),
        (status = 400, description = "The request is not good; the sentence names the field and the rule.", body = ErrorBody),
        (status = 403, description = "Sent by the page of another site, or to a host that is not ours.", body = ErrorBody),
        (status = 408, description = "The body arrived too slowly, or stopped arriving.", body = ErrorBody),
        (
            status = 409, description = "The request of this `Idempotency-Key` is still running.", body = ErrorBody,
            headers(("retry-after" = u64, description = "Seconds until it is worth asking again."))
        ),
        (status = 413, description = "The body, the archive or the project is too large; the sentence names the cap.", body = ErrorBody),
        (status = 415, description = "The content type, or the content encoding, is not read.", body = ErrorBody),
        (status = 422, description = "The `Idempotency-Key` was used for another request.", body = ErrorBody),
        (
            status = 429, description = "As many sandboxes are running as are allowed.", body = ErrorBody,
            headers(("retry-after" = u64, description = "Seconds until it is worth asking again."))
        ),
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
    let key = key(request.headers())?;
    let (request, room) = read(request, &app).await?;
    let submission = Submission {
        id: ExecutionId::generate(),
        caller,
        source: Source::Http,
        request,
        key,
        deadline,
        on_leave: OnLeave::under(key.as_ref()),
        // Its project is in memory until the run is over, whoever waits for that.
        holds: Holding::on(room),
    };
    let answer = app.service.execute(submission).await?;
    let replayed = answer.replayed.then_some([(REPLAYED, HeaderValue::from_static("true"))]);
    let answer = RunAnswer::from(&answer);
    let timing = [(SERVER_TIMING, server_timing(&answer.timings_ms))];
    let mut response = (timing, Json(answer)).into_response();
    response.headers_mut().extend(replayed.into_iter().flatten());
    Ok(response)
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
const SMALL_JSON: usize = 64 * 1024;

/// What the body asks for, whichever of its forms it has, and the room that its project takes.
async fn read<S, R>(request: Request, app: &App<S, R>) -> Result<(ExecutionRequest, Hold), Rejection> {
    let (mut parts, body) = request.into_parts();
    let (media, query) = match announced(&mut parts).await {
        Ok(announced) => announced,
        Err(rejection) => {
            body::discard(&parts.headers, body).await;
            return Err(rejection);
        }
    };
    let mut hold = app.room.hold();
    let bytes = body::read(&parts.headers, body, app.config.max_body_bytes, &mut hold).await?;
    let rules = app.config.rules.clone();
    match media {
        MediaType::Json if bytes.len() <= SMALL_JSON => {
            Ok((RunRequest::from_json(&bytes)?.into_domain(&rules)?, hold))
        }
        MediaType::Json => {
            apart(&app.places, hold, move || RunRequest::from_json(&bytes)?.into_domain(&rules)).await
        }
        MediaType::Form => {
            let runtime = Handle::current();
            let read = move || {
                let (fields, uploads) = runtime.block_on(form::read(parts, bytes))?;
                fields.into_domain(uploads, &rules)
            };
            apart(&app.places, hold, read).await
        }
        MediaType::Bytes if !is_zip(&bytes) => {
            Err(unsupported("`application/octet-stream` is read only when it is a zip file."))
        }
        MediaType::Zip | MediaType::Bytes => {
            apart(&app.places, hold, move || fields::bare_zip(query, bytes, &rules)).await
        }
    }
}

/// Does what takes long in a place for it, which owns the body and its room. What comes out may be larger than the body
/// was, or smaller: the place is given up when there is room for it.
async fn apart(
    places: &Places,
    hold: Hold,
    work: impl FnOnce() -> Result<ExecutionRequest, Rejection> + Send + 'static,
) -> Result<(ExecutionRequest, Hold), Rejection> {
    let ((request, mut hold), place) = places.work(move || (work(), hold)).await?;
    let request = request?;
    hold.resize(request.program.project().bytes()).await?;
    drop(place);
    Ok((request, hold))
}

/// What can be told before the body is read: its type, and the query.
async fn announced(parts: &mut request::Parts) -> Result<(MediaType, Vec<(String, String)>), Rejection> {
    let media = MediaType::of(&parts.headers)?;
    plainly_encoded(&parts.headers)?;
    let query = query::pairs(parts).await?;
    match query.first() {
        Some((name, _)) if !media.takes_query() => Err(Rejection::invalid(format!(
            "Unknown query parameter `{}`. With this content type everything stands in the body.",
            shown(name)
        ))),
        _ => Ok((media, query)),
    }
}

/// A body must come as it is: one that is packed would have to be unpacked, and bounded, once more.
fn plainly_encoded(headers: &HeaderMap) -> Result<(), Rejection> {
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

    /// A bare file has no other place for the fields.
    const fn takes_query(self) -> bool {
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
