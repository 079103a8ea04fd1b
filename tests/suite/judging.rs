//! Test cases on a real engine: one sandbox for all of them, a verdict for each that its limits cannot blur, and nothing of
//! one case for another to find.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Outcome, Server, alone, engine, shared, within};

fn verdicts(outcome: &Outcome) -> Vec<&str> {
    let tests = outcome.0["tests"].as_array().unwrap_or_else(|| panic!("no tests in {}", outcome.0));
    tests.iter().map(|test| test["verdict"].as_str().unwrap()).collect()
}

/// The squares of the numbers from 0 on, as test cases.
fn squares(count: u32) -> Vec<Value> {
    (0..count).map(|n| json!({"stdin": n.to_string(), "expected_output": (n * n).to_string()})).collect()
}

#[test]
fn a_hundred_cases_run_in_one_sandbox() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "0")]);
    let deployment = server.deployment.clone();
    for (language, code) in [
        ("python", "print(int(input())**2)"),
        ("javascript", "console.log(Number(require('fs').readFileSync(0, 'utf8'))**2)"),
    ] {
        let count = if language == "python" { 100 } else { 20 };
        let request = json!({"language": language, "code": code, "tests": squares(count)});
        within(Duration::from_secs(20), || engine::sandboxes(&deployment).is_empty().then_some(()))
            .expect("the sandbox before is gone");
        let (outcome, most) =
            engine::most_during(|| engine::sandboxes(&deployment).len(), || server.run(&request));
        assert_eq!(
            outcome.0["summary"],
            json!({"passed": count, "failed": 0, "skipped": 0, "verdict": "passed"})
        );
        assert_eq!(most, 1, "{language}");
    }
}

#[test]
fn a_later_case_of_javascript_is_as_a_first_one_is() {
    // Whatever a program can ask of the process that it is run in; the interpreters of the two are started in two ways.
    let code = r"
const { Worker, isMainThread } = require('worker_threads');
// Here, not where the worker's message arrives: that is called from the port, or from the end of the worker if it is first.
const stack = new Error('x').stack;
const about = () => ({
  argv: process.argv, execArgv: process.execArgv, env: process.env, preloads: process._preload_modules,
  cache: Object.keys(require.cache), paths: Object.keys(module.constructor._pathCache),
  main: require.main === module, cwd: process.cwd(), user: require('os').userInfo().username, name: module.filename,
  stack, listeners: process.eventNames(), runMain: String(Object.getOwnPropertyDescriptor(module.constructor, 'runMain').value),
  userInfo: String(require('os').userInfo), now: performance.now() < 5000, uptime: process.uptime() < 5,
  origin: Math.abs(Date.now() - performance.timeOrigin) < 5000, mark: performance.mark('m').startTime < 5000,
});
if (isMainThread) {
  const input = require('fs').readFileSync(0, 'utf8');
  const worker = new Worker(__filename);
  worker.on('message', (told) => console.log(JSON.stringify([input, process.pid > 1, about(), told])));
} else {
  require('worker_threads').parentPort.postMessage(about());
}
";
    let module = "import { readFileSync } from 'fs';\nconsole.log(readFileSync(0, 'utf8'), import.meta.url, typeof require);";
    let args = json!({"stdin": "same", "args": ["a", "b c"]});
    for code in [code, module] {
        let request = json!({"language": "javascript", "code": code, "tests": [args, args, args]});
        let outcome = shared().run(&request);
        let tests = outcome.0["tests"].as_array().unwrap();
        for test in tests {
            assert_eq!(test["status"], "completed", "{test}");
            assert!(test["output"].as_str().unwrap().contains("same"), "{test}");
            assert_eq!(test["output"], tests[0]["output"]);
        }
    }
}

