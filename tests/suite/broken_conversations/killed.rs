//! The handler, killed in the midst of the cases.

use std::time::Duration;

use serde_json::json;

use super::{Cases, GONE, SOON, ask, ask_under, hear, holds_no_answer, nothing_is_left, rest};
use crate::support::{in_parallel, nonce, proxy::Proxy, within};

/// The longest that a record reads as running after its handler has gone: all that making a sandbox, three cases of half a
/// second, and writing to the store could have taken.
const UNTIL_ABANDONED: Duration = Duration::from_secs(180);

/// When the handler is killed.
struct Kill {
    /// As the step of this case leaves.
    at: usize,
    /// Whether the sandbox still gets that step, so that the case runs.
    runs: bool,
    looked_on_at: bool,
}

#[test]
fn a_handler_killed_at_any_step_leaves_a_record_without_an_answer_and_no_second_run() {
    let kill = |at, runs, looked_on_at| Kill { at, runs, looked_on_at };
    let kills = [
        kill(1, true, false),
        kill(2, false, false),
        kill(2, true, false),
        kill(3, true, false),
        kill(2, true, true),
    ];
    // Side by side: each waits for the time when its record is given up.
    in_parallel(kills.len(), &kills, |&Kill { at, runs, looked_on_at }| {
        let line = Proxy::start();
        let mut first = line.server(&[
            ("SCE_POOL_SIZE", "0"),
            ("SCE_LANGUAGES", "python"),
            ("SCE_QUEUE_TIMEOUT_SECONDS", "0"),
        ]);
        let mut cases = Cases::with_pause_in(at, 30.0);
        cases.request["limits"] = json!({"timeout_seconds": 0.5});
        let key = nonce();
        cases.watched_by(&line);
        line.hold_at(&cases.input(at), runs);
        let accept = if looked_on_at { "text/event-stream" } else { "application/json" };
        let mut stream =
            ask(&first, "/run", &[("accept", accept), ("idempotency-key", &key)], &cases.request);
        assert!(within(SOON, || line.is_holding().then_some(())).is_some(), "{}", first.log());
        cases.reads(&first, "running");
        let mut heard = String::new();
        if looked_on_at {
            heard = hear(&mut stream, &format!("event: began\ndata: {{\"step\":{}}}", at - 1));
        }
        first.crash();
        // What was held back goes nowhere: the connections end with the handler.
        line.cut();
        line.stall(false);
        line.mend();
        heard += &rest(&mut stream);
        assert!(!heard.contains("summary") && !heard.contains("event: error"), "{heard}");
        assert_eq!(heard.matches("event: ended").count(), if looked_on_at { at - 1 } else { 0 }, "{heard}");

        let second = first.again();
        nothing_is_left(&second, GONE);
        let record = cases.reads(&second, "running");
        assert_eq!(ask_under(&second, &key, &cases.request).refusal(409).code, "still_running");
        let path = format!("/history/{}?wait=25", record["id"].as_str().unwrap());
        let over = || Some(second.get(&path).json()).filter(|record| record["status"] != "running");
        let record = within(UNTIL_ABANDONED, over).expect("it is given up");
        assert_eq!(record["status"], "abandoned", "{record}");
        holds_no_answer(&record);
        assert_eq!(ask_under(&second, &key, &cases.request).refusal(502).code, "not_run_again");
        let sent = [1, 2, 3].map(|number| usize::from(number < at || (number == at && runs)));
        assert_eq!(line.passed_each(), sent);
        second.python("print('next')").printed("next\n");
    });
}
