//! From a protocol to a domain request, and from an outcome back. Knows the service, never an adapter behind it.

pub mod answer;
pub mod archive;
pub mod events;
pub mod failure;
pub mod gateway;
pub mod history_entry;
pub mod http;
pub mod lambda;
pub mod local;
pub mod principal;
pub mod rejection;
pub mod run_request;
mod schema;
pub mod strict_json;
pub mod upload;
