//! The whole service from outside: a real server process, a real Docker engine, real HTTP.
//!
//! One binary, one module per capability. There is no way to skip: without an engine these tests fail.

mod support;

mod bad_archives;
mod bad_input;
mod concurrency;
mod fidelity;
mod files_and_archives;
mod history;
mod isolation;
mod lifecycle;
mod limits;
mod mtls;
mod outcomes;
mod output;
mod pool;
mod preflight;
mod readme;
mod run;
mod system_calls;
mod writing;

mod attacks;
