//! Jobe's API, as Moodle's `CodeRunner` calls it: below `/jobe/index.php/restapi`. A run names files that the client has put here
//! before; they are kept in memory for a while, each caller's own.
//!
//! Errors are a bare string of JSON there, and a run that could not be is `outcome` 21 with status 200, which `CodeRunner` shows as
//! "try again".

mod files;
mod outcome;
mod runs;
#[cfg(test)]
mod tests;

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use self::files::Files;
use crate::{
    domain::ports::{ExecutionStore, Sandbox},
    inbound::{
        compat::offer,
        http::{ApiError, Desk, Foreign, RequestId},
    },
};

const BASE: &str = "/jobe/index.php/restapi";

/// The languages as Jobe calls them, and as we do.
const NAMES: [(&str, &str); 16] = [
    ("python3", "python"),
    ("nodejs", "javascript"),
    ("c", "c"),
    ("cpp", "cpp"),
    ("java", "java"),
    ("php", "php"),
    ("octave", "octave"),
    ("pascal", "pascal"),
    ("ruby", "ruby"),
    ("perl", "perl"),
    ("bash", "bash"),
    ("go", "go"),
    ("rust", "rust"),
    ("csharp", "csharp"),
    ("lua", "lua"),
    ("r", "r"),
];

/// What every handler works with.
pub struct Jobe<S, R> {
    desk: Desk<S, R>,
    files: Files,
}

impl<S, R> Clone for Jobe<S, R> {
    fn clone(&self) -> Self {
        Self { desk: self.desk.clone(), files: self.files.clone() }
    }
}

/// The contract.
pub fn contract<S: Sandbox, R: ExecutionStore>(desk: &Desk<S, R>) -> Foreign {
    let at = |path: &str| format!("{BASE}{path}");
    let file = || get(files::found::<S, R>).head(files::found::<S, R>).put(files::put::<S, R>);
    let routes = Router::new()
        .route(&at("/languages"), get(languages::<S, R>))
        .route(&at("/languages/"), get(languages::<S, R>))
        .route(&at("/runs"), post(runs::run::<S, R>))
        .route(&at("/runs/"), post(runs::run::<S, R>))
        .route(&at("/files/{id}"), file())
        .route(&at("/files/{id}/"), file())
        .with_state(Jobe { desk: desk.clone(), files: Files::default() });
    Foreign { paths: &["/jobe"], routes, tell }
}

/// An error as Jobe words it.
fn tell(error: &ApiError, _: &RequestId) -> Response {
    let outcome = |number: u8, why: &str| {
        Json(json!({"run_id": "", "outcome": number, "cmpinfo": "", "stdout": "", "stderr": why}))
            .into_response()
    };
    if matches!(
        error.code(),
        "busy" | "docker_unavailable" | "language_unavailable" | "overloaded" | "shutting_down"
    ) {
        return outcome(21, error.message());
    }
    if error.status().is_server_error() {
        // It may have run: its client must not send it again.
        return outcome(20, error.message());
    }
    let status = match error.status() {
        StatusCode::UNAUTHORIZED => StatusCode::FORBIDDEN,
        status => status,
    };
    (status, Json(error.message())).into_response()
}

/// Our name for this language of Jobe's.
fn family(id: &str) -> Option<&'static str> {
    NAMES.iter().find(|(theirs, _)| theirs.eq_ignore_ascii_case(id)).map(|(_, ours)| *ours)
}

/// `GET languages`: pairs of a name and a version.
async fn languages<S: Sandbox, R: ExecutionStore>(State(jobe): State<Jobe<S, R>>) -> Json<Value> {
    let mut listed: Vec<(&str, String)> = Vec::new();
    for offered in offer::languages(&jobe.desk).await {
        let theirs =
            NAMES.iter().find(|(_, ours)| *ours == offered.language.family).map(|(theirs, _)| *theirs);
        // Of several versions the newest comes first.
        if let Some(theirs) = theirs.filter(|theirs| listed.iter().all(|(known, _)| known != theirs)) {
            listed.push((theirs, offered.version));
        }
    }
    Json(json!(listed))
}
