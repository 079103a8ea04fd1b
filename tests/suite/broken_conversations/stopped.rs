//! The handler, told to stop in the midst of the cases.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::{Cases, SOON, ask, ask_under, hear, rest};
use crate::support::{nonce, proxy::Proxy, within};

/// How long an end may take in all.
const BOUND: Duration = Duration::from_secs(12);

#[test]
fn a_server_stopped_between_cases_ends_soon_and_each_caller_and_record_says_so() {
    let line = Proxy::start();
    let mut server = line.server(&[("SCE_POOL_SIZE", "0"), ("SCE_LANGUAGES", "python")]);
    let [keyed, looked_on, later] = std::array::from_fn(|_| Cases::with_pause_in(2, 9.0));
    let all = [&keyed, &looked_on, &later];
    line.watch_each(&[2, 3].map(|number| all.map(|cases| cases.input(number))).concat());
    let key = nonce();
    let mut answer = ask(&server, "/run", &[("idempotency-key", &key)], &keyed.request);
    let mut events = ask(&server, "/run", &[("accept", "text/event-stream")], &looked_on.request);
    let mut accepted = ask(&server, "/run?wait=false", &[], &later.request);
    hear(&mut accepted, "\"running\"}");
    let in_the_midst = || (line.passed_each() == [1, 1, 1, 0, 0, 0]).then_some(());
    assert!(within(SOON, in_the_midst).is_some(), "{:?}", line.passed_each());
    let asked = Instant::now();
    server.signal(Signal::TERM);
    let status = server.ended_within(BOUND).expect("it ends");
    assert!(status.success(), "{status}:\n{}", server.log());
    println!("stopped within {:?}", asked.elapsed());
    server.leaves_nothing(Duration::from_secs(2));

    let answer = rest(&mut answer);
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("\"shutting_down\""), "{answer}");
    let events = rest(&mut events);
    let count = |name: &str| events.matches(&format!("event: {name}\n")).count();
    assert_eq!(["began", "ended", "error", "result"].map(count), [2, 1, 1, 0], "{events}");
    assert!(events.contains("\"shutting_down\""), "{events}");

    let next = server.again();
    for cases in all {
        let record = cases.reads(&next, "cancelled");
        assert_eq!(record["error"], "The service was shut down. The run was stopped.");
    }
    assert_eq!(ask_under(&next, &key, &keyed.request).refusal(502).code, "not_run_again");
    assert_eq!(line.passed_each(), [1, 1, 1, 0, 0, 0]);
}
