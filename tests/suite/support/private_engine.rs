//! A Docker engine of a test's own, to be killed: a second `dockerd` with its own data, sockets and containerd.

use std::{
    fs,
    net::TcpListener,
    os::fd::OwnedFd,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tempfile::TempDir;

use super::{
    pki::{self, Authority},
    within,
};

/// The only image that this engine has: Python's. Its servers want `SCE_LANGUAGES=python`.
const IMAGE: &str = "python:3.11-slim";

/// Killed and removed with the value. Needs root, as every `dockerd` does, and util-linux's `unshare`.
pub struct PrivateEngine {
    folder: TempDir,
    /// Where it also listens, for whoever has a certificate.
    address: Option<String>,
    process: Child,
}

impl PrivateEngine {
    /// On a Unix socket.
    pub fn start() -> Self {
        Self::begin(folder(), None)
    }

    /// Also at this address, with mutual TLS, as one of the hosts behind this name.
    pub fn start_at(address: &str, name: &str, ca: &Authority) -> Self {
        let folder = folder();
        let (cert, key) = pki::server(ca, &[name]);
        let files = [("ca.pem", ca.pem()), ("cert.pem", cert.pem()), ("key.pem", key.serialize_pem())];
        for (file, text) in files {
            fs::write(folder.path().join(file), text).expect("a file");
        }
        Self::begin(folder, Some(address.to_owned()))
    }

    fn begin(folder: TempDir, address: Option<String>) -> Self {
        let process = launch(folder.path(), address.as_deref());
        let mut engine = Self { folder, address, process };
        engine.answers();
        let (from, to) = (super::engine::socket(), engine.host());
        let copy = format!("docker --host unix://{from} save {IMAGE} | docker --host {to} load");
        let copied = Command::new("sh").args(["-c", &copy]).stdout(Stdio::null()).status().expect("sh runs");
        assert!(copied.success(), "{copy}");
        engine
    }

    /// For `DOCKER_HOST`.
    pub fn host(&self) -> String {
        format!("unix://{}/docker.sock", self.folder.path().display())
    }

    /// SIGKILL, the engine and its containerd; what they ran goes on.
    pub fn kill(&mut self) {
        let containerd = self.folder.path().join("exec/containerd/containerd.pid");
        let containerd = fs::read_to_string(containerd).expect("its containerd's process id");
        self.process.kill().expect("a child of ours");
        self.process.wait().expect("a child of ours");
        let killed = Command::new("kill").args(["-KILL", containerd.trim()]).status().expect("kill runs");
        assert!(killed.success(), "containerd {containerd}");
    }

    /// Starts it anew on the same data.
    pub fn start_again(&mut self) {
        for pid in ["docker.pid", "exec/containerd/containerd.pid"] {
            let _ = fs::remove_file(self.folder.path().join(pid));
        }
        self.process = launch(self.folder.path(), self.address.as_deref());
        self.answers();
    }

    /// How many containers it has started since `since`, in seconds of Unix time.
    pub fn starts_since(&self, since: u64) -> usize {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs() + 1;
        let events = Command::new("docker")
            .args(["--host", &self.host(), "events", "--filter", "event=start"])
            .args(["--since", &since.to_string(), "--until", &now.to_string()])
            .output()
            .expect("the Docker CLI");
        assert!(events.status.success(), "{}", String::from_utf8_lossy(&events.stderr));
        String::from_utf8_lossy(&events.stdout).lines().count()
    }

    /// What the Docker CLI says when it is asked this of it; `None` when it fails.
    pub fn docker(&self, words: &[&str]) -> Option<String> {
        let said = Command::new("docker").args(["--host", &self.host()]).args(words).output();
        let said = said.expect("the Docker CLI");
        said.status.success().then(|| String::from_utf8_lossy(&said.stdout).trim().to_owned())
    }

    fn answers(&mut self) {
        let mut ended = None;
        let answers = within(Duration::from_secs(60), || {
            ended = self.process.try_wait().expect("a child of ours");
            let ping = Command::new("docker").args(["--host", &self.host(), "version"]).output();
            (ended.is_some() || ping.expect("the Docker CLI").status.success()).then_some(())
        });
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        assert!(answers.is_some() && ended.is_none(), "{ended:?}\n{log}");
    }
}

impl Drop for PrivateEngine {
    fn drop(&mut self) {
        // Gently: then it takes its containers and its containerd along.
        let _ = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        if within(Duration::from_secs(30), || self.process.try_wait().ok().flatten()).is_none() {
            self.kill();
        }
    }
}

/// Not in /tmp: the engine's layers need a real disk beneath them.
fn folder() -> TempDir {
    TempDir::new_in("/var/tmp").expect("a folder for the engine")
}

/// In a network of its own: without a bridge, dockerd removes the machine's `docker0`, which is the other engine's. The
/// listening socket is the machine's all the same, handed over as systemd would.
fn launch(folder: &Path, address: Option<&str>) -> Child {
    let at = |name: &str| folder.join(name).display().to_string();
    let log = fs::OpenOptions::new().create(true).append(true).open(at("log")).expect("a log");
    let mut dockerd = Command::new("sh");
    let start = "exec 3<&0 0</dev/null; LISTEN_PID=$$ exec unshare --net dockerd \"$@\"";
    dockerd.args(["-c", start, "sh", "--host", &format!("unix://{}", at("docker.sock"))]);
    if let Some(address) = address {
        let socket = TcpListener::bind(address).expect("an address that is free");
        dockerd.env("LISTEN_FDS", "1").stdin(Stdio::from(OwnedFd::from(socket)));
        dockerd.args(["--host", "fd://", "--tlsverify", "--tlscacert", &at("ca.pem")]);
        dockerd.args(["--tlscert", &at("cert.pem"), "--tlskey", &at("key.pem")]);
    } else {
        dockerd.stdin(Stdio::null());
    }
    dockerd
        .args(["--pidfile", &at("docker.pid"), "--data-root", &at("data"), "--exec-root", &at("exec")])
        // For a kernel that seems to have no Landlock.
        .arg(concat!(
            "--add-runtime=runc-no-landlock=",
            env!("CARGO_MANIFEST_DIR"),
            "/infra/local/runc-no-landlock.py"
        ))
        .args(["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"])
        .stdout(Stdio::from(log.try_clone().expect("a log")))
        .stderr(Stdio::from(log))
        .spawn()
        .expect("dockerd can be started: these tests need root")
}
