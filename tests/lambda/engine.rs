//! The engine's socket behind one of ours, which can refuse some requests: a Docker host that some cannot reach.

use std::{
    env,
    io::{Read, Write},
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    path::PathBuf,
    sync::{Arc, Mutex},
    thread,
};

use tempfile::TempDir;

/// A socket in front of the engine's.
pub struct Line {
    folder: TempDir,
    refused: Arc<Mutex<Option<&'static str>>>,
}

/// The engine's own socket.
pub fn socket() -> PathBuf {
    let host = env::var("DOCKER_HOST").unwrap_or_default();
    let named = host.strip_prefix("unix://").filter(|path| !path.is_empty());
    PathBuf::from(named.unwrap_or("/var/run/docker.sock"))
}

impl Line {
    pub fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let listener = UnixListener::bind(folder.path().join("docker.sock")).unwrap();
        let refused = Arc::<Mutex<Option<&'static str>>>::default();
        let rule = Arc::clone(&refused);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let engine = UnixStream::connect(socket()).unwrap();
                let (client2, engine2) = (client.try_clone().unwrap(), engine.try_clone().unwrap());
                let rule = Arc::clone(&rule);
                thread::spawn(move || pass(client, engine, || *rule.lock().unwrap()));
                thread::spawn(move || pass(engine2, client2, || None));
            }
        });
        Self { folder, refused }
    }

    /// For `DOCKER_HOST`.
    pub fn host(&self) -> String {
        format!("unix://{}/docker.sock", self.folder.path().display())
    }

    /// From now on connections break that ask for something with this text in it.
    pub fn refuse(&self, text: Option<&'static str>) {
        *self.refused.lock().unwrap() = text;
    }
}

fn pass(mut from: UnixStream, mut to: UnixStream, refused: impl Fn() -> Option<&'static str>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        let holds = |text: &str| buffer[..count].windows(text.len()).any(|part| part == text.as_bytes());
        if refused().is_some_and(holds) {
            let _ = from.shutdown(Shutdown::Both);
            let _ = to.shutdown(Shutdown::Both);
            return;
        }
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
