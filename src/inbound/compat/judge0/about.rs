//! What Judge0's clients read before their first submission: who this is, and within which bounds.

use axum::{Json, extract::State, http::StatusCode};
use serde_json::{Map, Value, json};

use super::{Flavour, Judge0};
use crate::domain::ports::{ExecutionStore, Sandbox};

/// The release whose contract this is. The SDK knows four versions and refuses any other.
const fn release(flavour: Flavour) -> &'static str {
    match flavour {
        Flavour::Ce => "1.13.1",
        Flavour::Extra => "1.13.1-extra",
    }
}

/// `GET /about`.
pub async fn about<S: Sandbox, R: ExecutionStore>(State(judge): State<Judge0<S, R>>) -> Json<Value> {
    Json(json!({
        "version": release(judge.flavour),
        "homepage": "https://judge0.com",
        "source_code": "https://github.com/judge0/judge0",
        "maintainer": "Safe Code Executor, which speaks this API",
    }))
}

/// `GET /version`.
pub async fn version<S: Sandbox, R: ExecutionStore>(State(judge): State<Judge0<S, R>>) -> &'static str {
    release(judge.flavour)
}

/// `GET /config_info`: every name that the SDK's model must have.
pub async fn config_info<S: Sandbox, R: ExecutionStore>(State(judge): State<Judge0<S, R>>) -> Json<Value> {
    let limits = judge.desk.rules().limits;
    let seconds = limits.timeout.as_secs_f64();
    let memory = limits.memory_mb * 1024;
    let mut info = Map::new();
    let mut put = |name: &str, value: Value| info.insert(name.to_owned(), value);
    for name in [
        "enable_wait_result",
        "enable_command_line_arguments",
        "enable_additional_files",
        "enable_batched_submissions",
    ] {
        put(name, json!(true));
    }
    for name in [
        "maintenance_mode",
        "use_docs_as_homepage",
        "redirect_stderr_to_stdout",
        "enable_compiler_options",
        "enable_submission_delete",
        "enable_callbacks",
        "enable_network",
        "enable_per_process_and_thread_time_limit",
        "enable_per_process_and_thread_memory_limit",
        "allow_enable_network",
        "allow_enable_per_process_and_thread_time_limit",
        "allow_enable_per_process_and_thread_memory_limit",
    ] {
        put(name, json!(false));
    }
    put("allowed_languages_for_compile_options", json!([]));
    for (name, value) in [
        ("callbacks_max_tries", json!(0)),
        ("callbacks_timeout", json!(0)),
        ("max_queue_size", json!(super::kept::MOST_WAITING)),
        ("max_extract_size", json!(8 * 1024)),
        ("max_submission_batch_size", json!(super::create::MOST_IN_BATCH)),
        ("submission_cache_duration", json!(0)),
    ] {
        put(name, value);
    }
    for (name, value) in [
        ("cpu_time_limit", json!(seconds)),
        ("cpu_extra_time", json!(0)),
        ("wall_time_limit", json!(seconds)),
        ("memory_limit", json!(memory)),
        ("stack_limit", json!(memory.min(65_536))),
        ("max_processes_and_or_threads", json!(64)),
        ("max_file_size", json!(1024)),
        ("number_of_runs", json!(1)),
    ] {
        put(name, value.clone());
        put(&format!("max_{name}"), value);
    }
    Json(Value::Object(info))
}

/// `GET /workers`.
pub async fn workers<S: Sandbox, R: ExecutionStore>(State(judge): State<Judge0<S, R>>) -> Json<Value> {
    let health = judge.desk.service().health().await;
    let (capacity, running) = health.sandbox.map_or((1, 0), |sandbox| (sandbox.capacity, sandbox.running));
    Json(json!([{
        "queue": "default", "size": 0, "available": capacity, "idle": capacity.saturating_sub(running),
        "working": running, "paused": 0, "failed": 0,
    }]))
}

/// `POST /authenticate` and `/authorize`: whoever gets this far may come in.
pub async fn welcome() -> StatusCode {
    StatusCode::OK
}
