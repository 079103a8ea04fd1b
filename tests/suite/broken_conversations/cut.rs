//! The line between handler and engine, cut at every message.

use serde_json::Value;

use super::{Cases, GONE, SOON, ask_under, holds_no_answer, nothing_is_left, passed};
use crate::{
    live::look_on,
    support::{Server, engine, in_parallel, nonce, proxy::Proxy, within},
};

/// How the engine marks what a sandbox writes to standard output, where that is shorter than 256 bytes: the first of it is
/// the hello.
const HELLO: &str = "\u{1}\0\0\0\0\0\0";
/// Codes of the answers.
const LOST: &str = "sandbox_lost";
const UNAVAILABLE: &str = "docker_unavailable";
const ANSWERED: &str = "";

/// Where the line is cut, and what follows from that.
struct Stage {
    name: &'static str,
    cut: fn(&Proxy, &Cases),
    /// The case that is still running then.
    running: Option<usize>,
    /// The answer's code, or one of two where it is left to chance whether the handler began to send.
    answers: &'static [&'static str],
    /// How often the step of each case goes to the engine.
    sent: [usize; 3],
    /// How many cases the handler knows the end of.
    known: usize,
}

fn stages() -> Vec<Stage> {
    type Cut = fn(&Proxy, &Cases);
    let stage =
        |name, cut: Cut, running, answers, sent, known| Stage { name, cut, running, answers, sent, known };
    vec![
        stage("before the hello", |line, _| line.cut_in_answer(HELLO), None, &[UNAVAILABLE], [0, 0, 0], 0),
        stage(
            "after the hello",
            |line, _| line.cut_after_answer(HELLO),
            None,
            &[LOST, UNAVAILABLE],
            [0, 0, 0],
            0,
        ),
        stage("before the job", |line, it| line.cut_at(&it.input(1), false), None, &[LOST], [0, 0, 0], 0),
        stage("after the job", |line, it| line.cut_at(&it.input(1), true), Some(1), &[LOST], [1, 0, 0], 0),
        stage("after output 1", |line, it| line.cut_after_answer(&it.wrote(1)), None, &[LOST], [1, 0, 0], 0),
        stage("in report 1", |line, it| line.cut_in_answer(&it.ended(1)), None, &[LOST], [1, 0, 0], 0),
        stage("after report 1", |line, it| line.cut_after_answer(&it.ended(1)), None, &[LOST], [1, 0, 0], 1),
        stage("before step 2", |line, it| line.cut_at(&it.input(2), false), None, &[LOST], [1, 0, 0], 1),
        stage("after step 2", |line, it| line.cut_at(&it.input(2), true), Some(2), &[LOST], [1, 1, 0], 1),
        stage("after output 2", |line, it| line.cut_after_answer(&it.wrote(2)), None, &[LOST], [1, 1, 0], 1),
        stage("after report 2", |line, it| line.cut_after_answer(&it.ended(2)), None, &[LOST], [1, 1, 0], 2),
        stage("after step 3", |line, it| line.cut_at(&it.input(3), true), Some(3), &[LOST], [1, 1, 1], 2),
        stage("in report 3", |line, it| line.cut_in_answer(&it.ended(3)), None, &[LOST], [1, 1, 1], 2),
        stage(
            "after report 3",
            |line, it| line.cut_after_answer(&it.ended(3)),
            None,
            &[ANSWERED],
            [1, 1, 1],
            3,
        ),
    ]
}

