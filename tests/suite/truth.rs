//! What an answer says of an ending is true: who was killed for memory, which limits were met, whose time it was.

use std::{
    fs::OpenOptions,
    io::{Read, Seek, SeekFrom},
    os::unix::fs::OpenOptionsExt,
    time::Duration,
};

use nix::libc;
use serde_json::json;

use crate::support::{Outcome, Server, alone, in_parallel, shared};

/// A child that takes memory until the kernel kills it.
const HOG: &str = "[sys.executable, '-c', 'a = []\\nwhile True: a.append(bytearray(1 << 20))']";

fn with_hog(rest: &str) -> Outcome {
    shared().python(&format!("import os, signal, subprocess, sys, time\nhog = {HOG}\n{rest}"))
}

#[test]
fn a_program_that_kills_itself_after_a_child_was_killed_for_memory_was_ended_by_its_signal() {
    let at_once = "subprocess.run(hog)\nos.kill(os.getpid(), signal.SIGKILL)";
    let later = "subprocess.run(hog)\ntime.sleep(1)\nos.kill(os.getpid(), signal.SIGKILL)";
    let unreaped = "r, w = os.pipe()\np = subprocess.Popen(hog, pass_fds=[w])\nos.close(w)\nos.read(r, 1)\n\
                    os.kill(os.getpid(), signal.SIGKILL)";
    let grandchild = "subprocess.run([sys.executable, '-c', 'import subprocess, sys\\nsubprocess.Popen(' + repr(hog) + ')'])\n\
                      time.sleep(2)\nos.kill(os.getpid(), signal.SIGKILL)";
    let by_its_child = "subprocess.run(hog)\nsubprocess.run(['sh', '-c', 'kill -9 $PPID'])";
    for code in [at_once, later, unreaped, grandchild, by_its_child] {
        let outcome = with_hog(code);
        outcome.ended("signal", 137);
        assert_eq!(outcome.signal(), Some("SIGKILL"), "{code}");
        assert_eq!(outcome.0["usage"]["oom_kills"], 1, "{code}: {}", outcome.0);
    }
}

#[test]
fn a_program_that_outlives_a_child_killed_for_memory_ends_as_it_likes() {
    let outcome = with_hog("print(subprocess.run(hog).returncode)");
    outcome.printed("-9\n");
    assert_eq!(outcome.0["usage"]["oom_kills"], 1, "{}", outcome.0);
    with_hog("subprocess.run(hog)\nsys.exit(137)").ended("nonzero_exit", 137);
    with_hog("subprocess.run(hog)\nos.abort()").ended("signal", 134);
}

#[test]
fn a_program_killed_for_memory_is_told_so_whatever_it_has_for_children() {
    let sleeping = "p = subprocess.Popen(['sleep', '60'])\na = []\nwhile True: a.append(bytearray(1 << 20))";
    let after_others = "for n in range(3): subprocess.run([sys.executable, '-c', 'x = bytearray(20 << 20)'])\n\
                        a = []\nwhile True: a.append(bytearray(1 << 20))";
    let after_a_kill = "subprocess.run(hog)\na = []\nwhile True: a.append(bytearray(1 << 20))";
    for code in [sleeping, after_others, after_a_kill] {
        let outcome = with_hog(code);
        outcome.ended("memory_limit", 137);
        assert_eq!(outcome.limit_name(), Some("memory"), "{code}");
    }
}

#[test]
fn programs_that_creep_to_the_memory_limit_lose_no_output_and_init_takes_no_memory() {
    let _alone = alone();
    let programs = std::env::var("SCE_TEST_CREEPS").map_or(30, |text| text.parse().expect("a number"));
    let log = KernelLog::from_now();
    let code = "print('begun', flush=True)\na = []\nwhile True: a.append(bytearray(8 << 10))";
    let limits = json!({"memory_mb": 32});
    let requests = vec![json!({"code": code, "limits": limits}); programs];
    for outcome in in_parallel(3, &requests, |request| shared().run(request)) {
        outcome.ended("memory_limit", 137);
        assert_eq!(outcome.output(), "begun\n", "{}", outcome.0);
    }
    let said = log.and_then(KernelLog::said).unwrap_or_default();
    assert!(!said.contains("sandbox-init invoked oom-killer"), "{said}");
}

/// What the kernel says from a moment on, where this user may read it.
struct KernelLog(std::fs::File);

impl KernelLog {
    fn from_now() -> Option<Self> {
        let mut log = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open("/dev/kmsg").ok()?;
        log.seek(SeekFrom::End(0)).ok()?;
        Some(Self(log))
    }

    fn said(mut self) -> Option<String> {
        let (mut said, mut record) = (String::new(), [0; 8192]);
        loop {
            match self.0.read(&mut record) {
                Ok(length) => said.push_str(&String::from_utf8_lossy(&record[..length])),
                Err(error) if error.raw_os_error() == Some(libc::EPIPE) => {}
                Err(_) => return Some(said),
            }
        }
    }
}

