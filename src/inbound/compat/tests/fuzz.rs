//! A thousand malformed requests to each contract, the same on every run: none is answered with a 5xx, none with an error as our
//! own contract words it, and none makes a handler panic.

use axum::{
    Router,
    body::Body,
    http::{HeaderName, HeaderValue, Request, Uri},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};

use crate::testing::{
    House,
    foreign::{router, send},
};

const REQUESTS: usize = 1000;

/// A good request, from which bad ones are made.
pub struct Seed {
    pub method: &'static str,
    pub path: &'static str,
    pub body: Value,
}

pub const fn seed(method: &'static str, path: &'static str, body: Value) -> Seed {
    Seed { method, path, body }
}

/// A value that nobody expects.
fn odd(random: &mut StdRng) -> Value {
    let values = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1e308),
        json!(u64::MAX),
        json!(0.5),
        json!(""),
        json!("\u{0}"),
        json!("../../etc/passwd"),
        json!("é😀\u{202e}"),
        json!("AAAA*"),
        json!("99999999999999999999"),
        json!("x".repeat(70_000)),
        json!([]),
        json!([null, 1, "x", {}]),
        json!({}),
        json!({"a": {"b": [1]}}),
    ];
    values[random.random_range(0..values.len())].clone()
}

/// Changes one place of the value.
fn bend(value: &mut Value, random: &mut StdRng) {
    let deeper = random.random_bool(0.8);
    match value {
        Value::Object(map) if deeper && !map.is_empty() => {
            let at = random.random_range(0..map.len());
            let name = map.keys().nth(at).cloned().expect("one of them");
            match random.random_range(0..10) {
                0 => drop(map.remove(&name)),
                1 => drop(map.insert("unheard of".to_owned(), odd(random))),
                _ => bend(map.get_mut(&name).expect("it is there"), random),
            }
        }
        Value::Array(list) if deeper && !list.is_empty() => {
            let at = random.random_range(0..list.len());
            if random.random_bool(0.1) {
                let element = list[at].clone();
                list.extend(std::iter::repeat_n(element, 600));
            } else {
                bend(&mut list[at], random);
            }
        }
        other => *other = odd(random),
    }
}

fn with_query(path: String, query: &str) -> String {
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}{query}")
}

/// A bad request.
fn bad(seed: &Seed, random: &mut StdRng) -> Option<Request<Body>> {
    let mut body = seed.body.clone();
    for _ in 0..random.random_range(0..4) {
        bend(&mut body, random);
    }
    let mut text = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    match random.random_range(0..12) {
        0 if !text.is_empty() => text.truncate(random.random_range(0..text.len())),
        1 if !text.is_empty() => {
            let at = random.random_range(0..text.len());
            text[at] = random.random();
        }
        2 => text = "[".repeat(100_000).into_bytes(),
        3 => text = (0..200).map(|_| random.random::<u8>()).collect(),
        _ => {}
    }
    let mut path = seed.path.to_owned();
    match random.random_range(0..12) {
        0 => path.push('/'),
        1 => path = with_query(path, "x=%ff&wait=maybe&base64_encoded=1&fields=*,x&fields="),
        2 => path = format!("/{}", path[1..].replace("/s", "//s")),
        3 => path.push_str("/%00/..%2f"),
        4 => path = with_query(path, "tokens=,,%2c&page=-1"),
        _ => {}
    }
    let methods = ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"];
    let method = if random.random_bool(0.1) { methods[random.random_range(0..6)] } else { seed.method };
    let types = [
        "application/json",
        "application/json; charset=utf-16",
        "text/plain",
        "",
        "x",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
    ];
    let kind = types[if random.random_bool(0.7) { 0 } else { random.random_range(0..types.len()) }];
    let uri: Uri = path.parse().ok()?;
    let mut request = Request::builder().method(method).uri(uri).header("content-type", kind);
    if random.random_bool(0.2) {
        let names =
            ["mcp-protocol-version", "mcp-method", "mcp-name", "content-encoding", "x-api-key", "accept"];
        let name = HeaderName::from_static(names[random.random_range(0..names.len())]);
        let junk: Vec<u8> = (0..8).map(|_| random.random_range(0x20..0x7f)).collect();
        request = request.header(name, HeaderValue::from_bytes(&junk).ok()?);
    }
    request.body(Body::from(text)).ok()
}

/// Asks so many bad questions. `seeds` are good ones, and must be answered as such.
async fn holds(name: &str, seeds: &[Seed]) {
    let house = House::new();
    let app: Router = router(&house);
    for Seed { method, path, body } in seeds {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let request =
            Request::builder().method(*method).uri(*path).header("content-type", "application/json");
        let reply = send(app.clone(), request.body(Body::from(text)).unwrap()).await;
        assert!(reply.status.is_success(), "{name}: {method} {path}: {reply:?}");
    }
    let mut random = StdRng::seed_from_u64(0x5eed);
    let mut asked = 0;
    while asked < REQUESTS {
        let seed = &seeds[random.random_range(0..seeds.len())];
        let Some(request) = bad(seed, &mut random) else { continue };
        asked += 1;
        let (head, text) = request.into_parts();
        let text = axum::body::to_bytes(text, usize::MAX).await.unwrap();
        let shown = || format!("{name}: {head:?} {}", String::from_utf8_lossy(&text[..text.len().min(2000)]));
        let reply = send(app.clone(), Request::from_parts(head.clone(), Body::from(text.clone()))).await;
        assert!(!reply.status.is_server_error(), "{}\n{reply:?}", shown());
        assert!(!reply.is_our_error(), "{}\n{reply:?}", shown());
    }
}

