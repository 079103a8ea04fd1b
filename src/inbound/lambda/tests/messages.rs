//! Queues, topics, buses: who does not wait for an answer.

use super::*;
use crate::{
    domain::{
        error::{Impossible, SandboxError},
        record::FailedStatus,
    },
    testing::Plan,
};

fn given_back(answer: &Value) -> Vec<String> {
    let items = answer["batchItemFailures"].as_array().unwrap();
    items.iter().map(|item| item["itemIdentifier"].as_str().unwrap().to_owned()).collect()
}

fn message_id(event: &Value, n: usize) -> String {
    event["Records"][n]["messageId"].as_str().unwrap().to_owned()
}

fn word(end: Option<&EndRecord>) -> &'static str {
    match end {
        Some(EndRecord::Ran(ran)) => ran.status().as_str(),
        Some(EndRecord::Failed { status, .. }) => status.as_str(),
        None => "none",
    }
}

#[tokio::test]
async fn of_a_batch_only_what_a_later_delivery_can_mend_is_given_back() {
    let house = House::new();
    house.sandbox.plan(Plan::FailFor("print(8)"));
    let event = fixture("sqs-batch");
    let answer = invoke(&house, event.clone()).await.unwrap();
    assert_eq!(given_back(&answer), [message_id(&event, 8)]);
    let records = records(&house);
    assert_eq!(records.len(), 10, "every message has its record");
    let queue = "sqs:arn:aws:sqs:eu-central-1:123456789012:runs";
    assert!(records.iter().all(|(start, _)| start.caller.as_str() == queue));
    let mut ends: Vec<_> = records.iter().map(|(_, end)| word(end.as_ref())).collect();
    ends.sort_unstable();
    assert_eq!(ends[..7], ["completed"; 7]);
    assert_eq!(ends[7..], ["not_started", "rejected", "rejected"]);
    assert_eq!(house.sandbox.runs(), 8);

    // Delivered again, whole: only what never ran is run.
    house.sandbox.plan(Plan::FailFor("nothing"));
    let answer = invoke(&house, event.clone()).await.unwrap();
    assert_eq!(given_back(&answer), [""; 0]);
    assert_eq!(house.sandbox.runs(), 9);
    invoke(&house, event).await.unwrap();
    assert_eq!((house.sandbox.runs(), house.store.len()), (9, 11));
}

/// A batch with this one message, under a new id, with these attributes.
fn sent_again(body: &str, attributes: &Value) -> Value {
    let mut event = fixture("sqs-batch");
    let mut record = event["Records"][0].clone();
    record["messageId"] = uuid::Uuid::now_v7().to_string().into();
    record["body"] = json!({ "code": body }).to_string().into();
    record["messageAttributes"] = attributes.clone();
    event["Records"] = json!([record]);
    event
}

fn named(key: &str) -> Value {
    json!({ "idempotency-key": { "stringValue": key, "dataType": "String", "stringListValues": [] } })
}

#[tokio::test]
async fn a_message_that_its_sender_named_runs_once_also_when_it_is_sent_again() {
    let house = House::new();
    for attributes in [named("order-7"), named("order-7"), named("order-8"), json!({}), json!({})] {
        let answer = invoke(&house, sent_again("print(1)", &attributes)).await.unwrap();
        assert_eq!(given_back(&answer), [""; 0]);
    }
    // Two names, and two messages without one.
    assert_eq!((house.sandbox.runs(), house.store.len()), (4, 4));
}

#[tokio::test]
async fn a_message_that_was_moved_back_from_the_dead_letters_runs_when_it_never_ran() {
    let house = House::new();
    house.sandbox.plan(Plan::FailFor("print(1)"));
    let answer = invoke(&house, sent_again("print(1)", &named("order-7"))).await.unwrap();
    assert_eq!(given_back(&answer).len(), 1);
    house.sandbox.plan(Plan::FailFor("nothing"));
    for _ in 0..2 {
        invoke(&house, sent_again("print(1)", &named("order-7"))).await.unwrap();
    }
    assert_eq!(house.sandbox.runs(), 2, "the attempt that failed, and one that ran");
}

