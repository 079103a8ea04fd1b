//! The whole service from outside: a real server process, a real Docker engine, real HTTP.
//!
//! One binary, one module per capability. There is no way to skip: without an engine these tests fail.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::pedantic,
    clippy::type_complexity,
    clippy::bool_assert_comparison,
    clippy::float_cmp,
    reason = "a test that cannot go on should stop there, and is read from top to bottom"
)]

use safe_code_executor::domain;

mod support;

mod bad_archives;
mod bad_input;
mod broken_conversations;
mod caps;
mod clients;
mod compiling;
mod concurrency;
mod contract;
mod crashes;
mod data;
mod doors;
mod es_modules;
mod fidelity;
mod files_and_archives;
mod fleet;
mod history;
mod hostile;
mod idempotency;
mod isolation;
mod judging;
mod landlock;
mod languages;
mod lifecycle;
mod limits;
mod live;
mod metrics;
mod mtls;
mod names;
mod outcomes;
mod output;
mod packages;
mod pool;
mod preflight;
mod readiness;
mod readme;
mod run;
mod scratch;
mod sharing;
mod system_calls;
mod truth;
mod workspace;
mod writing;

mod attacks;
