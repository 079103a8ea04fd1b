//! One folder per real system. Each implements a port of the domain; none knows another, or what is inbound. Only
//! [`records`] knows both stores; `writable` is what they have in common.

pub mod docker;
pub mod dynamodb;
pub mod records;
pub mod sqlite;
mod writable;
