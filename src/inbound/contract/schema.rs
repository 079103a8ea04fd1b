//! Words of the contract that come from closed sets, as schemas. The sets themselves are the domain's.

use serde_json::json;
use utoipa::openapi::{
    Array, Object, ObjectBuilder, Schema,
    schema::{AdditionalProperties, AnyOfBuilder, ArrayBuilder, OneOfBuilder, SchemaType, Type},
};

use crate::{
    domain::{
        caller::Source,
        compare::Compare,
        judging::Verdict,
        outcome::{LimitName, MetName, Start, Status},
        record::FailedStatus,
    },
    service::diagnostics::{Phase, Severity},
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

/// At most 16 patterns of names below the program's folder.
pub(super) fn patterns() -> Array {
    let pattern = ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .min_length(Some(1))
        .max_length(Some(255))
        .pattern(Some(r"^(?!/)(?!(.*/)?\.{1,2}(/|$))(?!.*//)[^\\\x00-\x1f\x7f-\x9f]+$"));
    ArrayBuilder::new()
        .items(pattern)
        .max_items(Some(16))
        .description(Some(
            "Which files come back when the program has ended: patterns of names below its folder. `*` stands for any \
             characters but `/`, `?` for one, `[a-z]` for one of some, `**` for any folders; a pattern that fits a folder \
             fits what is in it. Only beside `\"workspace\": \"writable\"`.",
        ))
        .build()
}

/// At most 16 arguments for a compiler.
pub(super) fn compile_arguments() -> Array {
    let argument = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).max_length(Some(256));
    ArrayBuilder::new()
        .items(argument)
        .max_items(Some(16))
        .description(Some(
            "Further arguments for the compiler, each of which the language allows: see `GET /languages`.",
        ))
        .build()
}

pub(super) fn step_kind() -> Object {
    words("`compile`: the compiler is run.", ["compile"])
}

pub(super) fn test_name() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .min_length(Some(1))
        .max_length(Some(200))
        .pattern(Some(r"^[^\x00-\x1f\x7f-\x9f]+$"))
        .description(Some("What it is called; the answer repeats it."))
        .build()
}

/// A word, or tolerances for numbers.
pub(in crate::inbound) fn compare() -> Schema {
    let tolerance = |description: &str| {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::Number))
            .minimum(Some(0.0))
            .description(Some(description))
    };
    let relative =
        || tolerance("The largest difference, as a part of the expected number.").maximum(Some(1.0));
    let numbers = |required: &str| {
        ObjectBuilder::new()
            .property("absolute", tolerance("The largest difference."))
            .property("relative", relative())
            .required(required)
            .additional_properties(Some(AdditionalProperties::FreeForm(false)))
    };
    let numbers = AnyOfBuilder::new().item(numbers("absolute")).item(numbers("relative"));
    let ways = OneOfBuilder::new()
        .item(words(
            "`exact`: byte by byte. `lines`: white space at line ends and empty lines at the end do not count. `tokens`: any \
             white space is one separator.",
            [Compare::Exact, Compare::Lines, Compare::Tokens].map(Compare::as_str),
        ))
        .item(
            ObjectBuilder::new()
                .property("numbers", numbers)
                .required("numbers")
                .additional_properties(Some(AdditionalProperties::FreeForm(false)))
                .description(Some(
                    "Tokens; two that are both decimal numbers are right when they differ by at most `absolute`, or by at \
                     most `relative` times the expected one.",
                )),
        )
        .default(Some(json!(Compare::default().as_str())))
        .description(Some("How outputs are compared with what is expected."));
    ways.build().into()
}

pub(super) fn verdict() -> Object {
    words(
        "What came of the test case. `ran`: it left with exit code 0, and nothing was expected.",
        Verdict::ALL.map(Verdict::as_str),
    )
}

pub(super) fn severity() -> Object {
    words("How bad it is.", Severity::ALL.map(Severity::as_str))
}

pub(super) fn phase() -> Object {
    words("When it was found: before the program began, or while it ran.", Phase::ALL.map(Phase::as_str))
}

pub(super) fn status() -> Object {
    words(
        "How the program ended; `compile_error` where its compiler refused it or met a limit, so that it did not begin.",
        Status::ALL.map(Status::as_str),
    )
}

pub(super) fn compiler_status() -> Object {
    let ended = Status::ALL.into_iter().filter(|status| *status != Status::CompileError);
    words("How the compiler ended: `completed` is exit code 0.", ended.map(Status::as_str))
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

pub(in crate::inbound) fn health_status() -> Object {
    words("`ok` when code can be run now.", ["ok", "unavailable", "shutting_down"])
}
