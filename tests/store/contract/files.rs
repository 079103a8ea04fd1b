//! Files that came back: whole in the record, by their names in the list.

use bytes::Bytes;
use safe_code_executor::domain::{
    files::{Collected, OmittedFile, OutFile},
    ports::ExecutionStore,
    record::{
        EndRecord, ExecutionRecord, FilesRecord, HistoryLimit, MAX_FILES_BYTES, RanRecord, RecordState,
    },
};

use crate::{backend::Backend, sample};

fn files_of(record: ExecutionRecord) -> FilesRecord {
    let RecordState::Ended(EndRecord::Ran(ran)) = record.state else { panic!("{record:?}") };
    ran.files.unwrap()
}

pub async fn a_record_has_the_files_that_came_back_and_a_list_their_names<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let file = |name: &str, content: Bytes| OutFile { name: name.to_owned(), content };
    let omitted = vec![OmittedFile { name: "é".repeat(99), size: 1 << 40, why: "Why.".to_owned() }];
    for (files, tests) in [
        (Vec::new(), None),
        (vec![file("a", Bytes::from_static(b"\0\xff")), file("out/é", Bytes::new())], None),
        (vec![file("large", vec![7; MAX_FILES_BYTES].into()), file("b", Bytes::from_static(b"x"))], None),
        (vec![file("large", vec![7; MAX_FILES_BYTES].into())], Some(sample::tests(500, 10_000))),
    ] {
        let kept = FilesRecord::of(&Collected { files, omitted: omitted.clone(), more: 7 });
        let begun = sample::start("ann", place.clock().now());
        store.start(&begun).await.unwrap();
        let end = EndRecord::Ran(RanRecord { files: Some(kept.clone()), tests, ..sample::ran() });
        store.finish(&begun.caller, begun.id, &end).await.unwrap();
        let whole = store.get(&begun.caller, begun.id).await.unwrap().unwrap();
        assert_eq!(files_of(whole), kept);
        let listed = store.history(&begun.caller, None, HistoryLimit::clamped(1)).await.unwrap().remove(0);
        let mut named = kept;
        named.files.iter_mut().for_each(|file| file.content = None);
        assert_eq!(files_of(listed), named);
    }
}