#[tokio::test]
async fn a_name_that_cannot_be_one_or_was_given_to_another_request_is_put_on_record() {
    let house = House::new();
    invoke(&house, sent_again("print(1)", &named("order-7"))).await.unwrap();
    let binary = json!({ "idempotency-key": { "binaryValue": "AAEC", "dataType": "Binary" } });
    for (code, attributes, said) in [
        ("print(2)", named("order-7"), "used for another request"),
        ("print(1)", named(""), "1 to 255"),
        ("print(1)", named("é"), "1 to 255"),
        ("print(1)", binary, "1 to 255"),
    ] {
        let answer = invoke(&house, sent_again(code, &attributes)).await.unwrap();
        assert_eq!(given_back(&answer), [""; 0], "no delivery can mend it");
        let records = records(&house);
        let Some((_, Some(EndRecord::Failed { status, message }))) = records.last() else {
            panic!("{records:?}")
        };
        assert_eq!(*status, FailedStatus::Rejected);
        assert!(message.contains(said), "{message}");
    }
    assert_eq!(house.sandbox.runs(), 1);
}

#[tokio::test]
async fn a_notification_that_its_publisher_named_runs_once_also_under_another_id() {
    let house = House::new();
    for id in ["1", "2"] {
        let mut event = fixture("sns");
        event["Records"][0]["Sns"]["MessageId"] = id.into();
        event["Records"][0]["Sns"]["MessageAttributes"] =
            json!({ "idempotency-key": { "Type": "String", "Value": "order-7" } });
        invoke(&house, event).await.unwrap();
    }
    assert_eq!(house.sandbox.runs(), 1);
}

/// The table takes the key after we have given up: a message must not be taken for one that ran.
#[tokio::test(start_paused = true)]
async fn a_slow_table_drops_no_message_unrun() {
    let house = House::new();
    locked(&house.store.faults).slow_key = Duration::from_secs(4);
    let event = sent_again("print(1)", &json!({}));
    assert_eq!(given_back(&invoke(&house, event.clone()).await.unwrap()).len(), 1);
    locked(&house.store.faults).slow_key = Duration::ZERO;
    // Delivered again half an hour later, when what still reads as running would be given up.
    tokio::time::sleep(Duration::from_mins(30)).await;
    assert_eq!(given_back(&invoke(&house, event).await.unwrap()), [""; 0]);
    assert_eq!(house.sandbox.runs(), 1);
}

#[tokio::test]
async fn a_bad_message_is_on_record_with_what_was_wrong() {
    let house = House::new();
    let mut event = fixture("sqs-batch");
    let bad = event["Records"][6].clone();
    event["Records"] = json!([bad]);
    assert_eq!(given_back(&invoke(&house, event).await.unwrap()), [""; 0]);
    let records = records(&house);
    let (start, Some(EndRecord::Failed { status, message })) = &records[0] else { panic!("{records:?}") };
    assert_eq!(*status, FailedStatus::Rejected);
    assert!(message.contains("cobol"), "{message}");
    assert_eq!(start.language, "unknown");
    assert_eq!(&start.code[..], bad["body"].as_str().unwrap().as_bytes());
}

#[tokio::test]
async fn nothing_of_a_fifo_group_overtakes_what_is_given_back() {
    let house = House::new();
    house.sandbox.plan(Plan::FailFor("print(0)"));
    let event = fixture("sqs-fifo");
    let mut given_back = given_back(&invoke(&house, event.clone()).await.unwrap());
    given_back.sort();
    let mut expected = [message_id(&event, 0), message_id(&event, 2)];
    expected.sort();
    assert_eq!(given_back, expected);
    assert_eq!(house.sandbox.runs(), 3, "the other group went on");
}

#[tokio::test]
async fn what_there_is_no_time_for_is_given_back_unrun() {
    let house = House::new();
    // Every run may take ten seconds; the first four messages begin at once, and one of them is no request.
    let event = fixture("sqs-batch");
    let answer = within(&house, event.clone(), Duration::from_secs(5)).await.unwrap();
    let mut given_back = given_back(&answer);
    given_back.sort();
    let mut expected = [4, 5, 7, 8, 9].map(|n| message_id(&event, n));
    expected.sort();
    assert_eq!(given_back, expected);
    assert_eq!(house.sandbox.runs(), 3);
}

