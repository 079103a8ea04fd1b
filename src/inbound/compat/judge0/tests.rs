//! What Judge0's clients are told.

use std::{sync::Arc, time::Duration};

use axum::{body::Body, http::Request};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::{
    domain::{
        error::SandboxError,
        outcome::{Captured, Ending, LimitName, LimitReached, Outcome, Signal},
    },
    inbound::http::Nobody,
    testing::{
        House, Plan, exited,
        foreign::{Reply, ask, get, post, router, send},
        time_limit,
        zip::zip_of,
    },
};

const WAIT: &str = "/judge0/submissions?wait=true";

fn python(code: &str) -> Value {
    json!({"language_id": 71, "source_code": code})
}

async fn token(house: &House, body: &Value) -> String {
    let reply = post(house, "/judge0/submissions", body).await;
    assert_eq!(reply.status.as_u16(), 201, "{reply:?}");
    reply.json()["token"].as_str().unwrap().to_owned()
}

async fn shown(house: &House, token: &str, query: &str) -> Reply {
    get(house, &format!("/judge0/submissions/{token}?{query}")).await
}

#[tokio::test]
async fn a_submission_that_is_waited_for_has_the_default_fields() {
    let house = House::new();
    let reply = post(&house, WAIT, &python("print(2+2)")).await;
    let mut json = reply.json();
    assert!(json["token"].is_string());
    json["token"] = json!(null);
    let wanted = json!({
        "token": null, "time": "0.002", "memory": 8224, "stdout": "4\n", "stderr": null, "compile_output": null,
        "message": null, "status": {"id": 3, "description": "Accepted"},
    });
    assert_eq!((reply.status.as_u16(), json), (201, wanted));
}

