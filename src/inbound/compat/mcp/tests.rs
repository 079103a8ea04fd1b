//! What clients of either era are told.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};

use crate::{
    domain::{error::SandboxError, outcome::Outcome},
    inbound::http::Nobody,
    testing::{
        House, Plan, exited,
        foreign::{Reply, ask, router, send},
        time_limit,
    },
};

const JSON: (&str, &str) = ("content-type", "application/json");
const MODERN: &str = "2026-07-28";

async fn legacy(house: &House, method: &str, params: Value) -> Reply {
    let body = json!({"jsonrpc": "2.0", "id": "a", "method": method, "params": params});
    ask(house, "POST", "/mcp", &[JSON], body.to_string()).await
}

fn modern_body(method: &str, mut params: Value) -> Value {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params})
}

async fn modern(house: &House, method: &str, params: Value) -> Reply {
    let name = params["name"].as_str().unwrap_or_default().to_owned();
    let body = modern_body(method, params);
    let headers = [JSON, ("mcp-protocol-version", MODERN), ("mcp-method", method), ("mcp-name", &name)];
    ask(house, "POST", "/mcp", &headers, body.to_string()).await
}

fn code_of(reply: &Reply) -> (u16, i64) {
    (reply.status.as_u16(), reply.json()["error"]["code"].as_i64().expect("an error of JSON-RPC"))
}

#[tokio::test]
async fn a_client_that_begins_with_initialize_gets_a_version_it_knows_and_no_session() {
    let house = House::new();
    for (asked, settled) in [
        ("2025-11-25", "2025-11-25"),
        ("2025-06-18", "2025-06-18"),
        ("2025-03-26", "2025-03-26"),
        ("2024-11-05", "2025-11-25"),
        ("2026-07-28", "2025-11-25"),
    ] {
        let reply = legacy(&house, "initialize", json!({"protocolVersion": asked})).await;
        let result = &reply.json()["result"];
        assert_eq!(result["protocolVersion"], settled, "{asked}");
        assert_eq!(result["capabilities"], json!({"tools": {}}));
        assert!(!reply.headers.contains_key("mcp-session-id"));
        assert!(result.get("resultType").is_none());
    }
    let note = json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string();
    let reply = ask(&house, "POST", "/mcp", &[JSON], note).await;
    assert_eq!((reply.status, reply.body.len()), (StatusCode::ACCEPTED, 0));
    assert_eq!(legacy(&house, "ping", json!({})).await.json()["result"], json!({}));
    let reply = ask(&house, "GET", "/mcp", &[], Body::empty()).await;
    assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(reply.headers["allow"], "POST");
}

