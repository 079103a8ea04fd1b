//! What a contract says on a socket: how a run is asked for, typed into and told of, and with what the socket is closed.

use std::{future::Future, time::Duration};

use crate::{
    domain::request::ExecutionRequest,
    inbound::{
        contract::{live_input::LiveInput, rejection::Rejection},
        http::{ApiError, RequestId, Weighs},
    },
    service::{Answer, live::LiveEvent},
};

/// How the events of one run are told.
pub trait Tell: Send {
    /// One message.
    type Told;

    /// Takes an event. What is told for it, nothing or several messages, is to be had by [`told`](Self::told).
    fn take(&mut self, event: LiveEvent);
    /// The next message.
    fn told(&mut self) -> Option<Self::Told>;
    /// The last message of a run that has an outcome.
    fn answered(&mut self, answer: &Answer) -> Option<Self::Told>;
    /// The last message of a run that has none.
    fn failed(&mut self, error: ApiError, id: &RequestId) -> Option<Self::Told>;
}

/// What one contract says on a socket.
pub trait Dialect: Clone + Send + Sync + 'static {
    /// What the first message asks for, before it is known whether that can be had.
    type Asked: Weighs + Send + 'static;
    /// How a run is told of.
    type Telling: Tell<Told = String>;

    /// The subprotocol that a client must name, where there is one.
    const SUBPROTOCOL: Option<&'static str>;
    /// How long a client may take to send its request.
    const OPENING: Duration;

    /// Reads a message that comes before any request: `None` where it is passed over. Large ones take long.
    ///
    /// # Errors
    /// When the message is no good request: what closes the socket.
    fn read(&self, message: &[u8]) -> Result<Option<Self::Asked>, Farewell>;

    /// The request that this asks for.
    ///
    /// # Errors
    /// When there is none: what closes the socket.
    fn request(
        &self,
        asked: Self::Asked,
    ) -> impl Future<Output = Result<(ExecutionRequest, Self::Telling), Farewell>> + Send;

    /// Reads a message that comes after the request: `None` where it is passed over.
    ///
    /// # Errors
    /// When it is not one that may come: what closes the socket.
    fn message(&self, text: &[u8]) -> Result<Option<LiveInput>, Farewell>;

    /// No request came within [`OPENING`](Self::OPENING).
    fn late(&self) -> Farewell;
    /// The first message could not be taken.
    fn bad_request(&self, rejection: Rejection) -> Farewell;
    /// A later message could not be taken.
    fn bad_message(&self, rejection: Rejection) -> Farewell;
    /// All is told. `failed`: the run had no outcome.
    fn over(&self, failed: bool) -> Farewell;
}

/// The last that is said on a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Farewell {
    /// A message before the close.
    pub message: Option<String>,
    /// The close code.
    pub code: u16,
    /// The close frame's reason. Of a long one the beginning is sent.
    pub reason: String,
}

impl Farewell {
    /// A close without a message before it.
    pub fn close(code: u16, reason: impl Into<String>) -> Self {
        Self { message: None, code, reason: reason.into() }
    }

    /// The same, after this message.
    #[must_use]
    pub fn after(self, message: String) -> Self {
        Self { message: Some(message), ..self }
    }
}
