//! What came of a compiler: all of it in the record, without what it wrote in the list.

use safe_code_executor::domain::{
    outcome::Ending,
    ports::ExecutionStore,
    record::{CompileRecord, CompilerStreams, EndRecord, HistoryLimit, RanRecord, RecordState},
};

use crate::{backend::Backend, sample};

pub async fn a_record_has_what_a_compiler_wrote_and_a_list_how_it_ended<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let words = "main.c:1: „no“\0\n".repeat(1000);
    for tests in [None, Some(sample::tests(8, 20)), Some(sample::tests(500, 200))] {
        let compile = sample::compiled(Ending::Exited(1), &words);
        let end = RanRecord {
            ending: Ending::NotCompiled(Box::new(Ending::Exited(1))),
            tests: tests.clone(),
            compile: Some(Box::new(compile.clone())),
            ..sample::ran()
        };
        let begun = sample::start("ann", place.clock().now());
        store.start(&begun).await.unwrap();
        store.finish(&begun.caller, begun.id, &EndRecord::Ran(end.clone())).await.unwrap();
        let whole = store.get(&begun.caller, begun.id).await.unwrap().unwrap();
        assert_eq!(whole.state, RecordState::Ended(EndRecord::Ran(end)));
        let listed = store.history(&begun.caller, None, HistoryLimit::clamped(1)).await.unwrap().remove(0);
        let RecordState::Ended(EndRecord::Ran(ran)) = listed.state else { panic!("{listed:?}") };
        let expected = CompileRecord { streams: CompilerStreams::default(), ..compile };
        assert_eq!(ran.compile.as_deref(), Some(&expected));
        assert_eq!(ran.exit_code(), 1);
    }
}
