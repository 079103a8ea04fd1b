//! A real server process of our own: its own port, data folder and deployment, gone without a trace at the end.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read},
    ops::Deref,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::{client::Client, engine, store, within};

/// How long after a crash or an outage a container may be left: nothing in one that was made and never started can
/// end it, so the rounds of upkeep of whoever comes next do.
pub const SWEPT: Duration = Duration::from_secs(150);

/// Secrets that the server holds in these tests. No sandbox may ever see one.
pub const DECOYS: [(&str, &str); 4] = [
    ("AWS_ACCESS_KEY_ID", "AKIADECOYDECOYDECOY0"),
    ("AWS_SECRET_ACCESS_KEY", "decoy-secret-access-key"),
    ("AWS_SESSION_TOKEN", "decoy-session-token"),
    ("GITHUB_TOKEN", "decoy-github-token"),
];

/// A setting for [`Server::start`] alone: the file that the server is to see as `/etc/hosts`.
pub const HOSTS_FILE: &str = "TEST_HOSTS_FILE";

/// A server that answers. Dropped, it is stopped, and it must leave nothing on the engine.
pub struct Server {
    client: Client,
    process: Child,
    pub deployment: String,
    pub settings: BTreeMap<String, String>,
    log: Log,
    data: Arc<TempDir>,
    watcher: Option<Child>,
}

type Log = Arc<Mutex<String>>;

impl Deref for Server {
    type Target = Client;
    fn deref(&self) -> &Client {
        &self.client
    }
}

/// The server most tests share. Its sandboxes are made for each run: tests of the pool start their own.
pub fn shared() -> &'static Server {
    static SHARED: OnceLock<Server> = OnceLock::new();
    SHARED.get_or_init(|| Server::start(&[("SCE_POOL_SIZE", pool_of_shared()), ("SCE_POOL_SHARED", "true")]))
}

/// `SCE_TEST_POOL=python=2,javascript=2 cargo test` runs everything on warm sandboxes; on shared ones, whose names tell
/// which of them are at work.
fn pool_of_shared() -> &'static str {
    static POOL: OnceLock<String> = OnceLock::new();
    POOL.get_or_init(|| std::env::var("SCE_TEST_POOL").unwrap_or_else(|_| "0".to_owned()))
}

/// `SCE_TEST_RUNTIME=runsc cargo test` runs every program on that runtime of the engine's.
pub fn other_runtime() -> Option<String> {
    std::env::var("SCE_TEST_RUNTIME").ok()
}

/// `SCE_TEST_LANDLOCK=optional cargo test` runs every program on an engine whose containers have no Landlock: see
/// `infra/local/no-landlock.sh`.
pub fn without_landlock() -> bool {
    std::env::var("SCE_TEST_LANDLOCK").is_ok_and(|word| word == "optional")
}

/// The runtime that answers name.
pub fn runtime() -> String {
    other_runtime().unwrap_or_else(|| "runc".to_owned())
}

impl Server {
    /// A server with these settings on top of the tests' own.
    #[track_caller]
    pub fn start(settings: &[(&str, &str)]) -> Self {
        Self::try_start(settings).unwrap_or_else(|(status, log)| {
            panic!("the server ended with {status} instead of serving (is there an engine?):\n{log}")
        })
    }

    /// The same, or how it ended and all that it said.
    pub fn try_start(settings: &[(&str, &str)]) -> Result<Self, (ExitStatus, String)> {
        let deployment = format!("test-{}", super::nonce());
        let mut all = store::settings(&deployment);
        all.insert("SCE_DEPLOYMENT".to_owned(), deployment);
        // The same on every machine, however many CPUs it has.
        all.insert("SCE_MAX_RUNNING".to_owned(), "8".to_owned());
        if let Some(runtime) = other_runtime() {
            all.insert("SCE_RUNTIME".to_owned(), runtime);
        }
        if without_landlock() {
            all.insert("SCE_LANDLOCK".to_owned(), "optional".to_owned());
        }
        if settings.iter().all(|(name, _)| *name != "DOCKER_HOST") {
            all.extend(engine::settings());
        }
        all.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Self::launch(all, Arc::new(TempDir::new().expect("a folder for the server's data")))
    }

    /// A second server with the same settings, deployment and data, as after a crash.
    #[track_caller]
    pub fn again(&self) -> Self {
        Self::launch(self.settings.clone(), Arc::clone(&self.data)).expect("a second start")
    }

