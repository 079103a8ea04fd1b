//! `POST /run` in languages that are compiled: what reaches the service, what is refused, and how it is answered.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use super::{HttpConfig, Reply, send, uploads::form};
use crate::{
    domain::outcome::{Captured, Ending, Outcome},
    inbound::http::router,
    testing::{House, Plan, compiled_rules, exited, time_limit},
};

async fn ask(house: &House, request: Request<Body>) -> Reply {
    send(router(house.service.clone(), HttpConfig::new(compiled_rules())), request).await
}

async fn post(house: &House, body: &Value) -> Reply {
    let request = Request::post("/run").header("content-type", "application/json");
    ask(house, request.body(body.to_string().into()).unwrap()).await
}

fn refuses(stderr: &str) -> Outcome {
    Outcome { stderr: Captured::whole(stderr.to_owned()), ..exited(1, "") }
}

#[tokio::test]
async fn arguments_for_the_compiler_reach_the_service_from_every_form() {
    let house = House::new();
    let compile = json!({"args": ["-O2", "-DX=1"]});
    let json = post(&house, &json!({"code": "x", "compile": compile})).await;
    assert_eq!(json.status, 200);
    let text = compile.to_string();
    let request = form(&[("code", None, b"x"), ("compile", None, text.as_bytes())]);
    assert_eq!(ask(&house, request).await.status, 200);
    for seen in crate::testing::locked(&house.sandbox.seen).iter() {
        assert_eq!(seen.compile_args.as_slice(), ["-O2", "-DX=1"]);
    }
    assert_eq!(house.sandbox.runs(), 2);
    for nothing in [
        json!({"code": "x"}),
        json!({"code": "x", "compile": {}}),
        json!({"code": "x", "compile": {"args": []}}),
    ] {
        assert_eq!(post(&house, &nothing).await.status, 200);
        assert!(house.sandbox.last_seen().compile_args.as_slice().is_empty());
    }
}

#[tokio::test]
async fn what_the_compiler_may_not_be_given_is_refused_by_field_and_rule() {
    let house = House::new();
    for (compile, words) in [
        (json!({"args": ["-O2", "-fplugin=x"]}), "`compile.args[1]` is not allowed"),
        (json!({"args": ["-DX\u{0}"]}), "`compile.args[0]` is not allowed"),
        (json!({"args": vec!["-O2"; 17]}), "compile"),
        (json!({"args": "-O2"}), "compile"),
        (json!({"args": [2]}), "compile"),
        (json!({"args": null}), "compile"),
        (json!({"arg": []}), "Unknown field `arg`. Known fields: `args`."),
        (json!(["-O2"]), "compile"),
        (json!("-O2"), "compile"),
        (Value::Null, "compile"),
    ] {
        let refused = post(&house, &json!({"code": "x", "compile": compile})).await;
        let said = refused.error(400, "invalid_request");
        assert!(said.contains(words), "{compile}: {said}");
    }
    assert_eq!(house.sandbox.runs(), 0);
    let python = super::post_json(&house, json!({"code": "x", "compile": {}}).to_string()).await;
    assert!(python.error(400, "invalid_request").contains("python is not compiled"));
}

#[tokio::test]
async fn the_answer_and_the_history_say_what_came_of_the_compiler() {
    let house = House::new();
    let warned = Outcome { stderr: Captured::whole("./main.c:1:1: warning: w\n"), ..exited(0, "") };
    house.sandbox.plan(Plan::Steps(vec![warned, exited(0, "ran\n")]));
    let answer = post(&house, &json!({"code": "x"})).await.json();
    assert_eq!(
        (&answer["status"], &answer["output"], &answer["error"]),
        (&json!("completed"), &json!("ran\n"), &json!(""))
    );
    let expected = json!({
        "status": "completed", "exit_code": 0, "output": "", "error": "./main.c:1:1: warning: w\n",
        "usage": {"wall_ms": 3.1, "cpu_ms": 2.2, "memory_bytes": 8_421_376},
    });
    assert_eq!(answer["compile"], expected);
    let one = super::get(&house, &format!("/history/{}", answer["id"].as_str().unwrap())).await.json();
    assert_eq!(one["compile"], expected);
    let list = super::get(&house, "/history").await.json();
    assert_eq!(
        (&list[0]["compile"]["status"], &list[0]["compile"]["error"]),
        (&json!("completed"), &json!(""))
    );
}

#[tokio::test]
async fn a_compile_error_is_an_answer_with_the_compilers_words_and_their_places() {
    let house = House::new();
    let words = "./main.c:3:5: error: no\n./a.h:1: warning: hm\n";
    house.sandbox.plan(Plan::Steps(vec![refuses(words)]));
    let reply = post(&house, &json!({"code": "x"})).await;
    let answer = reply.json();
    assert_eq!(reply.status, 200);
    assert_eq!(
        (&answer["status"], &answer["exit_code"], &answer["error"]),
        (&json!("compile_error"), &json!(1), &json!(words))
    );
    assert_eq!((&answer["output"], &answer["compile"]["status"]), (&json!(""), &json!("nonzero_exit")));
    let error = json!({"file": "main.c", "line": 3, "column": 5, "severity": "error", "message": "no", "phase": "compile"});
    let warning =
        json!({"file": "a.h", "line": 1, "severity": "warning", "message": "hm", "phase": "compile"});
    assert_eq!(answer["diagnostics"], json!([error, warning]));
    let one = super::get(&house, &format!("/history/{}", answer["id"].as_str().unwrap())).await.json();
    for field in ["status", "exit_code", "error", "compile", "diagnostics"] {
        assert_eq!(one[field], answer[field], "{field}");
    }
}

#[tokio::test]
async fn a_compiler_that_met_a_limit_says_so_where_it_has_no_words_of_its_own() {
    let house = House::new();
    let timed_out = Outcome { ending: time_limit(), ..refuses("half a line") };
    house.sandbox.plan(Plan::Steps(vec![timed_out]));
    let answer = post(&house, &json!({"code": "x"})).await.json();
    assert_eq!((&answer["status"], &answer["exit_code"]), (&json!("compile_error"), &json!(-2)));
    assert_eq!(answer["error"], "Compilation timed out after 10 seconds.");
    assert_eq!((&answer["stderr"], &answer["limit"]["name"]), (&json!("half a line"), &json!("wall_time")));
    assert_eq!(
        (&answer["compile"]["status"], &answer["compile"]["error"]),
        (&json!("time_limit"), &json!("half a line"))
    );

    let mut killed = Outcome { ending: Ending::Exited(1), ..refuses("") };
    killed.usage.oom_kills = 2;
    house.sandbox.plan(Plan::Steps(vec![killed]));
    let answer = post(&house, &json!({"code": "x"})).await.json();
    assert_eq!(answer["error"], "Compilation was stopped: its limit of memory is 256 MiB.");
    assert_eq!((&answer["exit_code"], &answer["limit"]["name"]), (&json!(137), &json!("memory")));
}