#[test]
fn five_bad_cases_among_five_hundred_have_their_verdicts_and_the_others_pass() {
    let _alone = alone();
    let code = r"
import os, sys
word = input()
if word == 'loop':
    while True: pass
if word == 'memory':
    hoard = []
    while True: hoard.append(bytearray(1 << 20))
if word == 'flood':
    while True: os.write(1, b'x' * 65536)
if word == 'forks':
    while True:
        if os.fork() == 0:
            while True: pass
if word == 'three':
    sys.exit(3)
print(word)
";
    let bad = ["loop", "memory", "flood", "forks", "three"];
    // The largest that is allowed: 500 cases of 16 MiB in all, in their inputs here.
    let padding = "\n".repeat(16 * 1024 * 1024 / 500 - 100);
    let mut tests: Vec<_> = (0..495)
        .map(|n| json!({"stdin": format!("{n}{padding}"), "expected_output": n.to_string()}))
        .collect();
    for (place, word) in bad.iter().enumerate() {
        let limits = json!({"timeout_seconds": 1});
        tests.insert(
            place * 90 + 7,
            json!({"name": word, "stdin": word, "expected_output": "", "limits": limits}),
        );
    }
    let server = Server::start(&[("SCE_TOTAL_SECONDS", "300")]);
    let outcome = server.run(&json!({"code": code, "tests": tests}));
    let all = outcome.0["tests"].as_array().unwrap();
    let verdict = |name: &str| {
        let test = all.iter().find(|test| test["name"] == name).unwrap();
        (
            test["verdict"].as_str().unwrap(),
            test["limit"]["name"].as_str().unwrap_or(""),
            test["exit_code"].clone(),
        )
    };
    assert_eq!(verdict("loop").0, "time_limit");
    assert_eq!(verdict("memory"), ("memory_limit", "memory", json!(137)));
    assert_eq!(verdict("flood"), ("output_limit", "output", json!(137)));
    assert_eq!(verdict("three"), ("runtime_error", "", json!(3)));
    // Once no process can be started any more the program ends with an error, or its time is over before.
    assert!(["runtime_error", "time_limit"].contains(&verdict("forks").0), "{:?}", verdict("forks"));
    assert_eq!(outcome.0["summary"]["passed"], 495, "{}", outcome.0["summary"]);
    assert_eq!(outcome.0["summary"]["failed"], 5);
    let record = server.get(&format!("/history/{}", outcome.id())).json();
    assert_eq!(record["summary"], outcome.0["summary"]);
    assert_eq!(record["tests"].as_array().unwrap().len(), 500);
}

#[test]
fn a_case_may_have_less_memory_than_the_request() {
    let code = "import sys\nhoard = bytearray(int(input()) << 20)\nprint('had')";
    let case = |mib: u32, limit: u32| json!({"stdin": mib.to_string(), "expected_output": "had", "limits": {"memory_mb": limit}});
    let tests = [case(1, 64), case(70, 64), case(70, 128), case(30, 64)];
    let outcome = shared().run(&json!({"code": code, "tests": tests}));
    assert_eq!(verdicts(&outcome), ["passed", "memory_limit", "passed", "passed"], "{}", outcome.0);
    assert_eq!(outcome.0["tests"][1]["limit"]["value"], 64 << 20);
}

#[test]
fn more_output_than_is_kept_is_compared_whole() {
    let code = "n = int(input())\nfor i in range(n): print(i)\nif n % 2: print('odd')";
    let lines = |n: u32| (0..n).map(|i| format!("{i}\n")).collect::<String>();
    let tests = [
        json!({"stdin": "200000", "expected_output": lines(200_000)}),
        json!({"stdin": "200001", "expected_output": lines(200_001)}),
    ];
    let outcome = shared().run(&json!({"code": code, "tests": tests}));
    assert_eq!(verdicts(&outcome), ["passed", "wrong_answer"]);
    let test = &outcome.0["tests"][1];
    assert_eq!(test["difference"], json!({"line": 200_002, "expected": "", "got": "odd"}));
    assert_eq!(test["truncated"]["output"], true);
}

#[test]
fn after_the_first_failure_the_rest_is_skipped_where_that_is_asked() {
    let mut tests = squares(6);
    tests[2]["expected_output"] = json!("5");
    let request = json!({"code": "print(int(input())**2)", "tests": tests, "stop_at_first_failure": true});
    let outcome = shared().run(&request);
    assert_eq!(
        verdicts(&outcome),
        ["passed", "passed", "wrong_answer", "skipped", "skipped", "skipped"],
        "{}",
        outcome.0
    );
    assert_eq!(outcome.0["tests"][5]["why"], "A test before this one failed.");
}

