//! Several servers and several versions of one deployment on one Docker host: each leaves the others' sandboxes alone,
//! whatever its clock says, and what nobody uses any more goes.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use rustix::process::Signal;
use safe_code_executor::{
    domain::{
        conversation::{Event, Step},
        error::SandboxError,
        id::ExecutionId,
        language::{CompileArgs, Language},
        limits::Limits,
        ports::{Conversation, Sandbox, Sent},
        project::Project,
        request::{Args, Code, ExecutionRequest, Program, Stdin},
    },
    outbound::docker::{Bounds, DockerConfig, Fleet, Hosts},
};
use serde_json::json;

use crate::support::{Server, alone, docker_config, engine, images, nonce, proxy::Proxy, within};

/// Two rounds of upkeep, and some.
const ROUNDS: Duration = Duration::from_secs(25);

fn waiting(deployment: &str) -> BTreeSet<String> {
    let all = engine::sandboxes(deployment).into_iter();
    all.filter(|one| one.name.starts_with("sce-warm-")).map(|one| one.id).collect()
}

/// A server of the same deployment as another.
fn beside(first: &Server, settings: &[(&str, &str)]) -> Server {
    let mut all: BTreeMap<&str, &str> =
        first.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    all.extend(settings.iter().copied());
    Server::start(&all.into_iter().collect::<Vec<_>>())
}

#[test]
fn two_versions_of_one_deployment_leave_each_others_waiting_sandboxes_alone() {
    let _alone = alone();
    let mut old = Server::start(&[("SCE_POOL_SIZE", "python=2"), ("SCE_POOL_SHARED", "true")]);
    old.fills(2);
    let of_old = waiting(&old.deployment);
    // Another memory limit is another specification, as another build is.
    let mut new = beside(&old, &[("SCE_MEMORY_MB", "96"), ("SCE_POOL_SIZE", "python=1")]);
    new.fills(1);
    let all = waiting(&old.deployment);
    assert!(all.len() == 3 && all.is_superset(&of_old), "{all:?} {of_old:?}");
    std::thread::sleep(ROUNDS);
    assert_eq!(waiting(&old.deployment), all, "one took or removed the other's");
    assert_eq!((old.warm(), new.warm()), (2, 1), "each counts its own");
    for (server, mb) in [(&old, 128), (&new, 96)] {
        let outcome = server.python("print('mine')");
        outcome.printed("mine\n");
        assert_eq!((outcome.start(), outcome.0["limits"]["memory_mb"].as_u64()), ("warm", Some(mb)));
    }
    // Both at once: a server that is dropped must leave nothing.
    [&old, &new].into_iter().for_each(|server| server.signal(Signal::TERM));
    for server in [&mut old, &mut new] {
        assert!(server.ended_within(Duration::from_secs(30)).is_some(), "deaf to SIGTERM:\n{}", server.log());
    }
}

#[test]
fn one_of_several_servers_that_stops_leaves_the_others_shared_sandboxes() {
    let _alone = alone();
    let mut first = Server::start(&[("SCE_POOL_SIZE", "python=3"), ("SCE_POOL_SHARED", "true")]);
    first.fills(3);
    let made_by_first = waiting(&first.deployment);
    let second = beside(&first, &[]);
    second.fills(3);
    // Whoever uses one puts another in its place.
    for _ in 0..2 {
        assert_eq!(second.python("print('shared')").start(), "warm");
        second.fills(3);
    }
    let made_by_second: BTreeSet<String> =
        waiting(&second.deployment).difference(&made_by_first).cloned().collect();
    assert_eq!(made_by_second.len(), 2, "they do not share what there is");
    first.signal(Signal::TERM);
    assert!(first.ended_within(Duration::from_secs(20)).is_some(), "{}", first.log());
    let left = waiting(&second.deployment);
    assert!(left.is_superset(&made_by_second), "{left:?} {made_by_second:?}");
    assert_eq!(second.python("print('warm')").start(), "warm");
}

#[test]
fn a_handler_with_another_clock_removes_nobodys_sandboxes() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "0")]);
    // Made just now by handlers whose clocks are years behind or ahead: to ours the first is overdue.
    let behind = engine::leave(&server.deployment, &[("sce.ends-by", "1000"), ("sce.lasts", "600")], None);
    let ahead = engine::leave(&server.deployment, &[("sce.ends-by", "9999999999"), ("sce.lasts", "1")], None);
    let gone = within(Duration::from_secs(60), || engine::inspect(&ahead).is_none().then_some(()));
    assert!(gone.is_some(), "its second was over long ago, whatever its maker's clock said");
    std::thread::sleep(ROUNDS);
    assert!(engine::inspect(&behind).is_some(), "it has ten minutes by the engine's clock");
    engine::remove(&behind);
}

