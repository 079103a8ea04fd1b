//! The outcome of a run as a caller sees it, and the rules of `POST /run`'s answer that hold for every one.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

/// An answer of `POST /run` that keeps the contract.
#[derive(Clone, Debug)]
pub struct Outcome(pub Value);

impl Outcome {
    pub fn id(&self) -> &str {
        self.0["id"].as_str().unwrap()
    }

    pub fn output(&self) -> &str {
        self.0["output"].as_str().unwrap()
    }

    pub fn error(&self) -> &str {
        self.0["error"].as_str().unwrap()
    }

    /// What the program wrote to stderr: beside a time limit's own sentence it stands in a field of its own.
    pub fn stderr(&self) -> &str {
        if self.status() == "time_limit" { self.0["stderr"].as_str().unwrap_or("") } else { self.error() }
    }

    pub fn exit_code(&self) -> i64 {
        self.0["exit_code"].as_i64().unwrap()
    }

    pub fn status(&self) -> &str {
        self.0["status"].as_str().unwrap()
    }

    pub fn truncated(&self, stream: &str) -> bool {
        self.0["truncated"][stream].as_bool().unwrap()
    }

    pub fn bytes(&self, stream: &str) -> u64 {
        self.0["bytes"][stream].as_u64().unwrap()
    }

    /// The bytes of a stream (`output` or `error`), from base64 where they are no text.
    pub fn raw(&self, stream: &str) -> Vec<u8> {
        match &self.0[format!("{stream}_base64")] {
            Value::String(encoded) => STANDARD.decode(encoded).expect("base64"),
            _ => self.0[stream].as_str().unwrap().as_bytes().to_vec(),
        }
    }

    pub fn limit_name(&self) -> Option<&str> {
        self.0["limit"]["name"].as_str()
    }

    pub fn signal(&self) -> Option<&str> {
        self.0["signal"].as_str()
    }

    pub fn wall_ms(&self) -> f64 {
        self.0["usage"]["wall_ms"].as_f64().unwrap()
    }

    pub fn start(&self) -> &str {
        self.0["sandbox"]["start"].as_str().unwrap()
    }

    /// Fails unless the program ended well, with exactly this on stdout and nothing on stderr.
    #[track_caller]
    pub fn printed(&self, output: &str) -> &Self {
        assert_eq!((self.status(), self.error(), self.output()), ("completed", "", output), "{}", self.0);
        self
    }

    /// Fails unless it ended this way.
    #[track_caller]
    pub fn ended(&self, status: &str, exit_code: i64) -> &Self {
        assert_eq!((self.status(), self.exit_code()), (status, exit_code), "{}", self.0);
        self
    }

    /// The outcome, after checking every rule that any outcome must keep.
    #[track_caller]
    pub fn checked(body: Value, took: Duration) -> Self {
        check_shape(&body);
        check_ending(&body);
        check_streams(&body);
        let outcome = Self(body);
        let total = outcome.0["timings_ms"]["total"].as_f64().unwrap();
        assert!(total <= took.as_secs_f64() * 1e3 + 1.0, "the answer took less than it says: {}", outcome.0);
        assert!(outcome.wall_ms() <= total + 1.0, "the run took longer than everything: {}", outcome.0);
        outcome
    }
}

const ALWAYS: [&str; 12] = [
    "id",
    "language",
    "output",
    "error",
    "exit_code",
    "status",
    "truncated",
    "bytes",
    "usage",
    "limits",
    "sandbox",
    "timings_ms",
];
const SOMETIMES: [&str; 15] = [
    "output_base64",
    "error_base64",
    "stderr",
    "limit",
    "signal",
    "omitted",
    "limits_met",
    "limits_met_evidence",
    "compile",
    "diagnostics",
    "tests",
    "summary",
    "files",
    "files_omitted",
    "files_omitted_more",
];

fn check_shape(body: &Value) {
    let fields = body.as_object().expect("an outcome is an object");
    for name in ALWAYS {
        assert!(fields.contains_key(name), "`{name}` is missing in {body}");
    }
    for name in fields.keys() {
        let known = |names: &[&str]| names.iter().any(|known| *known == name || name.starts_with("stderr"));
        assert!(known(&ALWAYS) || known(&SOMETIMES), "`{name}` is not in the contract: {body}");
    }
    let id = body["id"].as_str().expect("`id`");
    assert!(uuid::Uuid::parse_str(id).is_ok_and(|id| id.get_version_num() == 7), "no UUIDv7: {id}");
    assert!(!body["language"].as_str().unwrap().is_empty(), "{body}");
    for name in ["wall_ms", "cpu_ms"] {
        assert!(body["usage"][name].as_f64().is_some_and(|ms| ms >= 0.0), "usage.{name} in {body}");
    }
    assert!(body["usage"]["memory_bytes"].as_u64().is_some_and(|bytes| bytes > 0), "memory_bytes in {body}");
    assert!(body["limits"]["timeout_seconds"].as_f64().is_some(), "limits.timeout_seconds in {body}");
    for name in ["memory_mb", "output_bytes"] {
        assert!(body["limits"][name].as_u64().is_some(), "limits.{name} in {body}");
    }
    for name in ["runtime", "image", "digest"] {
        assert!(body["sandbox"][name].as_str().is_some_and(|s| !s.is_empty()), "sandbox.{name} in {body}");
    }
    assert!(["warm", "cold"].contains(&body["sandbox"]["start"].as_str().unwrap()), "{body}");
    assert!(body["sandbox"]["digest"].as_str().unwrap().starts_with("sha256:"), "{body}");
    for name in ["queue", "acquire", "run", "collect", "record", "total"] {
        assert!(body["timings_ms"][name].as_f64().is_some_and(|ms| ms >= 0.0), "timings_ms.{name} in {body}");
    }
}