#[test]
fn nothing_of_a_case_is_there_for_the_next_one() {
    let code = r"
import glob, os, signal, socket, subprocess, sys, time
word = input()
marks = []
for folder in ('/tmp', '/dev/shm', '/sandbox', '/var/tmp', '/run', '/dev'):
    try:
        open(folder + '/left', 'x').write(word)
        marks.append(folder)
        if folder == '/dev/shm':
            marks.remove(folder)  # the one place where every case may leave something, and find nothing
    except FileExistsError:
        marks.append('found in ' + folder)
    except OSError:
        pass
for pid in filter(str.isdigit, os.listdir('/proc')):
    if pid not in ('1', str(os.getpid())):
        line = open(f'/proc/{pid}/cmdline').read()
        if 'left' in line or 'sleep' in line:
            marks.append(line)
server = socket.socket(socket.AF_UNIX)
try:
    server.bind('\0left')
except OSError as error:
    marks.append(str(error))
for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
    if signal.getsignal(signum) not in (signal.SIG_DFL, signal.default_int_handler):
        marks.append(str(signum))
if hasattr(sys, 'left') or os.environ.get('LEFT') or os.nice(0):
    marks.append('state')
sys.left = os.environ['LEFT'] = 'x'
os.nice(5)
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    server.listen()
    os.execv(sys.executable, ['left', '-c', 'import time; time.sleep(60)'])
time.sleep(0.1)
print('found', marks)
";
    let tests: Vec<_> =
        (0..4).map(|n| json!({"stdin": n.to_string(), "expected_output": "found []"})).collect();
    let outcome = shared().run(&json!({"code": code, "tests": tests}));
    assert_eq!(verdicts(&outcome), ["passed"; 4], "{}", outcome.0);
}

#[test]
fn neither_a_later_input_nor_what_is_expected_is_in_the_sandbox() {
    // The secrets are spelt so that the program itself does not contain them.
    let code = r"
import os
wanted = [b'se' + b'cret-in', b'se' + b'cret-out']
found = []
first = input()
for pid in filter(str.isdigit, os.listdir('/proc')):
    for name in os.listdir(f'/proc/{pid}/fd') if os.access(f'/proc/{pid}/fd', os.R_OK) else []:
        try:
            f = os.open(f'/proc/{pid}/fd/{name}', os.O_RDONLY | os.O_NONBLOCK)
            data = os.read(f, 1 << 20)
        except OSError:
            continue
        found += [w for w in wanted if w in data]
    try:
        maps = open(f'/proc/{pid}/maps').read().splitlines()
        memory = open(f'/proc/{pid}/mem', 'rb')
    except OSError:
        continue
    for line in maps:
        start, end = (int(x, 16) for x in line.split()[0].split('-'))
        if int(pid) == os.getpid() or end - start > 1 << 26:
            continue
        try:
            memory.seek(start)
            data = memory.read(end - start)
        except (OSError, ValueError, OverflowError):
            continue
        found += [w for w in wanted if w in data]
print('found', sorted(set(found)))
";
    let tests = [
        json!({"stdin": "1", "expected_output": "found []"}),
        json!({"stdin": "secret-in", "expected_output": "secret-out"}),
    ];
    let outcome = shared().run(&json!({"code": code, "tests": tests}));
    assert_eq!(outcome.0["tests"][0]["verdict"], "passed", "{}", outcome.0);
}

#[test]
fn a_caller_who_leaves_in_the_midst_of_the_cases_leaves_nothing_behind() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "0")]);
    let tests: Vec<_> = (0..20).map(|_| json!({"stdin": "x"})).collect();
    let body = json!({"code": "import time; time.sleep(1)", "tests": tests}).to_string();
    let authority = server.authority().to_owned();
    let mut stream = std::net::TcpStream::connect(&authority).unwrap();
    let head = format!(
        "POST /run HTTP/1.1\r\nHost: {authority}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    std::io::Write::write_all(&mut stream, format!("{head}{body}").as_bytes()).unwrap();
    let running = || engine::running(&server.deployment).len();
    within(Duration::from_secs(20), || (running() == 1).then_some(())).expect("the first case runs");
    std::thread::sleep(Duration::from_millis(1500));
    drop(stream);
    within(Duration::from_secs(10), || engine::sandboxes(&server.deployment).is_empty().then_some(()))
        .expect("its sandbox is gone");
    let history = server.get("/history?limit=1").json();
    assert_eq!(history[0]["status"], "cancelled", "{history}");
}
