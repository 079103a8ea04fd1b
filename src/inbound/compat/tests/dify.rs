use serde_json::{Value, json};

use crate::{
    domain::{
        error::SandboxError,
        outcome::{Captured, Ending, LimitName, LimitReached, Outcome},
    },
    testing::{
        House, Plan, exited,
        foreign::{get, post},
        time_limit,
    },
};

const RUN: &str = "/dify/v1/sandbox/run";

fn call(code: &str) -> Value {
    json!({"language": "python3", "code": code, "preload": "", "enable_network": true})
}

#[tokio::test]
async fn a_run_that_went_well_has_no_error_whatever_it_wrote() {
    let house = House::new();
    let noisy = Outcome { stderr: Captured::whole("a warning"), ..exited(0, "<<RESULT>>{}<<RESULT>>") };
    house.sandbox.plan(Plan::Answer(Box::new(noisy)));
    let json = post(&house, RUN, &call("x")).await.json();
    let wanted = json!({"code": 0, "message": "success", "data": {
        "stdout": "<<RESULT>>{}<<RESULT>>", "stderr": "a warning", "error": "", "exit_code": 0,
    }});
    assert_eq!(json, wanted);
    let mut preloaded = call("second");
    preloaded["preload"] = json!("first");
    preloaded["language"] = json!("nodejs");
    post(&house, RUN, &preloaded).await;
    let seen = house.sandbox.last_seen();
    assert_eq!((seen.program.source(), seen.language.name.as_str()), (&b"first\nsecond"[..], "javascript"));
}

#[tokio::test]
async fn each_bad_ending_and_a_cut_stream_are_an_error() {
    let limit =
        |name| Ending::Limit(LimitReached { name, value: 1.0, observed: 2.0, evidence: "seen".to_owned() });
    let ended = |ending| Outcome { ending, ..exited(0, "") };
    let cut = Captured { head: "a".into(), tail: "b".into(), total: 9 };
    for (outcome, words) in [
        (Outcome { stderr: Captured::whole("why"), ..exited(3, "") }, "process exited with code 3\nwhy"),
        (ended(time_limit()), "error: timeout"),
        (ended(limit(LimitName::Memory)), "memory limit: seen"),
        (ended(limit(LimitName::Output)), "output limit: seen"),
        (Outcome { stdout: cut, ..exited(0, "") }, "longer than is kept"),
    ] {
        let house = House::new();
        house.sandbox.plan(Plan::Answer(Box::new(outcome)));
        let json = post(&house, RUN, &call("x")).await.json();
        assert!(json["code"] == 0 && json["data"]["error"].as_str().unwrap().contains(words), "{json}");
    }
}

#[tokio::test]
async fn errors_have_a_negative_status() {
    let house = House::new();
    for (body, words) in [
        (json!({"language": "ruby", "code": "x"}), "unsupported language: ruby"),
        (json!({"language": "python3"}), "`code` must be"),
        (json!([]), "JSON object"),
    ] {
        let reply = post(&house, RUN, &body).await;
        let json = reply.json();
        assert_eq!((reply.status.as_u16(), &json["code"]), (400, &json!(-400)));
        assert!(json["message"].as_str().unwrap().contains(words), "{json}");
    }
    house.sandbox.plan(Plan::Busy(std::time::Duration::from_secs(3)));
    let reply = post(&house, RUN, &call("x")).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["code"]), (503, &json!(-503)));
    house.sandbox.plan(Plan::Fail(|| SandboxError::Lost { reason: "tcp://10.0.0.7".to_owned() }));
    let reply = post(&house, RUN, &call("x")).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["code"]), (502, &json!(-502)));
    assert_eq!(get(&house, "/dify/health").await.json(), json!("ok"));
    let json = get(&house, "/dify/v1/sandbox/dependencies?language=python3").await.json();
    assert_eq!(json["data"]["dependencies"], json!([]));
}
