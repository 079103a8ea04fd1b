//! A release server of this crate in a process of its own, with its own records, port and deployment.

use std::{
    env,
    fs::{self, File},
    net::SocketAddr,
    os::unix::fs::MetadataExt,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;

use crate::{
    Result,
    client::{Answer, Client, Program},
    engine::Engine,
};

/// The server of this build.
const THIS_BUILD: &str = env!("CARGO_BIN_EXE_safe-code-executor");
/// How long a server may take to come up: it runs a first program in each language.
const START_UP: Duration = Duration::from_mins(2);
/// How long it may take to close: it removes its pool.
const CLOSING: Duration = Duration::from_secs(30);
/// How long a pool may take to be full, and everything that left to be gone.
const SETTLING: Duration = Duration::from_mins(2);
/// How old an answer of `/health` may be, and a little more.
const FRESH: Duration = Duration::from_millis(1050);

/// A server, as long as it lives.
pub struct Server {
    process: Child,
    /// The deployment its sandboxes are labelled with.
    pub deployment: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// A connection that is there already.
    pub client: Client,
    waiting: usize,
    _data: TempDir,
}

impl Server {
    /// Starts one whose pool is such as `2` or `python=4`. `waiting` is what that makes in all.
    pub async fn start(name: &str, pool: &str, waiting: usize) -> Result<Self> {
        Self::launch(&mut Command::new(THIS_BUILD), name, pool, waiting).await
    }

    /// The same with its sandboxes on this runtime of the engine's.
    pub async fn start_on(runtime: &str, name: &str, pool: &str, waiting: usize) -> Result<Self> {
        Self::launch(Command::new(THIS_BUILD).env("SCE_RUNTIME", runtime), name, pool, waiting).await
    }

    /// The same with these languages, as `SCE_LANGUAGES` names them.
    pub async fn start_serving(languages: &str, name: &str, pool: &str, waiting: usize) -> Result<Self> {
        Self::launch(Command::new(THIS_BUILD).env("SCE_LANGUAGES", languages), name, pool, waiting).await
    }

    /// The same with every contract of another system.
    pub async fn start_with_contracts(name: &str, pool: &str, waiting: usize) -> Result<Self> {
        let contracts = "mcp,tools,piston,dify,judge0,jobe,sandboxfusion";
        Self::launch(Command::new(THIS_BUILD).env("SCE_COMPAT", contracts), name, pool, waiting).await
    }

    /// The same of another build.
    pub async fn start_program(program: &Path, name: &str, pool: &str, waiting: usize) -> Result<Self> {
        Self::launch(&mut Command::new(program), name, pool, waiting).await
    }

    async fn launch(program: &mut Command, name: &str, pool: &str, waiting: usize) -> Result<Self> {
        let data = tempfile::tempdir()?;
        let deployment = deployment(name);
        let log = data.path().join("log");
        let mut process = program
            .envs([("SCE_LISTEN", "127.0.0.1:0"), ("SCE_POOL_SIZE", pool), ("SCE_DEPLOYMENT", &deployment)])
            // As many as the most clients, plus the pool, plus what is on its way in and out.
            .envs([("SCE_MAX_RUNNING", "16"), ("SCE_MAX_SANDBOXES", "64"), ("SCE_LOG_FORMAT", "json")])
            .env("SCE_DATA_DIR", data.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log)?)
            .spawn()?;
        let address = match address_in(&log, &mut process) {
            Ok(address) => address,
            Err(error) => {
                process.kill().ok();
                process.wait().ok();
                return Err(error);
            }
        };
        let client = Client::new(address);
        let mut server = Self { process, deployment, address, client, waiting, _data: data };
        server.client.connect().await?;
        Ok(server)
    }

    /// Waits until the pool is full, nothing runs, and every sandbox that left is gone.
    pub async fn settle(&mut self, engine: &Engine) -> Result<()> {
        let until = Instant::now() + SETTLING;
        let mut right_since = None;
        loop {
            if engine.running(&self.deployment).await?.len() != self.waiting
                || engine.count(&self.deployment).await? != self.waiting
            {
                right_since = None;
            } else if right_since.get_or_insert_with(Instant::now).elapsed() >= FRESH
                && self.is_full().await?
            {
                return Ok(());
            }
            if Instant::now() > until {
                return Err(format!("the server `{}` did not come to rest", self.deployment).into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Whether as many wait as should, and nothing runs.
    async fn is_full(&mut self) -> Result<bool> {
        let health = self.client.health().await?;
        let docker = &health["docker"];
        let pool = docker["pool"].as_array().ok_or("/health shows no pool")?;
        let full = pool.iter().all(|language| language["warm"].as_u64() >= language["target"].as_u64());
        Ok(full && docker["running"] == 0)
    }

    /// Runs a program on the connection that is there.
    pub async fn run(&mut self, program: &Program) -> Result<Answer> {
        self.client.run(program).await
    }

    /// So many connections, ready for use.
    pub async fn clients(&self, count: usize) -> Result<Vec<Client>> {
        let mut clients = Vec::with_capacity(count);
        for _ in 0..count {
            let mut client = Client::new(self.address);
            client.connect().await?;
            clients.push(client);
        }
        Ok(clients)
    }

    /// Asks it to stop, and waits for it.
    pub fn stop(mut self) -> Result<()> {
        let pid = Pid::from_raw(i32::try_from(self.process.id())?);
        kill(pid, Signal::SIGTERM)?;
        let until = Instant::now() + CLOSING;
        while self.process.try_wait()?.is_none() {
            if Instant::now() > until {
                return Err(format!("the server `{}` did not stop", self.deployment).into());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Stopped already, or we failed: its sandboxes end with their leases, and the next run clears them away.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// A deployment of this process's own; see [`Engine::clear_leftovers`].
pub fn deployment(name: &str) -> String {
    format!("{}{}-{name}", ours(), std::process::id())
}

/// What the deployments begin with whose process ids can be looked up here: of this start of the machine, and of this
/// process's namespace. Others measure on the same engine from other machines and containers.
pub fn ours() -> String {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let namespace = fs::metadata("/proc/self/ns/pid").map_or(0, |namespace| namespace.ino());
    format!("bench-{}-{namespace}-", boot.get(..8).unwrap_or("unknown"))
}

fn address_in(log: &Path, process: &mut Child) -> Result<SocketAddr> {
    let until = Instant::now() + START_UP;
    while Instant::now() < until {
        let text = fs::read_to_string(log)?;
        if let Some((_, rest)) = text.split_once("listening on http://") {
            let end = rest.find(|c: char| c != '.' && c != ':' && !c.is_ascii_digit()).unwrap_or(rest.len());
            if end < rest.len() {
                return Ok(rest[..end].parse()?);
            }
        }
        if let Some(status) = process.try_wait()? {
            return Err(format!("the server did not start ({status}):\n{text}").into());
        }
        thread::sleep(Duration::from_millis(20));
    }
    Err(format!("the server said nothing within {START_UP:?}").into())
}

/// Nothing of another server's settings may leak into those measured here.
pub fn settings_in_the_way() -> Vec<String> {
    const PASSED_ON: [&str; 2] = ["SCE_RUNTIME", "SCE_DOCKER_INSECURE"];
    let ours = |name: &String| name.starts_with("SCE_") && !PASSED_ON.contains(&name.as_str());
    env::vars_os().filter_map(|(name, _)| name.into_string().ok()).filter(ours).collect()
}
