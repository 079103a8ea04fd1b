//! What the sandbox must withstand, each attack a program of its own in `tests/attacks/`.
//!
//! After every one of them: a typed answer in time, the next caller's run right, the sandbox gone, the server no
//! larger than before. What came of each goes into `docs/SECURITY_NOTES.md`, see [`notes`].

mod bombs;
mod ending;
mod forging;
mod kernel_memory;
mod left_behind;
mod looking_around;
mod memory;
mod notes;
mod out;
mod text;
mod up;

use std::{
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use serde_json::json;

use crate::support::{Outcome, Server, engine, host, nonce, text as file_text, within};

/// An attack: a program, and what must come of it.
#[derive(Clone, Debug)]
pub struct Attack {
    group: &'static str,
    file: &'static str,
    timeout: f64,
    stdin: &'static str,
    statuses: &'static [&'static str],
    exit_code: Option<i64>,
    check: fn(&Outcome),
    words: Words,
    measured: bool,
}

/// What the program must have printed.
#[derive(Clone, Debug)]
enum Words {
    /// Whatever it liked; not for the notes, since it differs from run to run.
    Any,
    /// Exactly this.
    Exactly(&'static str),
    /// One line `attempt: result` for each thing it tried, and each result is one of these.
    Only(&'static [&'static str]),
}

/// An attack in `tests/attacks/<group>/<file>`; the file's ending says in which language.
pub fn attack(group: &'static str, file: &'static str) -> Attack {
    Attack {
        group,
        file,
        timeout: 10.0,
        stdin: "",
        statuses: &["completed"],
        exit_code: None,
        check: |_| {},
        words: Words::Any,
        measured: false,
    }
}

impl Attack {
    /// With this time limit instead of 10 seconds.
    pub fn timeout(self, seconds: f64) -> Self {
        Self { timeout: seconds, ..self }
    }

    /// How it may end; without this only as `completed`.
    pub fn ends(self, statuses: &'static [&'static str]) -> Self {
        Self { statuses, ..self }
    }

    pub fn code(self, exit_code: i64) -> Self {
        Self { exit_code: Some(exit_code), ..self }
    }

    /// What it must print, to the letter.
    pub fn says(self, output: &'static str) -> Self {
        Self { words: Words::Exactly(output), ..self }
    }

    /// What each of its attempts must come to.
    pub fn gets_only(self, results: &'static [&'static str]) -> Self {
        Self { words: Words::Only(results), ..self }
    }

    /// The host's kernel may hold no more meanwhile than the sandbox is charged, but for 16 MiB.
    pub fn measured(self) -> Self {
        Self { measured: true, ..self }
    }

    /// What else must hold.
    pub fn and(self, check: fn(&Outcome)) -> Self {
        Self { check, ..self }
    }

    fn path(&self) -> String {
        format!("{}/{}", self.group, self.file)
    }

    fn request(&self) -> serde_json::Value {
        let code = file_text(format!("attacks/{}", self.path()));
        let (language, helper) =
            if self.file.ends_with(".py") { ("python", "probe.py") } else { ("javascript", "probe.js") };
        let mut request = json!({
            "language": language, "code": code, "stdin": self.stdin, "limits": {"timeout_seconds": self.timeout}
        });
        if code.contains("probe") {
            let content = file_text(format!("attacks/{helper}"));
            request["files"] = json!([{"name": helper, "content": content}]);
        }
        request
    }
}

/// The server that is attacked: one at a time, so that what is left can be told.
fn target() -> &'static Server {
    static TARGET: OnceLock<Server> = OnceLock::new();
    TARGET.get_or_init(|| {
        let pool = std::env::var("SCE_TEST_POOL").unwrap_or_else(|_| "0".to_owned());
        let server = Server::start(&[("SCE_POOL_SIZE", &pool)]);
        for _ in 0..3 {
            server.python("print('warm up')");
        }
        server
    })
}

fn baseline() -> host::Footprint {
    static BASELINE: OnceLock<host::Footprint> = OnceLock::new();
    *BASELINE.get_or_init(|| host::footprint(target().pid()))
}

