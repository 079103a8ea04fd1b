//! Executions that are submitted now, asked for later, stopped and forgotten.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Server, engine, shared, within};

fn submit(server: &Server, code: &str) -> String {
    let body = json!({"code": code}).to_string();
    let reply =
        server.send("POST", "/run?wait=false", &[("content-type", "application/json")], body.as_bytes());
    assert_eq!(reply.status, 202, "{}", reply.text());
    let id = reply.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(reply.header("location"), Some(format!("/history/{id}").as_str()));
    assert_eq!(reply.json(), json!({"id": id, "status": "running"}));
    id
}

fn ended(server: &Server, id: &str) -> Value {
    server.get(&format!("/history/{id}?wait=20")).json()
}

#[test]
fn a_submitted_program_is_waited_for_and_found() {
    let id = submit(shared(), "import time; time.sleep(1); print('done')");
    let begun = Instant::now();
    let entry = ended(shared(), &id);
    assert_eq!((&entry["status"], &entry["output"]), (&json!("completed"), &json!("done\n")));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[test]
fn a_preference_to_be_answered_later_is_met() {
    let headers = [("content-type", "application/json"), ("prefer", "respond-async")];
    let reply = shared().send("POST", "/run", &headers, br#"{"code":"print(1)"}"#);
    assert_eq!((reply.status, reply.header("preference-applied")), (202, Some("respond-async")));
    assert_eq!(ended(shared(), reply.json()["id"].as_str().unwrap())["output"], "1\n");
}

#[test]
fn a_running_program_is_stopped_and_then_forgotten() {
    let server = Server::start(&[("SCE_POOL_SIZE", "0")]);
    let id = submit(&server, "import time; time.sleep(60)");
    within(Duration::from_secs(10), || (!engine::sandboxes(&server.deployment).is_empty()).then_some(()))
        .expect("it runs");
    let delete = || server.send("DELETE", &format!("/history/{id}"), &[], &[]);
    assert_eq!(delete().status, 202);
    let entry = ended(&server, &id);
    assert_eq!(
        (&entry["status"], &entry["error"]),
        (&json!("cancelled"), &json!("The run was stopped by its caller."))
    );
    let gone =
        within(Duration::from_secs(2), || engine::sandboxes(&server.deployment).is_empty().then_some(()));
    assert!(gone.is_some(), "{:?}", engine::sandboxes(&server.deployment));
    assert_eq!(delete().status, 204);
    assert_eq!(delete().refusal(404).code, "not_found");
    assert_eq!(server.get(&format!("/history/{id}")).status, 404);
    assert_eq!(server.get("/history").json(), json!([]));
}

#[test]
fn the_same_key_names_the_same_execution() {
    let key = format!("later-{}", crate::support::nonce());
    let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
    let send = || shared().send("POST", "/run?wait=false", &headers, br#"{"code":"print(1)"}"#);
    let first = send().json()["id"].as_str().unwrap().to_owned();
    ended(shared(), &first);
    let again = send();
    assert_eq!((again.status, again.json()), (202, json!({"id": first, "status": "ended"})));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
}
