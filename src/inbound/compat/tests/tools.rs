use serde_json::{Value, json};

use crate::testing::{
    House, Plan,
    foreign::{ask, get, post},
};

#[tokio::test]
async fn the_document_has_one_operation_that_any_converter_can_read() {
    let house = House::new();
    let reply = ask(&house, "GET", "/tools/openapi.json", &[("host", "code.example:8080")], "").await;
    let document = reply.json();
    assert_eq!(document["servers"][0]["url"], "http://code.example:8080/tools");
    assert_eq!(document["paths"].as_object().unwrap().len(), 1);
    let operation = &document["paths"]["/run_code"]["post"];
    assert_eq!(operation["operationId"], "run_code");
    assert!(operation.get("parameters").is_none());
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(schema["type"], "object");
    assert!(schema["properties"]["code"].is_object() && !document.to_string().contains("$ref"));
    let headers = [("host", "code.example"), ("x-forwarded-proto", "https")];
    let reply = ask(&house, "GET", "/tools/openapi.json", &headers, "").await;
    assert_eq!(reply.json()["servers"][0]["url"], "https://code.example/tools");
}

#[tokio::test]
async fn a_run_is_reported_and_a_refusal_is_a_sentence_in_detail() {
    let house = House::new();
    let report = post(&house, "/tools/run_code", &json!({"code": "x", "stdin": null})).await.json();
    assert_eq!((&report["status"], &report["output"]), (&json!("completed"), &json!("4\n")));
    for (body, status, words) in [
        (json!({"code": 1}), 400, "`code` must be a string."),
        (json!([]), 400, "must be an object"),
        (json!({"code": "x", "nonsense": 1}), 400, "Unknown argument"),
    ] {
        let reply = post(&house, "/tools/run_code", &body).await;
        let detail = reply.json()["detail"].as_str().unwrap().to_owned();
        assert!(reply.status == status && detail.contains(words), "{detail}");
    }
    house.sandbox.plan(Plan::Busy(std::time::Duration::from_secs(2)));
    let reply = post(&house, "/tools/run_code", &json!({"code": "x"})).await;
    assert_eq!((reply.status.as_u16(), &reply.headers["retry-after"]), (429, &"2".parse().unwrap()));
    assert!(reply.json()["detail"].as_str().unwrap().ends_with("Try again in 2 seconds."));
    let reply = ask(&house, "POST", "/tools/run_code", &[("content-type", "text/plain")], "{}").await;
    assert_eq!(reply.status.as_u16(), 415);
    let reply = get(&house, "/tools/run_code").await;
    assert_eq!((reply.status.as_u16(), reply.json()["detail"].is_string()), (405, true));
    let reply = get(&house, "/tools").await;
    assert!(reply.status == 404 && matches!(reply.json()["detail"], Value::String(_)));
}
