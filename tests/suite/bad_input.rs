//! Bad requests: each a plain sentence and a stable code, never a run, never a 500.

use serde_json::{Value, json};

use crate::support::{client::field, shared};

#[track_caller]
fn refused(request: &Value) -> String {
    shared().post(request).refusal(400).error
}

#[test]
fn code_is_needed() {
    for request in [json!({}), json!({"language": "python"}), json!({"files": []}), json!({"stdin": "x"})] {
        let sentence = refused(&request);
        assert!(sentence.contains("`code`"), "{request}: {sentence}");
    }
    assert!(refused(&json!({"code": ""})).contains("empty"));
}

#[test]
fn an_unknown_language_is_named_and_so_are_those_there_are() {
    for language in ["ruby", "", "python4", "pythön", "../python", "python\u{0}", &"x".repeat(100_000)] {
        let sentence = refused(&json!({"language": language, "code": "x"}));
        assert!(sentence.contains("python") && sentence.contains("javascript"), "{sentence}");
        assert!(sentence.len() < 300 && !sentence.contains('\0'), "{sentence}");
    }
    assert!(refused(&json!({"language": "ruby", "code": "x"})).contains("ruby"));
}

#[test]
fn a_field_of_the_wrong_type_is_named() {
    for (field, bad) in [
        ("code", json!(5)),
        ("code", json!(null)),
        ("code", json!(["print(1)"])),
        ("language", json!(3)),
        ("stdin", json!(1)),
        ("stdin", json!({})),
        ("args", json!("one")),
        ("args", json!([1])),
        ("args", json!([null])),
        ("files", json!("main.py")),
        ("files", json!([{"name": "a.py"}])),
        ("files", json!([{"content": "x"}])),
        ("files", json!([{"name": 1, "content": "x"}])),
        ("files", json!([{"name": "a.py", "content": "x", "encoding": "utf16"}])),
        ("entrypoint", json!(["main.py"])),
        ("limits", json!(5)),
        ("limits", json!([])),
        ("limits", json!({"timeout_seconds": "5"})),
        ("limits", json!({"memory_mb": true})),
    ] {
        let mut request = json!({"code": "print(1)"});
        request[field] = bad.clone();
        let sentence = refused(&request);
        let inner = bad.as_object().and_then(|o| o.keys().next()).map_or("", String::as_str);
        let named = [field, inner, "name", "content", "encoding"]
            .iter()
            .any(|n| !n.is_empty() && sentence.contains(n));
        assert!(named, "{field} = {bad}: {sentence}");
    }
}

#[test]
fn unknown_fields_are_refused_by_name() {
    for request in [
        json!({"code": "print(1)", "langauge": "python"}),
        json!({"code": "print(1)", "limits": {"timeout_seconds": 1, "cpu": 1}}),
        json!({"code": "print(1)", "files": [{"name": "a", "content": "", "mode": 511}]}),
        json!({"code": "print(1)", "__proto__": {}}),
        json!({"code": "print(1)", "caller": "root"}),
    ] {
        let sentence = refused(&request);
        let named =
            ["langauge", "cpu", "mode", "__proto__", "caller"].iter().any(|name| sentence.contains(name));
        assert!(named, "{request}: {sentence}");
    }
}

#[test]
fn malformed_json_is_refused_and_nothing_else_happens() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_code = format!("{{\"code\":{deep}}}");
    for text in [
        "",
        "{",
        "null",
        "[]",
        "\"code\"",
        "42",
        "{\"code\":\"print(1)\"",
        "{\"code\":\"print(1)\"}}",
        "{\"code\":\"print(1)\"} trailing",
        "{'code':'print(1)'}",
        "{\"code\":\"a\nb\"}",
        "{\"code\":NaN}",
        "{\"code\":\"x\",\"limits\":{\"timeout_seconds\":NaN}}",
        "{\"code\":\"x\",\"limits\":{\"timeout_seconds\":Infinity}}",
        "{\"code\":\"x\",\"limits\":{\"timeout_seconds\":1e999}}",
        "{\"code\":\"\\x41\"}",
        "{\"code\":\"print(1)\",\"code\":\"print(2)\"}",
        "{\"code\":\"print(1)\",\"limits\":{\"memory_mb\":64,\"memory_mb\":128}}",
        &deep,
        &deep_code,
    ] {
        shared().post_text(text).refusal(400);
    }
}

