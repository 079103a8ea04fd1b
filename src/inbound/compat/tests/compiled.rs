//! What each contract says of a program that is compiled, and of one that its compiler refuses.

use serde_json::{Value, json};

use crate::{
    domain::outcome::{Captured, Outcome},
    inbound::http::HttpConfig,
    testing::{
        House, Plan, compiled_rules, exited,
        foreign::{Reply, router_of, send},
    },
};

const C: &str = "int main() { return 0; }";
const REFUSED: &str = "main.c:1:1: error: no";

async fn asked(compiler: Outcome, path: &str, body: Value) -> Reply {
    let house = House::new();
    house.sandbox.plan(Plan::Steps(vec![compiler, exited(0, "ran\n")]));
    let app = router_of(&house, HttpConfig::new(compiled_rules()));
    let request = axum::http::Request::post(path).header("content-type", "application/json");
    send(app, request.body(body.to_string().into()).unwrap()).await
}

fn warned() -> Outcome {
    Outcome { stderr: Captured::whole("a warning"), ..exited(0, "") }
}

fn refused() -> Outcome {
    Outcome { stderr: Captured::whole(REFUSED), ..exited(1, "") }
}

#[tokio::test]
async fn the_tool_tells_warnings_apart_and_errors_as_the_outcome() {
    let body = || json!({"code": C, "language": "c"});
    let good = asked(warned(), "/tools/run_code", body()).await.json();
    assert_eq!(
        (&good["status"], &good["output"], &good["compiler"]),
        (&json!("completed"), &json!("ran\n"), &json!("a warning"))
    );
    let bad = asked(refused(), "/tools/run_code", body()).await.json();
    assert_eq!(
        (&bad["status"], &bad["exit_code"], &bad["error"]),
        (&json!("compile_error"), &json!(1), &json!(REFUSED))
    );
    assert!(bad.get("compiler").is_none());
}

#[tokio::test]
async fn piston_has_a_stage_of_its_own_and_repeats_one_that_failed() {
    // The fake hosts know no such language: the table's word counts only where they have said nothing.
    let body = || json!({"language": "c", "version": "*", "files": [{"name": "prog", "content": C}]});
    let reply = asked(warned(), "/api/v2/execute", body()).await;
    if reply.status == 400 {
        assert_eq!(reply.json()["message"], "c-* runtime is unknown");
        return;
    }
    let good = reply.json();
    assert_eq!((&good["compile"]["stderr"], &good["run"]["stdout"]), (&json!("a warning"), &json!("ran\n")));
    let bad = asked(refused(), "/api/v2/execute", body()).await.json();
    assert_eq!((&bad["compile"]["code"], &bad["run"]), (&json!(1), &bad["compile"]));
}

#[tokio::test]
async fn judge0_has_a_status_and_a_field_for_it() {
    let path = "/judge0/submissions?wait=true";
    let body = || json!({"language_id": 50, "source_code": C});
    let good = asked(warned(), path, body()).await.json();
    assert_eq!(
        (&good["status"]["id"], &good["compile_output"], &good["stdout"]),
        (&json!(3), &json!("a warning"), &json!("ran\n"))
    );
    let bad = asked(refused(), path, body()).await.json();
    assert_eq!((&bad["status"]["id"], &bad["compile_output"]), (&json!(6), &json!(REFUSED)));
    assert_eq!((&bad["stdout"], &bad["stderr"]), (&json!(null), &json!(null)));
}

#[tokio::test]
async fn jobe_has_an_outcome_for_it() {
    let path = "/jobe/index.php/restapi/runs";
    let body = || json!({"run_spec": {"language_id": "c", "sourcecode": C, "sourcefilename": "prog"}});
    let good = asked(warned(), path, body()).await.json();
    assert_eq!(
        (&good["outcome"], &good["stdout"], &good["cmpinfo"]),
        (&json!(15), &json!("ran\n"), &json!(""))
    );
    let bad = asked(refused(), path, body()).await.json();
    assert_eq!((&bad["outcome"], &bad["cmpinfo"], &bad["stderr"]), (&json!(11), &json!(REFUSED), &json!("")));
}

#[tokio::test]
async fn sandboxfusion_has_a_result_for_each_stage() {
    let body = || json!({"language": "c", "code": C});
    let good = asked(warned(), "/run_code", body()).await.json();
    assert_eq!(
        (&good["status"], &good["compile_result"]["stderr"]),
        (&json!("Success"), &json!("a warning"))
    );
    assert_eq!(good["run_result"]["stdout"], "ran\n");
    let bad = asked(refused(), "/run_code", body()).await.json();
    assert_eq!((&bad["status"], &bad["run_result"]), (&json!("Failed"), &json!(null)));
    assert_eq!(
        (&bad["compile_result"]["return_code"], &bad["compile_result"]["stderr"]),
        (&json!(1), &json!(REFUSED))
    );
}
