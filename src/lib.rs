//! Safe Code Executor: untrusted code, run in single-use sandboxes, told truthfully.
//!
//! The map of the house. Requests flow one way: `inbound` → `service` → `outbound`.
//!
//! * [`domain`]: the vocabulary and the ports. Imports no other room.
//! * [`config`]: the only reader of the environment.
//! * [`outbound`]: the real systems behind the ports, one folder each.
//! * [`inbound`]: protocols to domain requests, outcomes to answers.
//! * [`service`]: the only place that sequences admit, record, run, record.

pub mod config;
pub mod domain;
pub mod inbound;
pub mod outbound;
pub mod service;
pub mod telemetry;
#[cfg(test)]
mod testing;
