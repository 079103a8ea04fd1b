//! `POST /run` with test cases and with much standard input: what reaches the service, and what is refused.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use super::{super::LARGEST_BODY_BYTES, HttpConfig, Reply, post_json, send, uploads::post_form};
use crate::{
    domain::{compare::Compare, tests::Tests},
    inbound::http::router,
    testing::{House, rules},
};

/// As a local server has it: bodies may be larger than Lambda takes.
async fn post_large(house: &House, json: impl Into<Body>) -> Reply {
    let config = HttpConfig { max_body_bytes: LARGEST_BODY_BYTES, ..HttpConfig::new(rules()) };
    let request = Request::post("/run").header("content-type", "application/json").body(json.into()).unwrap();
    send(router(house.service.clone(), config), request).await
}

fn seen(house: &House) -> Tests {
    house.sandbox.last_seen().tests.expect("test cases")
}

#[tokio::test]
async fn test_cases_reach_the_service_as_they_were_given() {
    let house = House::new();
    let body = json!({
        "code": "x",
        "limits": {"timeout_seconds": 2, "memory_mb": 64},
        "tests": [
            {"name": "first", "stdin": "1\n", "args": ["a"], "expected_output": "1\n", "limits": {"timeout_seconds": 0.5}},
            {"stdin": "AP8=", "stdin_encoding": "base64"},
            {},
        ],
        "compare": {"numbers": {"absolute": 1e-6}},
        "stop_at_first_failure": true,
        "reveal": false,
    });
    assert_eq!(post_json(&house, body.to_string()).await.status, 200);
    let tests = seen(&house);
    let [first, second, third] = tests.cases() else { panic!("{tests:?}") };
    assert_eq!((first.name.as_deref(), first.stdin.as_bytes()), (Some("first"), &b"1\n"[..]));
    assert_eq!(
        (first.args.as_slice(), first.expected_output.as_deref()),
        (&["a".to_owned()][..], Some(&b"1\n"[..]))
    );
    assert_eq!((first.limits.timeout.as_millis(), first.limits.memory_mb), (500, 64));
    assert_eq!((second.stdin.as_bytes(), second.limits.timeout.as_secs()), (&[0, 255][..], 2));
    assert_eq!((third.name.as_deref(), third.expected_output.as_deref()), (None, None));
    assert_eq!(tests.compare, Compare::numbers(Some(1e-6), None).unwrap());
    assert!(tests.stop_at_first_failure && !tests.reveal);
}

