//! One folder per real system. Each implements a port of the domain; none knows another, or what is inbound.

pub mod docker;
pub mod dynamodb;
pub mod sqlite;
