//! Who is whom, and what nobody in particular may not have.

use super::{
    http::{Reply, reply},
    *,
};
use crate::domain::caller::Caller;

/// A request to run something that never prints the same twice, under a key, by whoever asks in this fixture.
fn keyed(name: &str) -> Value {
    let mut event = fixture(name);
    event["headers"]["Idempotency-Key"] = "k".into();
    if event.get("multiValueHeaders").is_some() {
        event["multiValueHeaders"]["Idempotency-Key"] = json!(["k"]);
    }
    event
}

async fn ask(house: &House, event: Value) -> Reply {
    reply(&invoke(house, event).await.unwrap())
}

#[tokio::test]
async fn a_key_holds_across_the_sessions_of_a_role_and_not_across_identities_of_a_pool() {
    for (name, of, other, replayed) in [
        ("function-url-run", "/requestContext/authorizer/iam/userId", "AROACKCEVSQ6C2EXAMPLE:renewed", true),
        ("function-url-run", "/requestContext/authorizer/iam/userId", "AROAOTHER:session", false),
        (
            "function-url-cognito",
            "/requestContext/authorizer/iam/cognitoIdentity/identityId",
            "eu-central-1:33333333-bob",
            false,
        ),
        (
            "apigw-rest-cognito",
            "/requestContext/identity/cognitoIdentityId",
            "eu-central-1:33333333-bob",
            false,
        ),
    ] {
        let house = House::new();
        let mut event = keyed(name);
        assert_eq!(ask(&house, event.clone()).await.status, 200, "{name}");
        *event.pointer_mut(of).unwrap() = other.into();
        assert_eq!(ask(&house, event).await.status, 200, "{name}");
        assert_eq!(house.sandbox.runs(), if replayed { 1 } else { 2 }, "{name}: {other}");
    }
}

#[tokio::test]
async fn sessions_of_a_role_are_told_apart_where_the_operator_says_so() {
    let house = House::new();
    let callers = Callers { sessions: Sessions::Apart, ..Callers::default() };
    let function = Function { callers, ..function(&house) };
    for name in ["session", "other"] {
        let mut event = keyed("function-url-run");
        event["requestContext"]["authorizer"]["iam"]["userId"] =
            format!("AROACKCEVSQ6C2EXAMPLE:{name}").into();
        ask_function(&function, event, Duration::from_mins(1)).await.unwrap();
    }
    assert_eq!(house.sandbox.runs(), 2);
}

#[tokio::test]
async fn whom_nobody_authenticated_has_neither_a_history_nor_keys() {
    let house = House::new();
    let mut open = fixture("function-url-run");
    open["requestContext"]["authorizer"] = Value::Null;
    assert_eq!(ask(&house, open.clone()).await.status, 200, "it may run code");
    let id = records(&house)[0].0.id;
    let get = |path: &str| {
        let mut event = open.clone();
        event["rawPath"] = path.into();
        event["requestContext"]["http"]["method"] = "GET".into();
        event["body"] = Value::Null;
        event
    };
    let mut by_key = keyed("function-url-run");
    by_key["requestContext"]["authorizer"] = Value::Null;
    for refused in [get("/history"), get(&format!("/history/{id}")), by_key, keyed("alb-run")] {
        let reply = ask(&house, refused).await;
        assert_eq!((reply.status, &reply.body["code"]), (403, &"not_authenticated".into()), "{}", reply.body);
        assert!(reply.body["error"].as_str().is_some_and(|error| error.contains("authenticated")));
        assert!(!reply.body["request_id"].as_str().unwrap().is_empty());
    }
    assert_eq!(house.sandbox.runs(), 1);
    assert_eq!(ask(&house, get("/languages")).await.status, 200);
    // An emulator on one's own machine.
    let callers = Callers { anonymous_history: true, ..Callers::default() };
    let function = Function { callers, ..function(&house) };
    let listed = ask_function(&function, get("/history"), Duration::from_mins(1)).await.unwrap();
    assert_eq!(reply(&listed).body.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn records_of_events_belong_to_whom_the_operator_names() {
    let house = House::new();
    let owner = Caller::principal("iam:AROACKCEVSQ6C2EXAMPLE");
    let events = Events::new(Arc::clone(&house.service), rules(), 4).with_owner(Some(owner));
    let function = Function { events, ..function(&house) };
    for name in ["sqs-batch", "sns", "eventbridge", "direct"] {
        for _ in 0..2 {
            ask_function(&function, fixture(name), Duration::from_mins(1)).await.unwrap();
        }
    }
    let mut event = fixture("function-url-run");
    event["rawPath"] = "/history".into();
    event["rawQueryString"] = "limit=100".into();
    event["queryStringParameters"] = json!({ "limit": "100" });
    event["requestContext"]["http"]["method"] = "GET".into();
    event["body"] = Value::Null;
    let listed = reply(&ask_function(&function, event, Duration::from_mins(1)).await.unwrap()).body;
    let count =
        |source: &str| listed.as_array().unwrap().iter().filter(|entry| entry["source"] == source).count();
    let counts = ["sqs", "sns", "eventbridge", "direct"].map(count);
    // Messages once each; who invokes directly twice asks twice.
    assert_eq!(counts, [10, 1, 1, 2], "{listed}");
}
