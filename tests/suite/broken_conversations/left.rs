//! The client, gone in the midst of the cases.

use std::time::Duration;

use super::{Cases, SOON, ask, ask_under, hear, nothing_is_left, passed};
use crate::{
    live::typed::Socket,
    support::{Server, nonce, proxy::Proxy, within},
};

/// How long a sandbox may be there after its client has gone.
const STOPPED: Duration = Duration::from_secs(5);
const EVENTS: (&str, &str) = ("accept", "text/event-stream");

fn server(line: &Proxy) -> Server {
    line.server(&[("SCE_POOL_SIZE", "0"), ("SCE_LANGUAGES", "python")])
}

#[track_caller]
fn second_case_is_sent(line: &Proxy) {
    assert!(
        within(SOON, || (line.passed_each()[1] == 1).then_some(())).is_some(),
        "{:?}",
        line.passed_each()
    );
}

#[test]
fn a_client_that_goes_away_between_cases_stops_them_and_the_record_says_so() {
    let line = Proxy::start();
    let server = server(&line);
    let ways: [&[(&str, &str)]; 2] = [&[], &[EVENTS]];
    for headers in ways {
        let cases = Cases::with_pause_in(2, 9.0);
        cases.watched_by(&line);
        let stream = ask(&server, "/run", headers, &cases.request);
        second_case_is_sent(&line);
        drop(stream);
        let record = cases.reads(&server, "cancelled");
        assert_eq!(record["error"], "The caller went away. The run was stopped.");
        nothing_is_left(&server, STOPPED);
        assert_eq!(line.passed_each(), [1, 1, 0], "{headers:?}");
    }
}

#[test]
fn a_socket_dropped_without_a_close_stops_the_run_and_the_record_says_so() {
    let line = Proxy::start();
    let server = server(&line);
    let mark = nonce();
    line.watch(&mark);
    let mut socket = Socket::open(&server, "python", &format!("print('on', flush=True)\ninput() # {mark}"));
    socket.until("on");
    drop(socket);
    let record = || Some(server.get("/history?limit=1").json()).filter(|all| all[0]["status"] == "cancelled");
    assert!(within(STOPPED, record).is_some(), "{}", server.get("/history?limit=1").text());
    nothing_is_left(&server, STOPPED);
    assert_eq!(line.passed(), 1);
}

#[test]
fn what_is_asked_for_again_goes_on_without_its_client_and_has_all_its_verdicts() {
    let line = Proxy::start();
    let server = server(&line);
    let key = nonce();
    let under_key = ("idempotency-key", key.as_str());
    let other = nonce();
    let under_other = ("idempotency-key", other.as_str());
    let ways: [(&str, &[(&str, &str)]); 3] =
        [("/run?wait=false", &[]), ("/run", &[under_key]), ("/run", &[under_other, EVENTS])];
    for (path, headers) in ways {
        let cases = Cases::with_pause_in(2, 1.0);
        cases.watched_by(&line);
        let mut stream = ask(&server, path, headers, &cases.request);
        if headers.is_empty() {
            assert!(hear(&mut stream, "\"running\"}").starts_with("HTTP/1.1 202"));
        }
        second_case_is_sent(&line);
        drop(stream);
        if let Some((_, key)) = headers.first() {
            let answer = || Some(ask_under(&server, key, &cases.request)).filter(|reply| reply.status != 409);
            let reply = within(SOON, answer).expect("it ends");
            assert_eq!(reply.status, 200, "{}", reply.text());
            assert_eq!(reply.header("idempotent-replayed"), Some("true"));
            passed(&reply.json());
        }
        let ended = || Some(cases.record(&server)).filter(|record| record["status"] != "running");
        passed(&within(SOON, ended).expect("it ends"));
        assert_eq!(line.passed_each(), [1, 1, 1], "{path} {headers:?}");
    }
}
