//! Runs that are answered by their id, asked for later, stopped and forgotten.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tokio::{sync::Notify, time::Instant};

use super::*;
use crate::testing::Plan;

fn later() -> Builder {
    Request::post("/run?wait=false").header("content-type", "application/json")
}

const CODE: &str = r#"{"code":"print(2+2)"}"#;

async fn submitted(house: &House) -> String {
    let reply = ask(house, later(), CODE).await;
    assert_eq!(reply.status, 202);
    reply.json()["id"].as_str().unwrap().to_owned()
}

async fn delete(house: &House, id: &str) -> Reply {
    ask(house, Request::delete(format!("/history/{id}")), Body::empty()).await
}

#[tokio::test]
async fn a_run_that_nobody_waits_for_is_found_where_the_answer_says() {
    let house = House::new();
    let told = Arc::new(Notify::new());
    house.sandbox.plan(Plan::Await(Arc::clone(&told)));
    let reply = ask(&house, later(), CODE).await;
    assert_eq!(reply.status, 202);
    let id = reply.json()["id"].clone();
    assert_eq!(reply.json(), json!({"id": id, "status": "running"}));
    let location = reply.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(location, format!("/history/{}", id.as_str().unwrap()));
    assert!(!reply.headers.contains_key("preference-applied"));
    assert_eq!(get(&house, &location).await.json()["status"], "running");
    let path = format!("{location}?wait=25");
    let (ended, ()) = tokio::join!(get(&house, &path), async { told.notify_one() });
    assert_eq!((&ended.json()["status"], &ended.json()["output"]), (&json!("completed"), &json!("told\n")));
}

#[tokio::test]
async fn a_preference_that_is_met_is_named() {
    let house = House::new();
    let preferred =
        || Request::post("/run").header("content-type", "application/json").header("prefer", "respond-async");
    let reply = ask(&house, preferred(), CODE).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.headers["preference-applied"]),
        (202, &"respond-async".parse().unwrap())
    );
    house.service.shutdown().await;
}

