//! A Docker engine of a test's own, to be killed: a second `dockerd` with its own data, sockets and containerd.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

use super::within;

/// What the tests' images are called, and the only language this engine serves.
const IMAGE: &str = "python:3.11-slim";

/// Killed and removed with the value. Needs root, as every `dockerd` does, and util-linux's `unshare`.
pub struct PrivateEngine {
    folder: TempDir,
    process: Child,
}

impl PrivateEngine {
    pub fn start() -> Self {
        // Not in /tmp: the engine's layers need a real disk beneath them.
        let folder = TempDir::new_in("/var/tmp").expect("a folder for the engine");
        let process = launch(folder.path());
        let mut engine = Self { folder, process };
        engine.answers();
        let copy = format!("docker save {IMAGE} | docker --host {} load", engine.host());
        let copied = Command::new("sh").args(["-c", &copy]).stdout(Stdio::null()).status().expect("sh runs");
        assert!(copied.success(), "{copy}");
        let table = include_str!("../../../src/config/languages.toml");
        let second = table.rmatch_indices("[[language]]").next().expect("two languages").0;
        fs::write(engine.folder.path().join("languages.toml"), &table[..second]).expect("a file");
        engine
    }

    /// For `DOCKER_HOST`.
    pub fn host(&self) -> String {
        format!("unix://{}/docker.sock", self.folder.path().display())
    }

    /// For `SCE_LANGUAGES_FILE`.
    pub fn languages(&self) -> String {
        format!("{}/languages.toml", self.folder.path().display())
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
        self.process = launch(self.folder.path());
        self.answers();
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

fn launch(folder: &Path) -> Child {
    let at = |name: &str| folder.join(name).display().to_string();
    let log = fs::OpenOptions::new().create(true).append(true).open(at("log")).expect("a log");
    // In a network of its own: without a bridge, dockerd removes the machine's `docker0`, which is the other engine's.
    Command::new("unshare")
        .args(["--net", "dockerd"])
        .args(["--host", &format!("unix://{}", at("docker.sock")), "--pidfile", &at("docker.pid")])
        .args(["--data-root", &at("data"), "--exec-root", &at("exec")])
        .args(["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"])
        .stdin(Stdio::null())
        .stdout(Stdio::from(log.try_clone().expect("a log")))
        .stderr(Stdio::from(log))
        .spawn()
        .expect("dockerd can be started: these tests need root")
}