    fn launch(settings: BTreeMap<String, String>, data: Arc<TempDir>) -> Result<Self, (ExitStatus, String)> {
        let mut command = program(settings.get(HOSTS_FILE));
        let ours = |name: &str| ["SCE_", "DOCKER_", "AWS_"].iter().any(|prefix| name.starts_with(prefix));
        for (name, _) in std::env::vars_os().filter(|(name, _)| ours(&name.to_string_lossy())) {
            command.env_remove(name); // only what a test says
        }
        let mut process = command
            .env("SCE_LISTEN", "127.0.0.1:0")
            .env("SCE_DATA_DIR", data.path())
            .env("SCE_LOG_FORMAT", "json")
            .envs(DECOYS)
            .envs(&settings)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server's binary starts");
        let log = Log::default();
        gather(process.stdout.take().expect("piped"), &log);
        gather(process.stderr.take().expect("piped"), &log);
        let mut ended = None;
        // The first program of every language is run before it serves, on a machine that tests keep busy.
        let base = within(Duration::from_secs(180), || {
            ended = process.try_wait().expect("a child of ours");
            address(&log.lock().unwrap()).map(Ok).or(ended.map(Err))
        });
        match base {
            Some(Ok(base)) => {
                let watcher = Some(watch_over(&process));
                let deployment = settings["SCE_DEPLOYMENT"].clone();
                let client = Client::new(base);
                let server = Self { client, process, deployment, settings, log, data, watcher };
                let healthy = || server.try_send("GET", "/health", &[], &[]).ok().filter(|r| r.status == 200);
                let ready = within(Duration::from_secs(60), healthy).is_some();
                assert!(ready, "the server listens and is not healthy:\n{}", server.log());
                // The first programs, by which it tried its languages, are not to be taken for a test's.
                let first = |one: &engine::Sandbox| one.name.starts_with("sce-run-");
                let left = || (!engine::running(&server.deployment).iter().any(first)).then_some(());
                let left = within(Duration::from_secs(20), left);
                assert!(left.is_some(), "{:?}", engine::running(&server.deployment));
                Ok(server)
            }
            Some(Err(status)) => {
                std::thread::sleep(Duration::from_millis(100)); // the last lines may still be in the pipe
                Err((status, log.lock().unwrap().clone()))
            }
            None => {
                let _ = process.kill();
                let status = process.wait().expect("a child of ours");
                let said = format!("neither served nor ended within 180 s\n{}", log.lock().unwrap());
                Err((status, said))
            }
        }
    }

    /// All that it has logged.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    pub fn data_dir(&self) -> &Path {
        self.data.path()
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.process.id().cast_signed()).expect("a pid");
        kill_process(pid, signal).expect("a child of ours that has not been waited for");
    }

    /// How many sandboxes wait, by what the server counts: a container's name may say that it waits before its
    /// interpreter does.
    pub fn warm(&self) -> usize {
        let health = self.get("/health").json();
        let pool = health["docker"]["pool"].as_array().cloned().unwrap_or_default();
        pool.iter().filter_map(|language| language["warm"].as_u64()).sum::<u64>() as usize
    }

    /// Waits until this many sandboxes wait in all.
    #[track_caller]
    pub fn fills(&self, count: usize) {
        // An answer about health may be a second old: one that was found before now does not count.
        std::thread::sleep(Duration::from_secs(1));
        let seen = within(Duration::from_secs(60), || (self.warm() == count).then_some(()));
        let all = engine::sandboxes(&self.deployment);
        assert!(seen.is_some(), "{} of {count} wait: {all:?}", self.warm());
    }

    /// Waits for its end.
    pub fn ended_within(&mut self, patience: Duration) -> Option<ExitStatus> {
        within(patience, || self.process.try_wait().expect("a child of ours"))
    }

    /// SIGKILL: the crash that nothing can be done about.
    pub fn crash(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Fails unless every container of this deployment is gone before `patience` runs out.
    #[track_caller]
    pub fn leaves_nothing(&self, patience: Duration) {
        let gone = within(patience, || engine::sandboxes(&self.deployment).is_empty().then_some(()));
        let left = engine::sandboxes(&self.deployment);
        let left: Vec<_> = left.iter().map(|one| (engine::inspect(&one.id).map(|i| i.state), one)).collect();
        assert!(gone.is_some(), "left on the engine after {patience:?}: {left:?}\n{}", self.log());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut watcher) = self.watcher.take() {
            let _ = watcher.kill();
            let _ = watcher.wait();
        }
        if self.process.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.signal(Signal::TERM);
            if self.ended_within(Duration::from_secs(15)).is_none() {
                self.crash();
                assert!(std::thread::panicking(), "the server was deaf to SIGTERM:\n{}", self.log());
            }
        }
        if !std::thread::panicking() {
            self.leaves_nothing(Duration::from_secs(30));
        }
    }
}

/// The server's program; with a hosts file of its own it gets a mount namespace of its own, which takes root.
fn program(hosts_file: Option<&String>) -> Command {
    let program = env!("CARGO_BIN_EXE_safe-code-executor");
    let Some(hosts_file) = hosts_file else { return Command::new(program) };
    let mut command = Command::new("unshare");
    let within = "mount --bind \"$0\" /etc/hosts && exec \"$1\"";
    command.args(["--mount", "sh", "-c", within, hosts_file, program]);
    command
}

/// What stops the server when the tests are killed, or end without dropping it: statics are never dropped.
fn watch_over(server: &Child) -> Child {
    let script = format!("cat >/dev/null; kill -TERM {}", server.id());
    Command::new("sh").args(["-c", &script]).stdin(Stdio::piped()).spawn().expect("sh starts")
}

fn gather(stream: impl Read + Send + 'static, log: &Log) {
    let log = Arc::clone(log);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let mut log = log.lock().unwrap();
            log.push_str(&line);
            log.push('\n');
        }
    });
}

fn address(log: &str) -> Option<String> {
    let (_, rest) = log.split_once("listening on http://")?;
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ':'))?;
    Some(format!("http://{}", &rest[..end]))
}
