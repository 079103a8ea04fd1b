//! The Lambda front door: one function for every event. The only file that touches `lambda_http`'s doc-hidden
//! types, which turn an API's event into a request and an answer back.
//!
//! Not `lambda_http::run`, which takes HTTP alone; and not its `pass_through`, by which a client could send events.

mod anonymous;
mod classify;
mod error;
pub mod events;
mod gateway;
pub mod principal;
#[cfg(test)]
mod tests;

use std::{
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{Router, response::Response};
use lambda_http::{
    Adapter, Context, LambdaEvent, Request,
    lambda_runtime::{self, Diagnostic},
    request::LambdaRequest,
    service_fn,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::Instant;
use tower::{Service as _, ServiceExt as _};
use tracing::{Instrument as _, info_span, warn};

use self::{
    classify::{Call, classify},
    error::EventError,
    events::{Events, Invocation},
    gateway::{Door, HttpEvent},
    principal::Sessions,
};
use super::http::{Deadline, Nobody, RequestId};
use crate::domain::{
    caller::Caller,
    ports::{ExecutionStore, Sandbox},
};

/// Before the invocation's own deadline: for handing the answer to the runtime.
const MARGIN: Duration = Duration::from_millis(300);
/// A deadline that passed so long ago is none: `cargo lambda watch` sends ten minutes after the beginning of 1970.
const NO_DEADLINE: Duration = Duration::from_hours(24);

/// What the function thinks of those who ask.
#[derive(Clone, Copy, Debug, Default)]
pub struct Callers {
    /// Whether two sessions of an IAM role are one caller.
    pub sessions: Sessions,
    /// Whether those whom nobody authenticated share one history and one set of keys. For emulators on a machine of
    /// one's own; anywhere else each would read what the others ran.
    pub anonymous_history: bool,
}

/// Everything the function serves.
pub struct Function<S, R> {
    router: Router,
    events: Events<S, R>,
    callers: Callers,
}

/// Serves invocations until the process ends, as many at once as `AWS_LAMBDA_MAX_CONCURRENCY` says.
///
/// # Errors
/// When the runtime API fails.
pub async fn serve<S: Sandbox, R: ExecutionStore>(
    router: Router,
    events: Events<S, R>,
    callers: Callers,
) -> Result<(), lambda_http::Error> {
    let function = Arc::new(Function { router, events, callers });
    let handle = service_fn(move |event: LambdaEvent<Value>| {
        let function = Arc::clone(&function);
        async move { function.handle(event).await }
    });
    lambda_runtime::run_concurrent(handle).await
}

impl<S: Sandbox, R: ExecutionStore> Function<S, R> {
    async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
        let LambdaEvent { payload, context } = event;
        let span = info_span!("invocation", request_id = context.request_id);
        let result = async {
            match classify(payload, self.callers.sessions)? {
                Call::Http(event) => self.http(event, context).await,
                Call::Event(event) => self.events.handle(event, &invocation(&context)).await,
            }
        };
        result.instrument(span).await.map_err(|error: EventError| {
            warn!(kind = error.code(), %error, "an event was not handled");
            Diagnostic { error_type: error.code().to_owned(), error_message: error.to_string() }
        })
    }

    async fn http(&self, event: HttpEvent, context: Context) -> Result<Value, EventError> {
        let HttpEvent { door, caller, gives_up, payload } = event;
        // One that has given up already waits for nothing: what is asked of us then is not run.
        let gives_up = gives_up.and_then(unless_long_ago);
        let deadline = [deadline(&context), gives_up].into_iter().flatten().min().map(Deadline);
        let id = RequestId::new(&context.request_id);
        let nobody = (caller == Caller::anonymous() && !self.callers.anonymous_history)
            .then(|| context.request_id.clone());
        let router = with_extensions(self.router.clone(), caller, id, deadline, nobody);
        let request = request_of(door, payload)?;
        // The adapter is not `Sync`: it must be gone before we wait. It panics at a `Host` or path that makes no URL.
        let answering =
            catch_unwind(AssertUnwindSafe(|| Adapter::from(router).call(LambdaEvent::new(request, context))));
        let Ok(answering) = answering else { return Ok(not_a_request()) };
        let Ok(response) = answering.await;
        serde_json::to_value(response).map_err(|error| malformed(&error))
    }
}

/// The router, with what this front door knows put into each request. To `nobody`, the id of a request by a caller whom
/// nobody authenticated, it gives what such a caller may have.
fn with_extensions(
    router: Router,
    caller: Caller,
    id: RequestId,
    deadline: Option<Deadline>,
    nobody: Option<String>,
) -> impl lambda_http::Service<Request, Response = Response, Error = Infallible, Future: Send> {
    service_fn(move |mut request: Request| {
        let (router, caller, id) = (router.clone(), caller.clone(), id.clone());
        let nobody = nobody.clone();
        let refusal = nobody.as_deref().and_then(|id| anonymous::refusal(&request, id));
        async move {
            if let Some(refusal) = refusal {
                return Ok(refusal);
            }
            let extensions = request.extensions_mut();
            if nobody.is_some() {
                extensions.insert(Nobody);
            }
            extensions.insert(caller);
            extensions.insert(id);
            if let Some(deadline) = deadline {
                extensions.insert(deadline);
            }
            router.oneshot(request).await
        }
    })
}

/// We know which door it was; left to itself the library takes the first that fits.
fn request_of(door: Door, mut payload: Value) -> Result<LambdaRequest, EventError> {
    // Else the library puts the stage before the path, unless an environment variable tells it not to.
    if let Some(stage) = payload.pointer_mut("/requestContext/stage") {
        *stage = Value::String("$default".to_owned());
    }
    match door {
        Door::RestApi => read(payload).map(LambdaRequest::ApiGatewayV1),
        Door::HttpApi | Door::FunctionUrl => read(payload).map(LambdaRequest::ApiGatewayV2),
        Door::LoadBalancer => read(payload).map(LambdaRequest::Alb),
    }
}

fn read<T: DeserializeOwned>(payload: Value) -> Result<T, EventError> {
    serde_json::from_value(payload).map_err(|error| malformed(&error))
}

fn malformed(error: &serde_json::Error) -> EventError {
    EventError::Malformed { kind: "HTTP", why: error.to_string() }
}

fn not_a_request() -> Value {
    let body = json!({
        "error": "The request's host or path cannot be read.", "code": "invalid_request", "request_id": "",
    });
    json!({
        "statusCode": 400,
        "headers": { "content-type": "application/json" },
        "multiValueHeaders": { "content-type": ["application/json"] },
        "body": body.to_string(),
        "isBase64Encoded": false,
    })
}

fn invocation(context: &Context) -> Invocation {
    Invocation { request_id: context.request_id.clone(), deadline: deadline(context) }
}

fn deadline(context: &Context) -> Option<Instant> {
    unless_long_ago(context.deadline()).map(|at| at.checked_sub(MARGIN).unwrap_or(at))
}

/// This moment, unless it is too long ago to have been meant.
fn unless_long_ago(time: SystemTime) -> Option<Instant> {
    let long_ago = SystemTime::now().duration_since(time).is_ok_and(|ago| ago > NO_DEADLINE);
    if long_ago { None } else { instant_of(time) }
}

/// The same moment by the clock that cannot be set; now for one that has passed, `None` for one out of reach.
fn instant_of(time: SystemTime) -> Option<Instant> {
    Instant::now().checked_add(time.duration_since(SystemTime::now()).unwrap_or_default())
}
