//! Several Docker hosts behind one name: runs are spread, a host that is full or gone is stepped over before it was
//! sent any code and used again when it is back, and what may have run is never run again.

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::support::{
    SWEPT, Server, alone,
    door::Door,
    in_parallel, nonce,
    pki::{Authority, authority, folder},
    port_free_on,
    private_engine::PrivateEngine,
    proxy::Proxy,
    server::HOSTS_FILE,
    within,
};

const NAME: &str = "docker-hosts.test";

/// Two ways to the engine that all tests use, each with a line that can be cut: to the handler they are two hosts.
pub struct Two {
    pub lines: [Proxy; 2],
    doors: [Door; 2],
    certificates: TempDir,
}

impl Two {
    pub fn open() -> Self {
        let ca = authority();
        let lines = [Proxy::start(), Proxy::start()];
        let door = |n: usize, ip: &str| Door::to(&ca, &format!("{ip}:0"), &[ip], lines[n].path());
        let doors = [door(0, "127.0.0.2"), door(1, "127.0.0.3")];
        Self { certificates: folder(&ca, &ca), lines, doors }
    }

    pub fn server(&self, settings: &[(&str, &str)]) -> Server {
        let server = Server::start(&borrowed(&self.settings(settings)));
        hosts_come_to(&server, 2, 2);
        server
    }

    /// What leads a server to both.
    pub fn settings(&self, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let hosts = format!("{},{}", self.doors[0].host(), self.doors[1].host());
        let certificates = self.certificates.path().to_str().unwrap();
        let own = [("DOCKER_HOST", hosts.as_str()), ("DOCKER_CERT_PATH", certificates)];
        own.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }
}

