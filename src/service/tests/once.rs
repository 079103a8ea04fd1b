use super::*;
use crate::{
    domain::{error::Impossible, idempotency::IdempotencyKey},
    service::Refused,
    testing::exited,
};

fn keyed(key: &str) -> Submission {
    Submission { key: Some(IdempotencyKey::parse(key).unwrap()), ..submission() }
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
    let request = RunRequest { code: Some("print(3)".to_owned()), ..RunRequest::default() };
    let other = Submission { request: request.into_domain(&rules()).unwrap(), ..keyed("a") };
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
            Err(ExecuteError::StillRunning) => still_running += 1,
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
    let lost = || SandboxError::Lost { reason: "gone".to_owned(), timings: SandboxTimings::default() };
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
    };
    house.service.refuse(refused.clone()).await.unwrap();
    house.service.refuse(refused).await.unwrap();
    assert_eq!(house.store.only_end(), failed(FailedStatus::Rejected, "not JSON"));
}
