//! What Piston's clients are told.

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};

use super::connect::Connect;
use crate::{
    domain::{
        conversation::{Event, StreamName},
        error::SandboxError,
        outcome::{Captured, Ending, LimitName, LimitReached, Outcome, Signal},
    },
    inbound::http::{Dialect as _, Front, HttpConfig},
    testing::{
        House, Plan, exited,
        foreign::{ask, get, post},
        rules, time_limit,
    },
};

fn call(code: &str) -> Value {
    json!({"language": "python", "version": "*", "files": [{"content": code}]})
}

#[tokio::test]
async fn runtimes_have_exact_versions_and_the_names_that_clients_use() {
    let house = House::new();
    for path in ["/api/v2/runtimes", "/api/v2/piston/runtimes", "/api/v2/runtimes/"] {
        let all = get(&house, path).await.json();
        assert_eq!((&all[0]["language"], &all[0]["version"]), (&json!("python"), &json!("1.2.3")), "{path}");
        assert!(all[0].get("runtime").is_none());
        assert_eq!((&all[1]["language"], &all[1]["runtime"]), (&json!("javascript"), &json!("node")));
        assert!(all[1]["aliases"].as_array().unwrap().contains(&json!("node-js")));
    }
    assert_eq!(get(&house, "/api/v2/piston/").await.json()["message"], "Piston v3.1.1");
    let reply = get(&house, "/api/v2/else").await;
    assert_eq!((reply.status.as_u16(), reply.json()), (404, json!({"message": "Not Found"})));
}

#[tokio::test]
async fn a_run_is_reported_as_one_stage_with_all_its_fields() {
    let house = House::new();
    for path in ["/api/v2/execute", "/api/v2/piston/execute/"] {
        let reply = post(&house, path, &call("print(2+2)")).await.json();
        assert_eq!((&reply["language"], &reply["version"]), (&json!("python"), &json!("1.2.3")));
        let wanted = json!({
            "stdout": "4\n", "stderr": "", "output": "4\n", "code": 0, "signal": null, "message": null,
            "status": null, "cpu_time": 2, "wall_time": 3, "memory": 8_421_376,
        });
        assert_eq!(reply["run"], wanted, "{path}");
        assert!(reply.get("compile").is_none());
    }
}

#[tokio::test]
async fn each_ending_has_its_word() {
    let limit = |name| {
        Ending::Limit(LimitReached { name, value: 1.0, observed: 2.0, evidence: "what was seen".to_owned() })
    };
    let flood = |stdout: &'static str, stderr: &'static str| Outcome {
        ending: limit(LimitName::Output),
        stdout: Captured::whole(stdout),
        stderr: Captured::whole(stderr),
        ..exited(0, "")
    };
    let ended = |ending| Outcome { ending, ..exited(0, "") };
    for (outcome, code, signal, status) in [
        (exited(3, ""), json!(3), json!(null), json!("RE")),
        (ended(Ending::Signaled(Signal(11))), json!(null), json!("SIGSEGV"), json!("SG")),
        (ended(time_limit()), json!(null), json!("SIGKILL"), json!("TO")),
        (ended(limit(LimitName::Memory)), json!(null), json!("SIGKILL"), json!("RE")),
        (flood("xx", "y"), json!(null), json!("SIGKILL"), json!("OL")),
        (flood("x", "yy"), json!(null), json!("SIGKILL"), json!("EL")),
    ] {
        let house = House::new();
        house.sandbox.plan(Plan::Answer(Box::new(outcome)));
        let run = post(&house, "/api/v2/execute", &call("x")).await.json()["run"].clone();
        assert_eq!((&run["code"], &run["signal"], &run["status"]), (&code, &signal, &status), "{run}");
        assert!(run["message"].is_string());
    }
}

#[tokio::test]
async fn output_is_both_streams_in_their_order_of_arrival_where_nothing_was_left_out() {
    let house = House::new();
    let output = |stream, at, bytes: &'static str| Event::Output { stream, at, bytes: bytes.into() };
    let outcome = Outcome { stderr: Captured::whole("E1 E2 "), ..exited(0, "O1 O2 ") };
    let step = std::time::Duration::from_millis(1);
    let script = |outcome: &Outcome| {
        vec![
            (step, output(StreamName::Stdout, 0, "O1 ")),
            (step * 2, output(StreamName::Stderr, 0, "E1 ")),
            (step * 3, output(StreamName::Stdout, 3, "O2 ")),
            (step * 4, output(StreamName::Stderr, 3, "E2 ")),
            (step * 5, Event::Ended(outcome.clone())),
        ]
    };
    house.sandbox.plan(Plan::Script(script(&outcome)));
    let run = post(&house, "/api/v2/execute", &call("x")).await.json()["run"].clone();
    assert_eq!(run["output"], "O1 E1 O2 E2 ");
    let cut = Captured { head: "O1".into(), tail: "O2 ".into(), total: 900 };
    house.sandbox.plan(Plan::Script(script(&Outcome { stdout: cut, ..outcome })));
    let run = post(&house, "/api/v2/execute", &call("x")).await.json()["run"].clone();
    assert_eq!(run["output"], "O1\n[... 895 bytes of output were left out here ...]\nO2 E1 E2 ");
}

