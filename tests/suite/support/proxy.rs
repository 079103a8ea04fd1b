//! A stand-in for the engine's socket that passes everything on, until it is told to cut the line, or to hold it up.

mod triggers;

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

use self::triggers::{Fuse, Scissors, Then, position};
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
    /// Cut, or hold everything back, as soon as a request holds this text.
    fuse: Mutex<Option<Fuse>>,
    /// Cut at an answer that holds this text.
    scissors: Mutex<Option<Scissors>>,
    /// What is said in the engine's place to a request that holds this text, and how often it was.
    lie: Mutex<Option<(String, Lie)>>,
    lies_told: AtomicUsize,
    seen: AtomicUsize,
    /// Texts, and how often each of them went to the engine.
    watched: Mutex<Vec<(String, usize)>>,
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
        self.light(text, after, false);
    }

    /// Holds everything back, in both directions, from when a request to the engine holds `text`; `after` says whether the
    /// engine still gets that request. Until [`Self::stall`] is told otherwise.
    pub fn hold_at(&self, text: &str, after: bool) {
        self.light(text, after, true);
    }

    fn light(&self, text: &str, after: bool, holds: bool) {
        let text = text.to_owned();
        *self.state.fuse.lock().unwrap() = Some(Fuse { text, after, holds });
    }

    /// Cuts in the middle of the engine's answer that holds `text`, right before it.
    pub fn cut_in_answer(&self, text: &str) {
        *self.state.scissors.lock().unwrap() = Some(Scissors { text: text.to_owned(), after: false });
    }

    /// Cuts when the engine's answer that holds `text` has been passed on. No request that comes later reaches the engine.
    pub fn cut_after_answer(&self, text: &str) {
        *self.state.scissors.lock().unwrap() = Some(Scissors { text: text.to_owned(), after: true });
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
        self.watch_each(&[text.to_owned()]);
    }

    /// How often it went so far.
    pub fn passed(&self) -> usize {
        self.passed_each()[0]
    }

    /// Counts how often each of these texts goes to the engine.
    pub fn watch_each(&self, texts: &[String]) {
        *self.state.watched.lock().unwrap() = texts.iter().map(|text| (text.clone(), 0)).collect();
    }

    /// How often each of them went so far, in their order.
    pub fn passed_each(&self) -> Vec<usize> {
        self.state.watched.lock().unwrap().iter().map(|(_, count)| *count).collect()
    }

    /// Whether the line has been cut.
    pub fn is_cut(&self) -> bool {
        self.state.cut.load(Ordering::SeqCst)
    }

    /// Whether everything is held back.
    pub fn is_holding(&self) -> bool {
        self.state.stalled.load(Ordering::SeqCst)
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
            if self.cut.load(Ordering::SeqCst) {
                return;
            }
            if requests && let Some(lie) = self.lie_to(bytes) {
                lie.tell(&mut from);
                let _ = from.shutdown(Shutdown::Both);
                break;
            }
            match if requests { self.burns(bytes, &mut to) } else { self.snips(bytes, &mut to) } {
                Then::PassOn => {}
                Then::Done => continue,
                Then::Cut => {
                    self.cut();
                    return;
                }
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

    fn snips(&self, bytes: &[u8], to: &mut UnixStream) -> Then {
        let scissors = self.scissors.lock().unwrap();
        let Some(scissors) = scissors.as_ref() else { return Then::PassOn };
        let Some(at) = position(bytes, &scissors.text) else { return Then::PassOn };
        if scissors.after {
            // Before the client has the bytes: what it says to them does not reach the engine.
            self.cut.store(true, Ordering::SeqCst);
        }
        let _ = to.write_all(if scissors.after { bytes } else { &bytes[..at] });
        Then::Cut
    }

    fn burns(&self, bytes: &[u8], to: &mut UnixStream) -> Then {
        let holds = |text: &str| position(bytes, text).is_some();
        if holds("/start HTTP") || holds("/start?") {
            self.seen.fetch_add(1, Ordering::SeqCst);
        }
        let fuse = self.fuse.lock().unwrap();
        let fuse = fuse.as_ref().filter(|fuse| holds(&fuse.text));
        if fuse.is_none_or(|fuse| fuse.after) {
            let mut watched = self.watched.lock().unwrap();
            for (_, count) in watched.iter_mut().filter(|(text, _)| holds(text)) {
                *count += 1;
            }
        }
        let Some(fuse) = fuse else { return Then::PassOn };
        if fuse.holds {
            // First of all: the engine's answer is to be held back as well.
            self.stalled.store(true, Ordering::SeqCst);
        }
        if fuse.after {
            let _ = to.write_all(bytes);
        }
        match (fuse.holds, fuse.after) {
            (true, true) => Then::Done,
            (true, false) => Then::PassOn,
            (false, true) => {
                // Long enough for the engine to have acted on it.
                std::thread::sleep(Duration::from_millis(400));
                Then::Cut
            }
            (false, false) => Then::Cut,
        }
    }
}
