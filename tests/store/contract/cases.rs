//! Test cases: verdicts and numbers in the record, the summary in the list.

use safe_code_executor::domain::{
    ports::ExecutionStore,
    record::{EndRecord, ExecutionRecord, HistoryLimit, RanRecord, RecordState, TestsRecord},
};

use crate::{backend::Backend, sample};

/// Writes an execution with these test cases, and reads it: from the list, and by itself.
async fn written<B: Backend>(place: &B, store: &B::Store, tests: &TestsRecord) -> [TestsRecord; 2] {
    let begun = sample::start("ann", place.clock().now());
    store.start(&begun).await.unwrap();
    let end = EndRecord::Ran(RanRecord { tests: Some(tests.clone()), ..sample::ran() });
    store.finish(&begun.caller, begun.id, &end).await.unwrap();
    let listed = store.history(&begun.caller, None, HistoryLimit::clamped(1)).await.unwrap().remove(0);
    let whole = store.get(&begun.caller, begun.id).await.unwrap().unwrap();
    [tests_of(listed), tests_of(whole)]
}

fn tests_of(record: ExecutionRecord) -> TestsRecord {
    let RecordState::Ended(EndRecord::Ran(ran)) = record.state else { panic!("{record:?}") };
    ran.tests.unwrap()
}

pub async fn a_record_has_every_test_case_and_a_list_their_summary<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    for number in [0, 1, 8, 100] {
        let tests = sample::tests(number, 20);
        let [listed, whole] = written(&place, &store, &tests).await;
        assert_eq!(whole, tests, "{number}");
        assert_eq!(listed, TestsRecord { cases: Vec::new(), ..tests }, "{number}");
    }
}

pub async fn five_hundred_test_cases_are_one_record<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let tests = sample::tests(500, 200);
    let [_, whole] = written(&place, &store, &tests).await;
    assert_eq!(whole, tests);
}

pub async fn of_test_cases_with_too_long_texts_the_verdicts_stay<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let mut tests = sample::tests(500, 10_000);
    for case in &mut tests.cases {
        case.name = Some("\0".repeat(100_000));
    }
    let [listed, whole] = written(&place, &store, &tests).await;
    let verdicts = |tests: &TestsRecord| tests.cases.iter().map(|case| case.verdict).collect::<Vec<_>>();
    assert_eq!(verdicts(&whole), verdicts(&tests));
    let runs = |tests: &TestsRecord| {
        tests
            .cases
            .iter()
            .map(|case| case.run.as_ref().map(|run| (run.usage, run.ending.status())))
            .collect::<Vec<_>>()
    };
    assert_eq!(runs(&whole), runs(&tests));
    assert_eq!((listed.summary, whole.summary), (tests.summary, tests.summary));
    assert_eq!(listed.cut, whole.cut);
    assert!(whole.cut || whole == tests, "something was left out and nothing says so");
}