#[tokio::test]
async fn what_is_asked_comes_to_the_program() {
    let house = House::new();
    let body = json!({
        "language": "JS", "version": "1.x", "args": ["a"], "stdin": "in", "run_timeout": 2000, "run_cpu_time": 1500,
        "compile_timeout": 999_999, "run_memory_limit": -1, "compile_memory_limit": null, "unheard": [],
        "files": [
            {"name": "data.bin", "content": "AAE=", "encoding": "base64"},
            {"name": "x.js", "content": "main", "encoding": "utf-8"},
            {"name": null, "content": "6869", "encoding": "hex"},
        ],
    });
    assert_eq!(post(&house, "/api/v2/execute", &body).await.status.as_u16(), 200);
    let seen = house.sandbox.last_seen();
    assert_eq!((seen.program.entrypoint().as_str(), seen.program.source()), ("x.js", &b"main"[..]));
    let files: Vec<_> =
        seen.program.project().iter().map(|(name, content)| (name.as_str(), &content[..])).collect();
    assert_eq!(files, [("data.bin", &[0, 1][..]), ("file2.code", b"hi"), ("x.js", b"main")]);
    assert_eq!((seen.stdin.as_bytes(), seen.args.as_slice().len()), (&b"in\n"[..], 1));
    assert_eq!((seen.limits.timeout.as_millis(), seen.limits.memory_mb), (1500, 128));
    // Without a version and with another content type, as one client does; no input is one empty line.
    let body = json!({"language": "py", "files": [{"content": "x"}]}).to_string();
    let reply = ask(&house, "POST", "/api/v2/execute", &[("content-type", "text/plain")], body).await;
    assert_eq!(reply.status.as_u16(), 200);
    assert_eq!(house.sandbox.last_seen().stdin.as_bytes(), b"\n");
}

#[tokio::test]
async fn what_is_wrong_is_told_in_a_message() {
    let house = House::new();
    let with = |name: &str, value: Value| {
        let mut body = call("x");
        body[name] = value;
        body
    };
    for (body, words) in [
        (with("language", json!(null)), "`language` must be a string."),
        (with("version", json!(3)), "`version` must be a string."),
        (with("files", json!("x")), "`files` must be an array."),
        (with("files", json!([{"name": "x"}])), "`files[0].content` must be a string."),
        (with("files", json!([])), "at least one utf8"),
        (with("files", json!([{"content": "aGk=", "encoding": "base64"}])), "at least one utf8"),
        (with("files", json!([{"content": "x"}, {"content": "x", "encoding": "hex"}])), "hex text"),
        (with("version", json!("9.x")), "python-9.x runtime is unknown"),
        (with("language", json!("cobol")), "cobol-* runtime is unknown"),
        (with("run_timeout", json!("soon")), "`run_timeout` must be a number."),
        (with("files", json!([{"name": "../x", "content": "x"}])), "leaves the project"),
    ] {
        let reply = post(&house, "/api/v2/execute", &body).await;
        let message = reply.json()["message"].as_str().unwrap().to_owned();
        assert!(reply.status == 400 && message.contains(words), "{message}");
    }
    let reply = ask(&house, "POST", "/api/v2/execute", &[], "{").await;
    assert!(reply.status == 400 && reply.json()["stack"].is_string());
    assert_eq!(house.sandbox.runs(), 0);
}

#[tokio::test]
async fn a_busy_server_may_be_asked_again_and_a_lost_run_may_not() {
    let house = House::new();
    house.sandbox.plan(Plan::Busy(std::time::Duration::from_secs(3)));
    let reply = post(&house, "/api/v2/execute", &call("x")).await;
    assert_eq!((reply.status.as_u16(), &reply.headers["retry-after"]), (429, &"3".parse().unwrap()));
    for fail in [
        || SandboxError::Lost { reason: "tcp://10.0.0.7".to_owned() },
        || SandboxError::Unavailable { reason: "tcp://10.0.0.7".to_owned() },
        || SandboxError::DeadlineExceeded,
    ] {
        house.sandbox.plan(Plan::Fail(fail));
        let reply = post(&house, "/api/v2/execute", &call("x")).await;
        assert_eq!(reply.status.as_u16(), 500);
        assert!(!reply.headers.contains_key("retry-after") && !reply.is_our_error(), "{reply:?}");
    }
}

#[test]
fn a_thousand_malformed_messages_on_a_socket_are_passed_over_or_close_it_in_pistons_words() {
    let house = House::new();
    let front = Front::new(house.service.clone(), HttpConfig::new(rules()));
    let dialect = Connect(front.desk());
    let mut init = call("x");
    init["type"] = json!("init");
    let data = json!({"type": "data", "stream": "stdin", "data": "x"});
    let signal = json!({"type": "signal", "signal": "SIGINT"});
    let seeds = [init, data, signal].map(|seed| seed.to_string().into_bytes());
    let mut random = StdRng::seed_from_u64(0x5eed);
    let mut refused = [0; 2];
    for number in 0..1000 {
        let mut text = seeds[number % seeds.len()].clone();
        for _ in 0..random.random_range(1..4) {
            let at = random.random_range(0..text.len());
            match random.random_range(0..3) {
                0 => text[at] = random.random(),
                1 => text.truncate(at.max(1)),
                _ => text.insert(at, b"[]{}\",:0-\\"[random.random_range(0..10)]),
            }
        }
        let answers = [dialect.read(&text).err(), dialect.message(&text).err()];
        for (refused, farewell) in refused.iter_mut().zip(answers) {
            let Some(farewell) = farewell else { continue };
            *refused += 1;
            let error = farewell.message.map(|message| serde_json::from_str::<Value>(&message).unwrap());
            let told = error.is_some_and(|error| error["type"] == "error" && error["message"].is_string());
            assert!(told == (farewell.code == 4002) && (4000..=4005).contains(&farewell.code), "{text:?}");
        }
    }
    assert!(refused.iter().all(|refused| *refused > 500), "{refused:?}");
}