fn check_ending(body: &Value) {
    let code = body["exit_code"].as_i64().unwrap();
    let fits = match body["status"].as_str().unwrap() {
        "completed" => code == 0,
        "nonzero_exit" => (1..=255).contains(&code),
        "signal" => (129..=192).contains(&code),
        "time_limit" => code == -2,
        "memory_limit" | "output_limit" | "disk_limit" => code == 137,
        "compile_error" => code != 0 && body["compile"]["exit_code"] == code,
        other => panic!("`{other}` is no status of an answer with 200: {body}"),
    };
    assert!(fits, "status and exit code disagree: {body}");
    let status = body["status"].as_str().unwrap();
    // Where there is no program the compiler's own end is told.
    let ended = if status == "compile_error" { body["compile"]["status"].as_str().unwrap() } else { status };
    assert_eq!(body.get("limit").is_some(), ended.ends_with("_limit"), "`limit` and status: {body}");
    assert_eq!(body.get("signal").is_some(), ended == "signal", "`signal` and status: {body}");
    if let Some(compile) = body.get("compile") {
        for name in ["status", "exit_code", "output", "error", "usage"] {
            assert!(compile.get(name).is_some(), "`compile.{name}` is missing in {body}");
        }
        let failed = compile["status"] != "completed";
        assert_eq!(status == "compile_error", failed, "`compile` and status: {body}");
        assert!(!failed || (compile["limit"] == body["limit"] && body["output"] == ""), "{body}");
    }
    if let Some(limit) = body.get("limit") {
        let name = limit["name"].as_str().unwrap();
        let names: &[&str] = match ended {
            "time_limit" => &["wall_time", "cpu_time"],
            "memory_limit" => &["memory"],
            "disk_limit" => &["disk"],
            _ => &["output"],
        };
        assert!(names.contains(&name), "limit {name} for {status}");
        for field in ["value", "observed"] {
            assert!(limit[field].as_f64().is_some_and(|v| v > 0.0), "limit.{field} in {body}");
        }
        assert!(limit["evidence"].as_str().is_some_and(|text| !text.is_empty()), "no evidence: {body}");
    }
    if status == "time_limit" {
        // A test case may have a lower limit than the request.
        let seconds = body["limit"]["value"].as_f64().unwrap();
        let sentence = body["error"].as_str().unwrap();
        let says = |unit: &str| sentence == format!("Execution timed out after {seconds} {unit}.");
        assert!(says("seconds") || (seconds == 1.0 && says("second")), "{sentence}");
    }
}

fn check_streams(body: &Value) {
    let cap = body["limits"]["output_bytes"].as_u64().unwrap();
    for stream in ["output", "error"] {
        let encoded = body.get(format!("{stream}_base64"));
        let text = body[stream].as_str().unwrap();
        let kept = match encoded {
            Some(encoded) => STANDARD.decode(encoded.as_str().unwrap()).expect("base64"),
            None if stream == "error" && body.get("stderr").is_some() => {
                body["stderr"].as_str().unwrap().as_bytes().to_vec()
            }
            None => text.as_bytes().to_vec(),
        };
        let total = body["bytes"][stream].as_u64().unwrap();
        let truncated = body["truncated"][stream].as_bool().unwrap();
        assert!(kept.len() as u64 <= cap, "{} bytes of {stream} kept over {cap}", kept.len());
        assert_eq!(body["omitted"].get(stream).is_some(), truncated, "`omitted` and `truncated`: {body}");
        if truncated {
            let (after, left_out) =
                (&body["omitted"][stream]["after_bytes"], &body["omitted"][stream]["bytes"]);
            assert!(
                after.as_u64().is_some_and(|at| at <= kept.len() as u64),
                "omitted where? {}",
                body["omitted"]
            );
            assert_eq!(
                left_out.as_u64(),
                Some(total - kept.len() as u64),
                "omitted how much? {}",
                body["omitted"]
            );
            assert!(total > kept.len() as u64, "`{stream}` said to be cut, yet {total} = {}", kept.len());
        } else {
            assert_eq!(total, kept.len() as u64, "`{stream}` is whole, yet the count differs: {body}");
        }
        if encoded.is_some() {
            assert!(std::str::from_utf8(&kept).is_err(), "base64 beside good text: {body}");
            assert_eq!(text, String::from_utf8_lossy(&kept), "{stream}");
        }
    }
}
