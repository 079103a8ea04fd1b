//! What is said on a socket, from the request to the close.
//!
//! Reading, telling and handing on what is typed go on side by side: a client that does not read while it types, or types
//! more than the program takes, stops neither the others nor the notice of its own `stop`.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{
    SinkExt as _, StreamExt as _,
    stream::{SplitSink, SplitStream},
};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout, timeout_at};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Error, Message, Utf8Bytes,
        protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
    },
};
use tracing::{debug, info};

use super::{
    super::{App, Held, RequestId, Weighs, room::Hold, run, size::MAX_BODY_BYTES},
    Watched,
    dialect::{Dialect, Farewell},
    inbox::Inbox,
    socket::Opening,
};
use crate::{
    domain::{
        caller::{Caller, Source},
        conversation::Input,
        id::ExecutionId,
        ports::{ExecutionStore, Sandbox},
        request::ExecutionRequest,
    },
    inbound::contract::{
        live_input::LiveInput,
        rejection::{Fault, Rejection},
    },
    service::{
        Holding, OnLeave, Submission,
        live::{self, Typist},
    },
};

/// The largest message after the request, in bytes.
const MAX_MESSAGE: usize = 1024 * 1024;
/// How often a ping is sent.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// How often one is sent while nothing is read, because too much waits for the program: by then only a write can tell that
/// the client has gone.
const HEARTBEAT_UNREAD: Duration = Duration::from_secs(1);
/// A client from which nothing came for so long, pongs included, has vanished.
const SILENCE: Duration = Duration::from_secs(25);
/// How long the close may take.
const CLOSING: Duration = Duration::from_secs(2);
/// Bytes of a close frame's reason, at most (RFC 6455, section 5.5).
const MAX_REASON: usize = 123;

type Socket = WebSocketStream<TokioIo<Upgraded>>;
type Out = SplitSink<Socket, Message>;
type In = SplitStream<Socket>;

/// One socket, whose it is, and what is spoken on it.
pub(super) struct Session<S, R, D> {
    pub app: App<S, R>,
    pub caller: Caller,
    pub id: RequestId,
    pub held: Option<Held>,
    pub dialect: D,
}

/// Why nothing more is said.
enum End {
    /// There is a last word.
    Said(Farewell),
    /// The client is gone, or leaving.
    Gone,
}

/// What a client wants, how it is told of, and the room that its project takes.
type Wanted<T> = (ExecutionRequest, T, Hold);

impl<S: Sandbox, R: ExecutionStore, D: Dialect> Session<S, R, D> {
    /// Speaks until the socket is closed.
    pub async fn run(self, upgraded: Upgraded, opening: Opening) {
        let largest = MAX_BODY_BYTES;
        let config = WebSocketConfig::default()
            .read_buffer_size(16 * 1024)
            .max_message_size(Some(largest))
            .max_frame_size(Some(largest));
        let socket = Socket::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
        let (mut out, mut incoming) = socket.split();
        // The run is over, or dropped and stopped, before anybody is bidden farewell.
        let end = self.talk(&mut out, &mut incoming, opening).await;
        let farewell = async {
            match end {
                End::Gone => out.flush().await?,
                End::Said(Farewell { message, code, reason }) => {
                    if let Some(message) = message {
                        out.send(Message::Text(message.into())).await?;
                    }
                    out.send(Message::Close(Some(close(code, &reason)))).await?;
                }
            }
            // What still comes is read: whoever closes on unread bytes takes back what was sent last.
            while let Some(Ok(_)) = incoming.next().await {}
            Ok::<_, Error>(())
        };
        if !matches!(timeout(CLOSING, farewell).await, Ok(Ok(()))) {
            debug!("a socket was not closed as it should be");
        }
    }

    async fn talk(&self, out: &mut Out, incoming: &mut In, opening: Opening) -> End {
        let (request, telling, room) = match self.request(incoming).await {
            Ok(wanted) => wanted,
            Err(end) => return end,
        };
        drop(opening);
        let (told, listener, typist) = live::typed_into();
        let execution = ExecutionId::generate();
        let submission = Submission {
            id: execution,
            caller: self.caller.clone(),
            source: Source::Http,
            request,
            key: None,
            deadline: None,
            on_leave: OnLeave::Stop,
            holds: Holding::on(room),
            live: Some(told),
        };
        let (service, held) = (self.app.service.clone(), self.held.clone());
        let run = Watched::new(service, submission, (listener, telling), self.id.clone(), "a socket", held);
        let (inbox, heard) = (Inbox::default(), Heard::default());
        tokio::select! {
            end = self.tell(run, out, &inbox, &heard) => end,
            end = self.hear(incoming, execution, &inbox, &typist, &heard) => end,
            () = inbox.feed(&typist) => End::Gone,
        }
    }

