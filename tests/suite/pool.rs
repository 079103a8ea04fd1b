//! Sandboxes that wait: used once, claimed by one, never mixed up, never missed.

use std::{
    collections::{BTreeMap, BTreeSet},
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::json;

use crate::support::{Outcome, Server, alone, engine, in_parallel, nonce, proxy::Proxy, within};

/// Prints what only this sandbox has: the name of its own layer, its user, and the files it was given.
const IDENTITY: &str = "import os\n\
    layer = [p for p in open('/proc/self/mountinfo').read().split(',') if p.startswith('upperdir=')][0]\n\
    print(layer, os.getuid(), sorted(os.listdir('/sandbox')))";

#[test]
fn a_waiting_sandbox_answers_and_is_replaced() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "python=2,javascript=1")]);
    server.fills(3);
    let outcome = server.python("print(2+2)");
    outcome.printed("4\n");
    assert_eq!(outcome.start(), "warm");
    let outcome = server.javascript("console.log(2+2)");
    outcome.printed("4\n");
    assert_eq!(outcome.start(), "warm");
    server.fills(3);
    let health = server.get("/health").json().to_string();
    assert!(health.contains("\"target\":2") && health.contains("\"target\":1"), "{health}");
}

#[test]
fn a_burst_on_an_empty_pool_is_served_cold_and_never_an_error() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "python=1"), ("SCE_QUEUE_TIMEOUT_SECONDS", "60")]);
    server.fills(1);
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
    server.fills(1);
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
fn of_a_thousand_claims_by_two_servers_each_has_its_own_sandbox() {
    let _alone = alone();
    // Once with one pool that both claim from, once with what each holds for itself.
    for (shared, count) in [("true", 1000), ("false", 200)] {
        claims(shared, count);
    }
}

fn claims(shared: &str, count: usize) {
    let first = Server::start(&[
        ("SCE_POOL_SIZE", "python=8"),
        ("SCE_POOL_SHARED", shared),
        ("SCE_QUEUE_TIMEOUT_SECONDS", "60"),
        ("SCE_QUEUE_LENGTH", "100"),
    ]);
    let settings: BTreeMap<String, String> = first.settings.clone();
    let pairs: Vec<(&str, &str)> =
        settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let second = Server::start(&pairs); // the same deployment
    let rounds: Vec<(usize, String)> = (0..count).map(|n| (n, nonce())).collect();
    let outcomes = in_parallel(32, &rounds, |(n, mark)| {
        let server = if n % 2 == 0 { &first } else { &second };
        server.run(
            &json!({"code": format!("{IDENTITY}\nprint('{mark}', input())"), "stdin": format!("{mark}\n")}),
        )
    });
    let (mut layers, mut warm) = (BTreeSet::new(), 0);
    for ((_, mark), outcome) in rounds.iter().zip(&outcomes) {
        outcome.ended("completed", 0);
        let (identity, marks) = outcome.output().trim_end().rsplit_once('\n').expect("two lines");
        assert_eq!(marks, format!("{mark} {mark}"), "another run's code or input");
        assert!(identity.ends_with("['main.py']"), "{identity}");
        assert!(layers.insert(identity.to_owned()), "a sandbox has served twice: {identity}");
        warm += usize::from(outcome.start() == "warm");
    }
    assert!(warm > count / 20, "only {warm} of {count} were warm: nothing was raced for");
    stop_together(&mut [first, second]);
}

/// All at once: each refills what the others take, and a server that is dropped must leave nothing.
fn stop_together(servers: &mut [Server]) {
    servers.iter().for_each(|server| server.signal(Signal::TERM));
    for server in servers {
        assert!(server.ended_within(Duration::from_secs(30)).is_some(), "deaf to SIGTERM:\n{}", server.log());
    }
}

#[test]
fn nothing_of_one_run_is_visible_to_the_next() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "python=1")]);
    let leave = "import builtins, os, sys\nbuiltins.left = 1\nsys.modules['left'] = os\nos.environ['LEFT'] = '1'\nos.fork() or __import__('time').sleep(99)";
    let look = "import builtins, os, sys\nprint(hasattr(builtins, 'left'), 'left' in sys.modules, 'LEFT' in os.environ, \
        len([p for p in os.listdir('/proc') if p.isdigit()]))";
    for _ in 0..5 {
        server.fills(1);
        assert_eq!(server.python(leave).start(), "warm");
        server.fills(1);
        let outcome = server.python(look);
        assert_eq!((outcome.start(), outcome.output()), ("warm", "False False False 2\n"));
    }
}

