//! A folder that programs may write, and the files that come back from it.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::{
    live::look_on,
    support::{Outcome, Server, client::field, shared, within},
};

fn writable(code: &str, collect: &[&str]) -> Value {
    json!({"code": code, "workspace": "writable", "collect": collect})
}

/// Names and contents of the files that came back.
fn files(answer: &Value) -> Vec<(String, Vec<u8>)> {
    let file = |file: &Value| {
        let content = BASE64_STANDARD.decode(file["content"].as_str().unwrap()).unwrap();
        assert_eq!(file["size"], content.len());
        (file["name"].as_str().unwrap().to_owned(), content)
    };
    answer["files"].as_array().expect("files").iter().map(file).collect()
}

fn omitted(answer: &Value) -> Vec<(&str, u64, &str)> {
    let omitted = answer["files_omitted"].as_array().expect("files_omitted").iter();
    omitted
        .map(|entry| {
            (entry["name"].as_str().unwrap(), entry["size"].as_u64().unwrap(), entry["why"].as_str().unwrap())
        })
        .collect()
}

#[test]
fn files_come_back_with_their_types_in_both_languages() {
    let python = "import os\nos.makedirs('out')\nopen('out/a.csv', 'w').write('a,b\\n')\nopen('p.png', 'wb').write(bytes(range(256)))\n\
        open('/sandbox/abs.txt', 'w').write('x')\nopen('rest', 'w').close()\nprint(os.getcwd(), sorted(os.listdir('.')))";
    let outcome = shared().run(&writable(python, &["*.png", "out/**", "abs.*", "main.py"]));
    outcome.printed("/sandbox ['abs.txt', 'main.py', 'out', 'p.png', 'rest']\n");
    let names: Vec<_> = outcome.0["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["name"].clone(), f["media_type"].clone()))
        .collect();
    assert_eq!(
        json!(names),
        json!([["p.png", "image/png"], ["out/a.csv", "text/csv"], ["abs.txt", "text/plain"]])
    );
    assert_eq!(files(&outcome.0)[0].1, (0..=255).collect::<Vec<u8>>());
    assert_eq!((&outcome.0["files_omitted"], outcome.0.get("files_omitted_more")), (&json!([]), None));

    let javascript = "const fs = require('fs');\nfs.mkdirSync('out');\nfs.writeFileSync('out/r.json', JSON.stringify({a: 1}));\n\
        fs.copyFileSync('out/r.json', 'copy.json');\nfs.chmodSync('copy.json', 0o600);\nconsole.log(fs.statSync('copy.json').mode & 0o777);";
    let mut request = writable(javascript, &["**/*.json"]);
    request["language"] = json!("javascript");
    let outcome = shared().run(&request);
    outcome.printed("384\n");
    assert_eq!(
        files(&outcome.0),
        [("copy.json".into(), b"{\"a\":1}".to_vec()), ("out/r.json".into(), b"{\"a\":1}".to_vec())]
    );
}

#[test]
fn without_it_nothing_changes_and_a_wish_for_files_is_refused() {
    let outcome = shared().python("try: open('x', 'w')\nexcept OSError as e: print(e.errno)");
    outcome.printed("30\n");
    assert!(outcome.0.get("files").is_none() && outcome.0.get("files_omitted").is_none());
    let outcome = shared().run(&json!({"code": "open('x', 'w').close()", "workspace": "writable"}));
    outcome.ended("completed", 0);
    assert!(outcome.0.get("files").is_none());
    for (request, words) in [
        (json!({"code": "1", "collect": ["*"]}), "`collect` needs"),
        (json!({"code": "1", "workspace": "read_only", "collect": ["*"]}), "`collect` needs"),
        (json!({"code": "1", "workspace": "rw"}), "`workspace` must be `read_only` or `writable`."),
        (json!({"code": "1", "workspace": "writable", "collect": vec!["*"; 17]}), "collect"),
        (
            json!({"code": "1", "workspace": "writable", "collect": ["ok", "/etc/passwd"]}),
            "`collect[1]` must be",
        ),
        (json!({"code": "1", "workspace": "writable", "collect": ["../x"]}), "`collect[0]` must be"),
        (json!({"code": "1", "workspace": "writable", "collect": "*"}), "collect"),
    ] {
        let refusal = shared().post(&request).refusal(400);
        assert!(refusal.error.contains(words), "{request}: {refusal:?}");
    }
}

#[test]
fn more_than_the_folder_holds_is_the_disk_limit_and_what_there_is_comes_back() {
    for (code, name, value) in [
        (
            "open('first', 'w').write('x')\nf = open('large', 'wb')\nfor _ in range(64): f.write(b'x' * (1 << 20))\nf.write(b'x')\nf.flush()\nimport time; time.sleep(30)",
            "bytes",
            64 << 20,
        ),
        (
            "open('first', 'w').write('x')\nfor n in range(1024): open(str(n), 'w').close()",
            "files and folders",
            1024,
        ),
    ] {
        let outcome = shared().run(&writable(code, &["first", "large"]));
        outcome.ended("disk_limit", 137);
        assert_eq!(
            (outcome.limit_name(), &outcome.0["limit"]["value"]),
            (Some("disk"), &json!(value)),
            "{}",
            outcome.0
        );
        assert!(outcome.0["limit"]["evidence"].as_str().unwrap().contains(name), "{}", outcome.0);
        assert_eq!(files(&outcome.0), [("first".to_owned(), b"x".to_vec())]);
    }
    let fits =
        "f = open('large', 'wb')\nfor _ in range(64): f.write(b'x' * (1 << 20))\nf.close()\nprint('fits')";
    shared().run(&json!({"code": fits, "workspace": "writable"})).printed("fits\n");
}

#[test]
fn whatever_ends_the_program_its_files_come_back() {
    for (code, limits, status) in [
        ("while True: pass", json!({"timeout_seconds": 0.5}), "time_limit"),
        ("x = []\nwhile True: x.append('x' * 1000000)", json!({}), "memory_limit"),
        ("import os; os.kill(os.getpid(), 11)", json!({}), "signal"),
        ("raise SystemExit(3)", json!({}), "nonzero_exit"),
        ("while True: print('x' * 65536)", json!({}), "output_limit"),
    ] {
        let mut request = writable(&format!("open('kept.txt', 'w').write('kept')\n{code}"), &["*.txt"]);
        request["limits"] = limits;
        let outcome = shared().run(&request);
        assert_eq!(outcome.status(), status, "{}", outcome.0);
        assert_eq!(files(&outcome.0), [("kept.txt".to_owned(), b"kept".to_vec())], "{status}");
    }
}

#[test]
fn nothing_but_plain_files_comes_back_and_nobody_waits() {
    let code = r"
import os, socket
os.mkfifo('pipe.png')
socket.socket(socket.AF_UNIX).bind('socket.png')
os.symlink('/etc/passwd', 'link.png')
os.link('main.py', 'hard.png')
open('sparse.png', 'w').truncate(1 << 40)
open('large.png', 'wb').write(b'x' * (4 << 20 | 1))
open('a\x1b[31m\n.png', 'w').close()
for n in range(40): open(f'n{n:02}.png', 'w').write(str(n))
if os.fork() == 0:
    os.setsid()
    f = open('grows.png', 'w')
    while True: f.write('x'); f.flush()
";
    let outcome = shared().run(&writable(code, &["*.png"]));
    outcome.ended("completed", 0);
    let names: Vec<String> = files(&outcome.0).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), 32);
    assert!(names[0] == "grows.png" || names[0] == "hard.png", "{names:?}");
    let omitted = omitted(&outcome.0);
    let why =
        |name: &str| omitted.iter().find(|(other, ..)| *other == name).map(|(_, size, why)| (*size, *why));
    assert_eq!(why("pipe.png"), Some((0, "It is a named pipe.")));
    assert_eq!(why("socket.png"), Some((0, "It is a socket.")));
    assert_eq!(why("link.png"), Some((0, "It is a symbolic link.")));
    assert_eq!(why("sparse.png").unwrap().0, 1 << 40);
    assert_eq!(why("large.png").unwrap().0, 4 << 20 | 1);
    assert!(why("a\\u{1b}[31m\\n.png").unwrap().1.starts_with("Its name"), "{omitted:?}");
    assert_eq!(why("n39.png"), Some((2, "There are 32 files already.")));
}

