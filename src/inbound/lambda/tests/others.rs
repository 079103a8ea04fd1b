//! Upkeep, direct invocations, and everything that is refused.

use super::*;

#[tokio::test]
async fn a_schedule_and_a_wish_for_upkeep_are_answered_with_counts() {
    for name in ["schedule", "maintain"] {
        let answer = invoke(&House::new(), fixture(name)).await.unwrap();
        assert_eq!(answer, json!({ "filled": 2, "trimmed": 0, "removed": 1, "warm": 4 }), "{name}");
    }
}

#[tokio::test]
async fn a_direct_invocation_is_answered_with_the_outcome() {
    let house = House::new();
    let answer = invoke(&house, fixture("direct")).await.unwrap();
    assert_eq!((&answer["output"], &answer["status"]), (&"4\n".into(), &"completed".into()));
    assert_eq!(only_caller(&house), "direct");
    let refused = invoke(&house, fixture("direct-refused")).await.unwrap_err();
    assert_eq!(refused.error_type, "unknown_language");
    assert!(refused.error_message.contains("cobol"), "{}", refused.error_message);
    assert_eq!(house.store.len(), 1, "who waits for the answer needs no record of a refusal");
}

#[tokio::test]
async fn what_is_not_served_is_refused_by_name() {
    let house = House::new();
    for (name, kind, seen) in [
        ("authorizer-token", "authorizer_event", "of type TOKEN"),
        ("authorizer-rest-request", "authorizer_event", "of type REQUEST"),
        ("authorizer-http-request", "authorizer_event", "of type REQUEST"),
        ("websocket", "unsupported_event", "a WebSocket message"),
        ("s3", "unsupported_event", "records of `aws:s3`"),
        ("cognito-trigger", "unsupported_event", "`triggerSource`"),
    ] {
        let error = invoke(&house, fixture(name)).await.unwrap_err();
        assert_eq!(error.error_type, kind, "{name}");
        assert!(error.error_message.contains(seen), "{name}: {}", error.error_message);
    }
    let mixed = json!({ "Records": [{ "eventSource": "aws:sqs" }, { "EventSource": "aws:sns" }] });
    for (payload, seen) in [
        (json!(null), "nothing"),
        (json!([1]), "an array"),
        (json!("print(1)"), "a string"),
        (json!({}), "an empty object"),
        (json!({ "action": "drop\u{7}" }), "the action `drop`"),
        (json!({ "Records": [] }), "`Records`"),
        (mixed, "different sources"),
    ] {
        let error = invoke(&house, payload).await.unwrap_err();
        assert_eq!(error.error_type, "unsupported_event");
        assert!(error.error_message.contains(seen), "{}", error.error_message);
    }
    let mut event = fixture("sqs-batch");
    event["Records"][0].as_object_mut().unwrap().remove("messageId");
    assert_eq!(invoke(&house, event).await.unwrap_err().error_type, "malformed_event");
    assert_eq!((house.store.len(), house.sandbox.runs()), (0, 0));
}