#[test]
fn volumes_of_old_builds_go_and_those_in_use_or_young_stay() {
    let name = |what: &str| format!("sce-init-test-{what}-{}", nonce());
    let (old, used, young, foreign) = (name("old"), name("used"), name("young"), format!("test-{}", nonce()));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().to_string();
    for (name, made) in [(&old, "1000"), (&used, "1000"), (&young, now.as_str()), (&foreign, "1000")] {
        images::make_volume(name, &[("sce.made", made)]);
    }
    let user = engine::leave(&format!("volumes-{}", nonce()), &[], Some(&used));
    let server = Server::start(&[("SCE_POOL_SIZE", "0")]);
    let gone = within(Duration::from_secs(60), || (!images::has_volume(&old)).then_some(()));
    let stay = [&used, &young, &foreign].map(|name| images::has_volume(name));
    engine::remove(&user);
    for name in [&old, &used, &young, &foreign] {
        images::remove_volume(name);
    }
    assert!(gone.is_some(), "{}", server.log());
    assert_eq!(stay, [true; 3]);
    server.python("print('served')").printed("served\n");
}

#[test]
fn a_hung_engine_does_not_hold_up_the_end() {
    let _alone = alone();
    let proxy = Proxy::start();
    let mut server = proxy.server(&[("SCE_POOL_SIZE", "python=2"), ("SCE_POOL_SHARED", "true")]);
    server.fills(2);
    proxy.stall(true);
    // In the middle of a round of upkeep.
    std::thread::sleep(Duration::from_secs(11));
    let begun = Instant::now();
    server.signal(Signal::TERM);
    let ended = server.ended_within(Duration::from_secs(30));
    let took = begun.elapsed();
    proxy.stall(false);
    proxy.cut();
    for sandbox in engine::sandboxes(&server.deployment) {
        engine::remove(&sandbox.id);
    }
    assert!(ended.is_some() && took < Duration::from_secs(15), "{took:?}\n{}", server.log());
}

/// A way to the engine for code of ours that no HTTP request reaches.
async fn fleet(proxy: &Proxy) -> (Fleet, std::sync::Arc<Language>) {
    let languages = safe_code_executor::config::built_in_languages(None).unwrap();
    let python = languages.resolve("python").unwrap();
    let config = DockerConfig {
        bounds: Bounds { running: Some(2), sandboxes: None },
        pool: [("python".to_owned(), 1)].into(),
        ..docker_config(Hosts::Unix(proxy.path()))
    };
    let fleet = Fleet::open(config, languages);
    fleet.ready().await.unwrap();
    (fleet, python)
}

#[test]
fn a_deadline_that_is_past_takes_no_sandbox_and_sends_no_code() {
    let _alone = alone();
    let (proxy, mark) = (Proxy::start(), nonce());
    engine::RUNTIME.block_on(async {
        let (fleet, python) = fleet(&proxy).await;
        let warm = async || fleet.health().await.pool.iter().map(|depth| depth.warm).sum::<usize>();
        let until = Instant::now() + Duration::from_secs(60);
        while warm().await == 0 && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let code = Code::parse(format!("print('{mark}')")).unwrap();
        let request = ExecutionRequest {
            program: Program::assemble(&python, Some(code), Project::default(), None).unwrap(),
            language: python.clone(),
            tests: None,
            compile_args: CompileArgs::default(),
            workspace: safe_code_executor::domain::files::Workspace::default(),
            stdin: Stdin::default(),
            args: Args::default(),
            limits: Limits::default(),
        };
        proxy.watch(&mark);
        let now = tokio::time::Instant::now();
        for deadline in [now, now - Duration::from_secs(5), now + Duration::from_millis(20)] {
            let slot = fleet.admit(&python).await.unwrap();
            let late = fleet.begin(slot, ExecutionId::generate(), &request, deadline).await;
            assert!(matches!(late, Err(SandboxError::TooLate)), "{:?}", late.err());
            assert_eq!((warm().await, proxy.passed()), (1, 0), "a sandbox was taken, or code was sent");
        }
        let slot = fleet.admit(&python).await.unwrap();
        let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
        let begun = fleet.begin(slot, ExecutionId::generate(), &request, deadline).await;
        let mut conversation = begun.unwrap_or_else(|error| panic!("{error}"));
        conversation.step(Step::only(&request), &Sent::default()).await.unwrap();
        assert!(matches!(conversation.next().await, Ok(Event::Ended(_))));
        assert_eq!((proxy.passed(), fleet.health().await.hosts.up), (1, 1));
        fleet.close().await;
    });
}

#[test]
fn a_busy_server_says_when_to_come_back_and_that_is_true() {
    let _alone = alone();
    let server =
        Server::start(&[("SCE_POOL_SIZE", "0"), ("SCE_MAX_RUNNING", "1"), ("SCE_QUEUE_LENGTH", "0")]);
    std::thread::scope(|scope| {
        let busy = scope.spawn(|| server.python("import time; time.sleep(6); print('slept')"));
        engine::running_come_to(&server.deployment, 1);
        let after = |reply: crate::support::Reply| {
            reply.refusal(429);
            reply.header("retry-after").unwrap().parse::<u64>().unwrap()
        };
        let first = after(server.post(&json!({"code": "print(1)"})));
        std::thread::sleep(Duration::from_secs(4));
        let later = after(server.post(&json!({"code": "print(1)"})));
        assert!(first <= later && (3..=30).contains(&later), "{first} {later}");
        busy.join().unwrap().printed("slept\n");
    });
}