#[tokio::test]
async fn the_tool_says_what_it_takes_and_what_it_gives() {
    let house = House::new();
    for reply in
        [legacy(&house, "tools/list", json!({})).await, modern(&house, "tools/list", json!({})).await]
    {
        let json = reply.json();
        let tool = &json["result"]["tools"][0];
        assert_eq!(tool["name"], "run_code");
        assert_eq!(tool["inputSchema"]["properties"]["language"]["enum"], json!(["python", "javascript"]));
        assert_eq!(tool["inputSchema"]["required"], json!(["code"]));
        let described = tool["description"].as_str().unwrap();
        assert!(described.contains("python 1.2.3") && described.contains("no network"), "{described}");
        assert_eq!(json["result"]["tools"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn since_2026_every_result_says_that_it_is_all_and_how_long_it_holds() {
    let house = House::new();
    let discovered = modern(&house, "server/discover", json!({})).await.json()["result"].clone();
    assert_eq!(discovered["resultType"], "complete");
    assert_eq!(discovered["supportedVersions"][0], MODERN);
    assert!(discovered["_meta"]["io.modelcontextprotocol/serverInfo"]["name"].is_string());
    let listed = modern(&house, "tools/list", json!({})).await.json()["result"].clone();
    assert!(
        listed["ttlMs"].is_u64() && listed["cacheScope"] == "public" && listed["resultType"] == "complete"
    );
    let ran = modern(&house, "tools/call", json!({"name": "run_code", "arguments": {"code": "1"}})).await;
    assert_eq!(ran.json()["result"]["resultType"], "complete");
    for method in ["initialize", "ping", "nothing/there"] {
        assert_eq!(code_of(&modern(&house, method, json!({})).await), (404, -32601), "{method}");
    }
}

#[tokio::test]
async fn a_message_that_is_none_is_told_so_by_the_codes_of_the_protocol() {
    let house = House::new();
    for (body, code) in [
        ("{", -32700),
        ("", -32700),
        ("[]", -32600),
        ("3", -32600),
        (r#"{"jsonrpc":"2.0","id":1}"#, -32600),
        (r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":3}"#, -32600),
        (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#, -32602),
    ] {
        assert_eq!(code_of(&ask(&house, "POST", "/mcp", &[JSON], body).await), (400, code), "{body}");
    }
    let reply = ask(&house, "POST", "/mcp", &[("content-type", "text/plain")], "{}").await;
    assert_eq!(code_of(&reply), (415, -32600));
    let reply = ask(&house, "POST", "/mcp", &[JSON], r#"{"jsonrpc":"2.0","id":9,"result":{}}"#).await;
    assert_eq!(reply.status, StatusCode::ACCEPTED, "an answer to nothing is taken");
}

#[tokio::test]
async fn headers_must_say_what_the_body_says() {
    let house = House::new();
    let call =
        || modern_body("tools/call", json!({"name": "run_code", "arguments": {"code": "1"}})).to_string();
    let version = ("mcp-protocol-version", MODERN);
    let method = ("mcp-method", "tools/call");
    let name = ("mcp-name", "run_code");
    for (headers, answer) in [
        (vec![JSON, version, method, name], None),
        (vec![JSON, version, method, ("mcp-name", "=?base64?cnVuX2NvZGU=?=")], None),
        (vec![JSON, method, name], Some(-32020)),
        (vec![JSON, ("mcp-protocol-version", "2025-11-25"), method, name], Some(-32020)),
        (vec![JSON, version, name], Some(-32020)),
        (vec![JSON, version, ("mcp-method", "tools/list"), name], Some(-32020)),
        (vec![JSON, version, method], Some(-32020)),
        (vec![JSON, version, method, ("mcp-name", "=?base64?*?=")], Some(-32020)),
    ] {
        let reply = ask(&house, "POST", "/mcp", &headers, call()).await;
        match answer {
            None => assert_eq!(reply.json()["result"]["isError"], false, "{headers:?}"),
            Some(code) => assert_eq!(code_of(&reply), (400, code), "{headers:?}"),
        }
    }
    assert_eq!(house.sandbox.runs(), 2);
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}).to_string();
    for (version, code) in [("1999-01-01", -32022), (MODERN, -32602)] {
        let reply =
            ask(&house, "POST", "/mcp", &[JSON, ("mcp-protocol-version", version)], body.clone()).await;
        assert_eq!(code_of(&reply), (400, code), "{version}");
        if code == -32022 {
            assert_eq!(reply.json()["error"]["data"]["requested"], version);
            assert_eq!(reply.json()["error"]["data"]["supported"][0], MODERN);
        }
    }
}

#[tokio::test]
async fn whatever_a_program_does_is_a_result() {
    let house = House::new();
    let ended = |ending| Outcome { ending, ..exited(0, "out") };
    for (plan, status, code) in [
        (exited(0, "4\n"), "completed", 0),
        (exited(3, ""), "nonzero_exit", 3),
        (ended(time_limit()), "time_limit", -2),
    ] {
        house.sandbox.plan(Plan::Answer(Box::new(plan)));
        let reply =
            legacy(&house, "tools/call", json!({"name": "run_code", "arguments": {"code": "x"}})).await;
        let result = reply.json()["result"].clone();
        assert_eq!((&result["isError"], reply.status), (&json!(false), StatusCode::OK));
        let report = &result["structuredContent"];
        assert_eq!((&report["status"], &report["exit_code"]), (&json!(status), &json!(code)));
        let text: Value = serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
        assert_eq!(&text, report);
        for field in ["id", "language", "output", "error"] {
            assert!(report[field].is_string(), "{field}: {report}");
        }
    }
}

#[tokio::test]
async fn what_keeps_a_program_from_running_is_a_sentence_that_a_model_can_act_on() {
    let house = House::new();
    let told = async |arguments: Value| {
        let reply = legacy(&house, "tools/call", json!({"name": "run_code", "arguments": arguments})).await;
        let result = reply.json()["result"].clone();
        assert_eq!((reply.status, &result["isError"]), (StatusCode::OK, &json!(true)), "{result}");
        assert!(result.get("structuredContent").is_none());
        result["content"][0]["text"].as_str().unwrap().to_owned()
    };
    for (arguments, words) in [
        (json!({}), "`code` is required"),
        (json!({"code": ""}), "`code` is required"),
        (json!({"code": 3}), "`code` must be a string."),
        (json!({"code": "x", "language": "cobol"}), "Supported languages: python, javascript"),
        (json!({"code": "x", "timeout": 3}), "Unknown argument `timeout`"),
        (json!({"code": "x", "files": [{"name": "../x", "content": ""}]}), "leaves the project"),
        (json!({"code": "x", "files": [{"name": "x"}]}), "needs a `content`"),
        (json!({"code": "x", "files": [{"name": "x", "content": "*", "encoding": "base64"}]}), "base64"),
        (json!({"code": "x", "stdin": "1", "tests": [{}]}), "`stdin` must not stand beside"),
    ] {
        let sentence = told(arguments).await;
        assert!(sentence.contains(words) && sentence.ends_with("Nothing was run."), "{sentence}");
    }
    assert_eq!(house.sandbox.runs(), 0);
    house.sandbox.plan(Plan::Busy(std::time::Duration::from_secs(3)));
    let sentence = told(json!({"code": "x"})).await;
    assert!(
        sentence.contains("busy") && sentence.ends_with("Nothing was run. Try again in 3 seconds."),
        "{sentence}"
    );
    house.sandbox.plan(Plan::Fail(|| SandboxError::Lost { reason: "tcp://10.0.0.7".to_owned() }));
    let sentence = told(json!({"code": "x"})).await;
    assert!(sentence.contains("may have run") && !sentence.contains("10.0.0.7"), "{sentence}");
}

#[tokio::test]
async fn arguments_come_to_the_program_and_null_is_no_argument() {
    let house = House::new();
    let long = "#".repeat(20_000);
    let arguments = json!({
        "code": format!("print(1)\n{long}"), "language": "js", "stdin": "in", "args": ["a"], "tests": null,
        "files": [{"name": "d/x.bin", "content": "AAE=", "encoding": "base64"}, {"name": "y", "content": "é"}],
        "timeout_seconds": 99,
    });
    let reply = legacy(&house, "tools/call", json!({"name": "run_code", "arguments": arguments})).await;
    assert_eq!(reply.json()["result"]["isError"], false, "the cap on `code` does not bind a file");
    let seen = house.sandbox.last_seen();
    assert_eq!((seen.language.name.as_str(), seen.program.entrypoint().as_str()), ("javascript", "main.js"));
    assert_eq!((seen.stdin.as_bytes(), seen.args.as_slice()), (&b"in"[..], &["a".to_owned()][..]));
    assert_eq!(seen.program.project().len(), 3);
    assert_eq!(seen.limits, crate::domain::limits::Limits::default(), "more than ours is ours");
}

#[tokio::test]
async fn an_unknown_tool_is_an_error_of_the_protocol() {
    let house = House::new();
    for params in [
        json!({"name": "rm"}),
        json!({}),
        json!({"name": 3}),
        json!({"name": "run_code", "arguments": "print(1)"}),
    ] {
        assert_eq!(code_of(&legacy(&house, "tools/call", params.clone()).await), (200, -32602), "{params}");
    }
    assert_eq!(code_of(&modern(&house, "tools/call", json!({"name": "rm"})).await), (400, -32602));
}

#[tokio::test]
async fn under_one_key_a_call_runs_once_and_whom_nobody_knows_has_no_keys() {
    let house = House::new();
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": "run_code", "arguments": {"code": "x"}, "_meta": {"safe-code-executor/idempotency-key": "k"},
    }});
    let request = || Request::post("/mcp").header(JSON.0, JSON.1).body(Body::from(body.to_string())).unwrap();
    let first = send(router(&house), request()).await.json();
    let second = send(router(&house), request()).await.json();
    assert_eq!(first["result"]["structuredContent"]["id"], second["result"]["structuredContent"]["id"]);
    assert_eq!(house.sandbox.runs(), 1);
    let mut strange = request();
    strange.extensions_mut().insert(Nobody);
    assert_eq!(code_of(&send(router(&house), strange).await), (200, -32602));
    assert_eq!(house.sandbox.runs(), 1);
}

#[tokio::test]
async fn what_goes_wrong_around_the_route_is_told_in_json_rpc() {
    let house = House::new();
    house.sandbox.plan(Plan::Panic);
    let reply = legacy(&house, "tools/call", json!({"name": "run_code", "arguments": {"code": "x"}})).await;
    assert!(!reply.is_our_error() && reply.json()["jsonrpc"] == "2.0", "{reply:?}");
    let headers =
        [JSON, ("origin", "https://evil.example"), ("host", "localhost"), ("sec-fetch-site", "cross-site")];
    assert_eq!(code_of(&ask(&house, "POST", "/mcp", &headers, "{}").await), (403, -32600));
    assert_eq!(code_of(&ask(&house, "POST", "/mcp/else", &[JSON], "{}").await), (404, -32600));
    assert_eq!(
        code_of(&ask(&house, "POST", "/mcp", &[JSON, ("content-encoding", "gzip")], "{}").await),
        (415, -32600)
    );
    let large = "x".repeat(7 * 1024 * 1024);
    assert_eq!(code_of(&ask(&house, "POST", "/mcp", &[JSON], large).await), (413, -32600));
}
