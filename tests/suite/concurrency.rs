//! Many at once: none lost, none mixed up, never more sandboxes than allowed.

use std::time::Duration;

use serde_json::json;

use crate::support::{Server, alone, engine, in_parallel, nonce, within};

#[test]
fn of_forty_requests_at_once_each_gets_an_answer_or_a_429() {
    let _alone = alone();
    let bound = 4;
    let server = Server::start(&[
        ("SCE_POOL_SIZE", "0"),
        ("SCE_MAX_RUNNING", "4"),
        ("SCE_MAX_SANDBOXES", "4"),
        ("SCE_QUEUE_TIMEOUT_SECONDS", "1"),
    ]);
    let marks: Vec<String> = (0..40).map(|_| nonce()).collect();
    let (replies, most) = engine::most_during(
        || engine::sandboxes(&server.deployment).len(),
        || {
            in_parallel(40, &marks, |mark| {
                let code = format!("import time; time.sleep(0.3); print('{mark}')");
                (mark.clone(), server.post(&json!({"code": code})))
            })
        },
    );
    let mut answered = 0;
    for (mark, reply) in &replies {
        if reply.status == 429 {
            reply.refusal(429);
        } else {
            reply.outcome().printed(&format!("{mark}\n"));
            answered += 1;
        }
    }
    assert!(answered >= bound, "only {answered} of 40 were run");
    assert!(most <= bound, "{most} sandboxes where {bound} are allowed");
    server.leaves_nothing(Duration::from_secs(5));
    // And all is as before.
    server.python("print('after')").printed("after\n");
}

#[test]
fn with_patience_none_of_forty_is_refused() {
    let _alone = alone();
    let server = Server::start(&[
        ("SCE_POOL_SIZE", "0"),
        ("SCE_QUEUE_TIMEOUT_SECONDS", "60"),
        ("SCE_QUEUE_LENGTH", "100"),
    ]);
    let marks: Vec<String> = (0..40).map(|_| nonce()).collect();
    let outcomes = in_parallel(40, &marks, |mark| server.python(&format!("print('{mark}')")));
    for (mark, outcome) in marks.iter().zip(outcomes) {
        outcome.printed(&format!("{mark}\n"));
    }
}

#[test]
fn a_busy_server_still_answers_everything_else() {
    let _alone = alone();
    let server = Server::start(&[
        ("SCE_POOL_SIZE", "0"),
        ("SCE_MAX_RUNNING", "1"),
        ("SCE_QUEUE_TIMEOUT_SECONDS", "0"),
    ]);
    std::thread::scope(|scope| {
        let busy = scope.spawn(|| server.python("import time; time.sleep(2); print('slept')"));
        engine::running_come_to(&server.deployment, 1);
        server.post(&json!({"code": "print(1)"})).refusal(429);
        server.post(&json!({"code": ""})).refusal(400);
        assert_eq!(server.get("/").status, 200);
        assert_eq!(server.get("/health").status, 200);
        assert_eq!(server.get("/history").status, 200);
        busy.join().unwrap().printed("slept\n");
    });
    let free = within(Duration::from_secs(2), || {
        (server.post(&json!({"code": "print(1)"})).status == 200).then_some(())
    });
    assert!(free.is_some(), "the place was not given back");
}
