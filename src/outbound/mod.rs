//! The real systems behind the domain's ports, one folder each. Nothing in here knows where a request came from.

pub mod dynamodb;
pub mod sqlite;
