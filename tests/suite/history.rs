//! History: what was run, newest first, whole by its id, and nobody else's.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Server, alone, shared, within};

fn list(server: &Server, query: &str) -> Vec<Value> {
    server.get(&format!("/history{query}")).json().as_array().expect("an array").clone()
}

#[test]
fn after_twelve_runs_the_last_ten_are_listed_newest_first() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "0")]);
    for n in 0..12 {
        server.python(&format!("print({n})"));
    }
    let all = list(&server, "");
    assert_eq!(all.len(), 10);
    let outputs: Vec<&str> = all.iter().map(|entry| entry["output"].as_str().unwrap()).collect();
    let expected: Vec<String> = (2..12).rev().map(|n| format!("{n}\n")).collect();
    assert_eq!(outputs, expected);

    for (query, count) in
        [("?limit=3", 3), ("?limit=1", 1), ("?limit=12", 12), ("?limit=1000", 12), ("?limit=0", 1)]
    {
        let reply = server.get(&format!("/history{query}"));
        match reply.status {
            200 => assert_eq!(reply.json().as_array().unwrap().len(), count, "{query}"),
            _ => assert!(query == "?limit=0", "{query}: {}", reply.text()),
        }
    }
    for query in ["?limit=-1", "?limit=x", "?limit=1.5", "?limit=99999999999999999999", "?limit="] {
        let reply = server.get(&format!("/history{query}"));
        assert!(matches!(reply.status, 200 | 400), "{query}: {}", reply.text());
    }

    // It outlives the server.
    let again = server.again();
    assert_eq!(list(&again, ""), all);
}

#[test]
fn an_entry_has_the_fields_of_the_contract() {
    let outcome =
        shared().run(&json!({"code": "import sys; print('o'); print('e', file=sys.stderr); sys.exit(4)"}));
    let entry = shared().get(&format!("/history/{}", outcome.id())).json();
    assert_eq!(entry["id"], outcome.id());
    assert_eq!(entry["language"], "python");
    assert_eq!(entry["output"], "o\n");
    assert_eq!(entry["error"], "e\n");
    assert_eq!(entry["exit_code"], 4);
    assert_eq!(entry["status"], "nonzero_exit");
    assert_eq!(entry["source"], "http");
    assert!(entry["code"].as_str().unwrap().starts_with("import sys"));
    assert!(entry["wall_ms"].as_f64().is_some_and(|ms| ms > 0.0), "{entry}");

    let time = entry["time"].as_str().unwrap();
    let shape: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert_eq!(shape, "0000-00-00 00:00:00", "{time}");
    let started = entry["started_at"].as_str().unwrap();
    assert_eq!(started[..19].replace('T', " "), time, "one moment, two spellings");
    assert!(started.ends_with('Z') || started.ends_with("+00:00"), "not UTC: {started}");
}

#[test]
fn the_answer_is_sent_after_its_record_is_there() {
    for n in 0..5 {
        let outcome = shared().python(&format!("print({n})"));
        let entry = shared().get(&format!("/history/{}", outcome.id())).json();
        assert_eq!(
            (entry["status"].as_str(), entry["output"].as_str()),
            (Some("completed"), Some(&*format!("{n}\n")))
        );
    }
}

#[test]
fn a_run_in_progress_reads_as_running() {
    let mark = crate::support::nonce();
    let code = format!("import time; time.sleep(6) # {mark}");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            shared().python(&code).ended("completed", 0);
        });
        let find = || {
            let all = list(shared(), "?limit=100");
            all.into_iter().find(|entry| entry["code"].as_str().is_some_and(|code| code.contains(&mark)))
        };
        let entry = within(Duration::from_secs(5), find).expect("the start is recorded while it runs");
        assert_eq!(entry["status"], "running", "{entry}");
    });
}

#[test]
fn long_texts_are_cut_in_the_list_and_whole_by_id() {
    let code = format!("print('x' * 10000) # {}", "y".repeat(4000));
    let outcome = shared().python(&code);
    let whole = shared().get(&format!("/history/{}", outcome.id())).json();
    assert_eq!(whole["code"], code);
    assert_eq!(whole["output"].as_str().unwrap().len(), 10_001);
    let listed = list(shared(), "?limit=100").into_iter().find(|entry| entry["id"] == outcome.id());
    let listed = listed.expect("just run");
    assert!(
        listed["output"].as_str().unwrap().len() < 10_001 && listed["code"].as_str().unwrap().len() < 4000
    );
    let flagged = listed.as_object().unwrap().iter().any(|(name, value)| {
        name.contains("truncated") && (value == &json!(true) || value.to_string().contains("true"))
    });
    assert!(flagged, "what is cut is not said to be cut: {listed}");
}

#[test]
fn every_ending_is_recorded_as_it_was_answered() {
    for request in [
        json!({"code": "while True: pass", "limits": {"timeout_seconds": 0.3}}),
        json!({"code": "x = 'a' * 1000000000"}),
        json!({"code": "import os; os.abort()"}),
        json!({"code": "while True: print('x' * 1000)"}),
        json!({"code": "import sys; sys.stdout.buffer.write(b'\\xff\\x00')"}),
        json!({"language": "javascript", "code": "console.error('e'); process.exit(9)"}),
    ] {
        let outcome = shared().run(&request);
        let entry = shared().get(&format!("/history/{}", outcome.id())).json();
        for field in ["status", "exit_code", "output", "error", "language"] {
            assert_eq!(entry[field], outcome.0[field], "{field} of {request}");
        }
    }
}

#[test]
fn what_was_refused_is_not_in_the_history() {
    let mark = crate::support::nonce();
    shared().post(&json!({"code": mark, "language": "ruby"})).refusal(400);
    shared().post(&json!({"code": mark, "limits": {"memory_mb": 0}})).refusal(400);
    let all = shared().get("/history?limit=100");
    assert!(!all.text().contains(&mark));
}

#[test]
fn an_id_nobody_has_is_404() {
    shared().get("/history/01997c6e-0000-7000-8000-000000000000").refusal(404);
}

#[test]
fn no_header_of_the_callers_changes_whose_history_it_is() {
    let outcome = shared().python("print('mine')");
    let path = format!("/history/{}", outcome.id());
    for header in ["x-caller", "x-amzn-request-context", "x-forwarded-user", "authorization", "x-user"] {
        let reply = shared().send("GET", &path, &[(header, "somebody-else")], b"");
        assert_eq!(reply.status, 200, "{header}");
    }
}
