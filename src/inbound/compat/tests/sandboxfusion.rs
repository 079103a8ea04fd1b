use serde_json::{Value, json};

use crate::{
    domain::{
        error::SandboxError,
        outcome::{Ending, Outcome, Signal},
    },
    testing::{House, Plan, exited, foreign::post, time_limit},
};

fn call(code: &str) -> Value {
    json!({
        "code": code, "language": "python", "stdin": null, "compile_timeout": 10, "run_timeout": 3, "memory_limit_MB": -1,
        "files": {"data.txt": "aGk="}, "fetch_files": [],
    })
}

#[tokio::test]
async fn a_run_is_told_by_two_statuses() {
    let ended = |ending| Outcome { ending, ..exited(0, "4\n") };
    for (outcome, status, run, code) in [
        (exited(0, "4\n"), "Success", "Finished", json!(0)),
        (exited(3, "4\n"), "Failed", "Finished", json!(3)),
        (ended(Ending::Signaled(Signal(11))), "Failed", "Finished", json!(-11)),
        (ended(time_limit()), "Failed", "TimeLimitExceeded", json!(null)),
    ] {
        for path in ["/run_code", "/sandboxfusion/run_code"] {
            let house = House::new();
            house.sandbox.plan(Plan::Answer(Box::new(outcome.clone())));
            let json = post(&house, path, &call("x")).await.json();
            assert_eq!((&json["status"], &json["run_result"]["status"]), (&json!(status), &json!(run)));
            assert_eq!(
                (&json["run_result"]["return_code"], &json["run_result"]["stdout"]),
                (&code, &json!("4\n"))
            );
            let seen = house.sandbox.last_seen();
            assert_eq!((seen.program.project().len(), seen.limits.timeout.as_secs()), (2, 3));
            assert_eq!(seen.limits.memory_mb, 128);
        }
    }
}

#[tokio::test]
async fn what_may_have_run_is_never_told_in_a_form_that_the_client_sends_again() {
    let house = House::new();
    for fail in [
        || SandboxError::Lost { reason: "tcp://10.0.0.7".to_owned() },
        || SandboxError::DeadlineExceeded,
        || SandboxError::Cancelled,
    ] {
        house.sandbox.plan(Plan::Fail(fail));
        let reply = post(&house, "/run_code", &call("x")).await;
        let json = reply.json();
        assert_eq!((reply.status.as_u16(), &json["status"]), (200, &json!("Failed")));
        assert!(json["run_result"]["status"] == "Error" && !json["message"].as_str().unwrap().is_empty());
    }
    house.sandbox.plan(Plan::Panic);
    assert_eq!(post(&house, "/run_code", &call("x")).await.json()["status"], "Failed");
    house.sandbox.plan(Plan::Busy(std::time::Duration::from_secs(3)));
    let reply = post(&house, "/run_code", &call("x")).await;
    assert_eq!((reply.status.as_u16(), reply.json()["detail"].is_string()), (429, true));
    let mut bad = call("x");
    bad["language"] = json!("cobol");
    assert_eq!(post(&house, "/run_code", &bad).await.status.as_u16(), 400);
}
