//! The parts of an answer, each as the contract words it.

use std::time::Duration;

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::{
    domain::{
        limits::Limits,
        outcome::{Captured, LimitReached, SandboxFacts, Usage},
    },
    inbound::contract::schema,
    service::Timings,
};

/// One value for each stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Streams<T> {
    /// Of standard output.
    pub output: T,
    /// Of standard error.
    pub error: T,
}

/// Where bytes were left out of each stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Omitted {
    /// In standard output.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub output: Option<Gap>,
    /// In standard error.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub error: Option<Gap>,
}

/// The bytes left out of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Gap {
    /// How many bytes stand before them.
    pub after_bytes: u64,
    /// How many there are.
    pub bytes: u64,
}

/// The limit that ended a program.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LimitAnswer {
    /// Which limit.
    #[schema(schema_with = schema::limit_name)]
    pub name: &'static str,
    /// Its value: seconds, bytes, or a number of files and folders.
    #[serde(serialize_with = "number")]
    pub value: f64,
    /// What was observed, in the same unit.
    #[serde(serialize_with = "number")]
    pub observed: f64,
    /// How we know.
    pub evidence: String,
}

/// What a program used.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct UsageAnswer {
    /// Wall-clock time in milliseconds.
    pub wall_ms: f64,
    /// CPU time of all its processes in milliseconds.
    pub cpu_ms: f64,
    /// The most memory the sandbox held at once, in bytes.
    pub memory_bytes: u64,
    /// Processes the kernel killed for memory; only there when there were some.
    #[serde(skip_serializing_if = "is_zero")]
    pub oom_kills: u64,
}

/// The limits in force.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct LimitsAnswer {
    /// Wall-clock and CPU time in seconds.
    #[serde(serialize_with = "number")]
    pub timeout_seconds: f64,
    /// Memory in MiB.
    pub memory_mb: u64,
    /// Bytes kept of each output stream.
    pub output_bytes: u64,
}

/// The sandbox a program ran in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SandboxAnswer {
    /// `warm` when it was waiting, `cold` when it was made for this run.
    #[schema(schema_with = schema::start)]
    pub start: &'static str,
    /// The OCI runtime.
    pub runtime: String,
    /// Whether Landlock confined the program. Where it is false, the kernel had none, and other layers stood in for it.
    /// Left out of the history of executions that are older than the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub landlock: Option<bool>,
    /// The image by name.
    pub image: String,
    /// The image by digest.
    pub digest: String,
}

/// Where the time went.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct TimingsAnswer {
    /// Waiting for a place to run in.
    pub queue: f64,
    /// Until a sandbox was ready for the code.
    pub acquire: f64,
    /// The run, as seen from outside.
    pub run: f64,
    /// Reading the report.
    pub collect: f64,
    /// What recording added.
    pub record: f64,
    /// All of it.
    pub total: f64,
}

impl Omitted {
    pub(super) fn of(stdout: &Captured, stderr: &Captured) -> Option<Self> {
        let gap = |stream: &Captured| {
            stream.truncated().then(|| {
                let (head, tail) = (stream.kept_head().len() as u64, stream.kept_tail().len() as u64);
                Gap { after_bytes: head, bytes: stream.total - head - tail }
            })
        };
        let omitted = Self { output: gap(stdout), error: gap(stderr) };
        (omitted.output.is_some() || omitted.error.is_some()).then_some(omitted)
    }
}

impl From<&LimitReached> for LimitAnswer {
    fn from(limit: &LimitReached) -> Self {
        let LimitReached { name, value, observed, evidence } = limit;
        Self { name: name.as_str(), value: *value, observed: *observed, evidence: evidence.clone() }
    }
}

impl From<&Usage> for UsageAnswer {
    fn from(usage: &Usage) -> Self {
        let Usage { wall, cpu, memory_bytes, oom_kills } = *usage;
        Self { wall_ms: milliseconds(wall), cpu_ms: milliseconds(cpu), memory_bytes, oom_kills }
    }
}

impl From<Limits> for LimitsAnswer {
    fn from(limits: Limits) -> Self {
        let Limits { timeout, memory_mb, output_bytes } = limits;
        Self { timeout_seconds: timeout.as_secs_f64(), memory_mb, output_bytes }
    }
}

impl From<&SandboxFacts> for SandboxAnswer {
    fn from(facts: &SandboxFacts) -> Self {
        let SandboxFacts { start, runtime, landlock, image, digest } = facts.clone();
        Self { start: start.as_str(), runtime, landlock, image, digest }
    }
}

impl From<Timings> for TimingsAnswer {
    fn from(timings: Timings) -> Self {
        Self {
            queue: milliseconds(timings.queue),
            acquire: milliseconds(timings.acquire),
            run: milliseconds(timings.run),
            collect: milliseconds(timings.collect),
            record: milliseconds(timings.record),
            total: milliseconds(timings.total),
        }
    }
}

/// Milliseconds to the hundredth: finer is noise.
pub fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100_000.0).round() / 100.0
}

/// Whole numbers without a fraction, as people write them: `10`, not `10.0`.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn number<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53
    if value.fract() == 0.0 && value.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "whole and small, checked just above")]
        let whole = *value as i64;
        return serializer.serialize_i64(whole);
    }
    serializer.serialize_f64(*value)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}