#[test]
fn half_of_a_surrogate_pair_is_refused_by_its_field() {
    for (text, field) in [
        (r#"{"code":"\ud800"}"#, "`code`"),
        (r#"{"code":"\udc00\ud800"}"#, "`code`"),
        (r#"{"code":"x","args":["\ud83d"]}"#, "`args[0]`"),
    ] {
        let error = shared().post_text(text).refusal(400).error;
        assert!(error.contains(field) && error.contains("surrogate"), "{text}: {error}");
    }
}

#[test]
fn a_byte_order_mark_is_skipped_and_utf16_is_named() {
    shared().post_text("\u{feff}{\"code\":\"print(1)\"}").outcome().printed("1\n");
    let wide: Vec<u8> = "\u{feff}{\"code\":\"print(1)\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let error = shared().post_text(wide).refusal(400).error;
    assert!(error.contains("UTF-16") && error.contains("UTF-8"), "{error}");
}

#[test]
fn a_packed_body_is_refused_by_its_header() {
    let packed = [("content-type", "application/json"), ("content-encoding", "gzip")];
    let error = shared().send("POST", "/run", &packed, b"\x1f\x8b\x08\0").refusal(415).error;
    assert!(error.contains("`Content-Encoding`") && error.contains("gzip"), "{error}");
    let plain = [("content-type", "application/json"), ("content-encoding", "identity")];
    shared().send("POST", "/run", &plain, b"{\"code\":\"print(1)\"}").outcome().printed("1\n");
}

#[test]
fn bytes_that_are_no_utf8_are_refused() {
    shared().post_text(b"{\"code\":\"\xff\xfe\"}").refusal(400);
    shared().post_text(b"\xff\xfe{\0\"\0").refusal(400);
    shared().post_text(b"\0\0\0\0").refusal(400);
}

#[test]
fn limits_that_are_no_lower_limits_are_refused_by_name() {
    for (name, values) in [
        ("timeout_seconds", ["0", "-1", "10.001", "1e308", "-0.0", "1e-300"]),
        ("memory_mb", ["0", "-1", "129", "1e308", "64.5", "15"]),
        ("output_bytes", ["0", "-1", "65537", "1e308", "10.5", "18446744073709551616"]),
    ] {
        for value in values {
            let text = format!("{{\"code\":\"print(1)\",\"limits\":{{\"{name}\":{value}}}}}");
            let sentence = shared().post_text(text).refusal(400).error;
            assert!(sentence.contains(name), "{name} = {value}: {sentence}");
        }
    }
}

#[test]
fn too_much_input_is_refused_by_name() {
    let sentence = refused(&json!({"code": "1", "stdin": "x".repeat(8 * 1024 * 1024 + 1)}));
    assert!(sentence.contains("`stdin`"), "{sentence}");
    let sentence = refused(&json!({"code": "1", "args": vec!["x"; 65]}));
    assert!(sentence.contains("`args`"), "{sentence}");
    let sentence = refused(&json!({"code": "1", "args": ["x".repeat(16 * 1024 + 1)]}));
    assert!(sentence.contains("`args`"), "{sentence}");
    let sentence = refused(&json!({"code": "1", "args": ["a\u{0}b"]}));
    assert!(sentence.contains("NUL"), "{sentence}");
}

#[test]
fn test_cases_are_refused_by_their_place() {
    let most = 6 * 1024 * 1024;
    for (request, words) in [
        (json!({"code": "1", "tests": []}), "`tests`"),
        (json!({"code": "1", "tests": vec![json!({}); 501]}), "Maximum allowed is 500."),
        (json!({"code": "1", "tests": [{}, {"stdin": 1}]}), "`tests[1].stdin` must be a string."),
        (json!({"code": "1", "tests": [{}], "stdin": ""}), "`stdin` must not stand beside `tests`"),
        (json!({"code": "1", "tests": [{"limits": {"memory_mb": 129}}]}), "`tests[0].limits.memory_mb`"),
        (json!({"code": "1", "tests": [{}], "compare": "fuzzy"}), "`compare` must be `exact`"),
        (json!({"code": "1", "compare": "lines"}), "`compare` needs `tests`."),
        // Larger than any other request may be.
        (
            json!({"code": "1", "tests": vec![json!({"expected_output": "x".repeat(most)}); 3]}),
            "Maximum allowed size is 16777216 bytes in all.",
        ),
    ] {
        let sentence = refused(&request);
        assert!(sentence.contains(words), "{sentence}");
    }
}

#[test]
fn files_in_json_are_held_to_the_rules_of_archives() {
    for name in ["../x", "/x", "a\\b", "", ".", "a\u{0}b", "C:x", &"x".repeat(256), "main.py"] {
        let file = json!({"name": name, "content": "x"});
        refused(&json!({"code": "print(1)", "files": [file]}));
    }
    let twice = json!([{"name": "a", "content": ""}, {"name": "./a", "content": ""}]);
    refused(&json!({"code": "print(1)", "files": twice}));
    let bad = json!([{"name": "a", "content": "not base64!", "encoding": "base64"}]);
    assert!(refused(&json!({"code": "print(1)", "files": bad})).contains("base64"));
    let many: Vec<Value> = (0..201).map(|n| json!({"name": format!("f{n}"), "content": ""})).collect();
    let refusal = shared().post(&json!({"code": "print(1)", "files": many})).refusal(413);
    assert_eq!(refusal.error, "Too many files. Maximum allowed is 200.");
}

#[test]
fn an_entry_point_must_be_one_of_the_files() {
    let files = json!([{"name": "a.py", "content": ""}]);
    for entry in ["b.py", "../a.py", "/sandbox/a.py", "", "A.PY"] {
        refused(&json!({"files": files, "entrypoint": entry}));
    }
}

#[test]
fn other_content_types_are_refused_with_415() {
    for kind in
        ["text/plain", "application/xml", "application/x-www-form-urlencoded", "image/png", "nonsense"]
    {
        shared().send("POST", "/run", &[("content-type", kind)], b"{\"code\":\"print(1)\"}").refusal(415);
    }
    shared().send("POST", "/run", &[], b"{\"code\":\"print(1)\"}").refusal(415);
}

#[test]
fn json_with_a_charset_is_json() {
    let kind = [("content-type", "application/json; charset=utf-8")];
    shared().send("POST", "/run", &kind, b"{\"code\":\"print(1)\"}").outcome().printed("1\n");
    let kind = [("content-type", "Application/JSON")];
    shared().send("POST", "/run", &kind, b"{\"code\":\"print(1)\"}").outcome().printed("1\n");
}

#[test]
fn unknown_paths_are_404_and_wrong_methods_405_with_allow() {
    for path in ["/nothing", "/run/", "//run", "/RUN", "/history/", "/.env", "/../etc/passwd", "/%2e%2e/x"] {
        shared().get(path).refusal(404);
    }
    for path in ["/run/", "/RUN", "//run"] {
        let error =
            shared().send("POST", path, &[("content-type", "application/json")], b"{}").refusal(404).error;
        assert!(error.contains("`/run`"), "{path}: {error}");
    }
    let error = shared().get("/history/not-an-id").refusal(400).error;
    assert!(error.contains("`id`"), "{error}");
    for (method, path, allowed) in [
        ("GET", "/run", "POST"),
        ("DELETE", "/run", "POST"),
        ("POST", "/history", "GET"),
        ("PUT", "/languages", "GET"),
        ("DELETE", "/health", "GET"),
        ("POST", "/", "GET"),
    ] {
        let reply = shared().send(method, path, &[("content-type", "application/json")], b"");
        reply.refusal(405);
        let allow = reply.header("allow").expect("405 says what is allowed");
        assert!(allow.contains(allowed), "{method} {path}: {allow}");
    }
}

#[test]
fn a_body_over_six_megabytes_is_413() {
    let huge = format!("{{\"code\":\"{}\"}}", "x".repeat(6 * 1024 * 1024 + 1));
    let refusal = shared().post_text(huge).refusal(413);
    assert_eq!(refusal.error, "Body too large. Maximum allowed size is 6291456 bytes.");
}

#[test]
fn every_cap_at_once_is_taken() {
    let files: Vec<Value> =
        (0..200).map(|n| json!({"name": format!("d/{n}.txt"), "content": "x".repeat(20_000)})).collect();
    let code = "import os, sys; print(len(os.listdir('d')), len(sys.stdin.read()), len(sys.argv))";
    let code = format!("{code}{}", "#".repeat(5000 - code.len()));
    let request =
        json!({"code": code, "files": files, "stdin": "y".repeat(65_536), "args": vec!["z".repeat(256); 64]});
    assert!(request.to_string().len() < 6 * 1024 * 1024);
    shared().run(&request).printed("200 65536 65\n");
}

#[test]
fn forms_with_fields_missing_repeated_or_unknown_are_refused() {
    shared().form(&[field("language", "python")]).refusal(400);
    shared().form(&[field("code", "1"), field("code", "2")]).refusal(400);
    shared().form(&[field("code", "1"), field("language", "python"), field("language", "js")]).refusal(400);
    shared().form(&[field("code", "1"), field("nonsense", "2")]).refusal(400);
    shared().form(&[]).refusal(400);
    let kind = [("content-type", "multipart/form-data")];
    let error = shared().send("POST", "/run", &kind, b"no boundary").refusal(400).error;
    assert!(error.contains("`boundary`"), "{error}");
    let kind = [("content-type", "multipart/form-data; boundary=x")];
    shared().send("POST", "/run", &kind, b"--x\r\nbroken").refusal(400);
}

#[test]
fn a_refusal_never_echoes_much_of_what_was_sent() {
    let mark = "<script>alert(1)</script>".repeat(200);
    for request in
        [json!({"code": 1, &mark: 2}), json!({"language": mark, "code": "1"}), json!({"code": [&mark]})]
    {
        let reply = shared().post(&request);
        reply.refusal(400);
        assert!(reply.body.len() < 1000, "{}", reply.text());
    }
}

#[test]
fn code_with_nul_or_odd_characters_is_data() {
    // As the plain interpreter has it: to Python 3.11 a line of a file ends at a NUL.
    let outcome = shared().python("print('a\u{0}b')");
    assert_eq!(outcome.status(), "nonzero_exit", "{}", outcome.0);
    assert!(outcome.error().contains("SyntaxError"), "{}", outcome.0);
    shared().javascript("console.log('a\u{0}b'.length)").printed("3\n");
    shared().python("print(len('😀\u{200b}\u{202e}'))").printed("3\n");
    shared().javascript("console.log('a\u{2028}b'.length)").printed("3\n");
    let brackets = "[".repeat(2400) + &"]".repeat(2400);
    let outcome = shared().python(&brackets);
    assert_eq!(outcome.status(), "nonzero_exit", "{}", outcome.0);
}
