//! Executions that nobody waits for.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Notify, time::Instant};

use super::{eventually, failed, submission};
use crate::{
    domain::{
        caller::Caller,
        error::{ExecuteError, SandboxError},
        id::ExecutionId,
        idempotency::IdempotencyKey,
        record::{FailedStatus, RecordState},
    },
    service::Gone,
    testing::{House, Plan, locked},
};

#[tokio::test]
async fn an_id_is_told_when_the_start_is_on_record_and_the_run_goes_on_by_itself() {
    let (house, told) = (House::new(), Arc::<Notify>::default());
    house.sandbox.plan(Plan::Await(Arc::clone(&told)));
    let id = house.service.submit(submission()).await.unwrap().id;
    let record = house.service.get(&Caller::local(), id).await.unwrap().unwrap();
    assert_eq!(record.state, RecordState::Running);
    eventually(|| house.sandbox.running() == 1).await;
    told.notify_one();
    let record = house.service.get_when_ended(&Caller::local(), id, Duration::from_secs(20)).await.unwrap();
    assert!(matches!(record.unwrap().state, RecordState::Ended(_)));
}

#[tokio::test]
async fn what_is_refused_before_its_start_is_on_record_has_no_id() {
    let house = House::new();
    house.sandbox.plan(Plan::Busy(Duration::from_secs(2)));
    let error = house.service.submit(submission()).await.unwrap_err();
    assert!(matches!(error, ExecuteError::Sandbox(SandboxError::Busy { .. })));
    assert_eq!(house.store.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_an_end_is_told_after_their_patience_that_there_is_none() {
    let house = House::new();
    house.sandbox.plan(Plan::Hang);
    let id = house.service.submit(submission()).await.unwrap().id;
    let begun = Instant::now();
    let record = house.service.get_when_ended(&Caller::local(), id, Duration::from_secs(7)).await.unwrap();
    assert_eq!((record.unwrap().state, begun.elapsed().as_secs()), (RecordState::Running, 7));
    let unknown = ExecutionId::generate();
    let none = house.service.get_when_ended(&Caller::local(), unknown, Duration::from_secs(7)).await.unwrap();
    assert!(none.is_none() && begun.elapsed().as_secs() == 7);
}

#[tokio::test]
async fn an_execution_is_stopped_by_its_caller_alone_and_then_forgotten() {
    let house = House::new();
    house.sandbox.plan(Plan::Hang);
    let id = house.service.submit(submission()).await.unwrap().id;
    eventually(|| house.sandbox.running() == 1).await;
    let (mine, other) = (Caller::local(), Caller::principal("other"));
    assert_eq!(house.service.remove(&other, id).await.unwrap(), Gone::Unknown);
    assert_eq!(house.sandbox.running(), 1);
    assert_eq!(house.service.remove(&mine, id).await.unwrap(), Gone::Stopping);
    house.service.get_when_ended(&mine, id, Duration::from_secs(20)).await.unwrap();
    assert_eq!(
        locked(&house.store.records)[&(id, mine.to_string())].1,
        failed(FailedStatus::Cancelled, "The run was stopped by its caller.")
    );
    assert_eq!(house.service.remove(&mine, id).await.unwrap(), Gone::Forgotten);
    assert_eq!(house.service.remove(&mine, id).await.unwrap(), Gone::Unknown);
}

#[tokio::test]
async fn what_another_handler_has_under_way_is_out_of_reach() {
    let house = House::new();
    house.sandbox.plan(Plan::Hang);
    let id = house.service.submit(submission()).await.unwrap().id;
    let other = house.restarted();
    assert_eq!(other.service.remove(&Caller::local(), id).await.unwrap(), Gone::OutOfReach);
}

#[tokio::test]
async fn a_key_whose_run_was_stopped_by_its_caller_is_not_run_again_and_says_why() {
    let house = House::new();
    house.sandbox.plan(Plan::Hang);
    let keyed = || crate::service::Submission { key: IdempotencyKey::parse("a").ok(), ..submission() };
    let id = house.service.submit(keyed()).await.unwrap().id;
    eventually(|| house.sandbox.running() == 1).await;
    assert_eq!(house.service.remove(&Caller::local(), id).await.unwrap(), Gone::Stopping);
    house.service.get_when_ended(&Caller::local(), id, Duration::from_secs(20)).await.unwrap();
    let error = house.service.execute(keyed()).await.unwrap_err();
    assert!(matches!(error, ExecuteError::Withdrawn("The run was stopped by its caller.")), "{error}");
}
