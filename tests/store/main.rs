//! Every store of records, against the real thing: one contract for all of them, and what is each one's own.

#[macro_use]
mod contract;
mod backend;
mod dynamodb;
mod sample;
mod sqlite;
