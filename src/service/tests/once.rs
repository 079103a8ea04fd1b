use super::*;
use crate::{
    domain::{error::Impossible, idempotency::IdempotencyKey, ports::ExecutionStore, record::Forgotten},
    service::Refused,
    testing::exited,
};

fn keyed(key: &str) -> Submission {
    let key = Some(IdempotencyKey::parse(key).unwrap());
    Submission { key, on_leave: OnLeave::under(key.as_ref()), ..submission() }
}

#[tokio::test]
async fn a_second_request_under_a_key_gets_the_first_ones_answer() {
    let house = House::new();
    let first = house.service.execute(keyed("a")).await.unwrap();
    house.sandbox.plan(Plan::Answer(Box::new(exited(1, "other\n"))));
    let again = house.service.execute(keyed("a")).await.unwrap();
    assert!(again.replayed && !first.replayed);
    assert_eq!(again.id, first.id);
    assert_eq!(again.execution.outcome, first.execution.outcome);
    assert_eq!(again.execution.sandbox, first.execution.sandbox);
    assert_eq!((again.timings.run, again.limits), (first.timings.run, first.limits));
    assert_eq!(house.sandbox.runs(), 1);
    let other = house.service.execute(keyed("b")).await.unwrap();
    assert_eq!(other.execution.outcome.ending.exit_code(), 1);
}

#[tokio::test]
async fn an_answer_is_given_again_also_when_all_sandboxes_are_busy() {
    let house = House::new();
    let first = house.service.execute(keyed("a")).await.unwrap();
    house.sandbox.plan(Plan::Busy(Duration::from_secs(1)));
    assert_eq!(house.service.execute(keyed("a")).await.unwrap().id, first.id);
}

#[tokio::test]
async fn another_request_under_a_key_is_refused() {
    let house = House::new();
    house.service.execute(keyed("a")).await.unwrap();
    let other = Submission { request: request("print(3)"), ..keyed("a") };
    assert!(matches!(house.service.execute(other).await, Err(ExecuteError::KeyReused)));
}

