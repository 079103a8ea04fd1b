//! `GET /connect`: a WebSocket on which a program runs, is looked on at and typed into.
//!
//! The first message is `init` with the fields of `POST /execute`; its `stdin` is not looked at, since input is typed. From then on
//! the client sends `data` and `signal`. It is told `runtime`, and of each stage `stage`, `data` and `exit`; or `error`. Of what
//! came of a run the close code is the last word.

use std::{collections::VecDeque, time::Duration};

use axum::{
    extract::{Request, State},
    response::Response,
};
use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    execute::Call,
    runtimes::{self, Runtime},
    stage::{self, Word},
};
use crate::{
    domain::{
        conversation::{Input, StreamName},
        outcome::Outcome,
        ports::{ExecutionStore, Sandbox},
        request::ExecutionRequest,
    },
    inbound::{
        compat::lenient::{self, Fields, Wrong},
        contract::{live_event::characters::Characters, live_input::LiveInput, rejection::Rejection},
        http::{ApiError, Asker, Desk, Dialect, Farewell, RequestId, Tell},
    },
    service::{Answer, live::LiveEvent},
};
/// Names of signals that a client may send: those of Linux.
const SIGNALS: [&str; 31] = [
    "SIGHUP",
    "SIGINT",
    "SIGQUIT",
    "SIGILL",
    "SIGTRAP",
    "SIGABRT",
    "SIGBUS",
    "SIGFPE",
    "SIGKILL",
    "SIGUSR1",
    "SIGSEGV",
    "SIGUSR2",
    "SIGPIPE",
    "SIGALRM",
    "SIGTERM",
    "SIGSTKFLT",
    "SIGCHLD",
    "SIGCONT",
    "SIGSTOP",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGURG",
    "SIGXCPU",
    "SIGXFSZ",
    "SIGVTALRM",
    "SIGPROF",
    "SIGWINCH",
    "SIGIO",
    "SIGPWR",
    "SIGSYS",
];

/// Opens the socket.
pub async fn connect<S: Sandbox, R: ExecutionStore>(
    State(desk): State<Desk<S, R>>,
    asker: Asker,
    request: Request,
) -> Response {
    desk.socket(asker, request, Connect(desk.clone()))
}

/// What is said on the socket.
pub struct Connect<S, R>(pub Desk<S, R>);

impl<S, R> Clone for Connect<S, R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// `error`, and the close after it.
fn error(message: &str) -> Farewell {
    Farewell::close(4002, "Notified Error").after(json!({"type": "error", "message": message}).to_string())
}

impl From<Wrong> for Farewell {
    fn from(wrong: Wrong) -> Self {
        error(&wrong.to_string())
    }
}

/// A message as its type and its fields.
fn message(text: &[u8]) -> Result<(String, Fields), Farewell> {
    let mut fields = lenient::object(text).map_err(|rejection| error(&rejection.message))?;
    let kind = fields.take("type").and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or_default();
    Ok((kind, fields))
}

impl<S: Sandbox, R: ExecutionStore> Dialect for Connect<S, R> {
    type Asked = Call;
    type Telling = Stages;

    const SUBPROTOCOL: Option<&'static str> = None;
    const OPENING: Duration = Duration::from_secs(1);

    fn read(&self, text: &[u8]) -> Result<Option<Call>, Farewell> {
        let (kind, mut fields) = message(text)?;
        match kind.as_str() {
            "init" => Call::of(&mut fields).map(Some).map_err(|rejection| self.bad_request(rejection)),
            "data" | "signal" => Err(Farewell::close(4003, "Not yet initialized")),
            _ => Ok(None),
        }
    }

    async fn request(&self, call: Call) -> Result<(ExecutionRequest, Stages), Farewell> {
        let Self(desk) = self;
        let all = runtimes::all(desk).await;
        let runtime = call.runtime(&all).map_err(|rejection| self.bad_request(rejection))?;
        let telling = Stages::of(runtime);
        let program = lenient::Program { stdin: Bytes::new(), ..call.program(runtime) };
        let request = program.assemble(desk.rules()).map_err(|rejection| self.bad_request(rejection))?;
        Ok((request, telling))
    }