    /// The request, once it has come.
    async fn request(&self, incoming: &mut In) -> Result<Wanted<D::Telling>, End> {
        let refused = |rejection| End::Said(self.dialect.bad_request(rejection));
        let latest = Instant::now() + D::OPENING;
        loop {
            let Ok(message) = timeout_at(latest, incoming.next()).await else {
                return Err(End::Said(self.dialect.late()));
            };
            let message = match message {
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(Message::Binary(_))) => {
                    return Err(refused(Rejection::invalid("The request must be a text message.")));
                }
                Some(Err(Error::Capacity(_))) => {
                    let message =
                        format!("Message too large. Maximum allowed size is {MAX_BODY_BYTES} bytes.");
                    return Err(refused(Rejection::new(Fault::BodyTooLarge, message)));
                }
                _ => return Err(End::Gone),
            };
            let mut hold = self.app.room.hold();
            hold.resize(message.len()).await.map_err(refused)?;
            let dialect = self.dialect.clone();
            let read = move || {
                let asked = dialect.read(message.as_bytes())?;
                Ok((asked.as_ref().map_or(0, Weighs::bytes), asked))
            };
            let full = |rejection| self.dialect.bad_request(rejection);
            let (asked, hold) =
                run::apart_sized(&self.app.places, hold, read, full).await.map_err(End::Said)?;
            if let Some(asked) = asked {
                let (request, telling) = self.dialect.request(asked).await.map_err(End::Said)?;
                return Ok((request, telling, hold));
            }
        }
    }

    /// Reads what the client sends, until it is enough.
    async fn hear(
        &self,
        incoming: &mut In,
        execution: ExecutionId,
        inbox: &Inbox,
        typist: &Typist,
        heard: &Heard,
    ) -> End {
        let mut hold = self.app.room.hold();
        while let Some(message) = incoming.next().await {
            heard.now();
            let message = match message {
                Ok(Message::Text(text)) if text.len() <= MAX_MESSAGE => self.dialect.message(text.as_bytes()),
                Ok(Message::Text(_)) | Err(Error::Capacity(_)) => {
                    let message = format!("Message too large. Maximum allowed size is {MAX_MESSAGE} bytes.");
                    Err(self.dialect.bad_message(Rejection::new(Fault::BodyTooLarge, message)))
                }
                Ok(Message::Binary(_)) => {
                    Err(self.dialect.bad_message(Rejection::invalid("A message must be text.")))
                }
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => continue,
                Ok(Message::Close(_)) | Err(_) => return End::Gone,
            };
            match message {
                Ok(None) => {}
                // It overtakes what waits; when nobody takes it any more the run is over, and its end is being told.
                Ok(Some(LiveInput::Program(Input::Interrupt))) => drop(typist.send(Input::Interrupt).await),
                Ok(Some(LiveInput::Program(input))) => inbox.put(&mut hold, input).await,
                // The run ends now, and the last events say so.
                Ok(Some(LiveInput::Stop)) if self.app.service.stop(&self.caller, execution) => {}
                // There is no run yet to stop.
                Ok(Some(LiveInput::Stop)) => return End::Said(self.dialect.over(false)),
                Err(farewell) => return End::Said(farewell),
            }
            heard.now();
        }
        End::Gone
    }

    /// Tells the client of the run, and looks whether it is still there.
    async fn tell(&self, mut run: Watched<D::Telling>, out: &mut Out, inbox: &Inbox, heard: &Heard) -> End {
        let mut beats = interval(HEARTBEAT_UNREAD);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last_ping = Instant::now();
        loop {
            let message = tokio::select! {
                told = run.next() => match told {
                    Some(told) => Message::Text(told.into()),
                    None => return End::Said(self.dialect.over(run.has_failed())),
                },
                _ = beats.tick() => {
                    if !inbox.is_full() && heard.silence() > SILENCE {
                        info!("a client on a socket has vanished");
                        return End::Gone;
                    }
                    if !inbox.is_full() && last_ping.elapsed() < HEARTBEAT {
                        continue;
                    }
                    last_ping = Instant::now();
                    Message::Ping(Bytes::default())
                }
            };
            if out.send(message).await.is_err() {
                return End::Gone;
            }
        }
    }
}

fn close(code: u16, reason: &str) -> CloseFrame {
    let reason = Utf8Bytes::from(&reason[..reason.floor_char_boundary(MAX_REASON)]);
    CloseFrame { code: CloseCode::from(code), reason }
}

/// When something was heard last.
struct Heard(Mutex<Instant>);

impl Default for Heard {
    fn default() -> Self {
        Self(Mutex::new(Instant::now()))
    }
}

impl Heard {
    fn now(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn silence(&self) -> Duration {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }
}