/// The same settings, borrowed.
pub fn borrowed(settings: &[(String, String)]) -> Vec<(&str, &str)> {
    settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// What the server has for `/etc/hosts`.
struct HostsFile {
    path: PathBuf,
    _folder: TempDir,
}

impl HostsFile {
    fn of(ips: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let file = Self { path: folder.path().join("hosts"), _folder: folder };
        file.lists(ips);
        file
    }

    /// From now on these are the addresses behind [`NAME`].
    fn lists(&self, ips: &[&str]) {
        let lines: String = ips.iter().map(|ip| format!("{ip} {NAME}\n")).collect();
        fs::write(&self.path, lines).unwrap();
    }
}

/// Two ways to the engine that all tests use, with one name and one port; the name leads to the first alone so far.
struct Named {
    server: Server,
    first: Door,
    _second: Door,
    file: HostsFile,
    _certificates: TempDir,
}

impl Named {
    fn open() -> Self {
        let ca = authority();
        let socket = || crate::support::engine::socket().into();
        let port = port_free_on(&["127.0.0.2", "127.0.0.3"]);
        let first = Door::to(&ca, &format!("127.0.0.2:{port}"), &[NAME], socket());
        let second = Door::to(&ca, &format!("127.0.0.3:{port}"), &[NAME], socket());
        let certificates = folder(&ca, &ca);
        let file = HostsFile::of(&["127.0.0.2"]);
        let server = Server::start(&[
            (HOSTS_FILE, file.path.to_str().unwrap()),
            ("DOCKER_HOST", &format!("tcp://{NAME}:{port}")),
            ("DOCKER_CERT_PATH", certificates.path().to_str().unwrap()),
            ("SCE_POOL_SIZE", "0"),
        ]);
        Self { server, first, _second: second, file, _certificates: certificates }
    }
}

pub fn hosts(server: &Server) -> (u64, u64) {
    let health = server.get("/health").json();
    let count = |what: &str| health["docker"]["hosts"][what].as_u64().unwrap_or_default();
    (count("up"), count("total"))
}

#[track_caller]
pub fn hosts_come_to(server: &Server, up: u64, total: u64) {
    let come = within(Duration::from_secs(60), || (hosts(server) == (up, total)).then_some(()));
    assert!(come.is_some(), "{:?} instead of {:?}:\n{}", hosts(server), (up, total), server.log());
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn a_host_that_fails_before_it_was_sent_code_is_stepped_over_and_never_after() {
    let _alone = alone();
    let two = Two::open();
    let server = two.server(&[("SCE_POOL_SIZE", "0")]);
    let mark = nonce();
    let before = ["/containers/create", "/attach?", "/start"].map(|text| [(text, false), (text, true)]);
    let steps = before.into_iter().flatten().chain([(mark.as_str(), false), (mark.as_str(), true)]);
    for (text, after) in steps {
        two.lines[0].cut_at(text, after);
        two.lines.iter().for_each(|line| line.watch(&mark));
        let (mut asked, mut replies) = (0, Vec::new());
        // Which of the two is asked first is left to chance.
        while !two.lines[0].is_cut() {
            asked += 1;
            assert!(asked < 40, "{text}: the first host is never asked");
            // Where the code itself is what cuts the line, it must not be over before that.
            let code = format!("import time; time.sleep({}); print('{mark}')", u8::from(text == mark));
            replies.push(server.post(&json!({"code": code})));
        }
        let last = replies.pop().unwrap();
        for reply in replies {
            reply.outcome().printed(&format!("{mark}\n"));
        }
        let passed: usize = two.lines.iter().map(Proxy::passed).sum();
        // With its request answered in time the line may have been quick enough for the code before the cut.
        if text == mark || (after && last.status == 502) {
            last.refusal(502);
            assert!(passed == asked || passed == asked - 1, "{text} {after}: {passed} of {asked}");
            let record = &server.get("/history?limit=1").json()[0];
            assert_eq!(record["status"], "sandbox_error", "{record}");
        } else {
            last.outcome().printed(&format!("{mark}\n"));
            assert_eq!(passed, asked, "{text} {after}: how often the code went to an engine");
        }
        hosts_come_to(&server, 1, 2);
        server.python("print('by the other')").printed("by the other\n");
        two.lines[0].mend();
        hosts_come_to(&server, 2, 2);
    }
    // What was only made waits for the next rounds of upkeep.
    server.leaves_nothing(SWEPT);
}

#[test]
fn a_full_host_is_stepped_over_and_who_waits_gets_the_first_place_anywhere() {
    let _alone = alone();
    let two = Two::open();
    let server =
        two.server(&[("SCE_POOL_SIZE", "0"), ("SCE_MAX_RUNNING", "1"), ("SCE_QUEUE_TIMEOUT_SECONDS", "20")]);
    let begun = Instant::now();
    // A second each for two at once; the third runs as soon as either is over.
    let sleeps = [1, 6, 0];
    let ends = in_parallel(3, &sleeps, |seconds| {
        std::thread::sleep(Duration::from_millis(if *seconds == 0 { 500 } else { 0 }));
        server
            .python(&format!("import time; time.sleep({seconds}); print({seconds})"))
            .printed(&format!("{seconds}\n"));
        begun.elapsed()
    });
    assert!(ends[2] < ends[1], "the third waited for the host that was busy for longer: {ends:?}");
}

#[test]
fn a_host_that_hangs_is_noticed_before_anybody_waits_for_it_and_used_again_later() {
    let _alone = alone();
    let two = Two::open();
    let server = two.server(&[("SCE_POOL_SIZE", "0")]);
    two.lines[0].stall(true);
    hosts_come_to(&server, 1, 2);
    // Noticed, not only silent at the moment: it is asked every five seconds, and given two.
    let noticed = || server.log().contains("it does not answer").then_some(());
    within(Duration::from_secs(20), noticed).expect("nobody asked it");
    for _ in 0..6 {
        let begun = Instant::now();
        server.python("print('by the other')").printed("by the other\n");
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    }
    two.lines[0].stall(false);
    hosts_come_to(&server, 2, 2);
}

#[test]
fn a_host_with_a_sandbox_waiting_comes_first() {
    let _alone = alone();
    let two = Two::open();
    let server = two.server(&[("SCE_POOL_SIZE", "python=1")]);
    for _ in 0..5 {
        server.fills(2);
        // The first takes what waits on one host; the other's is there before the first one's is replaced.
        let both = [(); 2].map(|()| server.python("print(1)").start().to_owned());
        assert_eq!(both, ["warm", "warm"]);
    }
}

#[test]
fn a_name_is_resolved_again_and_its_hosts_come_and_go() {
    let _alone = alone();
    let two = Named::open();
    let server = &two.server;
    assert_eq!(hosts(server), (1, 1));
    two.file.lists(&["127.0.0.2", "127.0.0.3"]);
    hosts_come_to(server, 2, 2);
    // A name server's bad moment ends nothing.
    two.file.lists(&[]);
    let failed = || server.log().contains("cannot be resolved").then_some(());
    within(Duration::from_secs(30), failed).expect("it is resolved in vain");
    assert_eq!(hosts(server), (2, 2));
    two.file.lists(&["127.0.0.3"]);
    hosts_come_to(server, 1, 1);
    let before = two.first.handshakes();
    server.python("print('on the second')").printed("on the second\n");
    assert_eq!(two.first.handshakes(), before);
}

#[test]
fn a_request_whose_hosts_have_all_been_replaced_is_run_by_the_new_ones() {
    let _alone = alone();
    let two = Named::open();
    two.server.python("print('old')").printed("old\n");
    two.file.lists(&["127.0.0.3"]);
    drop(two.first);
    std::thread::sleep(Duration::from_secs(1));
    two.server.python("print('new')").printed("new\n");
}

/// What became of one request under load.
enum Fate {
    Answered,
    /// A typed error, and a record that says the same.
    Lost,
    Wrong(String),
}

fn ask(server: &Server, mark: &str) -> Fate {
    let reply = server.post(&json!({"code": format!("import time; time.sleep(1.5); print('{mark}')")}));
    match reply.status {
        200 if reply.outcome().output() == format!("{mark}\n") => Fate::Answered,
        502 => {
            reply.refusal(502);
            let history = server.get("/history?limit=100").json();
            let own = |entry: &&Value| entry["code"].as_str().is_some_and(|code| code.contains(mark));
            let records: Vec<_> = history.as_array().unwrap().iter().filter(own).collect();
            match records[..] {
                [record] if record["status"] == "sandbox_error" => Fate::Lost,
                _ => Fate::Wrong(format!("{records:?}")),
            }
        }
        _ => Fate::Wrong(format!("{} {}", reply.status, reply.text())),
    }
}

fn engine(ip: &str, port: u16, ca: &Authority) -> PrivateEngine {
    PrivateEngine::start_at(&format!("{ip}:{port}"), NAME, ca)
}

#[test]
fn one_of_two_engines_is_killed_under_load_and_only_what_it_had_begun_is_lost() {
    let _alone = alone();
    let ca = authority();
    let port = port_free_on(&["127.0.0.2", "127.0.0.3"]);
    let (first, mut second) = (engine("127.0.0.2", port, &ca), engine("127.0.0.3", port, &ca));
    let certificates = folder(&ca, &ca);
    let file = HostsFile::of(&["127.0.0.2", "127.0.0.3"]);
    let server = Server::start(&[
        (HOSTS_FILE, file.path.to_str().unwrap()),
        ("DOCKER_HOST", &format!("tcp://{NAME}:{port}")),
        ("DOCKER_CERT_PATH", certificates.path().to_str().unwrap()),
        ("SCE_LANGUAGES", "python"),
        ("SCE_POOL_SIZE", "python=2"),
        ("SCE_QUEUE_TIMEOUT_SECONDS", "60"),
    ]);
    hosts_come_to(&server, 2, 2);
    server.fills(4);

    let over = AtomicBool::new(false);
    let begun = now();
    let clients: Vec<usize> = (0..16).collect();
    let fates = std::thread::scope(|scope| {
        let load = scope.spawn(|| {
            in_parallel(16, &clients, |client| {
                let mut fates = Vec::new();
                while !over.load(Ordering::SeqCst) {
                    fates.push(ask(&server, &format!("{client}-{}-{}", fates.len(), nonce())));
                }
                fates
            })
        });
        std::thread::sleep(Duration::from_secs(8));
        let of_second = second.starts_since(begun);
        second.kill();
        let killed = now();
        std::thread::sleep(Duration::from_secs(8));
        assert_eq!(hosts(&server), (1, 2));
        second.start_again();
        let back = now();
        let used = within(Duration::from_secs(90), || (second.starts_since(back) >= 8).then_some(now()));
        over.store(true, Ordering::SeqCst);
        let fates: Vec<Fate> = load.join().unwrap().into_iter().flatten().collect();
        let used = used.unwrap_or_else(|| panic!("the second is not used again:\n{}", server.log()));
        eprintln!(
            "started: {of_second} by the second until it was killed, {} by the first meanwhile; away {} s, eight \
             starts {} s after it was back",
            first.starts_since(begun),
            back - killed,
            used - back
        );
        assert!(of_second >= 4, "the load was not spread: {of_second} starts");
        fates
    });
    let wrong: Vec<&String> = fates
        .iter()
        .filter_map(|fate| if let Fate::Wrong(what) = fate { Some(what) } else { None })
        .collect();
    let lost = fates.iter().filter(|fate| matches!(fate, Fate::Lost)).count();
    eprintln!("{} requests, {lost} lost with the engine, {} wrong", fates.len(), wrong.len());
    assert!(wrong.is_empty(), "{wrong:#?}\n{}", server.log());
    assert!((1..=8).contains(&lost), "{lost} were lost of at most eight that ran there");
    hosts_come_to(&server, 2, 2);

    // The engine's own word to a handler that its authority does not know.
    let mut settings = server.settings.clone();
    let stranger = folder(&ca, &authority());
    settings.insert("DOCKER_CERT_PATH".to_owned(), stranger.path().to_str().unwrap().to_owned());
    let settings: Vec<_> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let Err((_, log)) = Server::try_start(&settings) else { panic!("it serves") };
    assert!(log.contains("the Docker host refuses our certificate"), "{log}");
}