#[test]
fn hash_seeds_and_random_numbers_differ_between_waiting_sandboxes() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "python=3,javascript=2")]);
    server.fills(5);
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
    a.fills(2);
    b.fills(2);
    let ids = |server: &Server| -> BTreeSet<String> {
        engine::sandboxes(&server.deployment).into_iter().map(|sandbox| sandbox.id).collect()
    };
    let of_b = ids(&b);
    for n in 0..6 {
        a.python(&format!("print({n})")).ended("completed", 0);
        a.fills(2);
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
    let server = proxy.server(&[("SCE_POOL_SIZE", "python=2")]);
    server.fills(2);
    proxy.cut();
    server.post(&json!({"code": "print(1)"})).refusal(503);
    proxy.mend();
    server.fills(2);
    let warm = || (server.python("print('warm again')").start() == "warm").then_some(());
    assert!(within(Duration::from_secs(30), warm).is_some(), "only cold starts after the engine came back");
}

#[test]
fn an_engine_that_is_away_with_all_room_is_away_and_not_busy() {
    let proxy = Proxy::start();
    let one = [("SCE_POOL_SIZE", "0"), ("SCE_MAX_SANDBOXES", "1"), ("SCE_MAX_RUNNING", "1")];
    let server = proxy.server(&one);
    // Made or not, nobody knows: it keeps its room until the engine can be asked.
    proxy.cut_at("/containers/create?", true);
    server.post(&json!({"code": "print(1)"})).refusal(503);
    assert!(proxy.is_cut());
    // Waits a minute for room first, where the host is not known to be away.
    server.post(&json!({"code": "print(1)"})).refusal(503);
    proxy.mend();
    let back = || (server.post(&json!({"code": "print('back')"})).status == 200).then_some(());
    assert!(within(Duration::from_secs(90), back).is_some(), "the room is not free again");
}

#[test]
fn where_enough_wait_a_program_that_runs_goes_before_the_filling_for_a_second() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "python=2")]);
    server.fills(2);
    let begun = Instant::now();
    let run = || server.python("import time; time.sleep(8); print('slept')");
    let seen: Vec<(Duration, usize)> = thread::scope(|scope| {
        let run = scope.spawn(run);
        let mut seen = Vec::new();
        while !run.is_finished() {
            let count = engine::sandboxes(&server.deployment).len();
            seen.push((begun.elapsed(), count));
            thread::sleep(Duration::from_millis(50));
        }
        run.join().unwrap().printed("slept\n");
        seen
    });
    let first = seen.iter().find(|(_, count)| *count > 2).expect("the pool is filled while the program runs");
    assert!(first.0 >= Duration::from_secs(1), "{seen:?}");
    server.fills(2);
}

#[test]
fn a_line_cut_at_a_claim_gives_one_answer_and_at_most_one_run_and_leaves_nothing() {
    let cuts = [("/rename?", false), ("/rename?", true), ("/attach?", false), ("/attach?", true)];
    in_parallel(cuts.len(), &cuts, |&(text, after)| {
        let proxy = Proxy::start();
        let server = proxy.server(&[("SCE_POOL_SIZE", "python=1"), ("SCE_POOL_SHARED", "true")]);
        server.fills(1);
        proxy.cut_at(text, after);
        let reply = server.post(&json!({"code": "print('once')"}));
        assert!(proxy.is_cut(), "{text} was never asked");
        // Either no code was sent, an honest "try again later", or the line was quick enough for it before the cut.
        reply.refusal(if after && reply.status == 502 { 502 } else { 503 });
        proxy.mend();
        server.fills(1);
        server.python("print('again')").printed("again\n");
        // The lease of the one that was claimed for nobody is a quarter of an hour; it does not wait for that.
        let swept = || {
            let sandboxes = engine::sandboxes(&server.deployment);
            sandboxes.iter().all(|sandbox| sandbox.name.starts_with("sce-warm-")).then_some(())
        };
        assert!(within(Duration::from_secs(90), swept).is_some(), "{text} {after}");
    });
}