#[test]
fn a_line_cut_at_any_message_gives_one_definite_answer_and_no_step_is_sent_twice() {
    in_parallel(2, &[false, true], |&looked_on_at| {
        let line = Proxy::start();
        let server = line.server(&[("SCE_POOL_SIZE", "0"), ("SCE_LANGUAGES", "python")]);
        for stage in stages() {
            let cases = stage.running.map_or_else(Cases::new, |number| Cases::with_pause_in(number, 30.0));
            let key = nonce();
            cases.watched_by(&line);
            (stage.cut)(&line, &cases);
            let code =
                if looked_on_at { told(&server, &cases, &stage) } else { answered(&server, &cases, &key) };
            let name = format!("{}, looked on at: {looked_on_at}", stage.name);
            assert!(line.is_cut(), "{name}: never reached");
            assert!(stage.answers.contains(&code.as_str()), "{name}: {code}");
            assert_eq!(line.passed_each(), stage.sent, "{name}");
            is_on_record(&server, &cases, &code);
            line.mend();
            nothing_is_left(&server, GONE);
            let served =
                || (server.post(&serde_json::json!({"code": "print(1)"})).status == 200).then_some(());
            assert!(within(SOON, served).is_some(), "{name}: the next is not served\n{}", server.log());
            if !looked_on_at {
                comes_back(&server, &cases, &key, &code);
                let again = usize::from(code == UNAVAILABLE);
                assert_eq!(line.passed_each(), stage.sent.map(|times| times + again), "{name}");
            }
        }
    });
}

/// The code of the answer that comes at the end.
fn answered(server: &Server, cases: &Cases, key: &str) -> String {
    let reply = ask_under(server, key, &cases.request);
    if reply.status == 200 {
        passed(&reply.outcome().0);
        return ANSWERED.to_owned();
    }
    assert!([502, 503].contains(&reply.status), "{}", reply.text());
    let code = reply.refusal(reply.status).code;
    assert_eq!(code, if reply.status == 502 { LOST } else { UNAVAILABLE });
    code
}

/// The code of the last event. Every event before it is of a step that was sent, and no case has two ends.
fn told(server: &Server, cases: &Cases, stage: &Stage) -> String {
    let events = look_on(server, &cases.request).rest();
    let (last, before) = events.split_last().expect("an event");
    let steps = |name: &str| -> Vec<u64> {
        let named = before.iter().filter(|event| event.name == name);
        named.map(|event| event.data["step"].as_u64().unwrap()).collect()
    };
    let first = |count: usize| (0..count as u64).collect::<Vec<_>>();
    assert_eq!(steps("ended"), first(stage.known), "{}: {events:?}", stage.name);
    let begun = steps("began");
    assert_eq!(begun, first(begun.len()), "{}: {events:?}", stage.name);
    assert!(begun.len() >= stage.sent.iter().sum(), "{}: {events:?}", stage.name);
    assert!(before.iter().all(|event| !["result", "error"].contains(&event.name.as_str())), "{events:?}");
    if last.name == "result" {
        passed(&last.data);
        return ANSWERED.to_owned();
    }
    assert_eq!(last.name, "error", "{events:?}");
    last.data["code"].as_str().unwrap().to_owned()
}

fn is_on_record(server: &Server, cases: &Cases, code: &str) {
    let record: Value = cases.record(server);
    match code {
        ANSWERED => return passed(&record),
        LOST => assert_eq!(record["status"], "sandbox_error", "{record}"),
        _ => assert_eq!(record["status"], "not_started", "{record}"),
    }
    holds_no_answer(&record);
}

/// Whoever comes back under the key gets the answer, a first run where there was none, or a word that there is no second.
fn comes_back(server: &Server, cases: &Cases, key: &str, code: &str) {
    let reply = ask_under(server, key, &cases.request);
    if code == LOST {
        assert_eq!(reply.refusal(502).code, "not_run_again");
    } else {
        assert_eq!(reply.status, 200, "{}", reply.text());
        passed(&reply.json());
        assert_eq!(reply.header("idempotent-replayed").is_some(), code == ANSWERED);
    }
}

#[test]
fn a_line_cut_while_a_sandbox_waits_costs_another_sandbox_and_nothing_else() {
    let line = Proxy::start();
    let server = line.server(&[("SCE_POOL_SIZE", "python=1"), ("SCE_LANGUAGES", "python")]);
    server.fills(1);
    let waiting = engine::sandboxes(&server.deployment).remove(0);
    line.cut();
    let ended = || engine::inspect(&waiting.id).is_none().then_some(());
    assert!(within(GONE, ended).is_some(), "it outlives its connection");
    line.mend();
    let cases = Cases::new();
    cases.watched_by(&line);
    let outcome = server.run(&cases.request);
    passed(&outcome.0);
    assert_eq!(line.passed_each(), [1, 1, 1]);
}
