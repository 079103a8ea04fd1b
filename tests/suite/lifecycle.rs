//! Ends that nobody planned: of the server, of the caller, of the sandbox, of the engine.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::{Outcome, SWEPT, Server, alone, client::Client, engine, nonce, proxy::Proxy, within};

/// How long after a crash the last sandbox may be there: its connection is gone at once, its lease later.
const LEASE: Duration = Duration::from_secs(45);

/// Sends a request and does not wait for the answer.
pub fn send_only(server: &Server, request: &Value) -> TcpStream {
    let body = request.to_string();
    let mut stream = TcpStream::connect(server.authority()).unwrap();
    let head = format!(
        "POST /run HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    stream
}

fn records(server: &Server, mark: &str) -> Vec<Value> {
    let all = server.get("/history?limit=100").json();
    let all = all.as_array().unwrap().iter();
    all.filter(|entry| entry["code"].as_str().is_some_and(|code| code.contains(mark))).cloned().collect()
}

fn sleeper(mark: &str, seconds: u32) -> Value {
    json!({"code": format!("import time; print('on', flush=True); time.sleep({seconds}) # {mark}")})
}

#[test]
fn a_server_killed_during_eight_runs_leaves_nothing_and_its_records_read_abandoned() {
    let _alone = alone();
    let mark = nonce();
    let mut server = Server::start(&[
        ("SCE_POOL_SIZE", "javascript=1"),
        ("SCE_POOL_SHARED", "true"),
        ("SCE_POOL_LEASE_SECONDS", "30"),
        ("SCE_TIMEOUT_SECONDS", "5"),
    ]);
    let _streams: Vec<TcpStream> = (0..8).map(|_| send_only(&server, &sleeper(&mark, 60))).collect();
    engine::running_come_to(&server.deployment, 8);
    let all_started = || (records(&server, &mark).len() == 8).then_some(());
    within(Duration::from_secs(5), all_started).expect("eight start records");
    server.crash();
    // Those that ran end with their connection; the pool's idle one ends with its lease.
    let ended =
        within(Duration::from_secs(10), || engine::running(&server.deployment).is_empty().then_some(()));
    assert!(ended.is_some(), "still running after the crash: {:?}", engine::running(&server.deployment));
    server.leaves_nothing(LEASE);

    let again = server.again();
    let settled = || {
        let states: Vec<Value> = records(&again, &mark).iter().map(|entry| entry["status"].clone()).collect();
        (states.len() == 8 && states.iter().all(|state| state == "abandoned")).then_some(())
    };
    let patience = Duration::from_secs(100); // the longest that a run may take in all, before it is thought dead
    assert!(within(patience, settled).is_some(), "{:#?}", records(&again, &mark));
    again.python("print('as if nothing had been')").printed("as if nothing had been\n");
}

#[test]
fn ctrl_c_ends_cleanly() {
    let _alone = alone();
    for signal in [Signal::INT, Signal::TERM] {
        let mut server = Server::start(&[("SCE_POOL_SIZE", "python=2")]);
        server.fills(2);
        let mut stream = send_only(&server, &sleeper("interrupted", 9));
        let running = || server.get("/health").text().contains("\"running\":1").then_some(());
        within(Duration::from_secs(20), running).expect("it runs");
        let asked = Instant::now();
        server.signal(signal);
        let status = server.ended_within(Duration::from_secs(12)).expect("it ends");
        assert!(status.success(), "{status}:\n{}", server.log());
        assert!(asked.elapsed() < Duration::from_secs(12), "{:?}", asked.elapsed());
        server.leaves_nothing(Duration::from_secs(2));
        // Whoever was waiting got an answer.
        let mut answer = String::new();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("\"shutting_down\""), "{answer}");
    }
}

#[test]
fn an_engine_that_hangs_does_not_hold_up_the_end_and_a_second_ctrl_c_waits_for_nothing() {
    let _alone = alone();
    for (again, patience, status) in [(false, 25, 0), (true, 3, 128 + 2)] {
        let proxy = Proxy::start();
        let mut server = proxy.server(&[("SCE_POOL_SIZE", "python=2")]);
        server.fills(2);
        let _stream = send_only(&server, &sleeper("hangs", 9));
        let running = || server.get("/health").text().contains("\"running\":1").then_some(());
        within(Duration::from_secs(20), running).expect("it runs");
        proxy.stall(true);
        server.signal(Signal::INT);
        let asked = within(Duration::from_secs(5), || server.log().contains("stopping").then_some(()));
        assert!(asked.is_some(), "{}", server.log());
        if again {
            // It is still there, waiting for the engine; whether it got that far is of no matter here.
            server.signal(Signal::INT);
        }
        let asked = Instant::now();
        let ended = server.ended_within(Duration::from_secs(patience));
        proxy.stall(false);
        let ended = ended.unwrap_or_else(|| panic!("after {:?}:\n{}", asked.elapsed(), server.log()));
        assert_eq!(ended.code(), Some(status), "{}", server.log());
        server.leaves_nothing(LEASE);
    }
}

