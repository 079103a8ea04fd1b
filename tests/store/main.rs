//! Every store of records, against the real thing: one contract for all of them, and what is each one's own.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop there")]

use safe_code_executor::domain;

#[macro_use]
mod contract;
mod backend;
mod dynamodb;
mod fake;
mod released;
mod sample;
mod sqlite;