#[test]
fn devices_closed_folders_and_links_out_get_nobody_anything_of_the_hosts() {
    let code = r"
import os, stat
for kind in (stat.S_IFCHR, stat.S_IFBLK):
    try: os.mknod('device.txt', kind | 0o666, os.makedev(1, 3))
    except OSError as e: print(e.errno)
try: os.link('/etc/passwd', 'hard.txt')
except OSError as e: print(e.strerror)
os.symlink('/', 'root'); os.symlink('/proc/self/environ', 'environ.txt')
os.makedirs('closed/inner'); open('closed/inner/kept.txt', 'w').write('kept')
open('closed.txt', 'w').write('closed')
os.chmod('closed.txt', 0); os.chmod('closed/inner', 0); os.chmod('closed', 0)
";
    let outcome = shared().run(&writable(code, &["**/*.txt", "root/etc/passwd", "root/**"]));
    outcome.printed("1\n1\nInvalid cross-device link\n");
    assert_eq!(
        files(&outcome.0),
        [("closed.txt".into(), b"closed".to_vec()), ("closed/inner/kept.txt".into(), b"kept".to_vec())]
    );
    let link = "It is a symbolic link.";
    assert_eq!(omitted(&outcome.0), [("environ.txt", 0, link), ("root", 0, link)]);
}

