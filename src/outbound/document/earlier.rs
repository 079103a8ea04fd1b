//! Ends as they were kept before there was a document: a column of SQLite or an attribute of DynamoDB for each part.
//! Nothing writes these any more.

use std::time::Duration;

use serde::Deserialize;

use crate::domain::{
    limits::Limits,
    outcome::{Ending, LimitMet, LimitReached, SandboxFacts, SandboxTimings, Signal, Usage},
    record::{RanRecord, RunFacts},
};

/// The parts of a run, with their names in the store.
#[derive(Debug)]
pub(in crate::outbound) struct Parts {
    /// `status`: the word for the ending.
    pub status: String,
    /// `exit_code` of the answer.
    pub exit_code: i32,
    /// `signal`: its number, where one ended the program.
    pub signal: Option<u8>,
    /// `limit_name`, `limit_value`, `limit_observed` and `limit_evidence`, where a limit ended the program.
    pub limit: Option<LimitReached>,
    /// `timeout`: the time limit.
    pub timeout: Duration,
    /// `wall`, `cpu`, `memory_bytes` and `oom_kills`.
    pub usage: Usage,
    /// `stdout_total`; bytes.
    pub stdout_total: u64,
    /// `stderr_total`; bytes.
    pub stderr_total: u64,
    /// `facts`: what else the answer said, as JSON.
    pub facts: Option<String>,
}

#[derive(Deserialize)]
struct Facts {
    sandbox: SandboxFacts,
    limits: Limits,
    timings: SandboxTimings,
    stdout_head: u64,
    stderr_head: u64,
    #[serde(default)]
    limits_met: Vec<LimitMet>,
}

impl Parts {
    /// The run that these are the parts of, with empty streams.
    ///
    /// # Errors
    /// The name of the part that cannot be understood.
    pub fn ran(self) -> Result<RanRecord, &'static str> {
        let ending = match (self.limit, self.signal) {
            (Some(limit), _) => Ending::Limit(limit),
            (None, Some(signal)) => Ending::Signaled(Signal(signal)),
            (None, None) => Ending::Exited(u8::try_from(self.exit_code).map_err(|_| "exit_code")?),
        };
        if self.status != ending.status().as_str() {
            return Err("status");
        }
        let facts = self.facts.map(|json| serde_json::from_str::<Facts>(&json).map_err(|_| "facts"));
        let (facts, limits_met) = facts.transpose()?.map(Facts::split).unzip();
        Ok(RanRecord {
            ending,
            stdout: bytes::Bytes::new(),
            stderr: bytes::Bytes::new(),
            stdout_total: self.stdout_total,
            stderr_total: self.stderr_total,
            timeout: self.timeout,
            usage: self.usage,
            limits_met: limits_met.unwrap_or_default(),
            facts,
            tests: None,
            compile: None,
            files: None,
        })
    }
}

impl Facts {
    fn split(self) -> (Box<RunFacts>, Vec<LimitMet>) {
        let facts = RunFacts {
            sandbox: self.sandbox,
            memory_mb: self.limits.memory_mb,
            output_bytes: self.limits.output_bytes,
            timings: self.timings,
            stdout_head: self.stdout_head,
            stderr_head: self.stderr_head,
        };
        (Box::new(facts), self.limits_met)
    }
}