#[test]
fn a_waiting_sandbox_that_dies_is_noticed_and_replaced() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "python=2")]);
    server.fills(2);
    for sandbox in engine::sandboxes(&server.deployment) {
        engine::remove(&sandbox.id);
    }
    // The engine ends a stream a moment after its container. Whoever is sent code in that moment is lost, not served.
    thread::sleep(Duration::from_secs(1));
    server.python("print('served')").printed("served\n");
    server.fills(2);
}

#[test]
fn what_a_handler_holds_is_gone_as_soon_as_the_handler_is() {
    let _alone = alone();
    let mut server = Server::start(&[("SCE_POOL_SIZE", "python=2,javascript=1")]);
    server.fills(3);
    server.crash();
    // Long before the lease of 15 minutes is over.
    server.leaves_nothing(Duration::from_secs(10));
}

#[test]
fn what_is_shared_serves_the_next_handler() {
    let _alone = alone();
    let settings = [("SCE_POOL_SIZE", "python=1"), ("SCE_POOL_SHARED", "true")];
    let mut first = Server::start(&settings);
    first.fills(1);
    let shared = |server: &Server| -> Vec<String> {
        let all = engine::sandboxes(&server.deployment).into_iter();
        all.filter(|sandbox| sandbox.name.starts_with("sce-warm-")).map(|sandbox| sandbox.id).collect()
    };
    let before = shared(&first);
    first.crash();
    let second = first.again();
    second.fills(1);
    assert_eq!(shared(&second), before, "the shared sandboxes were not taken over");
    assert_eq!(second.python("print('taken over')").start(), "warm");
}

#[test]
fn handlers_that_fill_one_pool_at_the_same_moment_make_at_most_one_each_too_many() {
    const WANTED: usize = 3;
    let _alone = alone();
    let size = format!("python={WANTED}");
    let first = Server::start(&[("SCE_POOL_SIZE", &size), ("SCE_POOL_SHARED", "true")]);
    first.fills(WANTED);
    let mut servers: Vec<Server> = (0..3).map(|_| first.again()).collect();
    servers.push(first);
    let shared = |server: &Server| {
        let all = engine::sandboxes(&server.deployment).into_iter();
        all.filter(|one| ["sce-new-", "sce-warm-"].iter().any(|prefix| one.name.starts_with(prefix))).count()
    };
    for round in 0..5 {
        // All of them find the shared sandboxes gone, at the same moment, in their own rounds and after each of their runs.
        for sandbox in engine::sandboxes(&servers[0].deployment) {
            engine::remove(&sandbox.id);
        }
        let ((), most) = engine::most_during(
            || shared(&servers[0]),
            || {
                in_parallel(servers.len(), &servers, |server| {
                    server.python("print(1)").printed("1\n");
                });
                let full = within(Duration::from_secs(30), || (shared(&servers[0]) >= WANTED).then_some(()));
                assert!(full.is_some(), "round {round}: never filled");
                thread::sleep(Duration::from_secs(2));
            },
        );
        assert!(most <= WANTED + servers.len(), "round {round}: {most} were made for {WANTED}");
    }
    let settled = within(Duration::from_secs(30), || (shared(&servers[0]) == WANTED).then_some(()));
    assert!(settled.is_some(), "what was too much was not trimmed: {}", shared(&servers[0]));
    stop_together(&mut servers);
}

#[test]
fn the_pool_keeps_within_the_bound_of_all_sandboxes() {
    let _alone = alone();
    let server = Server::start(&[
        ("SCE_POOL_SIZE", "python=4"),
        ("SCE_MAX_RUNNING", "3"),
        ("SCE_MAX_SANDBOXES", "4"),
        ("SCE_QUEUE_TIMEOUT_SECONDS", "60"),
    ]);
    thread::sleep(Duration::from_secs(3));
    let kinds: Vec<usize> = (0..30).collect();
    let (_, most) = engine::most_during(
        || engine::sandboxes(&server.deployment).len(),
        || {
            in_parallel(6, &kinds, |n| {
                // Of both languages: one that waits makes way for the other.
                let outcome =
                    if n % 3 == 0 { server.javascript("console.log(1)") } else { server.python("print(1)") };
                outcome.printed("1\n");
            })
        },
    );
    assert!(most <= 4, "more sandboxes than allowed");
}