/// A process of a test's own, killed when the test is over.
struct Own(std::process::Child);

impl Drop for Own {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_log_that_nobody_reads_holds_up_nobody() {
    let data = tempfile::TempDir::new().unwrap();
    let process = std::process::Command::new(env!("CARGO_BIN_EXE_safe-code-executor"))
        .envs(engine::settings())
        .env("SCE_LISTEN", "127.0.0.1:0")
        .env("SCE_DATA_DIR", data.path())
        .env("SCE_DEPLOYMENT", format!("test-{}", nonce()))
        .env("SCE_POOL_SIZE", "0")
        .env("SCE_LOG", "trace")
        .stderr(std::process::Stdio::piped())
        .spawn();
    let mut process = Own(process.unwrap());
    let mut log = BufReader::new(process.0.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("listening on ") {
        line.clear();
        assert_ne!(log.read_line(&mut line).unwrap(), 0, "it ended instead of serving");
    }
    let (_, address) = line.trim().split_once("listening on ").unwrap();
    let client = Client::new(address);
    // From here on nobody reads. A pipe holds 64 KiB, and each of these requests says some hundred bytes.
    for _ in 0..3000 {
        assert_eq!(client.get("/").status, 200);
    }
    client.python("print('served')").printed("served\n");
    rustix::process::kill_process(
        rustix::process::Pid::from_raw(process.0.id().cast_signed()).unwrap(),
        Signal::TERM,
    )
    .unwrap();
    let mut rest = String::new();
    log.read_to_string(&mut rest).unwrap();
    assert!(rest.len() > 128 * 1024, "{} bytes: the pipe was never full", rest.len());
    assert!(rest.trim_end().ends_with("stopped"), "what waited was written at the end");
}

#[test]
fn a_caller_that_goes_away_ends_the_run() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "0")]);
    let mark = nonce();
    let stream = send_only(&server, &sleeper(&mark, 9));
    engine::running_come_to(&server.deployment, 1);
    std::thread::sleep(Duration::from_millis(500));
    drop(stream);
    let gone =
        within(Duration::from_secs(4), || engine::sandboxes(&server.deployment).is_empty().then_some(()));
    assert!(gone.is_some(), "the sandbox outlives its caller: {:?}", engine::sandboxes(&server.deployment));
    let cancelled =
        || records(&server, &mark).iter().any(|entry| entry["status"] == "cancelled").then_some(());
    assert!(within(Duration::from_secs(3), cancelled).is_some(), "{:#?}", records(&server, &mark));
    server.python("print('next')").printed("next\n");
}

#[test]
fn a_caller_that_sends_half_a_request_holds_up_nobody() {
    let server = Server::start(&[("SCE_POOL_SIZE", "0"), ("SCE_MAX_RUNNING", "1")]);
    let _half: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut stream = TcpStream::connect(server.authority()).unwrap();
            stream.write_all(b"POST /run HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{").unwrap();
            stream
        })
        .collect();
    server.python("print('served')").printed("served\n");
}

#[test]
fn init_killed_from_the_host_is_an_error_of_ours_and_the_next_run_is_right() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "0")]);
    let mark = nonce();
    std::thread::scope(|scope| {
        let lost = scope.spawn(|| server.post(&sleeper(&mark, 9)));
        let sandbox = engine::running_come_to(&server.deployment, 1).remove(0);
        let started = || (!records(&server, &mark).is_empty()).then_some(());
        within(Duration::from_secs(5), started).expect("a start record");
        std::thread::sleep(Duration::from_millis(800)); // the code is on its way or there
        let pid = engine::host_pid(&sandbox.id).expect("it runs");
        let pid = rustix::process::Pid::from_raw(pid.cast_signed()).unwrap();
        rustix::process::kill_process(pid, Signal::KILL).unwrap();
        let reply = lost.join().unwrap();
        reply.refusal(502);
    });
    let entry = records(&server, &mark).remove(0);
    assert_eq!(entry["status"], "sandbox_error", "{entry}");
    server.python("print('next')").printed("next\n");
    server.leaves_nothing(Duration::from_secs(5));
}

#[test]
fn a_sandbox_removed_under_a_run_is_an_error_of_ours() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "0")]);
    std::thread::scope(|scope| {
        let lost = scope.spawn(|| server.post(&sleeper("removed", 9)));
        let sandbox = engine::running_come_to(&server.deployment, 1).remove(0);
        std::thread::sleep(Duration::from_millis(800));
        engine::remove(&sandbox.id);
        lost.join().unwrap().refusal(502);
    });
    server.python("print('next')").printed("next\n");
}