#[tokio::test]
async fn a_token_comes_before_the_end_and_shows_it_later() {
    let house = House::new();
    let told = Arc::new(Notify::new());
    house.sandbox.plan(Plan::Await(Arc::clone(&told)));
    let token = token(&house, &python("x")).await;
    let early = shown(&house, &token, "fields=status,stdout,time,memory").await.json();
    let wanted = json!({
        "status": {"id": 2, "description": "Processing"}, "stdout": null, "time": null, "memory": null,
    });
    assert_eq!(early, wanted);
    told.notify_one();
    let mut late = Value::Null;
    for _ in 0..100 {
        late = shown(&house, &token, "fields=*").await.json();
        if late["status"]["id"] == 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(
        (&late["stdout"], &late["status_id"], &late["language_id"]),
        (&json!("told\n"), &json!(3), &json!(71))
    );
    assert_eq!((&late["source_code"], &late["exit_code"]), (&json!("x"), &json!(0)));
    let created = late["created_at"].as_str().unwrap();
    assert!(created.starts_with("2025-02-12T21:00:00.123") && created.ends_with('Z'), "{created}");
    assert!(late["finished_at"].is_string() && late["language"]["name"] == "python");
    assert_eq!(shown(&house, "01997c6e-0000-7000-8000-000000000000", "").await.status.as_u16(), 404);
    assert_eq!(shown(&house, "nonsense", "").await.status.as_u16(), 404);
}

#[tokio::test]
async fn each_ending_has_its_status() {
    let ended = |ending| Outcome { ending, ..exited(0, "") };
    let limit = |name| {
        Ending::Limit(LimitReached { name, value: 1.0, observed: 2.0, evidence: "what was seen".to_owned() })
    };
    let signal = |number| ended(Ending::Signaled(Signal(number)));
    for (outcome, status, message) in [
        (exited(0, "x"), 3, json!(null)),
        (exited(3, "x"), 11, json!("Exited with error status 3")),
        (signal(11), 7, json!("Caught fatal signal 11")),
        (signal(25), 8, json!("Caught fatal signal 25")),
        (signal(8), 9, json!("Caught fatal signal 8")),
        (signal(6), 10, json!("Caught fatal signal 6")),
        (signal(9), 12, json!("Caught fatal signal 9")),
        (ended(time_limit()), 5, json!("Time limit exceeded")),
        (ended(limit(LimitName::Memory)), 12, json!("what was seen")),
        (ended(limit(LimitName::Output)), 8, json!("what was seen")),
    ] {
        let house = House::new();
        house.sandbox.plan(Plan::Answer(Box::new(outcome)));
        let json = post(&house, WAIT, &python("x")).await.json();
        assert_eq!((&json["status"]["id"], &json["message"]), (&json!(status), &message), "{json}");
    }
}

#[tokio::test]
async fn what_is_expected_is_compared_as_the_original_compares() {
    for (stdout, expected, status) in [
        ("4\n", json!("4"), 3),
        ("4  \n\n", json!("4"), 3),
        ("4", json!("5"), 4),
        ("", json!(""), 4),
        ("\n", json!(""), 3),
        ("4", json!(null), 3),
    ] {
        let house = House::new();
        house.sandbox.plan(Plan::Answer(Box::new(exited(0, stdout))));
        let mut body = python("x");
        body["expected_output"] = expected.clone();
        body["stdin"] = json!("in");
        let json = post(&house, WAIT, &body).await.json();
        assert_eq!(json["status"]["id"], status, "{stdout:?} against {expected}");
        // The verdict is on record: who asks by token hears the same.
        let token = json["token"].as_str().unwrap();
        assert_eq!(shown(&house, token, "").await.json()["status"]["id"], status);
    }
    let house = House::new();
    house.sandbox.plan(Plan::Answer(Box::new(exited(1, "4"))));
    let mut body = python("x");
    body["expected_output"] = json!("4");
    assert_eq!(post(&house, WAIT, &body).await.json()["status"]["id"], 11, "an exit code comes first");
}

#[tokio::test]
async fn base64_goes_both_ways_and_only_where_the_parameter_says_true() {
    let house = House::new();
    let encoded = BASE64_STANDARD.encode("print(input())");
    let body = json!({"language_id": "71", "source_code": encoded, "stdin": "aGk\n=\n"});
    let reply = post(&house, "/judge0/submissions?wait=true&base64_encoded=true", &body).await.json();
    assert_eq!(reply["stdout"], "NAo=\n");
    let seen = house.sandbox.last_seen();
    assert_eq!((seen.program.source(), seen.stdin.as_bytes()), (&b"print(input())"[..], &b"hi"[..]));
    post(&house, "/judge0/submissions?wait=true&base64_encoded=1", &body).await;
    assert_eq!(house.sandbox.last_seen().program.source(), encoded.as_bytes());
    // A byte that is no text is told so, unless base64 is wanted.
    house
        .sandbox
        .plan(Plan::Answer(Box::new(Outcome { stdout: Captured::whole(vec![0xff]), ..exited(0, "") })));
    let reply = post(&house, WAIT, &python("x")).await;
    let json = reply.json();
    assert!(reply.status == 201 && json["error"].as_str().unwrap().contains("base64_encoded=true"), "{json}");
    let token = json["token"].as_str().unwrap();
    assert_eq!(shown(&house, token, "").await.status.as_u16(), 400);
    assert_eq!(shown(&house, token, "base64_encoded=true").await.json()["stdout"], "/w==\n");
}

#[tokio::test]
async fn what_is_asked_comes_to_the_program() {
    let house = House::new();
    let zip = zip_of(&[("data/x.txt", b"from a file")]);
    let body = json!({
        "language_id": 63, "source_code": "x", "stdin": "in", "command_line_arguments": "a 'b c'", "cpu_time_limit": "2.5",
        "wall_time_limit": 5, "memory_limit": 65536, "additional_files": BASE64_STANDARD.encode(zip),
        "stack_limit": 64000, "number_of_runs": 1, "callback_url": null, "enable_network": false,
    });
    assert_eq!(post(&house, WAIT, &body).await.status.as_u16(), 201);
    let seen = house.sandbox.last_seen();
    assert_eq!((seen.language.name.as_str(), seen.program.project().len()), ("javascript", 2));
    assert_eq!(
        (seen.stdin.as_bytes(), seen.args.as_slice()),
        (&b"in"[..], &["a".to_owned(), "b c".to_owned()][..])
    );
    assert_eq!((seen.limits.timeout.as_millis(), seen.limits.memory_mb), (2500, 64));
    let form = "language_id=71&source_code=print%281%29&stdin=a+b";
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(ask(&house, "POST", "/judge0/submissions/?wait=true", &kind, form).await.status.as_u16(), 201);
    assert_eq!(house.sandbox.last_seen().stdin.as_bytes(), b"a b");
    // Both streams in one, where that is asked for.
    house
        .sandbox
        .plan(Plan::Answer(Box::new(Outcome { stderr: Captured::whole("err"), ..exited(0, "out") })));
    let mut joined = python("x");
    joined["redirect_stderr_to_stdout"] = json!(true);
    let json = post(&house, WAIT, &joined).await.json();
    assert_eq!((&json["stdout"], &json["stderr"]), (&json!("outerr"), &json!(null)));
}

#[tokio::test]
async fn what_is_refused_is_told_by_the_field() {
    let house = House::new();
    let with = |name: &str, value: Value| {
        let mut body = python("x");
        body[name] = value;
        body
    };
    for (body, field, words) in [
        (with("language_id", json!(null)), "language_id", "can't be blank"),
        (with("language_id", json!(5)), "language_id", "language with id 5 doesn't exist"),
        (with("source_code", json!("")), "source_code", "can't be blank"),
        (with("cpu_time_limit", json!(99)), "cpu_time_limit", "must be less than or equal to 10"),
        (with("wall_time_limit", json!(0.5)), "wall_time_limit", "must be greater than or equal to 1"),
        (with("memory_limit", json!(999_999)), "memory_limit", "must be less than or equal to 131072"),
        (with("memory_limit", json!(3)), "memory_limit", "must be greater than or equal to 2048"),
        (with("callback_url", json!("http://x")), "callback_url", "not allowed"),
        (with("compiler_options", json!("-O2")), "compiler_options", "not allowed"),
        (with("enable_network", json!(true)), "enable_network", "not allowed"),
        (with("number_of_runs", json!(2)), "number_of_runs", "less than or equal to 1"),
        (with("additional_files", json!("aGk=")), "additional_files", "broken"),
        (with("command_line_arguments", json!("'x")), "command_line_arguments", "quote"),
    ] {
        let reply = post(&house, WAIT, &body).await;
        let json = reply.json();
        let sentence = json[field][0].as_str().unwrap_or_else(|| panic!("{json}")).to_owned();
        assert!(reply.status == 422 && sentence.contains(words), "{json}");
    }
    let reply = post(&house, "/judge0/submissions?fields=stdout,nonsense", &python("x")).await;
    assert_eq!((reply.status.as_u16(), reply.json()), (400, json!({"error": "invalid fields: [nonsense]"})));
    assert_eq!(house.sandbox.runs(), 0);
}

#[tokio::test]
async fn a_batch_gets_its_tokens_at_once_and_waits_in_line() {
    let house = House::new();
    // What waits in line is known to the process that it waits in.
    let app = router(&house);
    let ask = async |method: &str, path: &str, body: Value| {
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        send(app.clone(), request.body(Body::from(body.to_string())).unwrap()).await
    };
    house.sandbox.plan(Plan::Busy(Duration::from_millis(1)));
    let list: Vec<Value> = vec![python("a"), json!({"language_id": 5}), python("b")];
    let reply = ask("POST", "/judge0/submissions/batch", json!({"submissions": list})).await;
    let json = reply.json();
    assert_eq!(
        (reply.status.as_u16(), &json[1]["language_id"][0]),
        (201, &json!("language with id 5 doesn't exist"))
    );
    let tokens = [json[0]["token"].as_str().unwrap(), json[2]["token"].as_str().unwrap()];
    let path =
        format!("/judge0/submissions/batch?tokens={},nonsense,{}&fields=status_id", tokens[0], tokens[1]);
    let waiting = ask("GET", &path, Value::Null).await.json();
    assert_eq!(waiting, json!({"submissions": [{"status_id": 1}, null, {"status_id": 1}]}));
    house.sandbox.plan(Plan::Answer(Box::new(exited(0, "4\n"))));
    let mut ended = Value::Null;
    for _ in 0..300 {
        ended = ask("GET", &path, Value::Null).await.json();
        if ended["submissions"][0]["status_id"] == 3 && ended["submissions"][2]["status_id"] == 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(ended, json!({"submissions": [{"status_id": 3}, null, {"status_id": 3}]}));
    assert_eq!(house.sandbox.runs(), 2);
    for (list, status) in [(vec![], 400), (vec![python("x"); 21], 400), (vec![json!({}); 2], 422)] {
        let reply = ask("POST", "/judge0/submissions/batch", json!({"submissions": list})).await;
        assert_eq!(reply.status.as_u16(), status);
    }
}

#[tokio::test]
async fn a_full_queue_may_be_asked_again_and_a_lost_run_is_an_internal_error() {
    let house = House::new();
    house.sandbox.plan(Plan::Busy(Duration::from_secs(1)));
    for path in [WAIT, "/judge0/submissions"] {
        let reply = post(&house, path, &python("x")).await;
        assert_eq!((reply.status.as_u16(), reply.json()), (503, json!({"error": "queue is full"})));
    }
    house.sandbox.plan(Plan::Fail(|| SandboxError::Lost { reason: "tcp://10.0.0.7".to_owned() }));
    let token = token(&house, &python("x")).await;
    let mut json = Value::Null;
    for _ in 0..100 {
        json = shown(&house, &token, "").await.json();
        if json["status"]["id"] == 13 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(json["status"]["id"], 13, "{json}");
    assert!(!json.to_string().contains("10.0.0.7"));
}

#[tokio::test]
async fn a_token_is_its_callers_own_and_whom_nobody_knows_has_none() {
    let house = House::new();
    let token = token(&house, &python("x")).await;
    let mut request = Request::get(format!("/judge0/submissions/{token}")).body(Body::empty()).unwrap();
    request.extensions_mut().insert(Nobody);
    let reply = send(router(&house), request).await;
    assert_eq!((reply.status.as_u16(), reply.body.len()), (401, 0));
    let mut request = Request::get(format!("/judge0/submissions/{token}")).body(Body::empty()).unwrap();
    request.extensions_mut().insert(crate::domain::caller::Caller::anonymous());
    assert_eq!(send(router(&house), request).await.status.as_u16(), 404);
}

#[tokio::test]
async fn the_routes_that_the_sdk_reads_first_have_all_that_its_model_wants() {
    let house = House::new();
    for (base, version, ids) in [("/judge0", "1.13.1", [63, 71]), ("/judge0-extra", "1.13.1-extra", [10, 63])]
    {
        let about = get(&house, &format!("{base}/about")).await.json();
        assert_eq!(about["version"], version);
        let languages = get(&house, &format!("{base}/languages")).await.json();
        let listed: Vec<_> =
            languages.as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap()).collect();
        assert_eq!(listed, ids);
        assert!(languages[0]["name"].as_str().unwrap().ends_with("(1.2.3)"));
        let info = get(&house, &format!("{base}/config_info")).await.json();
        assert_eq!((&info["max_memory_limit"], &info["max_cpu_time_limit"]), (&json!(131_072), &json!(10.0)));
        for name in ["max_max_file_size", "max_max_processes_and_or_threads", "enable_wait_result"] {
            assert!(info.get(name).is_some(), "{name}");
        }
    }
    assert_eq!(get(&house, "/judge0/statuses").await.json().as_array().unwrap().len(), 14);
    assert_eq!(get(&house, "/judge0/languages/92").await.json()["id"], 92);
    assert_eq!(get(&house, "/judge0/languages/5").await.status.as_u16(), 404);
    assert_eq!(get(&house, "/judge0/workers").await.json()[0]["queue"], "default");
    assert_eq!(post(&house, "/judge0/authorize", &json!({})).await.status.as_u16(), 200);
}