#[tokio::test]
async fn what_is_refused_is_refused_at_once() {
    let house = House::new();
    ask(&house, later(), r#"{"code":""}"#).await.error(400, "invalid_request");
    house.sandbox.plan(Plan::Busy(Duration::from_secs(1)));
    ask(&house, later(), CODE).await.error(429, "busy");
    for (query, said) in [
        ("wait=maybe", "`wait` must be `true` or `false`"),
        ("wait=false&wait=false", "`wait` is given twice"),
        ("wait=false&language=js", "Unknown query parameter `language`"),
    ] {
        let request = Request::post(format!("/run?{query}")).header("content-type", "application/json");
        let message = ask(&house, request, CODE).await.error(400, "invalid_request");
        assert!(message.contains(said), "{message}");
    }
    assert_eq!(house.store.len(), 0);
}

#[tokio::test]
async fn a_bare_zip_file_can_be_answered_later_too() {
    let house = House::new();
    let zip = crate::testing::zip::zip_of(&[("main.py", b"print(1)")]);
    let request = Request::post("/run?language=python&wait=false").header("content-type", "application/zip");
    assert_eq!(ask(&house, request, zip).await.status, 202);
    house.service.shutdown().await;
}

#[tokio::test]
async fn the_same_key_gives_the_same_execution_running_or_ended() {
    let house = House::new();
    let told = Arc::new(Notify::new());
    house.sandbox.plan(Plan::Await(Arc::clone(&told)));
    let keyed = || later().header("idempotency-key", "a");
    let first = ask(&house, keyed(), CODE).await.json();
    let again = ask(&house, keyed(), CODE).await;
    assert_eq!((again.status.as_u16(), &again.json()), (202, &first));
    assert_eq!(again.headers["idempotent-replayed"], "true");
    ask(&house, keyed(), r#"{"code":"print(3)"}"#).await.error(422, "idempotency_key_reused");
    told.notify_one();
    let path = format!("/history/{}?wait=5", first["id"].as_str().unwrap());
    assert_eq!(get(&house, &path).await.json()["status"], "completed");
    let ended = ask(&house, keyed(), CODE).await;
    assert_eq!((ended.status.as_u16(), ended.json()), (202, json!({"id": first["id"], "status": "ended"})));
    assert_eq!(house.sandbox.runs(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_end_is_waited_for_as_long_as_is_asked_and_no_longer() {
    let house = House::new();
    house.sandbox.plan(Plan::Hang);
    let id = submitted(&house).await;
    let begun = Instant::now();
    assert_eq!(get(&house, &format!("/history/{id}?wait=5")).await.json()["status"], "running");
    assert_eq!(begun.elapsed().as_secs(), 5);
    for bad in ["0", "26", "-1", "1.5", "", "+5", "x", "99999999999999999999"] {
        let error = get(&house, &format!("/history/{id}?wait={bad}")).await.error(400, "invalid_request");
        assert_eq!(error, "`wait` must be a whole number of seconds from 1 to 25.", "{bad}");
    }
    let error = get(&house, &format!("/history/{id}?limit=1")).await.error(400, "invalid_request");
    assert_eq!(error, "Unknown query parameter `limit`. Known: `wait`.");
    // A front door's own deadline comes first.
    let mut hurried = Request::get(format!("/history/{id}?wait=20")).body(Body::empty()).unwrap();
    hurried.extensions_mut().insert(super::super::Deadline(Instant::now() + Duration::from_secs(5)));
    let begun = Instant::now();
    assert_eq!(send(app(&house), hurried).await.json()["status"], "running");
    assert_eq!(begun.elapsed().as_secs(), 2);
}

#[tokio::test]
async fn a_running_execution_is_stopped_and_an_ended_one_forgotten() {
    let house = House::new();
    house.sandbox.plan(Plan::Hang);
    let id = submitted(&house).await;
    let reply = delete(&house, &id).await;
    assert_eq!((reply.status.as_u16(), reply.body.len()), (202, 0));
    let stopped = get(&house, &format!("/history/{id}?wait=5")).await.json();
    assert_eq!(
        (&stopped["status"], &stopped["error"]),
        (&json!("cancelled"), &json!("The run was stopped by its caller."))
    );
    assert_eq!(house.sandbox.running(), 0);
    assert_eq!(delete(&house, &id).await.status, 204);
    delete(&house, &id).await.error(404, "not_found");
    get(&house, &format!("/history/{id}")).await.error(404, "not_found");
    delete(&house, "x").await.error(400, "invalid_request");
    let error = delete(&house, &format!("{id}?force=1")).await.error(400, "invalid_request");
    assert_eq!(error, "Unknown query parameter `force`. There are none here.");
}

#[tokio::test]
async fn what_another_handler_runs_is_not_stopped_from_here() {
    let house = House::new();
    house.sandbox.plan(Plan::Hang);
    let id = submitted(&house).await;
    delete(&house.restarted(), &id).await.error(409, "running_elsewhere");
    assert_eq!(house.sandbox.running(), 1);
}

#[tokio::test]
async fn nobody_stops_or_forgets_what_is_another_callers() {
    let house = House::new();
    house.sandbox.plan(Plan::Hang);
    let id = submitted(&house).await;
    let mut stranger = Request::delete(format!("/history/{id}")).body(Body::empty()).unwrap();
    stranger.extensions_mut().insert(crate::domain::caller::Caller::principal("somebody else"));
    send(app(&house), stranger).await.error(404, "not_found");
    assert_eq!(house.sandbox.running(), 1);
    // Nor does another site's page.
    let page = Request::delete(format!("/history/{id}")).header("host", "127.0.0.1:5000");
    let page = page.header("origin", "https://evil.example").header("sec-fetch-site", "cross-site");
    ask(&house, page, Body::empty()).await.error(403, "cross_site");
    assert_eq!(house.sandbox.running(), 1);
}
