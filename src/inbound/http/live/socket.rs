//! `GET /run/live`: a socket to a running program. Other contracts open theirs here, too.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::{Instrument as _, debug};

use super::{
    super::{
        App, AskedBy, Held, RequestId,
        error::{ApiError, ErrorBody},
    },
    dialect::Dialect,
    handshake::Handshake,
    ours::Ours,
    session::Session,
};
use crate::{
    domain::{
        caller::Caller,
        ports::{ExecutionStore, Sandbox},
    },
    inbound::contract::rejection::{Fault, Rejection},
};

/// Sockets that may be open at once and have not sent their request yet. It is in memory before its size is known: at
/// 6 MiB each they take 192 MiB.
const OPENINGS: usize = 32;

/// The places for sockets whose request has not come.
#[derive(Clone)]
pub(in crate::inbound::http) struct Openings(Arc<Semaphore>);

/// The place of one of them. Dropped, it is free again.
pub(super) struct Opening(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

impl Default for Openings {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(OPENINGS)))
    }
}

impl Openings {
    fn take(&self) -> Result<Opening, Rejection> {
        let place = Arc::clone(&self.0).try_acquire_owned();
        let full =
            |_| Rejection::new(Fault::Overloaded, "Too many sockets wait for a request. Try again shortly.");
        place.map(Opening).map_err(full)
    }
}

/// Runs code on a WebSocket (local server only), with the subprotocol `sce.v1`: the program's output comes while it runs, and
/// its input is typed.
///
/// The first message is the JSON of `POST /run` with `"input": "live"` and without `stdin`. After it
/// `{"type":"input","text":…}` or `{"type":"input","base64":…}`, `{"type":"end_input"}`,
/// `{"type":"signal","name":"SIGINT"}` and `{"type":"stop"}`, each at most 1 MiB. The server sends the events of
/// `POST /run` with `Accept: text/event-stream` as JSON objects, with the event's name as `type`. A first message that is
/// no good request closes the socket with code 4400 and the reason; a later bad one is answered by an `error` event and
/// closes it likewise. Closing the socket stops the run.
#[utoipa::path(
    get,
    path = "/run/live",
    responses(
        (status = 101, description = "The socket is open."),
        (status = 400, description = "The subprotocol `sce.v1` or the key is missing.", body = ErrorBody),
        (status = 403, description = "Opened by the page of another site, or sent to a host that is not ours.", body = ErrorBody),
        (status = 426, description = "This opens no WebSocket of version 13.", body = ErrorBody),
        (status = 501, description = "There are no sockets on AWS Lambda.", body = ErrorBody),
        (
            status = 503, description = "Too many sockets wait for their first message.", body = ErrorBody,
            headers(("retry-after" = u64, description = "Seconds until it is worth asking again."))
        ),
    )
)]
pub(in crate::inbound::http) async fn open<S: Sandbox, R: ExecutionStore>(
    State(app): State<App<S, R>>,
    AskedBy(caller): AskedBy,
    request: Request,
) -> Response {
    let id = request.extensions().get::<RequestId>().cloned().unwrap_or_else(RequestId::generate);
    let ours = Ours { config: app.config.clone(), id: id.clone() };
    opened(app, caller, id, request, ours)
}

/// Opens a socket on which this dialect is spoken.
pub(in crate::inbound::http) fn opened<S: Sandbox, R: ExecutionStore, D: Dialect>(
    app: App<S, R>,
    caller: Caller,
    id: RequestId,
    mut request: Request,
    dialect: D,
) -> Response {
    let handshake = match Handshake::of(&mut request, app.config.goes_on, D::SUBPROTOCOL) {
        Ok(handshake) => handshake,
        Err(refusal) => return *refusal,
    };
    let opening = match app.openings.take() {
        Ok(opening) => opening,
        Err(full) => return ApiError::from(full).into_response(),
    };
    let held = request.extensions().get::<Held>().cloned();
    let answer = handshake.answer();
    let talk = async move {
        match handshake.upgrade.await {
            Ok(upgraded) => Session { app, caller, id, held, dialect }.run(upgraded, opening).await,
            Err(error) => debug!(%error, "a socket was not opened after all"),
        }
    };
    tokio::spawn(talk.in_current_span());
    answer
}