#[tokio::test]
async fn mcp() {
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "run_code", "arguments": {
        "code": "print(1)", "language": "python", "stdin": "x", "args": ["a"], "timeout_seconds": 1,
        "files": [{"name": "x", "content": "y", "encoding": "utf8"}],
    }}});
    let tests = json!({"jsonrpc": "2.0", "id": "x", "method": "tools/call", "params": {"name": "run_code", "arguments": {
        "code": "print(1)", "tests": [{"name": "a", "stdin": "1", "args": [], "expected_output": "1"}],
    }, "_meta": {"safe-code-executor/idempotency-key": "k"}}});
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    holds("mcp", &[seed("POST", "/mcp", call), seed("POST", "/mcp", tests), seed("POST", "/mcp", list)])
        .await;
}

#[tokio::test]
async fn tools() {
    let call = json!({
        "code": "print(1)", "language": "python", "stdin": "x", "args": ["a"],
        "files": [{"name": "x", "content": "y"}], "timeout_seconds": 1,
    });
    holds("tools", &[seed("POST", "/tools/run_code", call), seed("GET", "/tools/openapi.json", Value::Null)])
        .await;
}

#[tokio::test]
async fn piston() {
    let call = json!({
        "language": "js", "version": "1.x", "stdin": "x", "args": ["a"], "run_timeout": 3000, "run_memory_limit": -1,
        "compile_timeout": 10000, "files": [
            {"name": "a.js", "content": "x", "encoding": "utf8"}, {"name": "", "content": "AAE=", "encoding": "base64"},
        ],
    });
    let seeds = [
        seed("POST", "/api/v2/execute", call.clone()),
        seed("POST", "/api/v2/piston/execute", call),
        seed("GET", "/api/v2/runtimes", Value::Null),
    ];
    holds("piston", &seeds).await;
}

#[tokio::test]
async fn judge0() {
    let one = json!({
        "language_id": 71, "source_code": "cHJpbnQoMSk=", "stdin": "aGk=", "expected_output": "NA==",
        "command_line_arguments": "a 'b c'", "cpu_time_limit": 2, "wall_time_limit": "3", "memory_limit": 65536,
        "redirect_stderr_to_stdout": true, "number_of_runs": 1, "enable_network": false,
    });
    let batch = json!({"submissions": [one, {"language_id": 63, "source_code": "eA=="}]});
    let seeds = [
        seed("POST", "/judge0/submissions?base64_encoded=true&wait=true&fields=*", one),
        seed("POST", "/judge0-extra/submissions?wait=true", json!({"language_id": "10", "source_code": "x"})),
        seed("POST", "/judge0/submissions/batch?base64_encoded=true", batch),
        seed("GET", "/judge0/submissions/batch?tokens=01997c6e-0000-7000-8000-000000000000", Value::Null),
        seed("GET", "/judge0/languages/71", Value::Null),
        seed("GET", "/judge0/config_info", Value::Null),
    ];
    holds("judge0", &seeds).await;
}

#[tokio::test]
async fn dify() {
    let call = json!({"language": "python3", "code": "x", "preload": "y", "enable_network": true});
    let list = seed("GET", "/dify/v1/sandbox/dependencies?language=python3", Value::Null);
    holds("dify", &[seed("POST", "/dify/v1/sandbox/run", call), list]).await;
}

#[tokio::test]
async fn jobe() {
    let call = json!({"run_spec": {
        "language_id": "python3", "sourcecode": "x", "sourcefilename": "t.py", "input": "in", "file_list": [],
        "parameters": {"cputime": 2, "memorylimit": 100, "runargs": ["a"], "interpreterargs": ["-B"]}, "debug": false,
    }});
    let seeds = [
        seed("POST", "/jobe/index.php/restapi/runs", call),
        seed(
            "PUT",
            "/jobe/index.php/restapi/files/d41d8cd98f00b204e9800998ecf8427e",
            json!({"file_contents": ""}),
        ),
        seed("GET", "/jobe/index.php/restapi/languages", Value::Null),
    ];
    holds("jobe", &seeds).await;
}

#[tokio::test]
async fn sandboxfusion() {
    let call = json!({
        "code": "x", "language": "python", "stdin": "in", "compile_timeout": 10, "run_timeout": 3, "memory_limit_MB": -1,
        "files": {"data.txt": "aGk="}, "fetch_files": [],
    });
    holds(
        "sandboxfusion",
        &[seed("POST", "/run_code", call.clone()), seed("POST", "/sandboxfusion/run_code", call)],
    )
    .await;
}
