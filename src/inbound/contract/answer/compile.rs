//! What came of a compiler, as the contract words it.

use serde::Serialize;
use utoipa::ToSchema;

use super::{LimitAnswer, LimitsAnswer, UsageAnswer};
use crate::{
    domain::{
        language::Compiler,
        limits::Limits,
        outcome::{Captured, Outcome, Signal},
    },
    inbound::contract::schema,
};

/// What came of the compiler. Every field is always there unless it says otherwise.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Compile)]
pub struct CompileAnswer {
    /// How the compiler ended.
    #[schema(schema_with = schema::compiler_status)]
    pub status: &'static str,
    /// Its exit code; as a program's where a signal or a limit ended it.
    pub exit_code: i32,
    /// What it wrote to standard output: the first and the last part, 16 KiB in all.
    pub output: String,
    /// What it wrote to standard error: the first and the last part, 16 KiB in all.
    pub error: String,
    /// What it used.
    pub usage: UsageAnswer,
    /// The limit that it met; only there when it met one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub limit: Option<LimitAnswer>,
    /// The name of the signal that ended it; only there when one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub signal: Option<String>,
}

impl From<&Outcome> for CompileAnswer {
    fn from(Outcome { ending, stdout, stderr, usage, .. }: &Outcome) -> Self {
        let text = |stream: &Captured| String::from_utf8_lossy(&stream.bytes()).into_owned();
        Self {
            status: ending.status().as_str(),
            exit_code: ending.exit_code(),
            output: text(stdout),
            error: text(stderr),
            usage: usage.into(),
            limit: ending.limit().map(LimitAnswer::from),
            signal: ending.signal().map(Signal::name),
        }
    }
}

/// How programs of a language are compiled.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Compiler)]
pub struct CompilerAnswer {
    /// Arguments that a request may add; one that ends in `*` stands for all that begin so.
    pub args: Vec<String>,
    /// The most that the compiler may use.
    pub limits: LimitsAnswer,
}

impl CompilerAnswer {
    /// Of this compiler, for programs under these limits.
    #[must_use]
    pub fn of(compiler: Compiler, limits: Limits) -> Self {
        Self { limits: compiler.step_limits(limits).into(), args: compiler.args }
    }
}
