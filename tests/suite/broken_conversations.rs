//! Conversations that break, each with three test cases: the line is cut, the handler is killed or stopped, the client goes
//! away. Whoever asks gets one definite answer, the record says the same, no step is sent twice, and nothing is left.

mod cut;
mod killed;
mod left;
mod lost;
mod stopped;
mod typed;

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{Reply, Server, engine, nonce, proxy::Proxy, within};

/// How long a case goes on between its two lines, in seconds, unless a test says otherwise.
const PAUSE: f64 = 0.15;
/// How long the steps before the one that a test waits for may take.
const SOON: Duration = Duration::from_secs(20);
/// How long a sandbox may be there after its conversation has broken: it sees the end of its connection, and what the
/// engine has not heard by then its handler tells it again within some seconds.
const GONE: Duration = Duration::from_secs(30);

/// A submission with three test cases. Each case has words of its own on the way to the sandbox and back, so that a line
/// between handler and engine can be cut at each of them.
struct Cases {
    mark: String,
    request: Value,
}

impl Cases {
    fn new() -> Self {
        Self::with_pauses([PAUSE; 3])
    }

    /// The case of this number, counted from 1, goes on for so many seconds.
    fn with_pause_in(number: usize, seconds: f64) -> Self {
        let mut pauses = [PAUSE; 3];
        pauses[number - 1] = seconds;
        Self::with_pauses(pauses)
    }

    fn with_pauses(pauses: [f64; 3]) -> Self {
        let mark = nonce();
        let code = format!(
            "import sys, time\n\
             mark, number, pause = input().split()\n\
             print(mark, 'wrote', number, sep='-', flush=True)\n\
             time.sleep(float(pause))\n\
             print(mark, 'ended', number, sep='-', file=sys.stderr)\n\
             # {mark}\n"
        );
        let mut cases = Self { mark, request: Value::Null };
        let tests = (1..).zip(pauses).map(|(number, pause)| {
            json!({"stdin": format!("{} {pause}", cases.input(number)), "expected_output": cases.wrote(number)})
        });
        let request = json!({"code": code, "tests": tests.collect::<Vec<_>>()});
        cases.request = request;
        cases
    }

    /// What the step of this case holds, and no other message to the engine.
    fn input(&self, number: usize) -> String {
        format!("{} {number}", self.mark)
    }

    /// What the sandbox tells of this case as the program writes it, and again in the report.
    fn wrote(&self, number: usize) -> String {
        format!("{}-wrote-{number}", self.mark)
    }

    /// What is in the report of this case, and in no message before. A listener is told of the same line before: there the
    /// number of bytes that were written before, none, stands before the line's length. In the report it is the length of
    /// standard output, which is told first.
    fn ended(&self, number: usize) -> String {
        let line = format!("{}-ended-{number}", self.mark);
        let length = |line: &str| char::from(u8::try_from(line.len() + 1).expect("a short line"));
        format!("{}{}{line}", length(&self.wrote(number)), length(&line))
    }

    /// Has the proxy count how often the step of each case goes to the engine.
    fn watched_by(&self, line: &Proxy) {
        line.watch_each(&[1, 2, 3].map(|number| self.input(number)));
    }

    /// The record of the submission, whole. There is one.
    #[track_caller]
    fn record(&self, server: &Server) -> Value {
        let listed = server.get("/history?limit=100").json();
        let entries = listed.as_array().unwrap().iter();
        let ours: Vec<_> = entries.filter(|entry| entry["code"].to_string().contains(&self.mark)).collect();
        assert_eq!(ours.len(), 1, "one submission, one record: {listed}");
        server.get(&format!("/history/{}", ours[0]["id"].as_str().unwrap())).json()
    }

    /// Waits for a record with this status, and checks that it holds nothing of an answer.
    #[track_caller]
    fn reads(&self, server: &Server, status: &str) -> Value {
        let reached = || Some(self.record(server)).filter(|record| record["status"] == status);
        let record = within(Duration::from_secs(10), reached)
            .unwrap_or_else(|| panic!("not {status}: {}", self.record(server)));
        holds_no_answer(&record);
        record
    }
}

/// Fails unless a record holds nothing of what came of any case.
#[track_caller]
fn holds_no_answer(record: &Value) {
    for field in ["tests", "summary", "bytes", "usage"] {
        assert!(record.get(field).is_none(), "`{field}` in the record of half a run: {record}");
    }
    assert_eq!((&record["output"], &record["exit_code"]), (&json!(""), &Value::Null), "{record}");
}

/// Fails unless an answer or a record says that each of the three cases passed.
#[track_caller]
fn passed(answer: &Value) {
    assert_eq!(answer["status"], "completed", "{answer}");
    assert_eq!(answer["summary"], json!({"passed": 3, "failed": 0, "skipped": 0, "verdict": "passed"}));
    let verdicts = answer["tests"].as_array().unwrap().iter().map(|test| &test["verdict"]);
    assert_eq!(verdicts.collect::<Vec<_>>(), ["passed"; 3], "{answer}");
}

/// Asks on a connection of its own, and does not wait for the answer.
fn ask(server: &Server, path: &str, headers: &[(&str, &str)], request: &Value) -> TcpStream {
    let body = request.to_string();
    let mut head = format!("POST {path} HTTP/1.1\r\nHost: {}\r\n", server.authority());
    let length = body.len().to_string();
    for (name, value) in
        headers.iter().chain(&[("content-type", "application/json"), ("content-length", &length)])
    {
        head += &format!("{name}: {value}\r\n");
    }
    let mut stream = TcpStream::connect(server.authority()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).unwrap();
    stream
}

/// Reads until this has come.
#[track_caller]
fn hear(stream: &mut TcpStream, text: &str) -> String {
    let mut heard = String::new();
    let mut buffer = [0; 4096];
    while !heard.contains(text) {
        let count = stream.read(&mut buffer).unwrap();
        assert_ne!(count, 0, "the answer is over before {text:?}: {heard}");
        heard += std::str::from_utf8(&buffer[..count]).unwrap();
    }
    heard
}

/// All that still comes, until the server or its end closes the connection.
fn rest(stream: &mut TcpStream) -> String {
    let mut heard = Vec::new();
    let _ = stream.read_to_end(&mut heard);
    String::from_utf8(heard).unwrap()
}

/// Asks under this key, and waits for the answer.
#[track_caller]
fn ask_under(server: &Server, key: &str, request: &Value) -> Reply {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    server.send("POST", "/run", &headers, request.to_string().as_bytes())
}

/// Fails unless no sandbox is left by then.
#[track_caller]
fn nothing_is_left(server: &Server, patience: Duration) {
    let gone = || engine::sandboxes(&server.deployment).is_empty().then_some(());
    assert!(within(patience, gone).is_some(), "{:?}", engine::sandboxes(&server.deployment));
}
