//! Words of the contract that come from closed sets, as schemas. The sets themselves are the domain's.

use utoipa::openapi::{
    Array, Object, ObjectBuilder,
    schema::{ArrayBuilder, SchemaType, Type},
};

use crate::domain::{
    caller::Source,
    outcome::{LimitName, MetName, Start, Status},
    record::FailedStatus,
};

/// An execution that may still end.
pub const RUNNING: &str = "running";
/// An execution that can no longer end.
pub const ABANDONED: &str = "abandoned";

fn words(description: &str, words: impl IntoIterator<Item = &'static str>) -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .enum_values(Some(words))
        .description(Some(description))
        .build()
}

/// A name below the project's root, as near as a pattern comes to
/// [`RelativePath`](crate::domain::project::RelativePath): no way up or out, nothing another system reads differently.
pub(super) fn file_name() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .max_length(Some(255))
        .pattern(Some(r"^(?![A-Za-z]:)(?!/)(?!(.*/)?\.\.(/|$))(?=.*[^./])[^\\\x00-\x1f\x7f-\x9f]+$"))
        .description(Some("The name of a file below the project's root; at most 255 bytes, 16 folders deep."))
        .build()
}

/// At most 64 arguments, none with a NUL.
pub(super) fn arguments() -> Array {
    let argument = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .max_length(Some(16_384))
        .pattern(Some(r"^[^\x00]*$"));
    ArrayBuilder::new()
        .items(argument)
        .max_items(Some(64))
        .description(Some("The program's arguments; at most 16 KiB in all."))
        .build()
}

pub(super) fn status() -> Object {
    words("How the program ended.", Status::ALL.map(Status::as_str))
}

pub(super) fn record_status() -> Object {
    let ran = Status::ALL.map(Status::as_str);
    let failed = FailedStatus::ALL.map(FailedStatus::as_str);
    let description = "How it ended, or where it stands. Without an outcome: `not_started` says that the code did not \
                       run, `sandbox_error`, `cancelled` and `abandoned` that it may have, `rejected` that the request \
                       was not good and did not run.";
    words(description, ran.into_iter().chain(failed).chain([RUNNING, ABANDONED]))
}

pub(super) fn source() -> Object {
    words("How it came in.", Source::ALL.map(Source::as_str))
}

pub(super) fn limit_name() -> Object {
    words("Which limit.", LimitName::ALL.map(LimitName::as_str))
}

pub(super) fn limits_met() -> Array {
    let names = words(
        "A limit that refuses something and does not end a program.",
        MetName::ALL.map(MetName::as_str),
    );
    ArrayBuilder::new()
        .items(names)
        .description(Some(
            "The limits that the program met and that did not end it; only there when it met some.",
        ))
        .build()
}

pub(super) fn start() -> Object {
    words(
        "`warm` when the sandbox was waiting, `cold` when it was made for this run.",
        [Start::Warm, Start::Cold].map(Start::as_str),
    )
}

pub(super) fn health_status() -> Object {
    words("`ok` when code can be run now.", ["ok", "unavailable", "shutting_down"])
}
