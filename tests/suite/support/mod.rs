//! What the tests share: a real server process, HTTP to it, the engine's own word, and the contract of answers.

pub mod answer;
pub mod archive;
pub mod client;
pub mod door;
pub mod engine;
pub mod host;
pub mod images;
pub mod languages;
pub mod lies;
pub mod outcome;
pub mod pki;
pub mod plain;
pub mod private_engine;
pub mod proxy;
pub mod secrets;
pub mod server;
mod store;

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use safe_code_executor::{
    domain::limits::Limits,
    outbound::docker::{Bounds, DockerConfig, Hosts, Landlock},
};

pub use answer::Reply;
pub use outcome::Outcome;
pub use server::{SWEPT, Server, runtime, shared, without_landlock};

/// A way to an engine for code of ours that no HTTP request reaches: a deployment of its own, where nothing waits.
pub fn docker_config(hosts: Hosts) -> DockerConfig {
    DockerConfig {
        hosts,
        deployment: format!("test-{}", nonce()),
        runtime: None,
        landlock: Landlock::Required,
        strict_versions: false,
        bounds: Bounds { running: None, sandboxes: None },
        pool: [].into(),
        pool_shared: false,
        pool_lease: Duration::from_secs(300),
        limits: Limits::default(),
        longest_wall: Limits::default().longest_wall(),
    }
}

/// Held by a test that would starve its neighbours, or that they would disturb.
pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until `condition` gives something; `None` when it has not within `patience`.
pub fn within<T>(patience: Duration, mut condition: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + patience;
    let mut pause = Duration::from_millis(10);
    loop {
        if let Some(value) = condition() {
            return Some(value);
        }
        if Instant::now() >= deadline {
            return None;
        }
        std::thread::sleep(pause);
        pause = (pause * 3 / 2).min(Duration::from_millis(200));
    }
}

/// Does `work` for each of `items`, `width` at a time, and gives the results in the items' order.
pub fn in_parallel<T: Sync, R: Send>(width: usize, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    std::thread::scope(|scope| {
        for _ in 0..width.min(items.len()) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some(item) = items.get(at) else { break };
                    let result = work(item);
                    done.lock().unwrap().push((at, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// A path below `tests/`.
pub fn data(path: impl AsRef<Path>) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(path)
}

/// The text of a file below `tests/`.
pub fn text(path: impl AsRef<Path>) -> String {
    let path = data(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A port that is free on each of these addresses of the loopback.
pub fn port_free_on(ips: &[&str]) -> u16 {
    loop {
        let first = TcpListener::bind((ips[0], 0)).expect("a port");
        let port = first.local_addr().expect("an address").port();
        if ips[1..].iter().all(|ip| TcpListener::bind((*ip, port)).is_ok()) {
            return port;
        }
    }
}

/// Something nobody else has: letters and digits.
pub fn nonce() -> String {
    format!("{:016x}", rand::random::<u64>())
}