#[test]
fn a_million_names_end_at_the_limit_and_only_so_many_come_back() {
    let code = "import itertools\nfor n in itertools.count():\n try: open(f'n{n}.txt', 'w').close()\n except OSError: pass\n if n > 10**6: break";
    let outcome = shared().run(&writable(code, &["*"]));
    outcome.ended("disk_limit", 137);
    assert_eq!(files(&outcome.0).len(), 32);
    assert!(omitted(&outcome.0).len() <= 256 && outcome.0["files_omitted_more"].as_u64() > Some(500));
}

#[test]
fn each_test_case_finds_the_folder_as_it_was_sent_and_the_last_ones_files_come_back() {
    for language in ["python", "javascript"] {
        let code = if language == "python" {
            "import os\nn = input()\nprint(sorted(os.listdir('.')), open('data').read())\nopen('data', 'w').write(n)\n\
             open('out-' + n, 'w').write(n)\nos.remove(__file__)\nif n == '2': raise SystemExit(1)"
        } else {
            "const fs = require('fs');\nconst n = fs.readFileSync(0, 'utf8').trim();\n\
             console.log(`[${fs.readdirSync('.').map((f) => `'${f}'`).join(', ')}] ${fs.readFileSync('data')}`);\n\
             fs.writeFileSync('data', n); fs.writeFileSync('out-' + n, n); fs.rmSync(__filename); if (n === '2') process.exit(1);"
        };
        let main = if language == "python" { "main.py" } else { "main.js" };
        let test =
            |n: u32| json!({"stdin": n.to_string(), "expected_output": format!("['data', '{main}'] sent")});
        let mut request = writable(code, &["out-*", "data"]);
        request["language"] = json!(language);
        request["files"] = json!([{"name": "data", "content": "sent"}]);
        request["tests"] = json!([test(0), test(1), test(2), test(3)]);
        let outcome = shared().run(&request);
        assert_eq!(outcome.0["summary"]["passed"], 3, "{}", outcome.0);
        assert_eq!(files(&outcome.0), [("out-3".into(), b"3".to_vec()), ("data".into(), b"3".to_vec())]);
        request["stop_at_first_failure"] = json!(true);
        let outcome = shared().run(&request);
        assert_eq!(files(&outcome.0)[0].0, "out-2", "{}", outcome.0);
    }
}