#[test]
fn an_engine_that_goes_away_gives_503_and_recovery_needs_nobody() {
    let _alone = alone();
    let proxy = Proxy::start();
    let server = proxy.server(&[("SCE_POOL_SIZE", "0")]);
    server.python("print('before')").printed("before\n");
    proxy.cut();
    for _ in 0..3 {
        let refusal = server.post(&json!({"code": "print(1)"})).refusal(503);
        assert!(refusal.error.contains("Docker"), "{}", refusal.error);
    }
    let health_reads = |status| {
        // An answer may be a second old.
        let read = within(Duration::from_secs(3), || (server.get("/health").status == status).then_some(()));
        assert!(read.is_some(), "/health does not come to {status}");
    };
    health_reads(503);
    assert_eq!(server.get("/").status, 200);
    assert_eq!(server.get("/history").status, 200, "the history does not need the engine");
    proxy.mend();
    let back = within(Duration::from_secs(15), || {
        (server.post(&json!({"code": "print(1)"})).status == 200).then_some(())
    });
    assert!(back.is_some(), "it does not recover");
    health_reads(200);
}

#[test]
fn a_line_cut_at_any_step_gives_one_typed_answer_and_at_most_one_run() {
    let _alone = alone();
    let proxy = Proxy::start();
    let server = proxy.server(&[("SCE_POOL_SIZE", "0")]);
    for text in ["/containers/create", "/attach?", "/start"] {
        for after in [false, true] {
            let starts = proxy.starts();
            proxy.cut_at(text, after);
            let reply = server.post(&json!({"code": "print('once')"}));
            assert!(proxy.is_cut(), "{text} was never asked");
            // Either no code was sent, an honest "try again later", or the line was quick enough for it before the cut.
            reply.refusal(if after && reply.status == 502 { 502 } else { 503 });
            assert!(proxy.starts() - starts <= 1, "{text}");
            proxy.mend();
            let again = within(Duration::from_secs(15), || {
                Some(server.post(&json!({"code": "print('again')"}))).filter(|reply| reply.status == 200)
            });
            again.expect("it recovers").outcome().printed("again\n");
            // What was started ends by itself. What was only made waits for somebody to remove it.
            let ended = within(LEASE, || engine::running(&server.deployment).is_empty().then_some(()));
            assert!(ended.is_some(), "{text}: {:?}", engine::running(&server.deployment));
        }
    }
    server.leaves_nothing(SWEPT);
}

#[test]
fn a_line_cut_during_the_run_is_lost_never_run_again() {
    let _alone = alone();
    let proxy = Proxy::start();
    let server = proxy.server(&[("SCE_POOL_SIZE", "0")]);
    let mark = nonce();
    std::thread::scope(|scope| {
        let lost = scope.spawn(|| server.post(&sleeper(&mark, 8)));
        engine::running_come_to(&server.deployment, 1);
        std::thread::sleep(Duration::from_millis(1000));
        let starts = proxy.starts();
        proxy.cut();
        let refusal = lost.join().unwrap().refusal(502);
        assert!(!refusal.error.is_empty());
        proxy.mend();
        std::thread::sleep(Duration::from_millis(500));
        assert_eq!(proxy.starts(), starts, "code that may have run was run again");
    });
    // The sandbox saw its connection close, and ended.
    server.leaves_nothing(Duration::from_secs(10));
    assert_eq!(records(&server, &mark)[0]["status"], "sandbox_error");
}

#[test]
fn a_start_sweeps_what_an_earlier_crash_left() {
    let _alone = alone();
    // Shared, or they would end with the crash, and there would be nothing to sweep.
    let mut server = Server::start(&[
        ("SCE_POOL_SIZE", "python=2"),
        ("SCE_POOL_SHARED", "true"),
        ("SCE_POOL_LEASE_SECONDS", "3600"),
    ]);
    server.fills(2);
    server.crash();
    let left: Vec<String> =
        engine::sandboxes(&server.deployment).into_iter().map(|sandbox| sandbox.id).collect();
    assert!(!left.is_empty(), "idle sandboxes wait for the next handler");
    // The next server of this version wants none. (One of another version would leave them to their lease: see `sharing`.)
    let mut settings = server.settings.clone();
    settings.insert("SCE_POOL_SIZE".into(), "0".into());
    let pairs: Vec<(&str, &str)> =
        settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let next = Server::start(&pairs);
    let swept = || {
        engine::sandboxes(&next.deployment).iter().all(|sandbox| !left.contains(&sandbox.id)).then_some(())
    };
    assert!(within(Duration::from_secs(15), swept).is_some(), "stale sandboxes are kept: {left:?}");
    let outcome: Outcome = next.python("print(1)");
    assert_eq!(outcome.start(), "cold");
}