#[tokio::test]
async fn what_is_not_said_of_test_cases_has_its_default() {
    let house = House::new();
    for (compare, expected) in [
        (None, Compare::Lines),
        (Some("exact"), Compare::Exact),
        (Some("lines"), Compare::Lines),
        (Some("tokens"), Compare::Tokens),
    ] {
        let mut body = json!({"code": "x", "tests": [{"expected_output": ""}]});
        if let Some(compare) = compare {
            body["compare"] = compare.into();
        }
        assert_eq!(post_json(&house, body.to_string()).await.status, 200);
        let tests = seen(&house);
        assert_eq!((tests.compare, tests.stop_at_first_failure, tests.reveal), (expected, false, true));
    }
    assert_eq!(post_json(&house, r#"{"code":"x"}"#).await.status, 200);
    assert!(house.sandbox.last_seen().tests.is_none());
}

#[tokio::test]
async fn each_bad_test_case_is_named_by_its_place_with_its_rule() {
    let house = House::new();
    let good = || json!({"code": "x", "tests": [{}, {}]});
    let with = |field: &str, value: Value| {
        let mut body = good();
        body[field] = value;
        body
    };
    let case = |field: &str, value: Value| {
        let mut body = good();
        body["tests"][1][field] = value;
        body
    };
    let numbers = |numbers: Value| with("compare", json!({ "numbers": numbers }));
    let ways = "`compare` must be `exact`, `lines`, `tokens` or an object with `numbers`.";
    for (body, error) in [
        (with("tests", json!([])), "`tests` must hold at least one test case."),
        (with("tests", json!(vec![json!({}); 501])), "Too many `tests`. Maximum allowed is 500."),
        (with("tests", json!({})), "`tests` must be an array."),
        (with("tests", json!(null)), "`tests` must be an array."),
        (with("tests", json!([{}, []])), "`tests[1]` must be an object."),
        (with("tests", json!(["a"])), "`tests[0]` must be an object."),
        (with("stdin", json!("")), "`stdin` must not stand beside `tests`: each test case has its own."),
        (with("args", json!([])), "`args` must not stand beside `tests`: each test case has its own."),
        (
            with("stdin_encoding", json!("utf8")),
            "`stdin_encoding` must not stand beside `tests`: each test case has its own.",
        ),
        (json!({"code": "x", "compare": "exact"}), "`compare` needs `tests`."),
        (json!({"code": "x", "reveal": true}), "`reveal` needs `tests`."),
        (json!({"code": "x", "stop_at_first_failure": false}), "`stop_at_first_failure` needs `tests`."),
        (with("reveal", json!("no")), "`reveal` must be a boolean."),
        (with("stop_at_first_failure", json!(null)), "`stop_at_first_failure` must be a boolean."),
        (with("compare", json!("fuzzy")), ways),
        (with("compare", json!(1)), ways),
        (with("compare", json!({})), ways),
        (with("compare", json!({"words": 1})), "Unknown field `words`. Known fields: `numbers`."),
        (numbers(json!(1e-6)), "`compare.numbers` must be an object."),
        (numbers(json!({})), "`compare.numbers.absolute` must be given, or `relative`, or both."),
        (numbers(json!({"absolute": -1})), "`compare.numbers.absolute` must be a number of at least 0."),
        (numbers(json!({"relative": 2})), "`compare.numbers.relative` must be a number from 0 to 1."),
        (numbers(json!({"relative": "a"})), "`compare.numbers.relative` must be a number."),
        (case("stdin", json!(1)), "`tests[1].stdin` must be a string."),
        (case("stdin", json!(null)), "`tests[1].stdin` must be a string."),
        (
            json!({"code": "x", "tests": [{"stdin": "é", "stdin_encoding": "base64"}]}),
            "`tests[0].stdin` must be base64 (RFC 4648, with padding).",
        ),
        (case("stdin_encoding", json!("hex")), "`tests[1].stdin_encoding` must be `utf8` or `base64`."),
        (case("args", json!(["a", 1])), "`tests[1].args[1]` must be a string."),
        (case("args", json!(vec!["a"; 65])), "Too many `tests[1].args`. Maximum allowed is 64."),
        (case("args", json!(["\0"])), "`tests[1].args` must not contain NUL characters."),
        (case("expected_output", json!(4)), "`tests[1].expected_output` must be a string."),
        (
            case("name", json!("")),
            "`tests[1].name` must have 1 to 200 characters, none of them a control character.",
        ),
        (
            case("name", json!("é".repeat(201))),
            "`tests[1].name` must have 1 to 200 characters, none of them a control character.",
        ),
        (
            case("name", json!("a\nb")),
            "`tests[1].name` must have 1 to 200 characters, none of them a control character.",
        ),
        (
            case("limits", json!({"timeout_seconds": 11})),
            "`tests[1].limits.timeout_seconds` must be a number of seconds from 0.01 to 10.",
        ),
        (case("limits", json!({"memory_mb": "a"})), "`tests[1].limits.memory_mb` must be a number."),
        (
            case("input", json!("a")),
            "Unknown field `tests[1].input`. Known fields: `name`, `stdin`, `stdin_encoding`, `args`, `expected_output`, \
             `limits`.",
        ),
    ] {
        let reply = post_json(&house, body.to_string()).await;
        assert_eq!(reply.error(400, "invalid_request"), error, "{body}");
    }
    let mut lower = good();
    lower["limits"] = json!({"timeout_seconds": 1});
    lower["tests"][0]["limits"] = json!({"timeout_seconds": 2});
    let error = post_json(&house, lower.to_string()).await.error(400, "invalid_request");
    assert_eq!(error, "`tests[0].limits.timeout_seconds` must be a number of seconds from 0.01 to 1.");
    let twice = post_json(&house, r#"{"code":"x","tests":[{}],"tests":[{}]}"#).await;
    assert_eq!(twice.error(400, "invalid_request"), "`tests` is given twice.");
    assert_eq!(house.sandbox.runs(), 0);
}

#[tokio::test]
async fn every_cap_of_test_cases_is_taken_and_nothing_beyond() {
    let house = House::new();
    let most = vec![json!({"name": "é".repeat(200), "args": vec!["a"; 64]}); 500];
    assert_eq!(post_json(&house, json!({"code": "x", "tests": most}).to_string()).await.status, 200);
    assert_eq!(seen(&house).cases().len(), 500);
    let of = |sizes: &[usize]| {
        let tests: Vec<_> = sizes.iter().map(|size| json!({"stdin": "\n".repeat(*size)})).collect();
        json!({"code": "x", "tests": tests}).to_string()
    };
    let mib = 1024 * 1024;
    // Each line feed takes two bytes of JSON.
    assert_eq!(post_large(&house, of(&[8 * mib, 8 * mib])).await.status, 200);
    assert_eq!(seen(&house).bytes(), 16 * mib);
    let error = post_large(&house, of(&[8 * mib, 8 * mib, 1])).await.error(400, "invalid_request");
    assert_eq!(error, "`tests` are too large. Maximum allowed size is 16777216 bytes in all.");
    let error = post_large(&house, of(&[1, 8 * mib + 1])).await.error(400, "invalid_request");
    assert_eq!(error, "`tests[1].stdin` is too long. Maximum allowed length is 8388608 bytes.");
}

#[tokio::test]
async fn eight_mebibytes_of_standard_input_are_taken_and_no_more() {
    let house = House::new();
    let with = |count| json!({"code": "x", "stdin": "\n".repeat(count)}).to_string();
    let most = 8 * 1024 * 1024;
    assert_eq!(post_large(&house, with(most)).await.status, 200);
    assert_eq!(house.sandbox.last_seen().stdin.as_bytes().len(), most);
    let error = post_large(&house, with(most + 1)).await.error(400, "invalid_request");
    assert_eq!(error, "`stdin` is too long. Maximum allowed length is 8388608 bytes.");
    let binary = r#"{"code":"x","stdin":"AP8=","stdin_encoding":"base64"}"#;
    assert_eq!(post_json(&house, binary).await.status, 200);
    assert_eq!(house.sandbox.last_seen().stdin.as_bytes(), [0, 255]);
    for (body, error) in [
        (
            r#"{"code":"x","stdin":"A","stdin_encoding":"base64"}"#,
            "`stdin` must be base64 (RFC 4648, with padding).",
        ),
        (
            r#"{"code":"x","stdin":"A","stdin_encoding":"hex"}"#,
            "`stdin_encoding` must be `utf8` or `base64`.",
        ),
    ] {
        assert_eq!(post_json(&house, body).await.error(400, "invalid_request"), error);
    }
}

#[tokio::test]
async fn a_body_without_test_cases_may_be_no_larger_than_before() {
    let house = House::new();
    let over = 6 * 1024 * 1024;
    let ordinary = "Body too large. Maximum allowed size is 6291456 bytes.";
    for body in [
        json!({"code": "x".repeat(over)}).to_string(),
        json!({"code": "x", "stdin": "", "files": [{"name": "a", "content": "x".repeat(over)}]}).to_string(),
        " ".repeat(over + 1),
    ] {
        assert_eq!(post_large(&house, body).await.error(413, "body_too_large"), ordinary);
    }
    // What is wrong with test cases is told whatever their size.
    let bad = json!({"code": "x", "tests": [{"stdin": "x".repeat(over), "args": 1}]}).to_string();
    let error = post_large(&house, bad).await.error(400, "invalid_request");
    assert_eq!(error, "`tests[0].args` must be an array.");
    let huge = post_large(&house, " ".repeat(LARGEST_BODY_BYTES + 1)).await.error(413, "body_too_large");
    assert_eq!(huge, "Body too large. Maximum allowed size is 37748736 bytes.");
    assert_eq!(house.sandbox.runs(), 0);
}

#[tokio::test]
async fn a_form_has_test_cases_as_json() {
    let house = House::new();
    let tests = br#"[{"stdin":"1"},{"stdin":"2","expected_output":"2"}]"#;
    let parts: &[super::uploads::Part<'_>] = &[
        ("code", None, b"x"),
        ("tests", None, tests),
        ("compare", None, b"tokens"),
        ("stop_at_first_failure", None, b"true"),
        ("reveal", None, b"false"),
    ];
    assert_eq!(post_form(&house, parts).await.status, 200);
    let tests = seen(&house);
    assert_eq!((tests.cases().len(), tests.compare), (2, Compare::Tokens));
    assert!(tests.stop_at_first_failure && !tests.reveal);
    let numbers: &[_] = &[
        ("code", None, &b"x"[..]),
        ("tests", None, b"[{}]"),
        ("compare", None, br#"{"numbers":{"relative":0.1}}"#),
    ];
    assert_eq!(post_form(&house, numbers).await.status, 200);
    assert_eq!(seen(&house).compare, Compare::numbers(None, Some(0.1)).unwrap());
    for (name, value, error) in [
        ("tests", &b"[{\"stdin\":1}]"[..], "`tests[0].stdin` must be a string."),
        ("tests", b"{}", "`tests` must be an array."),
        ("tests", b"[{}", "`tests` is not valid JSON: EOF while parsing a list at line 1 column 3."),
        ("compare", b"fuzzy", "`compare` must be `exact`, `lines`, `tokens` or an object with `numbers`."),
        ("reveal", b"1", "`reveal` must be `true` or `false`."),
    ] {
        let reply = post_form(&house, &[("code", None, b"x"), (name, None, value)]).await;
        let error_seen =
            reply.error(400, if error.contains("JSON") { "invalid_json" } else { "invalid_request" });
        assert_eq!(error_seen, error);
    }
    let beside: &[_] = &[("code", None, &b"x"[..]), ("tests", None, b"[{}]"), ("args", None, b"a")];
    let error = post_form(&house, beside).await.error(400, "invalid_request");
    assert_eq!(error, "`args` must not stand beside `tests`: each test case has its own.");
}

#[tokio::test]
async fn test_cases_are_part_of_what_an_idempotency_key_stands_for() {
    let house = House::new();
    let post = async |body: Value| {
        let request =
            Request::post("/run").header("content-type", "application/json").header("idempotency-key", "k");
        super::ask(&house, request, body.to_string()).await
    };
    let body = |expected: &str, reveal: bool| json!({"code": "x", "tests": [{"expected_output": expected}], "reveal": reveal});
    assert_eq!(post(body("1", true)).await.status, 200);
    assert_eq!(post(body("1", true)).await.headers["idempotent-replayed"], "true");
    for other in
        [body("2", true), body("1", false), json!({"code": "x"}), json!({"code": "x", "tests": [{}]})]
    {
        post(other).await.error(422, "idempotency_key_reused");
    }
}