/// Runs the attack and everything that must be true afterwards.
/// Milliseconds by the clock that the attack may take. Time in which others had the CPU that it wanted does not count, up to
/// four times the limit; the answer tells where there was such time.
fn longest_ms(attack: &Attack, outcome: &Outcome) -> f64 {
    let limit = &outcome.0["limit"];
    let waited = limit["evidence"].as_str().is_some_and(|evidence| evidence.contains("that others had"));
    // Who has used up the CPU time has used no more of the clock than that, but for what was waited.
    let factor = if waited || limit["name"] == "cpu_time" { 4.0 } else { 1.0 };
    factor * attack.timeout * 1e3
}

#[track_caller]
pub fn withstand(name: &'static str, attack: &Attack) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let server = target();
    let before = baseline();

    let (outcome, uncharged) = if attack.measured {
        memory::uncharged_during(server, || server.run(&attack.request()))
    } else {
        (server.run(&attack.request()), 0)
    };
    assert!(uncharged < 16 << 20, "{uncharged} bytes of the host's kernel were charged to nobody");
    assert!(attack.statuses.contains(&outcome.status()), "ended as {}: {}", outcome.status(), outcome.0);
    if let Some(code) = attack.exit_code {
        assert_eq!(outcome.exit_code(), code, "{}", outcome.0);
    }
    let over = outcome.wall_ms() - longest_ms(attack, &outcome);
    assert!(over < 1000.0, "{over} ms past its time limit: {}", outcome.0);
    check_words(attack, &outcome);
    (attack.check)(&outcome);

    // Another caller is served, rightly and soon.
    let mark = nonce();
    let next = server.python(&format!("print('{mark}')"));
    next.printed(&format!("{mark}\n"));
    // Nothing is left running, and nothing has grown.
    let gone = within(Duration::from_secs(5), || unfinished(server).is_empty().then_some(()));
    assert!(gone.is_some(), "still there: {:?}", unfinished(server));
    let now = host::footprint(server.pid());
    assert!(now.descriptors <= before.descriptors + 24, "descriptors leak: {before:?} → {now:?}");
    assert!(now.threads <= before.threads + 16, "threads leak: {before:?} → {now:?}");
    assert!(now.memory_kib <= before.memory_kib + 64 * 1024, "memory leaks: {before:?} → {now:?}");

    notes::take(name, attack, &outcome);
}

/// Containers of the target that are not the pool's idle ones.
fn unfinished(server: &Server) -> Vec<engine::Sandbox> {
    let idle = |sandbox: &engine::Sandbox| sandbox.name.starts_with("sce-warm-");
    engine::sandboxes(&server.deployment).into_iter().filter(|sandbox| !idle(sandbox)).collect()
}

#[track_caller]
fn check_words(attack: &Attack, outcome: &Outcome) {
    match attack.words {
        Words::Any => {}
        Words::Exactly(words) => assert_eq!(outcome.output(), words, "{}", outcome.0),
        Words::Only(results) => {
            assert!(!outcome.output().is_empty(), "nothing was tried: {}", outcome.0);
            let got = |line: &&str| {
                let result = line.rsplit_once(": ").map_or(*line, |(_, result)| result);
                !results.contains(&result)
            };
            let wrong: Vec<&str> = outcome.output().lines().filter(got).collect();
            assert!(wrong.is_empty(), "not one of {results:?}:\n{}\n{}", wrong.join("\n"), outcome.error());
        }
    }
}

/// One test per attack, and the list of them for the notes.
macro_rules! attacks {
    ($group:literal: $($name:ident => $file:literal $(. $method:ident ($($argument:expr),*))*;)+) => {
        /// Every attack of this group by its name.
        pub fn all() -> Vec<(&'static str, crate::attacks::Attack)> {
            vec![$((stringify!($name), crate::attacks::attack($group, $file)$(.$method($($argument),*))*)),+]
        }

        $(
            #[test]
            fn $name() {
                let attack = crate::attacks::attack($group, $file)$(.$method($($argument),*))*;
                crate::attacks::withstand(stringify!($name), &attack);
            }
        )+
    };
}
use attacks;
