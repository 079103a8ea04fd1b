//! A stage of a run (compiling, running) as Piston reports it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    domain::outcome::{Captured, Ending, LimitName, Outcome},
    inbound::compat::lenient,
};

/// What came of a stage. `output` is both streams in one.
pub fn of(outcome: &Outcome, output: String) -> Value {
    let Outcome { stdout, stderr, usage, .. } = outcome;
    let Word { code, signal, status, message } = word(outcome);
    json!({
        "stdout": lenient::text(stdout),
        "stderr": lenient::text(stderr),
        "output": output,
        "code": code,
        "signal": signal,
        "message": message,
        "status": status,
        "cpu_time": milliseconds(usage.cpu),
        "wall_time": milliseconds(usage.wall),
        "memory": usage.memory_bytes,
    })
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// How a stage ended, in Piston's words.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// Its exit code, where it ended with one.
    pub code: Option<u8>,
    /// The name of the signal that ended it.
    pub signal: Option<String>,
    status: Option<&'static str>,
    message: Option<String>,
}

/// How it ended.
pub fn word(outcome: &Outcome) -> Word {
    ended(&outcome.ending, &outcome.stdout, &outcome.stderr)
}

/// `RE` for an exit code, `SG` for a signal, `TO` for time, `OL` and `EL` for too much on standard output and
/// standard error. There is no word for memory: that is `RE`, and the message says it.
fn ended(ending: &Ending, stdout: &Captured, stderr: &Captured) -> Word {
    match ending {
        Ending::Exited(0) => Word { code: Some(0), ..Word::default() },
        Ending::Exited(code) => Word {
            code: Some(*code),
            status: Some("RE"),
            message: Some(format!("Exited with error status {code}")),
            ..Word::default()
        },
        Ending::Signaled(signal) => Word {
            signal: Some(signal.name()),
            status: Some("SG"),
            message: Some(format!("Caught fatal signal {}", signal.0)),
            ..Word::default()
        },
        Ending::NotCompiled(compiler) => ended(compiler, stdout, stderr),
        Ending::Limit(limit) => {
            let status = match limit.name {
                LimitName::WallTime | LimitName::CpuTime => "TO",
                LimitName::Memory | LimitName::Disk => "RE",
                LimitName::Output if stderr.total > stdout.total => "EL",
                LimitName::Output => "OL",
            };
            Word {
                signal: Some("SIGKILL".to_owned()),
                status: Some(status),
                message: Some(limit.evidence.clone()),
                ..Word::default()
            }
        }
    }
}
