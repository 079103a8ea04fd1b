//! From a protocol to a domain request, and from an outcome back. Knows the service, never an adapter behind it.
//!
//! `contract` and `files` are what all protocols share, and know none of them. `http`, `lambda` and `local` are the
//! protocols and the doors.

pub mod compat;
pub mod contract;
pub mod files;
pub mod http;
pub mod lambda;
pub mod local;
