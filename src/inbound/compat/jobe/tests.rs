//! What Jobe's clients are told.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::{
    domain::{
        error::SandboxError,
        outcome::{Captured, Ending, LimitName, LimitReached, Outcome, Signal},
    },
    testing::{
        House, Plan, exited,
        foreign::{ask, get, post, router, send},
        time_limit,
    },
};

const RUNS: &str = "/jobe/index.php/restapi/runs";

fn spec(code: &str) -> Value {
    json!({"run_spec": {"language_id": "python3", "sourcecode": code}})
}

async fn outcome_of(plan: Outcome) -> Value {
    let house = House::new();
    house.sandbox.plan(Plan::Answer(Box::new(plan)));
    let mut json = post(&house, RUNS, &spec("x")).await.json();
    assert!(json["run_id"].is_string());
    json.as_object_mut().unwrap().remove("run_id");
    json
}

#[tokio::test]
async fn each_ending_has_its_outcome_and_an_exit_code_alone_is_none() {
    let limit =
        |name| Ending::Limit(LimitReached { name, value: 1.0, observed: 2.0, evidence: "seen".to_owned() });
    let ended = |ending| Outcome { ending, ..exited(0, "out") };
    let complains = |code, text: &'static str| Outcome { stderr: Captured::whole(text), ..exited(code, "") };
    let syntax = "  File \"/sandbox/main.py\", line 1\n    x(\n     ^\nSyntaxError: '(' was never closed\n";
    let cut = Captured { head: "a".into(), tail: "b".into(), total: 9 };
    for (outcome, number) in [
        (exited(0, "4\n"), 15),
        (exited(3, "4\n"), 15),
        (complains(0, "warning"), 12),
        (complains(1, "Traceback"), 12),
        (complains(1, syntax), 11),
        (Outcome { stdout: Captured::whole("x"), ..complains(1, syntax) }, 12),
        (ended(Ending::Signaled(Signal(11))), 12),
        (ended(time_limit()), 13),
        (ended(limit(LimitName::Memory)), 17),
        (ended(limit(LimitName::Output)), 30),
        (Outcome { stdout: cut, ..exited(0, "") }, 30),
    ] {
        let shown = format!("{outcome:?}");
        let json = outcome_of(outcome).await;
        assert_eq!(json["outcome"], number, "{shown}");
        assert!(["cmpinfo", "stdout", "stderr"].iter().all(|name| json[*name].is_string()), "{json}");
        if number == 11 {
            assert_eq!((&json["cmpinfo"], &json["stderr"]), (&json!(syntax), &json!("")));
        }
    }
}

#[tokio::test]
async fn a_run_gets_the_files_that_it_names_once_they_are_here() {
    let house = House::new();
    let app = router(&house);
    let content = b"from a file";
    let id = "0123456789abcdef0123456789abcdef";
    let ask = |method: &'static str, path: String, body: String| {
        let request = axum::http::Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json");
        send(app.clone(), request.body(body.into()).unwrap())
    };
    let file = |id: &str| format!("/jobe/index.php/restapi/files/{id}");
    let put = json!({"file_contents": BASE64_STANDARD.encode(content)}).to_string();
    let refused = ask("PUT", file(id), put.clone()).await;
    assert_eq!(refused.status.as_u16(), 400, "an id that is not the content's hash");
    assert!(refused.json().is_string());
    let empty = "d41d8cd98f00b204e9800998ecf8427e";
    let mut named = spec("x");
    named["run_spec"]["file_list"] = json!([[empty, "data.txt", true]]);
    let missing = ask("POST", RUNS.to_owned(), named.to_string()).await;
    assert!(missing.status == 404 && missing.json().as_str().unwrap().contains("missing/unavailable"));
    assert_eq!(ask("HEAD", file(empty), String::new()).await.status.as_u16(), 404);
    let put = json!({"file_contents": ""}).to_string();
    let done = ask("PUT", file(empty), put).await;
    assert_eq!((done.status.as_u16(), done.body.len()), (204, 0));
    assert_eq!(ask("HEAD", file(empty), String::new()).await.status.as_u16(), 204);
    assert_eq!(ask("POST", RUNS.to_owned(), named.to_string()).await.json()["outcome"], 15);
    assert_eq!(house.sandbox.last_seen().program.project().len(), 2);
    let bad = ask("PUT", file(empty), json!({"file_contents": "*"}).to_string()).await;
    assert_eq!(bad.status.as_u16(), 400);
}

#[tokio::test]
async fn what_is_asked_comes_to_the_program() {
    let house = House::new();
    let body = json!({"run_spec": {
        "language_id": "PYTHON3", "sourcecode": "main", "sourcefilename": "__tester__.python3", "input": "in\n",
        "parameters": {"cputime": 2, "memorylimit": 500_000, "numprocs": 30, "runargs": ["a"], "interpreterargs": ["-BE"]},
        "debug": false,
    }});
    assert_eq!(post(&house, RUNS, &body).await.status.as_u16(), 200);
    let seen = house.sandbox.last_seen();
    assert_eq!(seen.program.entrypoint().as_str(), "__tester__.python3");
    assert_eq!((seen.stdin.as_bytes(), seen.args.as_slice().len()), (&b"in\n"[..], 1));
    assert_eq!((seen.limits.timeout.as_secs(), seen.limits.memory_mb), (2, 128));
    post(&house, "/jobe/index.php/restapi/runs/", &spec("x")).await;
    assert_eq!(house.sandbox.last_seen().limits.timeout.as_secs(), 5, "five seconds, as there");
}

#[tokio::test]
async fn an_error_is_a_bare_string_and_an_overload_is_an_outcome() {
    let house = House::new();
    for (body, words) in [
        (json!({}), "attribute 'run_spec'"),
        (json!({"run_spec": {"sourcecode": "x"}}), "attribute 'language_id'"),
        (json!({"run_spec": {"language_id": "python3"}}), "attribute 'sourcecode'"),
        (json!({"run_spec": {"language_id": "cobol", "sourcecode": "x"}}), "Language 'cobol' is not known"),
        (json!({"run_spec": {"language_id": "java", "sourcecode": "x"}}), "Language 'java' is not known"),
        (
            json!({"run_spec": {"language_id": "python3", "sourcecode": "x", "sourcefilename": "../x"}}),
            "leaves",
        ),
        (json!({"run_spec": {"language_id": "python3", "sourcecode": "x", "file_list": [["a"]]}}), "pairs"),
    ] {
        let reply = post(&house, RUNS, &body).await;
        let sentence = reply.json().as_str().unwrap().to_owned();
        assert!(reply.status == 400 && sentence.contains(words), "{sentence}");
    }
    house.sandbox.plan(Plan::Busy(std::time::Duration::from_secs(3)));
    let reply = post(&house, RUNS, &spec("x")).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["outcome"]), (200, &json!(21)));
    house.sandbox.plan(Plan::Fail(|| SandboxError::Lost { reason: "tcp://10.0.0.7".to_owned() }));
    let reply = post(&house, RUNS, &spec("x")).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["outcome"]), (200, &json!(20)));
    let languages = get(&house, "/jobe/index.php/restapi/languages").await.json();
    assert_eq!(languages, json!([["python3", "1.2.3"], ["nodejs", "1.2.3"]]));
    let reply = ask(&house, "GET", "/jobe/else", &[], "").await;
    assert!(reply.status == 404 && reply.json().is_string());
}
