//! `Idempotency-Key`: under one key code runs at most once, whoever asks, however often, whatever dies meanwhile.

use std::{
    io::Write,
    net::{Shutdown, TcpStream},
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{Reply, SWEPT, Server, alone, engine, in_parallel, nonce, proxy::Proxy, shared, within};

fn ask(server: &Server, key: &str, code: &str) -> Reply {
    let body = json!({ "code": code }).to_string();
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    server.send("POST", "/run", &headers, body.as_bytes())
}

/// Asks under this key on a connection of its own, and does not wait.
fn send(server: &Server, key: &str, code: &str) -> TcpStream {
    let body = json!({ "code": code }).to_string();
    let head = format!(
        "POST /run HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nIdempotency-Key: {key}\r\n\
         Content-Length: {}\r\n\r\n",
        server.authority(),
        body.len()
    );
    let mut stream = TcpStream::connect(server.authority()).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    stream
}

fn hang_up(stream: &TcpStream) {
    // The server may have been quicker.
    let _ = stream.shutdown(Shutdown::Both);
}

/// How the records of programs with this mark in them read.
fn statuses(server: &Server, mark: &str) -> Vec<Value> {
    let listed = server.get("/history?limit=100").json();
    let ours = listed.as_array().unwrap().iter().filter(|entry| entry["code"].to_string().contains(mark));
    ours.map(|entry| entry["status"].clone()).collect()
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
        // The time limit of a run, and a second for what is around it.
        let wait: u64 = reply.header("retry-after").and_then(|wait| wait.parse().ok()).unwrap();
        assert!((1..=11).contains(&wait), "{wait}");
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
fn a_line_that_breaks_at_any_moment_stops_no_keyed_run_and_whoever_comes_back_gets_its_answer() {
    let proxy = Proxy::start();
    let server = proxy.server(&[("SCE_POOL_SIZE", "0")]);
    for delay in [0, 5, 40, 90, 150, 220, 300, 450, 700] {
        let (key, mark) = (nonce(), nonce());
        proxy.watch(&mark);
        let code = format!("import time; time.sleep(0.3); print(time.time_ns()) # {mark}");
        let stream = send(&server, &key, &code);
        std::thread::sleep(Duration::from_millis(delay));
        hang_up(&stream);
        let first = answer(&ask_until_over(&server, &key, &code));
        let again = ask(&server, &key, &code);
        assert_eq!(again.header("idempotent-replayed"), Some("true"), "left after {delay} ms");
        assert_eq!(answer(&again)["output"], first["output"], "left after {delay} ms");
        assert_eq!(proxy.passed(), 1, "left after {delay} ms: how often it was sent");
        assert_eq!(statuses(&server, &mark), ["completed"], "left after {delay} ms");
    }
}

#[test]
fn who_leaves_while_waiting_in_line_under_a_key_finds_the_answer_as_well() {
    let server = Server::start(&[("SCE_POOL_SIZE", "0"), ("SCE_MAX_RUNNING", "1")]);
    let (key, mark) = (nonce(), nonce());
    let code = format!("import time; print(time.time_ns()) # {mark}");
    let before = send(&server, &nonce(), "import time; time.sleep(2)");
    engine::running_come_to(&server.deployment, 1);
    let stream = send(&server, &key, &code);
    std::thread::sleep(Duration::from_millis(200));
    hang_up(&stream);
    let ended = || (statuses(&server, &mark) == ["completed"]).then_some(());
    assert!(within(Duration::from_secs(20), ended).is_some(), "{:?}", statuses(&server, &mark));
    let reply = ask(&server, &key, &code);
    assert_eq!((reply.status, reply.header("idempotent-replayed")), (200, Some("true")));
    drop(before);
}

#[test]
fn a_server_that_is_stopped_leaves_the_keys_of_what_it_had_not_sent_and_no_others() {
    for sent in [true, false] {
        let proxy = Proxy::start();
        let mut server = proxy.server(&[("SCE_POOL_SIZE", "0")]);
        let (key, mark) = (nonce(), nonce());
        proxy.watch(&mark);
        // An engine that says nothing makes no sandbox.
        proxy.stall(!sent);
        let code = format!("import time; time.sleep(8); print('whole') # {mark}");
        let _stream = send(&server, &key, &code);
        if sent {
            within(Duration::from_secs(20), || (proxy.passed() == 1).then_some(())).expect("it is sent");
        } else {
            let begun = || (statuses(&server, &mark) == ["running"]).then_some(());
            within(Duration::from_secs(20), begun).expect("its start is on record");
        }
        let asked = Instant::now();
        server.signal(Signal::TERM);
        std::thread::sleep(Duration::from_millis(500));
        proxy.stall(false);
        assert!(server.ended_within(Duration::from_secs(40)).is_some(), "{}", server.log());
        println!("stopped within {:?}", asked.elapsed());
        let next = server.again();
        let status = if sent { "cancelled" } else { "not_started" };
        assert_eq!(statuses(&next, &mark), [status], "sent: {sent}");
        for _ in 0..2 {
            let reply = ask(&next, &key, &code);
            if sent {
                assert_eq!(reply.refusal(502).code, "not_run_again");
            } else {
                assert_eq!(answer(&reply)["output"], "whole\n");
            }
        }
        assert_eq!(proxy.passed(), 1, "sent: {sent}: how often it was sent");
    }
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

/// Beyond what one item of a table holds, and what was once kept of a stream.
#[test]
fn the_longest_output_that_can_be_kept_is_on_record_with_its_end_and_given_again_word_for_word() {
    let server = Server::start(&[("SCE_POOL_SIZE", "0"), ("SCE_OUTPUT_BYTES", "524288")]);
    let code = "import sys\nfor stream in (sys.stdout, sys.stderr):\n    \
                for n in range(100_000):\n        print(n, file=stream)\n    print('the end', file=stream)";
    let key = nonce();
    let [first, again] = [0, 1].map(|_| answer(&ask(&server, &key, code)));
    assert_eq!(first["truncated"], json!({ "output": true, "error": true }));
    for field in ["id", "output", "error", "truncated", "bytes"] {
        assert!(again[field] == first[field], "`{field}` is another");
    }
    let id = first["id"].as_str().unwrap();
    let record = server.get(&format!("/history/{id}")).json();
    for field in ["output", "error"] {
        let text = record[field].as_str().unwrap();
        assert!(text.starts_with("0\n1\n") && text.ends_with("the end\n"), "`{field}` has lost an end");
        assert_eq!(record[field], first[field], "`{field}`");
    }
}
