//! A stand-in for the engine's socket that passes everything on, until the line is cut.

use std::{
    io::{Read, Write},
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use tempfile::TempDir;

/// A socket in front of the engine's.
pub struct Proxy {
    folder: TempDir,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    cut: AtomicBool,
    live: Mutex<Vec<UnixStream>>,
    seen: AtomicUsize,
}

impl Proxy {
    pub fn start() -> Self {
        let folder = TempDir::new().expect("a folder for the socket");
        let listener = UnixListener::bind(folder.path().join("docker.sock")).expect("a socket of our own");
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let engine = super::engine::socket();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if !shared.cut.load(Ordering::SeqCst)
                    && let Ok(server) = UnixStream::connect(&engine)
                {
                    shared.join(client, server);
                }
            }
        });
        Self { folder, state }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("docker.sock")
    }

    /// For `DOCKER_HOST`.
    pub fn host(&self) -> String {
        format!("unix://{}", self.path().display())
    }

    /// Ends every connection and takes no further one: the engine is gone.
    pub fn cut(&self) {
        self.state.cut();
    }

    /// Takes connections again: the engine is back.
    pub fn mend(&self) {
        self.state.cut.store(false, Ordering::SeqCst);
    }

    /// How many requests have been passed on that ask for a sandbox to be started.
    pub fn starts(&self) -> usize {
        self.state.seen.load(Ordering::SeqCst)
    }
}

impl State {
    fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
        for stream in self.live.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn join(self: &Arc<Self>, client: UnixStream, server: UnixStream) {
        let both = [&client, &server].map(|stream| stream.try_clone().expect("a second handle"));
        self.live.lock().unwrap().extend(both);
        let (client2, server2) =
            (client.try_clone().expect("a handle"), server.try_clone().expect("a handle"));
        let state = Arc::clone(self);
        std::thread::spawn(move || state.pass(client, server, true));
        let state = Arc::clone(self);
        std::thread::spawn(move || state.pass(server2, client2, false));
    }

    fn pass(&self, mut from: UnixStream, mut to: UnixStream, requests: bool) {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            if requests {
                self.note(&buffer[..count]);
            }
            if to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    }

    fn note(&self, bytes: &[u8]) {
        let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        if holds("/start HTTP") || holds("/start?") {
            self.seen.fetch_add(1, Ordering::SeqCst);
        }
    }
}
