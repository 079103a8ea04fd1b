//! What real clients of other systems say, as `make test-clients` has written it down, said again to the real server: the
//! answers must be what those clients understood then.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::Value;

use crate::support::{Server, data, engine, text, within};

/// What one client said, and was told.
#[derive(Deserialize)]
struct Recording {
    client: String,
    said: Vec<Said>,
}

#[derive(Deserialize)]
struct Said {
    case: String,
    /// What was the case around it: nothing, `busy` or `lost`.
    condition: String,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Body,
    status: u16,
    answer_headers: Vec<(String, String)>,
    answer: Body,
}

impl Said {
    fn lists_tools(&self) -> bool {
        matches!(&self.body, Body::Text(text) if text.contains("tools/list"))
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Body {
    Text(String),
    Bytes { base64: String },
}

impl Body {
    fn bytes(&self) -> Vec<u8> {
        use base64::{Engine as _, prelude::BASE64_STANDARD};
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Bytes { base64 } => BASE64_STANDARD.decode(base64).unwrap(),
        }
    }
}

fn recordings() -> Vec<Recording> {
    let mut all: Vec<_> =
        std::fs::read_dir(data("clients")).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    assert!(all.len() >= 9, "the recordings are part of the sources: {all:?}");
    all.iter()
        .map(|path| serde_json::from_str(&text(path)).unwrap_or_else(|why| panic!("{path:?}: {why}")))
        .collect()
}

const EVERY: (&str, &str) = ("SCE_COMPAT", "mcp,tools,piston,dify,judge0,jobe,sandboxfusion");

#[test]
fn what_clients_said_is_answered_as_they_understood_it() {
    let server =
        Server::start(&[EVERY, ("SCE_POOL_SIZE", "1"), ("SCE_LANGUAGES", "python,javascript,c,cpp")]);
    for recording in recordings() {
        replay(&recording, "", &server);
    }
}

#[test]
fn what_clients_said_to_a_busy_server_is_answered_as_they_understood_it() {
    let settings = [("SCE_MAX_RUNNING", "1"), ("SCE_QUEUE_LENGTH", "1"), ("SCE_QUEUE_TIMEOUT_SECONDS", "1")];
    let server = Server::start(
        &[&settings[..], &[EVERY, ("SCE_POOL_SIZE", "0"), ("SCE_TIMEOUT_SECONDS", "600")]].concat(),
    );
    // Goes away when the tests have asked all they want.
    let body = br#"{"code": "import time; time.sleep(600)"}"#;
    let hog = server.send("POST", "/run?wait=false", &[("content-type", "application/json")], body).json();
    engine::running_come_to(&server.deployment, 1);
    for recording in recordings() {
        replay(&recording, "busy", &server);
    }
    server.send("DELETE", &format!("/history/{}", hog["id"].as_str().unwrap()), &[], &[]);
}

#[test]
fn what_clients_said_of_a_run_that_was_lost_is_answered_as_they_understood_it() {
    let server = Server::start(&[EVERY, ("SCE_POOL_SIZE", "0")]);
    for recording in recordings() {
        let mut ids = BTreeMap::new();
        for said in recording.said.iter().filter(|said| said.condition == "lost") {
            std::thread::scope(|scope| {
                // What asks for the outcome of a run begins none.
                if said.method == "POST" {
                    scope.spawn(|| lose_next(&server));
                }
                once(&recording.client, said, &server, &mut ids);
            });
        }
    }
}

/// Takes the sandbox of the next run away when its program has begun.
fn lose_next(server: &Server) {
    let begun = || engine::running(&server.deployment).pop();
    let Some(sandbox) = within(Duration::from_secs(20), begun) else { return };
    std::thread::sleep(Duration::from_secs(5)); // until its code was sent, on a busy host, too
    engine::remove(&sandbox.id);
}

fn replay(recording: &Recording, condition: &str, server: &Server) {
    let mut ids = BTreeMap::new();
    // A list of tools says the server's limits, and the busy one has others.
    let same_here = |said: &&Said| condition.is_empty() || !said.lists_tools();
    for said in recording.said.iter().filter(|said| said.condition == condition).filter(same_here) {
        once(&recording.client, said, server, &mut ids);
    }
}

/// Says it again. `ids` are those of the recording and what they are now.
fn once(client: &str, said: &Said, server: &Server, ids: &mut BTreeMap<String, String>) {
    let now = |text: &str| ids.iter().fold(text.to_owned(), |text, (then, now)| text.replace(then, now));
    let headers: Vec<(&str, &str)> =
        said.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let body = match &said.body {
        Body::Text(text) => now(text).into_bytes(),
        other => other.bytes(),
    };
    let path = now(&said.path);
    let ask = || server.send(&said.method, &path, &headers, &body);
    let ended = || Some(ask()).filter(|reply| !still_runs(&reply.body));
    // Who asks for a submission of Judge0's asks until it has ended.
    let polls = said.method == "GET" && path.contains("/submissions/");
    let reply = if polls { within(Duration::from_secs(60), ended).expect("it ends") } else { ask() };
    let place = format!("{client}, {}: {} {}", said.case, said.method, said.path);
    let got = String::from_utf8_lossy(&reply.body).into_owned();
    assert_eq!(reply.status, said.status, "{place}: {got}");
    for (name, value) in &said.answer_headers {
        // How long to wait is the moment's.
        let same = name == "retry-after" || reply.headers.get(name) == Some(value);
        assert!(same, "{place}: {name}: {:?}", reply.headers);
    }
    let Body::Text(wanted) = &said.answer else { return };
    same_text(wanted, &got, &place, ids);
}

/// Whether a submission in this answer waits or runs.
fn still_runs(answer: &[u8]) -> bool {
    let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
    let all = answer["submissions"].as_array().cloned().unwrap_or_else(|| vec![answer]);
    all.iter().any(|one| matches!(one["status"]["id"].as_i64(), Some(1 | 2)))
}

/// Fields whose values are the moment's, or the machine's.
const OF_THE_MOMENT: &[&str] = &[
    "seconds",
    "evidence",
    "limit",
    "wall_ms",
    "cpu_ms",
    "memory_bytes",
    "usage",
    "url",
    "version",
    "bytes",
    // Piston's, Judge0's and SandboxFusion's.
    "cpu_time",
    "wall_time",
    "memory",
    "time",
    "created_at",
    "finished_at",
    "execution_time",
    "message",
    "available",
    "idle",
    "working",
];

fn same_text(wanted: &str, got: &str, place: &str, ids: &mut BTreeMap<String, String>) {
    match (serde_json::from_str::<Value>(wanted), serde_json::from_str::<Value>(got)) {
        (Ok(wanted @ (Value::Object(_) | Value::Array(_))), Ok(got)) => same(&wanted, &got, place, ids),
        _ => {
            // A recording keeps the beginning of what is long.
            if let Some(beginning) = wanted.strip_suffix('…') {
                assert!(got.starts_with(beginning), "{place}: {got}");
            } else if let (Some(_), Some(_)) = (seconds(wanted), seconds(got)) {
                assert_eq!(without_numbers(wanted), without_numbers(got), "{place}");
            } else {
                assert_eq!(wanted, got, "{place}");
            }
        }
    }
}

/// The seconds in a sentence that ends with how long to wait.
fn seconds(text: &str) -> Option<&str> {
    text.contains("Try again in").then_some(text)
}

fn without_numbers(text: &str) -> String {
    text.replace("seconds", "second").chars().filter(|c| !c.is_ascii_digit()).collect()
}

fn same(wanted: &Value, got: &Value, place: &str, ids: &mut BTreeMap<String, String>) {
    match (wanted, got) {
        (Value::Object(wanted), Value::Object(got)) => {
            let names = |map: &serde_json::Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
            assert_eq!(names(wanted), names(got), "{place}: {got:?}");
            if let (Some(wanted), Some(got)) = (sentence(wanted), sentence(got)) {
                // What is said of a limit is what was measured, on a host as busy as it was.
                let measured =
                    |text: &str| text.contains("clock") || text.contains("CPU") || text.contains("bytes");
                let alike = without_numbers(wanted) == without_numbers(got);
                assert!(alike || measured(wanted) && measured(got), "{place}: {wanted} / {got}");
            }
            for (name, wanted) in wanted.iter().filter(|(name, _)| !OF_THE_MOMENT.contains(&name.as_str())) {
                same(wanted, &got[name], &format!("{place}, `{name}`"), ids);
            }
        }
        (Value::Array(wanted), Value::Array(got)) => {
            assert_eq!(wanted.len(), got.len(), "{place}: {got:?}");
            for (index, (wanted, got)) in wanted.iter().zip(got).enumerate() {
                same(wanted, got, &format!("{place}[{index}]"), ids);
            }
        }
        (Value::String(wanted), Value::String(got)) if is_id(wanted) && is_id(got) => {
            ids.insert(wanted.clone(), got.clone());
        }
        (Value::String(wanted), Value::String(got)) => same_text(wanted, got, place, ids),
        _ => assert_eq!(wanted, got, "{place}"),
    }
}

/// The sentence of an outcome, whose numbers are what was measured.
fn sentence(answer: &serde_json::Map<String, Value>) -> Option<&str> {
    answer.get("message").and_then(Value::as_str)
}

fn is_id(text: &str) -> bool {
    text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}
