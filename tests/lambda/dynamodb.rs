//! A DynamoDB Local of one test's own, which can be killed, frozen and started again with what it had on its disk.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The engine, as long as it is wanted.
pub struct Engine {
    folder: TempDir,
    port: u16,
}

impl Engine {
    pub fn start() -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let engine = Self { folder, port };
        engine.up();
        engine
    }

    /// For `SCE_DYNAMODB_ENDPOINT`.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Starts it where it does not run, on the same port and with the same tables; returns when it answers.
    pub fn up(&self) {
        self.script("up");
    }

    /// As by a power cut: no connection is closed in good order, and nothing is finished first.
    pub fn crash(&self) {
        let pid = self.pid();
        kill_process(pid, Signal::KILL).unwrap();
        // Gone, or a zombie that nobody waited for yet: either way nothing of it listens any more.
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok() {}
    }

    /// It takes connections, or what the kernel takes for it, and does nothing.
    pub fn freeze(&self) {
        kill_process(self.pid(), Signal::STOP).unwrap();
    }

    /// It goes on where it stopped.
    pub fn thaw(&self) {
        kill_process(self.pid(), Signal::CONT).unwrap();
    }

    fn pid(&self) -> Pid {
        let record = fs::read_to_string(self.folder.path().join("dynamodb.pid")).unwrap();
        Pid::from_raw(record.split(' ').next().unwrap().parse().unwrap()).unwrap()
    }

    fn script(&self, argument: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("infra/local/dynamodb.sh");
        let done = Command::new(path)
            .arg(argument)
            .env("SCE_STATE_DIR", self.folder.path())
            .env("SCE_DYNAMODB_DATA", self.folder.path().join("data"))
            .env("SCE_DYNAMODB_PORT", self.port.to_string())
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(done.success(), "dynamodb.sh {argument} failed");
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // Frozen, it would not hear that it is to stop.
            let _ = kill_process(self.pid(), Signal::CONT);
        }
        self.script("stop");
    }
}