    fn message(&self, text: &[u8]) -> Result<Option<LiveInput>, Farewell> {
        let (kind, mut fields) = message(text)?;
        match kind.as_str() {
            "init" => Err(Farewell::close(4000, "Already Initialized")),
            "data" => {
                if fields.text("stream")?.is_none_or(|stream| stream != "stdin") {
                    return Err(Farewell::close(4004, "Can only write to stdin"));
                }
                let data = fields.text("data")?.ok_or_else(|| Wrong::new("data", "a string"))?;
                Ok(Some(LiveInput::Program(Input::Bytes(data.into()))))
            }
            "signal" => match fields.text("signal")? {
                Some(name) if name == "SIGINT" => Ok(Some(LiveInput::Program(Input::Interrupt))),
                // There none has any effect.
                Some(name) if SIGNALS.contains(&name.as_str()) => Ok(None),
                _ => Err(Farewell::close(4005, "Invalid signal")),
            },
            _ => Ok(None),
        }
    }

    fn late(&self) -> Farewell {
        Farewell::close(4001, "Initialization Timeout")
    }

    fn bad_request(&self, rejection: Rejection) -> Farewell {
        error(&rejection.message)
    }

    fn bad_message(&self, rejection: Rejection) -> Farewell {
        error(&rejection.message)
    }

    fn over(&self, failed: bool) -> Farewell {
        if failed { Farewell::close(4002, "Notified Error") } else { Farewell::close(4999, "Job Completed") }
    }
}

/// Tells of a run stage by stage.
pub struct Stages {
    language: String,
    version: String,
    stage: &'static str,
    streams: [Characters; 2],
    waiting: VecDeque<String>,
}

impl Stages {
    fn of(runtime: &Runtime) -> Self {
        Self {
            language: runtime.name.clone(),
            version: runtime.offered.version.clone(),
            stage: "run",
            streams: Default::default(),
            waiting: VecDeque::new(),
        }
    }

    fn characters(&mut self, stream: StreamName) -> &mut Characters {
        &mut self.streams[usize::from(stream == StreamName::Stderr)]
    }

    fn data(&mut self, stream: StreamName, pieces: impl IntoIterator<Item = (u64, Bytes)>) {
        for (_, bytes) in pieces {
            self.text(stream, &String::from_utf8_lossy(&bytes));
        }
    }

    fn text(&mut self, stream: StreamName, text: &str) {
        let stream = if stream == StreamName::Stderr { "stderr" } else { "stdout" };
        self.say(&json!({"type": "data", "stream": stream, "data": text}));
    }

    /// Tells what waits for the end of its character, which does not come.
    fn flush(&mut self, stream: StreamName) {
        let rest = self.characters(stream).flush();
        self.data(stream, rest);
    }

    fn exit(&mut self, outcome: &Outcome) {
        let Word { code, signal, .. } = stage::word(outcome);
        let stage = self.stage;
        self.say(&json!({"type": "exit", "stage": stage, "code": code, "signal": signal}));
    }

    fn say(&mut self, message: &Value) {
        self.waiting.push_back(message.to_string());
    }
}

impl Tell for Stages {
    type Told = String;

    fn take(&mut self, event: LiveEvent) {
        match event {
            LiveEvent::Accepted(_) => {
                let runtime = json!({"type": "runtime", "language": self.language, "version": self.version});
                self.say(&runtime);
            }
            LiveEvent::Began { compiles, .. } => {
                self.stage = if compiles { "compile" } else { "run" };
                let stage = self.stage;
                self.say(&json!({"type": "stage", "stage": stage}));
            }
            LiveEvent::Output { stream, at, bytes, .. } => {
                let pieces = self.characters(stream).take(at, bytes);
                self.data(stream, pieces);
            }
            LiveEvent::Gap { stream, bytes, .. } => {
                self.flush(stream);
                self.text(stream, &lenient::left_out(bytes));
            }
            LiveEvent::Ended { outcome, .. } => {
                self.flush(StreamName::Stdout);
                self.flush(StreamName::Stderr);
                self.streams = Default::default();
                self.exit(&outcome);
            }
            LiveEvent::File(_) => {}
        }
    }

    fn told(&mut self) -> Option<String> {
        self.waiting.pop_front()
    }

    fn answered(&mut self, _: &Answer) -> Option<String> {
        None
    }

    fn failed(&mut self, error: ApiError, _: &RequestId) -> Option<String> {
        Some(json!({"type": "error", "message": error.message()}).to_string())
    }
}
