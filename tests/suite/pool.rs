//! Sandboxes that wait: used once, claimed by one, never mixed up, never missed.

use std::{collections::BTreeSet, time::Duration};

use serde_json::json;

use crate::support::{Outcome, Server, alone, engine, in_parallel, proxy::Proxy, within};

/// Waits until this many sandboxes are warm in all.
#[track_caller]
fn filled(server: &Server, count: usize) {
    let warm = || (waiting(server) == count).then_some(());
    let seen = within(Duration::from_secs(60), warm);
    assert!(
        seen.is_some(),
        "{} of {count} wait: {:?}",
        waiting(server),
        engine::sandboxes(&server.deployment)
    );
    // The engine names them warm a moment before the server counts them.
    let told = || server.get("/health").text().contains("\"warm\":").then_some(());
    within(Duration::from_secs(5), told);
    std::thread::sleep(Duration::from_millis(100));
}

fn waiting(server: &Server) -> usize {
    engine::sandboxes(&server.deployment)
        .iter()
        .filter(|sandbox| sandbox.name.starts_with("sce-warm-"))
        .count()
}

#[test]
fn a_waiting_sandbox_answers_and_is_replaced() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "python=2,javascript=1")]);
    filled(&server, 3);
    let outcome = server.python("print(2+2)");
    outcome.printed("4\n");
    assert_eq!(outcome.start(), "warm");
    let outcome = server.javascript("console.log(2+2)");
    outcome.printed("4\n");
    assert_eq!(outcome.start(), "warm");
    filled(&server, 3);
    let health = server.get("/health").json().to_string();
    assert!(health.contains("\"target\":2") && health.contains("\"target\":1"), "{health}");
}

#[test]
fn a_burst_on_an_empty_pool_is_served_cold_and_never_an_error() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "python=1"), ("SCE_QUEUE_TIMEOUT_SECONDS", "60")]);
    filled(&server, 1);
    let outcomes = in_parallel(6, &[(); 12], |()| server.python("print('here')"));
    let starts: BTreeSet<&str> = outcomes.iter().map(Outcome::start).collect();
    assert!(starts.contains("cold"), "{starts:?}");
    for outcome in &outcomes {
        outcome.printed("here\n");
    }
}

#[test]
fn who_asks_for_less_memory_gets_a_sandbox_made_for_it() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "python=1")]);
    filled(&server, 1);
    let outcome = server.run(&json!({"code": "x = bytearray(90 << 20)", "limits": {"memory_mb": 64}}));
    outcome.ended("memory_limit", 137);
    assert_eq!(outcome.start(), "cold");
    // Less time or output is the same sandbox.
    let limits = json!({"timeout_seconds": 1, "output_bytes": 10});
    let outcome = server.run(&json!({"code": "import time; time.sleep(5)", "limits": limits}));
    outcome.ended("time_limit", -2);
    assert_eq!(outcome.start(), "warm");
}

#[test]
fn nothing_of_one_run_is_visible_to_the_next() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "python=1")]);
    let leave = "import builtins, os, sys\nbuiltins.left = 1\nsys.modules['left'] = os\nos.environ['LEFT'] = '1'\nos.fork() or __import__('time').sleep(99)";
    let look = "import builtins, os, sys\nprint(hasattr(builtins, 'left'), 'left' in sys.modules, 'LEFT' in os.environ, \
        len([p for p in os.listdir('/proc') if p.isdigit()]))";
    for _ in 0..5 {
        filled(&server, 1);
        assert_eq!(server.python(leave).start(), "warm");
        filled(&server, 1);
        let outcome = server.python(look);
        assert_eq!((outcome.start(), outcome.output()), ("warm", "False False False 2\n"));
    }
}

#[test]
fn hash_seeds_and_random_numbers_differ_between_waiting_sandboxes() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "python=3,javascript=2")]);
    filled(&server, 5);
    let python =
        in_parallel(3, &[(); 3], |()| server.python("import random; print(hash('x'), random.random())"));
    let node = in_parallel(2, &[(); 2], |()| {
        server.javascript("console.log(Math.random(), require('crypto').randomUUID())")
    });
    for outcomes in [python, node] {
        for column in 0..2 {
            let words: BTreeSet<String> = outcomes
                .iter()
                .map(|o| o.output().split_whitespace().nth(column).unwrap().to_owned())
                .collect();
            assert_eq!(words.len(), outcomes.len(), "{outcomes:?}");
        }
    }
}

#[test]
fn two_deployments_never_touch_each_others_sandboxes() {
    let _alone = alone();
    let a = Server::start(&[("SCE_POOL_SIZE", "python=2")]);
    let b = Server::start(&[("SCE_POOL_SIZE", "python=2"), ("SCE_MEMORY_MB", "96")]);
    filled(&a, 2);
    filled(&b, 2);
    let ids = |server: &Server| -> BTreeSet<String> {
        engine::sandboxes(&server.deployment).into_iter().map(|sandbox| sandbox.id).collect()
    };
    let of_b = ids(&b);
    for n in 0..6 {
        a.python(&format!("print({n})")).ended("completed", 0);
        filled(&a, 2);
    }
    assert_eq!(ids(&b), of_b, "a server claimed or removed another deployment's sandboxes");
    drop(a); // and neither does its shutdown
    assert_eq!(ids(&b), of_b);
    let outcome = b.python("print('mine')");
    outcome.printed("mine\n");
    assert_eq!((outcome.start(), outcome.0["limits"]["memory_mb"].as_u64()), ("warm", Some(96)));
}

#[test]
fn an_engine_that_was_away_finds_the_pool_refilled() {
    let _alone = alone();
    let proxy = Proxy::start();
    let server = Server::start(&[("SCE_POOL_SIZE", "python=2"), ("DOCKER_HOST", &proxy.host())]);
    filled(&server, 2);
    proxy.cut();
    server.post(&json!({"code": "print(1)"})).refusal(503);
    proxy.mend();
    filled(&server, 2);
    let warm = || (server.python("print('warm again')").start() == "warm").then_some(());
    assert!(within(Duration::from_secs(30), warm).is_some(), "only cold starts after the engine came back");
}

#[test]
fn a_waiting_sandbox_that_dies_is_noticed_and_replaced() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "python=2")]);
    filled(&server, 2);
    for sandbox in engine::sandboxes(&server.deployment) {
        engine::remove(&sandbox.id);
    }
    // The hint is stale: the answer is right all the same.
    server.python("print('served')").printed("served\n");
    filled(&server, 2);
}
