//! `Idempotency-Key`: under one key code runs at most once, whoever asks, however often, whatever dies meanwhile.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Reply, SWEPT, Server, alone, in_parallel, nonce, proxy::Proxy, shared};

fn ask(server: &Server, key: &str, code: &str) -> Reply {
    let body = json!({ "code": code }).to_string();
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    server.send("POST", "/run", &headers, body.as_bytes())
}

/// The answer to a run, whose times may be those of an earlier request.
fn answer(reply: &Reply) -> Value {
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

/// Asks until the run under this key is over.
fn ask_until_over(server: &Server, key: &str, code: &str) -> Reply {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let reply = ask(server, key, code);
        if reply.status != 409 {
            return reply;
        }
        assert_eq!(reply.refusal(409).code, "still_running");
        assert_eq!(reply.header("retry-after"), Some("1"));
        assert!(Instant::now() < deadline, "still running");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn fifty_who_ask_at_once_under_one_key_get_one_runs_answer() {
    let _alone = alone();
    let proxy = Proxy::start();
    let first = proxy.server(&[("SCE_POOL_SIZE", "0")]);
    let servers = [first.again(), first];
    let (key, mark) = (nonce(), nonce());
    proxy.watch(&mark);
    let code = format!("import time; time.sleep(0.3); print(time.time_ns()) # {mark}");
    let askers: Vec<usize> = (0..50).collect();
    let replies = in_parallel(50, &askers, |n| ask_until_over(&servers[n % 2], &key, &code));
    let answers: Vec<Value> = replies.iter().map(answer).collect();
    for answer in &answers {
        for field in ["id", "output", "error", "exit_code", "status", "usage", "limits", "sandbox"] {
            assert_eq!(answer[field], answers[0][field], "{field}");
        }
    }
    assert_eq!(proxy.passed(), 1, "it was run more than once");
    let replayed = replies.iter().filter(|reply| reply.header("idempotent-replayed") == Some("true")).count();
    assert_eq!(replayed, 49, "all but the one that ran it say so");
    let listed = servers[0].get("/history?limit=100").json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "one execution, one record: {listed}");
}

#[test]
fn a_handler_killed_at_any_moment_leaves_a_key_that_runs_nothing_twice() {
    let _alone = alone();
    let proxy = Proxy::start();
    let second = proxy.server(&[("SCE_POOL_SIZE", "0")]);
    let mut killed = Vec::new();
    for delay in [0, 40, 90, 150, 220, 300, 450, 700] {
        let mut first = second.again();
        let (key, mark) = (nonce(), nonce());
        proxy.watch(&mark);
        let code = format!("import time; time.sleep(0.2); print('once') # {mark}");
        std::thread::scope(|scope| {
            let body = json!({ "code": code }).to_string();
            let base = first.base().to_owned();
            let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
            scope.spawn(move || {
                // Cut off in the middle, most of the time.
                let client = crate::support::client::Client::new(base);
                let _ = client.try_send("POST", "/run", &headers, body.as_bytes());
            });
            std::thread::sleep(Duration::from_millis(delay));
            first.crash();
        });
        let sent = proxy.passed();
        let reply = ask(&second, &key, &code);
        match reply.status {
            200 => assert_eq!(answer(&reply)["output"], "once\n"),
            409 => assert_eq!(reply.refusal(409).code, "still_running"),
            502 => assert_eq!(reply.refusal(502).code, "not_run_again"),
            other => panic!("killed after {delay} ms: {other}: {}", reply.text()),
        }
        let times = proxy.passed();
        assert!(times <= 1, "killed after {delay} ms: sent {sent} times before and {times} times in all");
        if reply.status == 200 {
            assert_eq!(times, 1, "killed after {delay} ms: an answer, and nothing was run");
        }
        killed.push(first);
    }
    // What was made and never started is the second's to remove.
    second.leaves_nothing(SWEPT);
}

#[test]
fn a_key_belongs_to_one_request() {
    let key = nonce();
    let first = ask(shared(), &key, "print(1)").outcome();
    assert_eq!(ask(shared(), &key, "print(2)").refusal(422).code, "idempotency_key_reused");
    let spaced = "{ \"language\" : \"py\", \"code\" : \"print(1)\" }";
    let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
    let again = shared().send("POST", "/run", &headers, spaced.as_bytes());
    assert_eq!(answer(&again)["id"], first.id(), "the same request in other words");
}

#[test]
fn an_answer_is_given_again_word_for_word() {
    let key = nonce();
    let code =
        "import sys; sys.stdout.buffer.write(b'\\xff' + b'x' * 70000); print('e', file=sys.stderr); exit(3)";
    let [first, again] = [0, 1].map(|_| answer(&ask(shared(), &key, code)));
    for field in
        ["id", "output", "output_base64", "error", "exit_code", "status", "truncated", "bytes", "usage"]
    {
        assert_eq!(again[field], first[field], "{field}");
    }
}