#[tokio::test]
async fn of_fifty_at_once_one_runs() {
    let house = House::new();
    let told = Arc::new(Notify::new());
    house.sandbox.plan(Plan::Await(Arc::clone(&told)));
    let asking: Vec<_> = (0..50)
        .map(|_| {
            let service = Arc::clone(&house.service);
            tokio::spawn(async move { service.execute(keyed("a")).await })
        })
        .collect();
    eventually(|| house.sandbox.running() == 1).await;
    let mut answers = Vec::new();
    let mut still_running = 0;
    told.notify_one();
    for asked in asking {
        match asked.await.unwrap() {
            Ok(answer) => answers.push(answer.id),
            Err(ExecuteError::StillRunning { .. }) => still_running += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(answers.len() + still_running, 50);
    assert!(!answers.is_empty() && answers.iter().all(|id| *id == answers[0]));
    assert_eq!((house.sandbox.runs(), house.store.len()), (1, 1));
}

#[tokio::test]
async fn what_never_ran_can_be_asked_for_again_under_its_key() {
    let house = House::new();
    let attempts = [
        Plan::Fail(|| SandboxError::Unavailable { reason: "gone".to_owned() }),
        Plan::Fail(|| SandboxError::language_unavailable("python", "gone")),
        Plan::Fail(|| SandboxError::TooLate),
        Plan::Fail(|| SandboxError::Refused { what: Impossible::Files, why: "No.".to_owned() }),
    ];
    for plan in attempts {
        house.sandbox.plan(plan);
        house.service.execute(keyed("a")).await.unwrap_err();
    }
    house.sandbox.plan(Plan::Answer(Box::new(exited(0, "now\n"))));
    let answer = house.service.execute(keyed("a")).await.unwrap();
    assert!(!answer.replayed);
    assert_eq!(house.store.len(), 5, "each attempt has its record");
}

#[tokio::test]
async fn what_may_have_run_is_not_run_again() {
    let lost = || SandboxError::Lost { reason: "gone".to_owned() };
    for plan in [Plan::Fail(lost), Plan::Fail(|| SandboxError::DeadlineExceeded), Plan::Panic] {
        let house = House::new();
        house.sandbox.plan(plan);
        house.service.execute(keyed("a")).await.unwrap_err();
        house.sandbox.plan(Plan::Answer(Box::new(exited(0, "again\n"))));
        let error = house.service.execute(keyed("a")).await.unwrap_err();
        assert!(matches!(error, ExecuteError::NotRunAgain(_)), "{error}");
        assert_eq!(house.sandbox.runs(), 1);
    }
}

#[tokio::test]
async fn a_key_whose_record_was_deleted_is_not_run_again_and_says_why() {
    let house = House::new();
    let first = house.service.execute(keyed("a")).await.unwrap();
    let forgotten = house.store.delete(&submission().caller, first.id).await.unwrap();
    assert_eq!(forgotten, Forgotten::Done);
    let error = house.service.execute(keyed("a")).await.unwrap_err();
    assert!(matches!(error, ExecuteError::Withdrawn(_)), "{error}");
    assert_eq!(house.sandbox.runs(), 1);
}

#[tokio::test]
async fn nothing_runs_before_its_start_is_on_record() {
    let house = House::new();
    locked(&house.store.faults).start = true;
    let error = house.service.execute(keyed("a")).await.unwrap_err();
    assert!(matches!(error, ExecuteError::Store(StoreError::Unavailable(_))));
    assert_eq!(house.sandbox.runs(), 0);
}

#[tokio::test]
async fn a_message_that_is_no_request_is_put_on_record_once() {
    let house = House::new();
    let refused = Refused {
        caller: Caller::principal("sqs:queue"),
        source: Source::Sqs,
        message: "{".into(),
        reason: "not JSON".to_owned(),
        key: IdempotencyKey::of_event(Source::Sqs, "queue", "1"),
        deadline: None,
    };
    house.service.refuse(refused.clone()).await.unwrap();
    house.service.refuse(refused).await.unwrap();
    assert_eq!(house.store.only_end(), failed(FailedStatus::Rejected, "not JSON"));
}

/// A store that takes the key after it was given up is no reason for it never to be run.
#[tokio::test(start_paused = true)]
async fn a_key_that_is_taken_late_is_not_held_by_what_never_runs() {
    let after = |slow: u64| [0, 1, 5, 30].map(|waited| (slow, waited));
    for (slow, waited) in [3_001, 3_040, 3_500, 6_000, 20_000].into_iter().flat_map(after) {
        let house = House::new();
        locked(&house.store.faults).slow_key = Duration::from_millis(slow);
        let error = house.service.execute(keyed("a")).await.unwrap_err();
        assert!(matches!(error, ExecuteError::Store(StoreError::Unavailable(_))), "{error}");
        locked(&house.store.faults).slow_key = Duration::ZERO;
        sleep(Duration::from_secs(waited)).await;
        let answer = house.service.execute(keyed("a")).await;
        let answer = answer.unwrap_or_else(|error| panic!("{slow} ms, {waited} s later: {error}"));
        assert_eq!((answer.replayed, house.sandbox.runs()), (false, 1), "{slow} ms");
        sleep(Duration::from_secs(30)).await;
        assert!(house.service.execute(keyed("a")).await.unwrap().replayed);
        let records = locked(&house.store.records);
        assert!(records.values().all(|(_, end)| end.is_some()), "{slow} ms: one reads as running for ever");
    }
}

/// A function does nothing more once it has answered.
#[tokio::test(start_paused = true)]
async fn who_has_a_deadline_is_answered_when_the_doubtful_start_is_closed() {
    let house = House::new();
    locked(&house.store.faults).slow_key = Duration::from_secs(4);
    locked(&house.store.faults).slow_end = Duration::from_secs(1);
    let deadline = Some(Instant::now() + Duration::from_secs(30));
    house.service.execute(Submission { deadline, ..keyed("a") }).await.unwrap_err();
    let end = failed(
        FailedStatus::NotStarted,
        "The record store failed before the run could begin. The code did not run.",
    );
    assert_eq!(house.store.only_end(), end);
}

#[tokio::test]
async fn who_asks_while_it_runs_is_told_how_long_it_may_still_take() {
    let house = House::new();
    house.sandbox.plan(Plan::Hang);
    let service = Arc::clone(&house.service);
    let asking = tokio::spawn(async move { service.execute(keyed("a")).await });
    eventually(|| house.sandbox.running() == 1).await;
    let told = async |house: &House| match house.service.execute(keyed("a")).await {
        Err(ExecuteError::StillRunning { retry_after, .. }) => retry_after,
        other => panic!("{other:?}"),
    };
    // Its time limit of 10 s, and a second.
    let left = told(&house).await;
    assert!((10_990..=11_000).contains(&left.as_millis()), "{left:?}");
    // Another handler, whose clock says that the limit is over: until the record is given up.
    let abandoned = locked(&house.store.records).values().next().unwrap().0.abandoned_at;
    for left in [Duration::from_secs(10), Duration::from_millis(1)] {
        let later = house.restarted_at(abandoned - left);
        assert_eq!(told(&later).await, left);
    }
    asking.abort();
}

#[tokio::test]
async fn the_key_of_an_event_outlives_every_stay_in_a_queue_however_short_records_live() {
    let house = House::keeping_records_for(Duration::from_hours(24));
    let event = IdempotencyKey::of_event(Source::Sqs, "queue", "1");
    for key in [event, IdempotencyKey::parse("a").unwrap()] {
        house.service.execute(Submission { key: Some(key), ..submission() }).await.unwrap();
    }
    let now = datetime!(2025-02-12 21:00:00.123 UTC);
    assert_eq!(house.store.key_expires(&event), Some(now + Duration::from_hours(15 * 24)));
    assert_eq!(
        house.store.key_expires(&IdempotencyKey::parse("a").unwrap()),
        Some(now + Duration::from_hours(24))
    );
}
