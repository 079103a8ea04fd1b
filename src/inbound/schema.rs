//! Words of the contract that come from closed sets, as schemas. The sets themselves are the domain's.

use utoipa::openapi::{
    Object, ObjectBuilder,
    schema::{SchemaType, Type},
};

use crate::domain::{
    caller::Source,
    outcome::{LimitName, Start, Status},
    record::FailedStatus,
};

/// An execution that may still end.
pub const RUNNING: &str = "running";
/// An execution that can no longer end.
pub const ABANDONED: &str = "abandoned";

fn words(words: impl IntoIterator<Item = &'static str>) -> Object {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).enum_values(Some(words)).build()
}

pub(super) fn status() -> Object {
    words(Status::ALL.map(Status::as_str))
}

pub(super) fn record_status() -> Object {
    let ran = Status::ALL.map(Status::as_str);
    let failed = FailedStatus::ALL.map(FailedStatus::as_str);
    words(ran.into_iter().chain(failed).chain([RUNNING, ABANDONED]))
}

pub(super) fn source() -> Object {
    words(Source::ALL.map(Source::as_str))
}

pub(super) fn limit_name() -> Object {
    words(LimitName::ALL.map(LimitName::as_str))
}

pub(super) fn start() -> Object {
    words([Start::Warm, Start::Cold].map(Start::as_str))
}

pub(super) fn health_status() -> Object {
    words(["ok", "unavailable", "shutting_down"])
}
