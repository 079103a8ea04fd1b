//! Long texts: previews, caps, and truth about what was cut.

use bytes::Bytes;
use safe_code_executor::domain::{
    ports::ExecutionStore,
    record::{
        EndRecord, ExecutionRecord, FailedStatus, HistoryLimit, MAX_CODE_BYTES, MAX_MESSAGE_BYTES,
        MAX_STREAM_BYTES, PREVIEW_BYTES, RanRecord, RecordState, StartRecord,
    },
};

use crate::{backend::Backend, sample};

/// Writes an execution with `text` as its code and both its streams, and reads it: from the list, and by itself.
async fn written<B: Backend>(place: &B, store: &B::Store, text: &Bytes) -> [ExecutionRecord; 2] {
    let begun = StartRecord { code: text.clone(), ..sample::start("ann", place.clock().now()) };
    store.start(&begun).await.unwrap();
    let total = text.len() as u64;
    let ran = RanRecord {
        stdout: text.clone(),
        stderr: text.clone(),
        stdout_total: total,
        stderr_total: total,
        ..sample::ran()
    };
    store.finish(&begun.caller, begun.id, &EndRecord::Ran(ran)).await.unwrap();
    let listed = store.history(&begun.caller, None, HistoryLimit::clamped(1)).await.unwrap().remove(0);
    let whole = store.get(&begun.caller, begun.id).await.unwrap().unwrap();
    for record in [&listed, &whole] {
        assert_eq!(record.start.id, begun.id);
        assert_eq!(record.code_bytes, total);
        let ran = ran_of(record);
        assert_eq!((ran.stdout_total, ran.stderr_total), (total, total));
    }
    [listed, whole]
}

fn ran_of(record: &ExecutionRecord) -> &RanRecord {
    match &record.state {
        RecordState::Ended(EndRecord::Ran(ran)) => ran,
        other => panic!("{other:?}"),
    }
}

fn texts(record: &ExecutionRecord) -> [&Bytes; 3] {
    let ran = ran_of(record);
    [&record.start.code, &ran.stdout, &ran.stderr]
}

pub async fn a_list_cuts_long_texts_and_the_single_record_has_them_whole<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    for length in [0, 1, PREVIEW_BYTES - 1, PREVIEW_BYTES, PREVIEW_BYTES + 1, 20_000] {
        let text = Bytes::from("x".repeat(length));
        let [listed, whole] = written(&place, &store, &text).await;
        assert!(texts(&listed).iter().all(|shown| **shown == text[..length.min(PREVIEW_BYTES)]), "{length}");
        assert!(texts(&whole).iter().all(|shown| **shown == text), "{length}");
    }
}

pub async fn a_preview_never_tears_a_character<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    for (character, torn) in [("é", 1), ("日", 2), ("😀", 3)] {
        let text = Bytes::from("x".repeat(PREVIEW_BYTES - torn) + character + "and more");
        let [listed, whole] = written(&place, &store, &text).await;
        assert!(texts(&listed).iter().all(|shown| **shown == text[..PREVIEW_BYTES - torn]), "{character}");
        assert!(texts(&whole).iter().all(|shown| **shown == text), "{character}");
    }
    // Bytes that are no text are cut where the list ends: nothing is torn that was whole.
    let bytes = Bytes::from(vec![0x80; PREVIEW_BYTES + 1]);
    let [listed, _] = written(&place, &store, &bytes).await;
    assert!(texts(&listed).iter().all(|shown| **shown == bytes[..PREVIEW_BYTES]));
}

pub async fn what_is_longer_than_is_kept_is_cut_and_counted_truly<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    for length in [MAX_STREAM_BYTES + 1, 8 * 1024 * 1024] {
        let text = Bytes::from("x".repeat(length));
        let [listed, whole] = written(&place, &store, &text).await;
        assert!(texts(&listed).iter().all(|shown| **shown == text[..PREVIEW_BYTES]));
        let [code, stdout, stderr] = texts(&whole);
        assert_eq!(*code, text[..MAX_CODE_BYTES]);
        assert!([stdout, stderr].iter().all(|shown| **shown == text[..MAX_STREAM_BYTES]));
    }
}

pub async fn full_streams_and_full_code_fit_together<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    // The same over and over, and never the same: a store may cut a long text into parts.
    let counted = |length: usize| {
        let lines: String = (0..=length / 8).map(|n| format!("{n:07}\n")).collect();
        Bytes::from(lines).slice(..length)
    };
    for length in [64 * 1024, MAX_CODE_BYTES, MAX_CODE_BYTES + 1, MAX_STREAM_BYTES] {
        for bytes in [sample::binary(length), counted(length)] {
            let [_, whole] = written(&place, &store, &bytes).await;
            let [code, stdout, stderr] = texts(&whole);
            assert_eq!(*code, bytes[..length.min(MAX_CODE_BYTES)], "{length}");
            assert!(*stdout == bytes && *stderr == bytes, "{length}");
        }
    }
}

pub async fn a_long_message_is_cut_between_characters<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let begun = sample::start("ann", place.clock().now());
    store.start(&begun).await.unwrap();
    let message = format!("x{}", "é".repeat(MAX_MESSAGE_BYTES));
    let end = EndRecord::Failed { status: FailedStatus::SandboxError, message: message.clone() };
    store.finish(&begun.caller, begun.id, &end).await.unwrap();
    let record = store.get(&begun.caller, begun.id).await.unwrap().unwrap();
    let RecordState::Ended(EndRecord::Failed { message: kept, .. }) = record.state else { panic!() };
    assert_eq!(kept, message[..MAX_MESSAGE_BYTES - 1]);
}

pub async fn empty_code_and_streams_stay_empty<B: Backend>() {
    let place = B::fresh().await;
    let store = place.open().await;
    let [listed, whole] = written(&place, &store, &Bytes::new()).await;
    assert_eq!(listed, whole);
    assert!(texts(&whole).iter().all(|shown| shown.is_empty()));
}
