//! The Docker engine's own word on what there is.

use std::{
    collections::HashMap,
    env,
    sync::{
        LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bollard::{
    API_DEFAULT_VERSION, Docker,
    errors::Error,
    models::{ContainerCreateBody, ContainerInspectResponse, ContainerSummary, HostConfig, Mount, MountType},
    query_parameters::{
        CreateContainerOptions, InspectContainerOptions, ListContainersOptions, RemoveContainerOptions,
        RemoveContainerOptionsBuilder,
    },
};
use tokio::runtime::Runtime;

use super::within;

/// Runs what the engine is asked, from ordinary threads.
pub static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

/// How long an answer to these tests may take, in seconds.
const PATIENCE: u64 = 120;

/// The engine the server uses.
pub static DOCKER: LazyLock<Docker> = LazyLock::new(|| {
    let docker =
        Docker::connect_with_unix(&socket(), PATIENCE, API_DEFAULT_VERSION).expect("a socket's path");
    RUNTIME.block_on(docker.ping()).expect("a Docker engine answers: these tests run against a real one");
    docker
});

/// A sandbox as the engine lists it.
#[derive(Debug)]
pub struct Sandbox {
    pub id: String,
    pub name: String,
    pub state: String,
    pub labels: HashMap<String, String>,
}

/// All containers of a deployment, whatever their state.
pub fn sandboxes(deployment: &str) -> Vec<Sandbox> {
    labelled(&format!("sce.deployment={deployment}"))
}

/// All containers with this label. Engines list, at times for ever, what a removal that met a start has removed: who
/// is said to be leaving is asked for by name.
pub fn labelled(label: &str) -> Vec<Sandbox> {
    let filters = HashMap::from([("label".to_owned(), vec![label.to_owned()])]);
    let options = ListContainersOptions { all: true, filters: Some(filters), ..Default::default() };
    let list = RUNTIME.block_on(DOCKER.list_containers(Some(options))).expect("the engine lists containers");
    let there = |sandbox: &Sandbox| sandbox.state != "removing" || inspect(&sandbox.id).is_some();
    list.into_iter().map(of_summary).filter(there).collect()
}

fn of_summary(summary: ContainerSummary) -> Sandbox {
    let name = summary.names.unwrap_or_default().first().cloned().unwrap_or_default();
    Sandbox {
        id: summary.id.unwrap_or_default(),
        name: name.trim_start_matches('/').to_owned(),
        state: summary.state.map(|state| state.to_string()).unwrap_or_default(),
        labels: summary.labels.unwrap_or_default(),
    }
}

/// Containers of a deployment that run a program now: all but those that wait in the pool, or will.
pub fn running(deployment: &str) -> Vec<Sandbox> {
    let pooled = |sandbox: &Sandbox| {
        ["sce-warm-", "sce-held-", "sce-new-"].iter().any(|prefix| sandbox.name.starts_with(prefix))
    };
    let all = sandboxes(deployment).into_iter();
    all.filter(|sandbox| sandbox.state == "running" && !pooled(sandbox)).collect()
}

/// What comes of `work`, and the most that `count` counted meanwhile.
pub fn most_during<T>(count: impl Fn() -> usize + Sync, work: impl FnOnce() -> T) -> (T, usize) {
    /// Also when `work` panics: the counting thread must end, or the panic would never be told.
    struct Over<'a>(&'a AtomicBool);
    impl Drop for Over<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watch = || {
            let mut most = 0;
            while !over.load(Ordering::SeqCst) {
                most = most.max(count());
                std::thread::sleep(Duration::from_millis(20));
            }
            most
        };
        let counter = scope.spawn(watch);
        let done = {
            let _over = Over(&over);
            work()
        };
        (done, counter.join().unwrap())
    })
}

/// Waits for `count` sandboxes that run something.
#[track_caller]
pub fn running_come_to(deployment: &str, count: usize) -> Vec<Sandbox> {
    let reached = || Some(running(deployment)).filter(|all| all.len() == count);
    within(Duration::from_secs(20), reached)
        .unwrap_or_else(|| panic!("{count} running sandboxes were expected: {:?}", sandboxes(deployment)))
}

