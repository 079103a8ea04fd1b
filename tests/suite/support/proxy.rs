//! A stand-in for the engine's socket that passes everything on, until it is told to cut the line.

use std::{
    io::{Read, Write},
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    path::PathBuf,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tempfile::TempDir;

use super::{Server, door::Door, engine, lies::Lie, pki};

/// A socket in front of the engine's.
pub struct Proxy {
    folder: TempDir,
    state: Arc<State>,
    /// TLS in front of it, and the certificates that open it; made for the first who needs it.
    door: OnceLock<(Door, TempDir)>,
}

#[derive(Default)]
struct State {
    cut: AtomicBool,
    stalled: AtomicBool,
    live: Mutex<Vec<UnixStream>>,
    /// Cut as soon as a request holds this text.
    fuse: Mutex<Option<Fuse>>,
    /// Cut within an answer, where this text begins.
    scissors: Mutex<Option<String>>,
    /// What is said in the engine's place to a request that holds this text, and how often it was.
    lie: Mutex<Option<(String, Lie)>>,
    lies_told: AtomicUsize,
    seen: AtomicUsize,
    /// A text, and how often it went to the engine.
    watched: Mutex<(String, usize)>,
}

struct Fuse {
    text: String,
    /// Whether the request that holds it still reaches the engine.
    after: bool,
}

impl Proxy {
    pub fn start() -> Self {
        let folder = TempDir::new().expect("a folder for the socket");
        let listener = UnixListener::bind(folder.path().join("docker.sock")).expect("a socket of our own");
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let engine = engine::socket();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if !shared.cut.load(Ordering::SeqCst)
                    && let Ok(server) = UnixStream::connect(&engine)
                {
                    shared.join(client, server);
                }
            }
        });
        Self { folder, state, door: OnceLock::new() }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("docker.sock")
    }

    /// A server whose line to the engine runs through this.
    #[track_caller]
    pub fn server(&self, settings: &[(&str, &str)]) -> Server {
        if engine::speaks_tls() {
            return self.tls_server(settings);
        }
        let host = format!("unix://{}", self.path().display());
        Server::start(&[settings, &[("DOCKER_HOST", &host)]].concat())
    }

    /// The same, with mutual TLS on the server's side of the line.
    #[track_caller]
    pub fn tls_server(&self, settings: &[(&str, &str)]) -> Server {
        let (door, certificates) = self.door.get_or_init(|| {
            let ca = pki::authority();
            (Door::to(&ca, "127.0.0.1:0", &["127.0.0.1"], self.path()), pki::folder(&ca, &ca))
        });
        let certificates = certificates.path().to_str().expect("text");
        let line = [("DOCKER_HOST", &*door.host()), ("DOCKER_CERT_PATH", certificates)];
        Server::start(&[settings, &line].concat())
    }

    /// Ends every connection and takes no further one: the engine is gone.
    pub fn cut(&self) {
        self.state.cut();
    }

    /// Cuts when a request to the engine holds `text`; `after` says whether the engine still gets that request.
    pub fn cut_at(&self, text: &str, after: bool) {
        let text = text.to_owned();
        *self.state.fuse.lock().unwrap() = Some(Fuse { text, after });
    }

    /// Cuts in the middle of the engine's answer that holds `text`, right before it.
    pub fn cut_in_answer(&self, text: &str) {
        *self.state.scissors.lock().unwrap() = Some(text.to_owned());
    }

    /// From now on requests that hold `text` are answered in the engine's place, with this.
    pub fn lie_at(&self, text: &str, lie: Lie) {
        self.state.lies_told.store(0, Ordering::SeqCst);
        *self.state.lie.lock().unwrap() = Some((text.to_owned(), lie));
    }

    /// The engine speaks for itself again.
    pub fn be_honest(&self) {
        *self.state.lie.lock().unwrap() = None;
    }

    /// How many requests were answered in its place.
    pub fn lies_told(&self) -> usize {
        self.state.lies_told.load(Ordering::SeqCst)
    }

    /// Counts how often this text goes to the engine.
    pub fn watch(&self, text: &str) {
        *self.state.watched.lock().unwrap() = (text.to_owned(), 0);
    }

    /// How often it went so far.
    pub fn passed(&self) -> usize {
        self.state.watched.lock().unwrap().1
    }

    /// Whether the line has been cut.
    pub fn is_cut(&self) -> bool {
        self.state.cut.load(Ordering::SeqCst)
    }

    /// Takes connections again: the engine is back.
    pub fn mend(&self) {
        *self.state.fuse.lock().unwrap() = None;
        *self.state.scissors.lock().unwrap() = None;
        self.state.cut.store(false, Ordering::SeqCst);
    }

    /// Holds everything back, or lets it go again: the engine is there, and says nothing.
    pub fn stall(&self, stalled: bool) {
        self.state.stalled.store(stalled, Ordering::SeqCst);
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
            let bytes = &buffer[..count];
            if requests && let Some(lie) = self.lie_to(bytes) {
                lie.tell(&mut from);
                let _ = from.shutdown(Shutdown::Both);
                break;
            }
            let cuts = if requests { self.burns(bytes, &mut to) } else { self.snips(bytes, &mut to) };
            if cuts {
                self.cut();
                return;
            }
            while self.stalled.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(20));
            }
            if to.write_all(bytes).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    }

    fn lie_to(&self, request: &[u8]) -> Option<Lie> {
        let lie = self.lie.lock().unwrap().clone();
        let (_, lie) = lie.filter(|(text, _)| position(request, text).is_some())?;
        self.lies_told.fetch_add(1, Ordering::SeqCst);
        Some(lie)
    }

    fn snips(&self, bytes: &[u8], to: &mut UnixStream) -> bool {
        let scissors = self.scissors.lock().unwrap();
        let Some(at) = scissors.as_ref().and_then(|text| position(bytes, text)) else { return false };
        let _ = to.write_all(&bytes[..at]);
        true
    }

    fn burns(&self, bytes: &[u8], to: &mut UnixStream) -> bool {
        let holds = |text: &str| position(bytes, text).is_some();
        if holds("/start HTTP") || holds("/start?") {
            self.seen.fetch_add(1, Ordering::SeqCst);
        }
        let fuse = self.fuse.lock().unwrap();
        let mut watched = self.watched.lock().unwrap();
        let kept_back = fuse.as_ref().is_some_and(|fuse| !fuse.after && holds(&fuse.text));
        if !watched.0.is_empty() && holds(&watched.0) && !kept_back {
            watched.1 += 1;
        }
        drop(watched);
        let Some(fuse) = fuse.as_ref().filter(|fuse| holds(&fuse.text)) else { return false };
        if fuse.after {
            let _ = to.write_all(bytes);
            // Long enough for the engine to have acted on it.
            std::thread::sleep(Duration::from_millis(400));
        }
        true
    }
}

fn position(bytes: &[u8], text: &str) -> Option<usize> {
    bytes.windows(text.len()).position(|window| window == text.as_bytes())
}
