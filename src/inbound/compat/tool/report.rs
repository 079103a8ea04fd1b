//! What a call gives: the outcome of a run, or a sentence about why there was none.

use serde_json::{Map, Value, json};

use crate::{
    inbound::{
        compat::lenient,
        contract::answer::{FileAnswer, RunAnswer},
        http::ApiError,
    },
    service::Answer,
};

/// What came of a run, by the fields of [`output_schema`](super::output_schema).
pub fn of(answer: &Answer) -> Map<String, Value> {
    let outcome = &answer.execution.outcome;
    let whole = RunAnswer::from(answer);
    let (output, stderr) = (lenient::text(&outcome.stdout), lenient::text(&outcome.stderr));
    // When time ran out our own sentence stands in `error`, and what the program wrote beside it.
    let error = match (&whole.stderr, stderr.is_empty()) {
        (None, _) => stderr,
        (Some(_), true) => whole.error.clone(),
        (Some(_), false) => format!("{stderr}\n{}", whole.error),
    };
    let mut report = Map::new();
    let mut put = |name: &str, value: Value| report.insert(name.to_owned(), value);
    put("id", json!(whole.id));
    put("language", json!(whole.language));
    put("status", json!(whole.status));
    put("exit_code", json!(whole.exit_code));
    put("output", json!(output));
    put("error", json!(error));
    // What a compiler says of a program that it refuses stands in `error`.
    if let Some(compiler) = answer.execution.compile.as_ref().filter(|_| whole.status != "compile_error") {
        let said = lenient::text(&compiler.stdout) + &lenient::text(&compiler.stderr);
        if !said.is_empty() {
            put("compiler", json!(said));
        }
    }
    if let Some(signal) = &whole.signal {
        put("signal", json!(signal));
    }
    if let Some(limit) = &whole.limit {
        put("limit", json!(format!("{}: {}", limit.name, limit.evidence)));
    }
    if whole.truncated.output || whole.truncated.error {
        put("truncated", json!(true));
    }
    if !whole.diagnostics.is_empty() {
        put("diagnostics", json!(whole.diagnostics));
    }
    if let Some(tests) = &whole.tests {
        put("tests", json!(tests));
    }
    if let Some(summary) = &whole.summary {
        put("summary", json!(summary));
    }
    if let Some(files) = whole.files.as_ref().filter(|files| !files.is_empty()) {
        let listed =
            |file: &FileAnswer| json!({"name": file.name, "size": file.size, "media_type": file.media_type});
        put("files", files.iter().map(listed).collect());
    }
    if let Some(omitted) = whole.files_omitted.as_ref().filter(|omitted| !omitted.is_empty()) {
        put("files_omitted", json!(omitted));
    }
    put("seconds", json!(whole.usage.wall_ms.round() / 1000.0));
    report
}

/// Why there was no run, or no outcome, and what a model can do about that.
pub fn failure(error: &ApiError) -> String {
    let sentence = error.message();
    if !error.never_ran() {
        return format!(
            "{sentence} The program may have run, wholly or in part; calling again runs it once more."
        );
    }
    match error.seconds_to_wait() {
        Some(1) => format!("{sentence} Nothing was run. Try again in 1 second."),
        Some(seconds) => format!("{sentence} Nothing was run. Try again in {seconds} seconds."),
        None => format!("{sentence} Nothing was run."),
    }
}