/// All that the engine knows of a container; `None` when there is none.
pub fn inspect(id: &str) -> Option<ContainerInspectResponse> {
    match RUNTIME.block_on(DOCKER.inspect_container(id, None::<InspectContainerOptions>)) {
        Ok(container) => Some(container),
        Err(Error::DockerResponseServerError { status_code: 404, .. }) => None,
        Err(error) => panic!("the engine inspects a container: {error}"),
    }
}

/// The pid, in the host's eyes, of a container's first process.
pub fn host_pid(id: &str) -> Option<u32> {
    let pid = inspect(id)?.state?.pid?;
    u32::try_from(pid).ok().filter(|pid| *pid > 0)
}

/// Removes a container, if it is there.
pub fn remove(id: &str) {
    let gone = within(Duration::from_secs(30), || {
        let options: RemoveContainerOptions = RemoveContainerOptionsBuilder::default().force(true).build();
        let _ = RUNTIME.block_on(DOCKER.remove_container(id, Some(options)));
        inspect(id).is_none().then_some(())
    });
    assert!(gone.is_some(), "the engine keeps it: {:?}", inspect(id).and_then(|one| one.state));
}

/// Makes, and does not start, a container of a deployment whose time was over long ago.
pub fn leave_overdue(deployment: &str) {
    leave(deployment, &[("sce.ends-by", "1")], None);
}

/// Makes, and does not start, a container of a deployment with these labels, perhaps with a volume; its id.
pub fn leave(deployment: &str, labels: &[(&str, &str)], volume: Option<&str>) -> String {
    let own = [("sce.deployment", deployment)];
    let labels = labels.iter().chain(&own);
    let mount = |volume: &str| Mount {
        typ: Some(MountType::VOLUME),
        source: Some(volume.to_owned()),
        target: Some("/volume".to_owned()),
        ..Mount::default()
    };
    let body = ContainerCreateBody {
        image: Some("python:3.11-slim".to_owned()),
        labels: Some(labels.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()),
        host_config: Some(HostConfig {
            mounts: volume.map(|volume| vec![mount(volume)]),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    };
    let made = DOCKER.create_container(None::<CreateContainerOptions>, body);
    RUNTIME.block_on(made).expect("the engine makes a container").id
}

/// The engine's own socket: how these tests ask it, and what tests of its absence stand in front of. Where servers
/// come to the same engine over TCP, `infra/local/own-engine.sh` says which it is.
pub fn socket() -> String {
    if let Ok(socket) = env::var("TEST_DOCKER_SOCKET") {
        return socket;
    }
    let host = env::var("DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned());
    host.strip_prefix("unix://").expect("these tests need the engine's local socket").to_owned()
}

/// How servers come to the engine, unless a test says otherwise: as the environment does.
pub fn settings() -> impl Iterator<Item = (String, String)> {
    let set = |name: &str| Some((name.to_owned(), env::var(name).ok()?));
    ["DOCKER_HOST", "DOCKER_CERT_PATH"].into_iter().filter_map(set)
}

/// Whether that is over TCP, with mutual TLS.
pub fn speaks_tls() -> bool {
    settings().any(|(name, host)| name == "DOCKER_HOST" && host.starts_with("tcp://"))
}

/// Versions that explain a difference between two machines: engine, cgroups, kernel, architecture.
pub fn machine() -> String {
    let info = RUNTIME.block_on(DOCKER.info()).expect("the engine says what it is");
    let text = |value: Option<String>| value.unwrap_or_else(|| "?".to_owned());
    format!(
        "Docker Engine {}, cgroup v{}, Linux {}, {}",
        text(info.server_version),
        text(info.cgroup_version.map(|version| version.to_string())),
        text(info.kernel_version),
        text(info.architecture),
    )
}