#[test]
fn the_limit_of_processes_is_named_when_it_was_met() {
    let threads = "import threading, time\nmade = 0\ntry:\n for n in range(100):\n  \
                   threading.Thread(target=time.sleep, args=(1,), daemon=True).start(); made += 1\n\
                   except RuntimeError as error:\n print(error)\nprint(made)";
    let outcome = shared().python(threads);
    outcome.ended("completed", 0);
    assert_eq!(outcome.0["limits_met"], json!(["processes"]), "{}", outcome.0);
    assert!(outcome.0["limits_met_evidence"][0].as_str().is_some_and(|text| text.contains("64 processes")));
    let id = outcome.id();
    let record = shared().get(&format!("/history/{id}")).json();
    assert_eq!(record["limits_met"], json!(["processes"]), "{record}");
}

#[test]
fn the_limit_of_descriptors_is_named_when_it_was_met() {
    let outcome = shared().python(
        "import time\nopen_ones = []\ntry:\n while True: open_ones.append(open('/dev/null'))\n\
         except OSError as error:\n print(error.errno)\ntime.sleep(0.5)",
    );
    outcome.printed("24\n");
    assert_eq!(outcome.0["limits_met"], json!(["descriptors"]), "{}", outcome.0);
    assert!(
        outcome.0["limits_met_evidence"][0].as_str().is_some_and(|text| text.contains("1024 descriptors"))
    );
}

#[test]
fn an_answer_names_no_limit_that_was_not_met() {
    let outcome =
        shared().python("import threading\nt = threading.Thread(target=print)\nt.start()\nt.join()");
    outcome.ended("completed", 0);
    assert!(outcome.0.get("limits_met").is_none() && outcome.0.get("limits_met_evidence").is_none());
}

#[test]
fn three_hundred_connections_fit_in() {
    shared()
        .python(
            "import socket\nserver = socket.create_server(('127.0.0.1', 0), backlog=512)\npairs = []\n\
             for n in range(300):\n client = socket.create_connection(server.getsockname())\n \
             pairs.append((client, server.accept()[0]))\nprint(len(pairs))",
        )
        .printed("300\n");
}

/// Seconds of CPU time, without an end of its own.
fn busy(seconds: f64) -> String {
    format!("import time\nwhile time.process_time() < {seconds}: pass\nprint('done')")
}

#[test]
fn programs_that_need_less_than_their_time_get_it_on_a_busy_host() {
    let _alone = alone();
    let server = Server::start(&[("SCE_MAX_RUNNING", "8"), ("SCE_POOL_SIZE", "0")]);
    // Together a quarter more than two CPUs can give in the time of one.
    let request = json!({"code": busy(1.3), "limits": {"timeout_seconds": 2.6}});
    for outcome in in_parallel(5, &vec![request; 5], |request| server.run(request)) {
        outcome.printed("done\n");
    }
}

#[test]
fn who_sleeps_on_a_busy_host_is_ended_at_the_limit() {
    let _alone = alone();
    let server = Server::start(&[("SCE_MAX_RUNNING", "8"), ("SCE_POOL_SIZE", "0")]);
    let limits = json!({"timeout_seconds": 3});
    let sleeper = json!({"code": "import time\ntime.sleep(60)", "limits": limits});
    let mut requests = vec![json!({"code": busy(2.0), "limits": {"timeout_seconds": 4}}); 5];
    requests.push(sleeper);
    let outcomes = in_parallel(6, &requests, |request| server.run(request));
    let sleeper = &outcomes[5];
    sleeper.ended("time_limit", -2);
    let counted = sleeper.0["limit"]["observed"].as_f64().expect("a number");
    assert!((3.0..3.5).contains(&counted), "{}", sleeper.0);
    // Starting up again after the release is all that it waits for.
    assert!(sleeper.wall_ms() < 4_500.0, "{}", sleeper.0);
}

#[test]
fn what_a_sandbox_keeps_from_itself_is_no_reason_for_more_time() {
    let _alone = alone();
    // 32 processes: none is refused.
    let code = "import os\nfor n in range(5): os.fork()\nwhile True: pass";
    let outcome = shared().run(&json!({"code": code, "limits": {"timeout_seconds": 2}}));
    outcome.ended("time_limit", -2);
    let counted = Duration::from_secs_f64(outcome.wall_ms() / 1e3);
    assert!(counted < Duration::from_secs(4), "{}", outcome.0);
}

#[test]
fn who_ran_out_of_time_is_told_what_it_got_of_the_cpu() {
    let outcome =
        shared().run(&json!({"code": "import time\ntime.sleep(9)", "limits": {"timeout_seconds": 0.5}}));
    let evidence = outcome.0["limit"]["evidence"].as_str().expect("an evidence");
    assert!(evidence.contains(" s of CPU time"), "{evidence}");
    let (value, observed) = (&outcome.0["limit"]["value"], &outcome.0["limit"]["observed"]);
    assert!(observed.as_f64() >= value.as_f64(), "{}", outcome.0);
}
