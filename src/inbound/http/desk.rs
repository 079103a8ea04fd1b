//! What the routes of other systems' contracts are given: bodies, bounded as ours are, and runs.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{FromRequestParts, Request},
    http::{HeaderMap, request},
    response::Response,
};
use bytes::Bytes;

use super::{
    ApiError, App, AskedBy, Deadline, Dialect, RequestId, body,
    live::socket,
    room::Hold,
    run::{SMALL_JSON, apart_sized, plainly_encoded},
    size::MAX_BODY_BYTES,
};
use crate::{
    domain::{
        caller::{Caller, Source},
        id::ExecutionId,
        idempotency::IdempotencyKey,
        ports::{ExecutionStore, Sandbox},
        request::ExecutionRequest,
    },
    inbound::contract::{rejection::Rejection, run_request::RunRules},
    service::{Answer, ExecutionService, Holding, OnLeave, Submission},
};

/// The HTTP side of this server, as routes of other contracts see it.
pub struct Desk<S, R>(pub(super) App<S, R>);

impl<S, R> Clone for Desk<S, R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Who asks.
#[derive(Clone)]
pub struct Asker {
    /// The caller, as the front door says.
    pub caller: Caller,
    /// Whether somebody authenticated the caller, or everybody is on this machine. Without that a caller has neither a history nor
    /// idempotency keys.
    pub known: bool,
    deadline: Option<Deadline>,
    /// The request's id.
    pub id: RequestId,
}

/// On a request of a caller whom nobody authenticated.
#[derive(Clone, Copy, Debug)]
pub struct Nobody;

impl<T: Sync> FromRequestParts<T> for Asker {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut request::Parts, state: &T) -> Result<Self, Self::Rejection> {
        let AskedBy(caller) = AskedBy::from_request_parts(parts, state).await?;
        let known = parts.extensions.get::<Nobody>().is_none();
        let deadline = parts.extensions.get().copied();
        let id = parts.extensions.get().cloned().unwrap_or_else(RequestId::generate);
        Ok(Self { caller, known, deadline, id })
    }
}

/// The room that a request takes in memory. It is free again when all copies are dropped.
#[derive(Clone)]
pub struct Taken(#[expect(dead_code, reason = "held, not read")] Arc<Hold>);

/// Something that is read of a body and takes memory until its runs are over.
pub trait Weighs {
    /// The bytes that it takes.
    fn bytes(&self) -> usize;
}

impl Weighs for ExecutionRequest {
    fn bytes(&self) -> usize {
        self.bytes()
    }
}

impl<S: Sandbox, R: ExecutionStore> Desk<S, R> {
    /// What requests are measured by.
    #[must_use]
    pub fn rules(&self) -> &RunRules {
        &self.0.config.rules
    }

    /// Whether this process goes on between requests.
    #[must_use]
    pub fn goes_on(&self) -> bool {
        self.0.config.goes_on
    }

    /// The service.
    #[must_use]
    pub const fn service(&self) -> &Arc<ExecutionService<S, R>> {
        &self.0.service
    }

    /// Reads the body of a request, at most 6 MiB, and has `parse` make something of it: on a thread for such work, where the
    /// body is large.
    ///
    /// # Errors
    /// When the body is too large, encoded or slow, when too many large ones are under way, and as `parse` says.
    pub async fn read<T: Weighs + Send + 'static, E: From<ApiError> + Send + 'static>(
        &self,
        headers: &HeaderMap,
        body: Body,
        parse: impl FnOnce(Bytes) -> Result<T, E> + Send + 'static,
    ) -> Result<(T, Taken), E> {
        let refused = |rejection: Rejection| E::from(ApiError::from(rejection));
        if let Err(refusal) = plainly_encoded(headers) {
            body::discard(headers, body).await;
            return Err(refused(refusal));
        }
        let mut hold = self.0.room.hold();
        let bytes = body::read(headers, body, MAX_BODY_BYTES, &mut hold).await.map_err(refused)?;
        if bytes.len() <= SMALL_JSON {
            let value = parse(bytes)?;
            hold.resize(value.bytes()).await.map_err(refused)?;
            return Ok((value, Taken(Arc::new(hold))));
        }
        let parse = move || parse(bytes).map(|value| (value.bytes(), value));
        let (value, hold) = apart_sized(&self.0.places, hold, parse, refused).await?;
        Ok((value, Taken(Arc::new(hold))))
    }

    /// Reads the body of a request, runs what `parse` makes of it, and waits for the end.
    ///
    /// # Errors
    /// As [`Self::read`], `parse` and [`ExecutionService::execute`] say.
    pub async fn run<E: Into<ApiError>>(
        &self,
        asker: &Asker,
        headers: &HeaderMap,
        body: Body,
        parse: impl FnOnce(&Bytes, &RunRules) -> Result<ExecutionRequest, E> + Send + 'static,
    ) -> Result<Answer, ApiError> {
        let rules = self.rules().clone();
        let parse = move |bytes: Bytes| parse(&bytes, &rules).map_err(Into::into);
        let (request, taken) = self.read::<_, ApiError>(headers, body, parse).await?;
        Ok(self.service().execute(self.submission(asker, request, &taken, None)).await?)
    }

    /// A submission of this request by whoever asks, which is stopped when its caller goes away unless it has a key.
    #[must_use]
    pub fn submission(
        &self,
        asker: &Asker,
        request: ExecutionRequest,
        taken: &Taken,
        key: Option<IdempotencyKey>,
    ) -> Submission {
        Submission {
            id: ExecutionId::generate(),
            caller: asker.caller.clone(),
            source: Source::Http,
            request,
            key,
            deadline: asker.deadline.map(|Deadline(at)| at),
            on_leave: OnLeave::under(key.as_ref()),
            holds: Holding::on(taken.clone()),
            live: None,
        }
    }

    /// Opens a WebSocket on which whoever asks runs a program, looks on at it and types into it, in this dialect.
    #[must_use]
    pub fn socket(&self, asker: Asker, request: Request, dialect: impl Dialect) -> Response {
        socket::opened(self.0.clone(), asker.caller, asker.id, request, dialect)
    }
}
