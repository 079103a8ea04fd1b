//! The handler killed at each step of a run on a sandbox that waited, and the engine killed under it: no program
//! runs twice, nothing is left, and nobody has to help.

use std::time::Duration;

use serde_json::json;

use crate::{
    lifecycle::send_only,
    support::{
        SWEPT, Server, engine, in_parallel, nonce, private_engine::PrivateEngine, proxy::Proxy, within,
    },
};

#[test]
fn a_handler_killed_at_any_step_leaves_nothing_and_runs_nothing_twice() {
    let mark = nonce();
    // What the engine is asked at each step: the claim, the attachment, the code on its way, the run.
    let steps = [("/rename?", false), ("/rename?", true), ("/attach?", false), ("/attach?", true)];
    let in_code = [(mark.as_str(), false), (mark.as_str(), true)];
    let steps: Vec<(&str, bool)> = steps.into_iter().chain(in_code).collect();
    in_parallel(3, &steps, |&(text, after)| {
        let proxy = Proxy::start();
        let mut first = proxy.server(&[("SCE_POOL_SIZE", "python=1"), ("SCE_POOL_SHARED", "true")]);
        first.fills(1);
        proxy.cut_at(text, after);
        proxy.watch(&mark);
        // The kill follows the cut at once: to the engine it is one and the same.
        let code = format!("import time; time.sleep(2); print('{mark}')");
        let _asking = send_only(&first, &json!({"code": code}));
        within(Duration::from_secs(20), || proxy.is_cut().then_some(())).unwrap_or_else(|| panic!("{text}"));
        first.crash();
        proxy.mend();
        let second = first.again();
        let swept = || {
            let all = engine::sandboxes(&second.deployment);
            all.iter().all(|sandbox| sandbox.name.starts_with("sce-warm-")).then_some(())
        };
        assert!(
            within(SWEPT, swept).is_some(),
            "{text} {after}: {:?}",
            engine::sandboxes(&second.deployment)
        );
        let history = second.get("/history?limit=100").json();
        let entries = history.as_array().unwrap().iter();
        let ours: Vec<_> = entries.filter(|entry| entry["code"].to_string().contains(&mark)).collect();
        // Nobody got an answer. Where the record was quicker than the kill it knows of no end, or of the cut.
        assert!(ours.len() <= 1, "{history}");
        for record in ours {
            assert!(
                ["running", "abandoned", "sandbox_error", "not_started"]
                    .contains(&record["status"].as_str().unwrap()),
                "{record}"
            );
        }
        second.python("print('next')").printed("next\n");
        let sent = usize::from(text == mark && after);
        assert_eq!(proxy.passed(), sent, "{text} {after}: how often the code went to the engine");
    });
}

#[test]
fn an_engine_killed_and_started_again_is_used_again_without_anybodys_help() {
    let mut engine = PrivateEngine::start();
    for shared in ["false", "true"] {
        let server = Server::start(&[
            ("SCE_POOL_SIZE", "python=2"),
            ("SCE_POOL_SHARED", shared),
            ("DOCKER_HOST", &engine.host()),
            ("SCE_LANGUAGES", "python"),
        ]);
        server.fills(2);
        assert_eq!(server.python("print(1)").start(), "warm");
        engine.kill();
        for _ in 0..3 {
            let refusal = server.post(&json!({"code": "print(1)"})).refusal(503);
            assert!(refusal.error.contains("Docker"), "{}", refusal.error);
        }
        let unhealthy = || (server.get("/health").status == 503).then_some(());
        assert!(
            within(Duration::from_secs(3), unhealthy).is_some(),
            "an answer may be a second old, no more"
        );
        engine.start_again();
        let served_warm = || {
            let reply = server.post(&json!({"code": "print(2)"}));
            (reply.status == 200 && reply.outcome().start() == "warm").then_some(())
        };
        assert!(within(Duration::from_secs(60), served_warm).is_some(), "{}", server.log());
    }
}
