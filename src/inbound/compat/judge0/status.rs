//! The statuses of Judge0.

use serde_json::{Value, json};

use crate::domain::{
    judging::Verdict,
    outcome::{Ending, Execution, LimitName},
};

/// A status: its number and its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub u8, pub &'static str);

pub const IN_QUEUE: Status = Status(1, "In Queue");
pub const PROCESSING: Status = Status(2, "Processing");
const ACCEPTED: Status = Status(3, "Accepted");
const WRONG_ANSWER: Status = Status(4, "Wrong Answer");
const TIME_LIMIT: Status = Status(5, "Time Limit Exceeded");
const COMPILATION_ERROR: Status = Status(6, "Compilation Error");
const SIGSEGV: Status = Status(7, "Runtime Error (SIGSEGV)");
const SIGXFSZ: Status = Status(8, "Runtime Error (SIGXFSZ)");
const SIGFPE: Status = Status(9, "Runtime Error (SIGFPE)");
const SIGABRT: Status = Status(10, "Runtime Error (SIGABRT)");
const NZEC: Status = Status(11, "Runtime Error (NZEC)");
const OTHER: Status = Status(12, "Runtime Error (Other)");
pub const INTERNAL_ERROR: Status = Status(13, "Internal Error");
const EXEC_FORMAT: Status = Status(14, "Exec Format Error");

/// All of them, by their numbers.
const ALL: [Status; 14] = [
    IN_QUEUE,
    PROCESSING,
    ACCEPTED,
    WRONG_ANSWER,
    TIME_LIMIT,
    COMPILATION_ERROR,
    SIGSEGV,
    SIGXFSZ,
    SIGFPE,
    SIGABRT,
    NZEC,
    OTHER,
    INTERNAL_ERROR,
    EXEC_FORMAT,
];

impl Status {
    /// As answers have it.
    pub fn json(self) -> Value {
        json!({"id": self.0, "description": self.1})
    }
}

/// `GET /statuses`.
pub async fn list() -> axum::Json<Vec<Value>> {
    axum::Json(ALL.into_iter().map(Status::json).collect())
}

/// The status of a run. An output is compared only where the program ended well.
pub fn of(execution: &Execution) -> Status {
    match &execution.outcome.ending {
        Ending::Exited(0) => judged(execution),
        Ending::Exited(_) => NZEC,
        Ending::NotCompiled(_) => COMPILATION_ERROR,
        Ending::Signaled(signal) => match signal.0 {
            11 => SIGSEGV,
            25 => SIGXFSZ,
            8 => SIGFPE,
            6 => SIGABRT,
            _ => OTHER,
        },
        Ending::Limit(limit) => match limit.name {
            LimitName::WallTime | LimitName::CpuTime => TIME_LIMIT,
            LimitName::Memory => OTHER,
            // What the original gives where a file grows too large.
            LimitName::Output | LimitName::Disk => SIGXFSZ,
        },
    }
}

fn judged(execution: &Execution) -> Status {
    let case = execution.tests.as_ref().and_then(|tests| tests.cases.first());
    match case.map(|case| case.verdict) {
        // Nothing at all is not an empty output there: it is null, and equal to no text.
        Some(Verdict::Passed) if execution.outcome.stdout.total == 0 => WRONG_ANSWER,
        None | Some(Verdict::Ran | Verdict::Passed) => ACCEPTED,
        Some(Verdict::Skipped) => INTERNAL_ERROR,
        Some(_) => WRONG_ANSWER,
    }
}

/// What `message` says, what `exit_code` and what `exit_signal`.
pub fn words(ending: &Ending) -> (Option<String>, u8, Option<u8>) {
    match ending {
        Ending::Exited(0) => (None, 0, None),
        Ending::Exited(code) => (Some(format!("Exited with error status {code}")), *code, None),
        Ending::Signaled(signal) => (Some(format!("Caught fatal signal {}", signal.0)), 0, Some(signal.0)),
        Ending::NotCompiled(compiler) => (words(compiler).0, 0, None),
        Ending::Limit(limit) => match limit.name {
            LimitName::WallTime | LimitName::CpuTime => (Some("Time limit exceeded".to_owned()), 0, None),
            LimitName::Memory => (Some(limit.evidence.clone()), 0, Some(9)),
            LimitName::Output | LimitName::Disk => (Some(limit.evidence.clone()), 0, Some(25)),
        },
    }
}
