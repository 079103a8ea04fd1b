//! Judge0 CE's API (release 1.13.1) below `/judge0`, and its flavour "extra" below `/judge0-extra`: submissions with or without
//! waiting, in batches, polled by token. A token is the id of an execution, and is its caller's own.
//!
//! What is refused there as too much is refused here: clients read the bounds in `/config_info`. Callbacks, network, several
//! runs and options of compilers are refused.

mod about;
mod create;
mod kept;
mod languages;
mod read;
mod status;
mod submission;
#[cfg(test)]
mod tests;
mod view;

use axum::{
    Json, Router,
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde_json::json;

use self::kept::Kept;
use crate::{
    domain::ports::{ExecutionStore, Sandbox},
    inbound::http::{ApiError, Desk, Foreign, RequestId},
};

/// Which of Judge0's two flavours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// The ordinary one.
    Ce,
    /// The one with other languages, which its SDK takes where a call names none.
    Extra,
}

/// What every handler works with.
pub struct Judge0<S, R> {
    desk: Desk<S, R>,
    flavour: Flavour,
    kept: Kept,
}

impl<S, R> Clone for Judge0<S, R> {
    fn clone(&self) -> Self {
        let Self { desk, flavour, kept } = self;
        Self { desk: desk.clone(), flavour: *flavour, kept: kept.clone() }
    }
}

/// The contract.
pub fn contract<S: Sandbox, R: ExecutionStore>(desk: &Desk<S, R>) -> Foreign {
    let kept = Kept::default();
    let flavour = |flavour, base: &str| {
        let at = |path: &str| format!("{base}{path}");
        Router::new()
            .route(&at("/submissions"), post(create::one::<S, R>))
            .route(&at("/submissions/"), post(create::one::<S, R>))
            .route(&at("/submissions/batch"), post(create::batch::<S, R>).get(read::batch::<S, R>))
            .route(&at("/submissions/{token}"), get(read::one::<S, R>))
            .route(&at("/submissions/{token}/"), get(read::one::<S, R>))
            .route(&at("/languages"), get(languages::list::<S, R>))
            .route(&at("/languages/"), get(languages::list::<S, R>))
            .route(&at("/languages/all"), get(languages::all::<S, R>))
            .route(&at("/languages/{id}"), get(languages::one::<S, R>))
            .route(&at("/statuses"), get(status::list))
            .route(&at("/about"), get(about::about::<S, R>))
            .route(&at("/version"), get(about::version::<S, R>))
            .route(&at("/config_info"), get(about::config_info::<S, R>))
            .route(&at("/workers"), get(about::workers::<S, R>))
            .route(&at("/authenticate"), post(about::welcome))
            .route(&at("/authorize"), post(about::welcome))
            .with_state(Judge0 { desk: desk.clone(), flavour, kept: kept.clone() })
    };
    let routes = flavour(Flavour::Ce, "/judge0").merge(flavour(Flavour::Extra, "/judge0-extra"));
    Foreign { paths: &["/judge0", "/judge0-extra"], routes, tell }
}

/// An error as Judge0 words it. What never ran and may be sent again is a full queue there.
fn tell(error: &ApiError, _: &RequestId) -> Response {
    if error.status() == StatusCode::UNAUTHORIZED {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let (status, sentence) = match error.status() {
        StatusCode::TOO_MANY_REQUESTS => (StatusCode::SERVICE_UNAVAILABLE, "queue is full"),
        status => (status, error.message()),
    };
    error.with_wait((status, Json(json!({"error": sentence}))).into_response())
}
