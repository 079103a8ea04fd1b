//! One folder per real system. Each implements a port of the domain; none knows another, or what is inbound. Only
//! [`records`] knows both stores; `document` and `writable` are what they have in common.

pub mod docker;
mod document;
pub mod dynamodb;
pub mod records;
pub mod sqlite;
mod writable;