/// Each test case may take ten seconds, and all of a message together sixty, by the settings.
#[tokio::test]
async fn of_a_message_with_test_cases_the_time_of_all_of_them_counts() {
    for (cases, left, given_back_of_six) in [(1, 15, 0), (3, 15, 2), (3, 40, 0), (40, 60, 2), (40, 70, 0)] {
        let house = House::new();
        let mut event = fixture("sqs-batch");
        let record = event["Records"][0].clone();
        let tests: Vec<Value> = (0..cases).map(|_| json!({ "stdin": "" })).collect();
        let messages = (0..6).map(|_| {
            let mut record = record.clone();
            record["messageId"] = uuid::Uuid::now_v7().to_string().into();
            record["body"] = json!({ "code": "print(1)", "tests": tests }).to_string().into();
            record
        });
        event["Records"] = messages.collect();
        let answer = within(&house, event, Duration::from_secs(left)).await.unwrap();
        assert_eq!(given_back(&answer).len(), given_back_of_six, "{cases} cases, {left} s: {answer}");
    }
}

#[tokio::test]
async fn what_cannot_be_run_as_it_is_is_on_record_and_not_delivered_again() {
    let house = House::new();
    house.sandbox.plan(Plan::Fail(|| SandboxError::Refused {
        what: Impossible::Limits,
        why: "`limits.memory_mb` is too low.".to_owned(),
    }));
    let answer = invoke(&house, fixture("sqs-fifo")).await.unwrap();
    assert!(given_back(&answer).is_empty(), "{answer}");
    let end = EndRecord::Failed {
        status: FailedStatus::Rejected,
        message: "`limits.memory_mb` is too low.".to_owned(),
    };
    assert!(
        house.sandbox.runs() > 0 && records(&house).iter().all(|(_, found)| found.as_ref() == Some(&end))
    );
}

#[tokio::test]
async fn a_store_out_of_reach_gives_everything_back() {
    let house = House::new();
    locked(&house.store.faults).start = true;
    let answer = invoke(&house, fixture("sqs-batch")).await.unwrap();
    assert_eq!((given_back(&answer).len(), house.sandbox.runs()), (10, 0));
}

#[tokio::test]
async fn a_notification_runs_once() {
    let house = House::new();
    for replayed in [false, true] {
        let answer = invoke(&house, fixture("sns")).await.unwrap();
        let execution = &answer["executions"][0];
        assert_eq!((&execution["status"], &execution["replayed"]), (&"completed".into(), &replayed.into()));
    }
    assert_eq!(only_caller(&house), "sns:arn:aws:sns:eu-central-1:123456789012:runs");
    assert_eq!(house.sandbox.last_seen().language.name, "javascript");
}

#[tokio::test]
async fn a_bus_event_runs_once_and_fails_when_another_delivery_can_help() {
    let house = House::new();
    house.sandbox.plan(Plan::Busy(Duration::from_secs(1)));
    let error = invoke(&house, fixture("eventbridge")).await.unwrap_err();
    assert_eq!(error.error_type, "busy");
    house.sandbox.plan(Plan::FailFor("nothing"));
    invoke(&house, fixture("eventbridge")).await.unwrap();
    invoke(&house, fixture("eventbridge")).await.unwrap();
    assert_eq!(house.sandbox.runs(), 1);
    assert_eq!(only_caller(&house), "eventbridge:123456789012:org.example.lab");
    assert_eq!(house.sandbox.last_seen().args.as_slice(), ["from the bus"]);
}

#[tokio::test]
async fn a_bad_event_is_on_record_and_not_delivered_again() {
    let house = House::new();
    let mut event = fixture("eventbridge");
    event["detail"] = json!({ "cod": "print(1)" });
    let answer = invoke(&house, event).await.unwrap();
    assert_eq!(answer["executions"][0]["status"], "rejected");
    assert!(answer["executions"][0]["error"].as_str().unwrap().contains("`cod`"), "{answer}");
    assert_eq!(house.store.len(), 1);
}

#[tokio::test]
async fn files_that_come_back_of_a_message_are_on_its_record() {
    let house = House::new();
    let mut event = sent_again("", &json!({}));
    let body = json!({"code": "plot()", "workspace": "writable", "collect": ["a.png"]});
    event["Records"][0]["body"] = body.to_string().into();
    let answer = invoke(&house, event).await.unwrap();
    assert_eq!(given_back(&answer), [""; 0]);
    let records = records(&house);
    let Some((_, Some(EndRecord::Ran(ran)))) = records.last() else { panic!("{records:?}") };
    let collected = ran.files.as_ref().unwrap().collected();
    assert_eq!(
        (collected.files[0].name.as_str(), &collected.files[0].content[..]),
        ("a.png", &b"\x89PNG"[..])
    );
    assert_eq!(collected.omitted[0].name, "pipe");
}
