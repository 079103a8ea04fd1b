//! Callers who go away, and a service that does, at each stage of a submission.

use tokio::task::JoinHandle;

use super::*;
use crate::{
    domain::idempotency::IdempotencyKey,
    service::{Answer, leaving::MAX_ORPHANS},
    testing::exited,
};

fn keyed() -> Submission {
    let key = Some(IdempotencyKey::parse("a").unwrap());
    Submission { key, on_leave: OnLeave::under(key.as_ref()), ..submission() }
}

fn ask(house: &House, submission: Submission) -> JoinHandle<Result<Answer, ExecuteError>> {
    let service = Arc::clone(&house.service);
    tokio::spawn(async move { service.execute(submission).await })
}

/// The answer to who comes back: the first one's, stored; nothing ran for it.
async fn stored_answer(house: &House, printed: &str) {
    house.sandbox.plan(Plan::Answer(Box::new(exited(0, "run again\n"))));
    let again = house.service.execute(keyed()).await.unwrap();
    assert!(again.replayed);
    assert_eq!(&again.execution.outcome.stdout.bytes()[..], printed.as_bytes());
    assert_eq!((house.sandbox.runs(), house.store.len()), (1, 1));
}

/// The next who asks runs it: the first never did.
async fn runs_now(house: &House, ran_before: usize) {
    house.sandbox.plan(Plan::Answer(Box::new(exited(0, "now\n"))));
    let answer = house.service.execute(keyed()).await.unwrap();
    assert!(!answer.replayed);
    assert_eq!(house.sandbox.runs(), ran_before + 1);
}

#[tokio::test]
async fn a_keyed_run_goes_on_when_its_caller_leaves_and_whoever_comes_back_gets_its_answer() {
    let house = House::new();
    let told = Arc::new(Notify::new());
    house.sandbox.plan(Plan::Await(Arc::clone(&told)));
    let asking = ask(&house, keyed());
    eventually(|| house.sandbox.running() == 1).await;
    asking.abort();
    asking.await.unwrap_err();
    sleep(Duration::from_millis(20)).await;
    assert_eq!(house.sandbox.running(), 1, "it was stopped");
    let error = house.service.execute(keyed()).await.unwrap_err();
    assert!(matches!(error, ExecuteError::StillRunning { .. }), "{error}");
    told.notify_one();
    eventually(|| house.store.only_end().is_some()).await;
    stored_answer(&house, "told\n").await;
}

#[tokio::test]
async fn a_keyed_run_whose_caller_left_the_queue_is_run_when_its_turn_comes() {
    let house = House::where_may_wait(100);
    house.sandbox.plan(Plan::Queue);
    let asking = ask(&house, keyed());
    eventually(|| house.service.line.waiting() == 1).await;
    asking.abort();
    asking.await.unwrap_err();
    house.sandbox.plan(Plan::Answer(Box::new(exited(0, "in the end\n"))));
    eventually(|| house.store.len() == 1 && house.store.only_end().is_some()).await;
    stored_answer(&house, "in the end\n").await;
}

#[tokio::test]
async fn who_leaves_the_queue_without_a_key_is_forgotten_and_his_place_is_free() {
    let house = House::where_may_wait(100);
    house.sandbox.plan(Plan::Queue);
    let asking = ask(&house, submission());
    eventually(|| house.service.line.waiting() == 1).await;
    asking.abort();
    eventually(|| house.service.line.waiting() == 0).await;
    assert_eq!((house.sandbox.runs(), house.store.len()), (0, 0));
}

