//! The vocabulary of the product: what a request is, what can come of it, what is kept.
//!
//! Knows neither HTTP, AWS, Docker nor a database. Everything is parsed once, at the door: a value of one of
//! these types that exists is valid.

pub mod caller;
pub mod clock;
pub mod compare;
pub mod conversation;
pub mod error;
pub mod files;
pub mod id;
pub mod idempotency;
pub mod judging;
pub mod language;
pub mod limits;
pub mod outcome;
pub mod ports;
pub mod project;
pub mod record;
pub mod request;
pub mod tests;