#[test]
fn files_are_told_as_events_and_as_parts_and_are_on_record() {
    let request = writable(
        "open('a.txt', 'w').write('text')\nopen('b \"é\".bin', 'wb').write(b'\\0\\xff\\r\\n--')",
        &["*"],
    );
    let events = look_on(shared(), &request).rest();
    let told: Vec<_> =
        events.iter().filter(|event| event.name == "file").map(|event| event.data.clone()).collect();
    let result = &events.last().unwrap().data;
    assert_eq!(json!(told), result["files"]);
    assert_eq!(files(result)[1].1, b"\0\xff\r\n--");
    let entry = shared().get(&format!("/history/{}", result["id"].as_str().unwrap())).json();
    assert_eq!((&entry["files"], &entry["files_omitted"]), (&result["files"], &json!([])));
    let list = shared().get("/history?limit=1").json();
    assert!(list[0].get("files").is_none());

    let headers = [("accept", "multipart/mixed"), ("content-type", "application/json")];
    let reply = shared().send("POST", "/run", &headers, request.to_string().as_bytes());
    let media = reply.header("content-type").unwrap().to_owned();
    let boundary = media.strip_prefix("multipart/mixed; boundary=").unwrap_or_else(|| panic!("{media}"));
    let body = String::from_utf8_lossy(&reply.body).into_owned();
    let parts: Vec<&str> = body.split(&format!("--{boundary}")).collect();
    assert_eq!((parts.len(), parts[4]), (5, "--\r\n"), "{body}");
    let json: Value = serde_json::from_str(parts[1].split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(json["files"][0], json!({"name": "a.txt", "size": 4, "media_type": "text/plain"}));
    assert!(parts[2].contains("filename=\"a.txt\"") && parts[2].ends_with("\r\n\r\ntext\r\n"), "{body}");
    assert!(parts[3].contains("filename*=UTF-8''b%20%22%C3%A9%22.bin"), "{body}");
}

#[test]
fn files_too_large_for_the_record_are_named_there_and_a_repeated_answer_says_so() {
    let mut request = writable("open('s', 'w').write('small')\nopen('l', 'wb').write(b'x' * 300000)", &["*"]);
    let key = format!("files-{}", crate::support::nonce());
    let headers = [("idempotency-key", key.as_str()), ("content-type", "application/json")];
    let send = |request: &Value| shared().send("POST", "/run", &headers, request.to_string().as_bytes());
    let first = send(&request).outcome();
    assert_eq!(files(&first.0).len(), 2);
    // Given again, so that it took less time than it tells of.
    let again = send(&request).json();
    assert_eq!(files(&again), [("s".to_owned(), b"small".to_vec())]);
    assert_eq!(omitted(&again), [("l", 300_000, "It is too large to be kept on record.")]);
    request["collect"] = json!(["s"]);
    send(&request).refusal(422);
}

#[test]
fn a_form_says_the_same() {
    let outcome = |parts: &[_]| -> Outcome { shared().form(parts).outcome() };
    let code = || field("code", "open('a.txt', 'w').write('x')\nopen('[b', 'w').write('y')");
    let workspace = || field("workspace", "writable");
    let one = outcome(&[code(), workspace(), field("collect", "*.txt"), field("collect", "[b")]);
    let array = outcome(&[code(), workspace(), field("collect", "[\"*.txt\", \"[b\"]")]);
    assert_eq!(files(&one.0), [("a.txt".to_owned(), b"x".to_vec()), ("[b".to_owned(), b"y".to_vec())]);
    assert_eq!(one.0["files"], array.0["files"]);
}

#[test]
fn one_stock_of_waiting_sandboxes_serves_both_kinds() {
    let server = Server::start(&[("SCE_POOL_SIZE", "python=1")]);
    for (request, words) in [
        (json!({"code": "print(open('x', 'w').write('abc'))", "workspace": "writable"}), "3\n"),
        (json!({"code": "try: open('x', 'w')\nexcept OSError as e: print(e.errno)"}), "30\n"),
        (
            json!({"code": "import os; os.chmod('/sandbox', 0o700); print(oct(os.stat('/sandbox').st_mode))", "workspace": "writable"}),
            "0o40700\n",
        ),
    ] {
        server.fills(1);
        let outcome = server.run(&request);
        outcome.printed(words);
        assert_eq!(outcome.start(), "warm");
    }
    within(Duration::from_secs(20), || (server.warm() == 1).then_some(()))
        .expect("the stock is filled again");
}