#[tokio::test]
async fn those_who_wait_in_line_for_callers_that_left_are_bounded() {
    let house = House::where_may_wait(100);
    house.sandbox.plan(Plan::Queue);
    let key = |n: usize| IdempotencyKey::parse(&n.to_string()).unwrap();
    let asking: Vec<_> =
        (0..MAX_ORPHANS + 8).map(|n| ask(&house, Submission { key: Some(key(n)), ..keyed() })).collect();
    eventually(|| house.service.line.waiting() == MAX_ORPHANS + 8).await;
    for asked in &asking {
        asked.abort();
    }
    eventually(|| house.service.line.waiting() == MAX_ORPHANS).await;
    sleep(Duration::from_millis(20)).await;
    assert_eq!(house.service.line.waiting(), MAX_ORPHANS);
    // A shutdown does not wait for their turn.
    house.service.shutdown().await;
    assert_eq!((house.service.line.waiting(), house.store.len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_keyed_run_goes_on_when_its_caller_leaves_while_the_key_is_taken() {
    let house = House::new();
    locked(&house.store.faults).slow_key = Duration::from_secs(1);
    let asking = ask(&house, keyed());
    sleep(Duration::from_millis(500)).await;
    asking.abort();
    sleep(Duration::from_secs(1)).await;
    stored_answer(&house, "4\n").await;
}

#[tokio::test(start_paused = true)]
async fn a_keyed_run_goes_on_when_its_caller_leaves_while_it_is_recorded() {
    let house = House::new();
    locked(&house.store.faults).slow_end = Duration::from_secs(1);
    let asking = ask(&house, keyed());
    sleep(Duration::from_millis(500)).await;
    assert_eq!(house.sandbox.runs(), 1);
    asking.abort();
    sleep(Duration::from_secs(1)).await;
    stored_answer(&house, "4\n").await;
}

#[tokio::test(start_paused = true)]
async fn a_keyed_run_is_recorded_though_the_callers_deadline_came_first() {
    let house = House::new();
    locked(&house.store.faults).slow_end = Duration::from_secs(2);
    let deadline = Instant::now() + Duration::from_millis(1500);
    let late = Submission { deadline: Some(deadline), ..keyed() };
    house.service.execute(late).await.unwrap_err();
    assert_eq!(Instant::now(), deadline);
    sleep(Duration::from_secs(1)).await;
    stored_answer(&house, "4\n").await;
}

#[tokio::test]
async fn a_shutdown_stops_a_keyed_run_and_what_was_sent_is_not_run_again() {
    let house = House::new();
    house.sandbox.plan(Plan::Hang);
    let asking = ask(&house, keyed());
    eventually(|| house.sandbox.running() == 1).await;
    house.service.shutdown().await;
    assert!(matches!(asking.await.unwrap(), Err(ExecuteError::ShuttingDown)));
    let end = failed(FailedStatus::Cancelled, "The service was shut down. The run was stopped.");
    assert_eq!(house.store.only_end(), end);
    let next = house.restarted();
    let error = next.service.execute(keyed()).await.unwrap_err();
    assert!(matches!(error, ExecuteError::NotRunAgain(_)), "{error}");
    assert_eq!(next.sandbox.runs(), 0);
}

#[tokio::test]
async fn a_shutdown_before_the_code_is_sent_leaves_the_key_free() {
    let house = House::new();
    house.sandbox.plan(Plan::NeverReady);
    let asking = ask(&house, keyed());
    eventually(|| house.sandbox.running() == 1).await;
    house.service.shutdown().await;
    assert!(matches!(asking.await.unwrap(), Err(ExecuteError::ShuttingDown)));
    let end = failed(
        FailedStatus::NotStarted,
        "The service was shut down before the run could begin. The code did not run.",
    );
    assert_eq!(house.store.only_end(), end);
    runs_now(&house.restarted(), 0).await;
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_while_the_key_is_taken_begins_nothing_and_leaves_the_key_free() {
    let house = House::new();
    locked(&house.store.faults).slow_key = Duration::from_secs(1);
    let asking = ask(&house, keyed());
    sleep(Duration::from_millis(500)).await;
    house.service.shutdown().await;
    assert!(matches!(asking.await.unwrap(), Err(ExecuteError::ShuttingDown)));
    assert_eq!(house.sandbox.runs(), 0);
    locked(&house.store.faults).slow_key = Duration::ZERO;
    runs_now(&house.restarted(), 0).await;
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_is_over_in_bounded_time_though_the_store_is_gone() {
    let house = House::new();
    house.sandbox.plan(Plan::Hang);
    let asking = ask(&house, keyed());
    eventually(|| house.sandbox.running() == 1).await;
    locked(&house.store.faults).finish = u32::MAX;
    let begun = Instant::now();
    house.service.shutdown().await;
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    asking.await.unwrap().unwrap_err();
}
