//! What earlier releases wrote is read as they read it: `fixtures/` has a file and a table of each such release.

mod items;
mod records;
mod shown;

use std::{fs, path::PathBuf};

use safe_code_executor::{
    domain::{
        idempotency::{Fingerprint, Holder, IdempotencyKey, Reservation, Reserved},
        ports::ExecutionStore,
        record::{ExecutionRecord, HistoryLimit, RecordState},
    },
    outbound::sqlite::{SqliteConfig, SqliteStore},
};
use serde_json::Value;

use crate::{
    backend::{Backend, ManualClock},
    dynamodb::{self, Dynamo},
    sqlite::Sqlite,
};

/// The releases, by their fixtures' folder.
const RELEASES: [&str; 1] = ["schema-2"];

fn fixture(release: &str, name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/store/fixtures").join(release).join(name)
}

/// The first execution that ended was asked for under this key.
fn key() -> IdempotencyKey {
    IdempotencyKey::parse("the key of a release").unwrap()
}

fn fingerprint() -> Fingerprint {
    Fingerprint::of_bytes(b"the request of a release")
}

async fn fill<S: ExecutionStore>(store: &S) {
    for (n, (start, end)) in records::all().into_iter().enumerate() {
        if n == 1 {
            let wish = Reservation {
                key: key(),
                fingerprint: fingerprint(),
                expires_at: records::EXPIRES,
                instead_of: None,
            };
            assert_eq!(store.reserve(&start, &wish).await.unwrap(), Reserved::Ours);
        } else {
            store.start(&start).await.unwrap();
        }
        if let Some(end) = end {
            store.finish(&start.caller, start.id, &end).await.unwrap();
        }
    }
}

/// Not a test: makes the fixtures of the release that is checked out, in the folder that `STORE_FIXTURES` names.
#[tokio::test]
#[ignore = "writes fixtures: see fixtures/README.md"]
async fn make() {
    let Ok(folder) = std::env::var("STORE_FIXTURES").map(PathBuf::from) else { return };
    fs::create_dir_all(&folder).unwrap();
    let place = Sqlite::at(ManualClock::at(records::READ));
    let store = place.open().await;
    fill(&store).await;
    let shown = serde_json::to_string_pretty(&shown::shown(&store).await).unwrap();
    fs::write(folder.join("shown.json"), shown + "\n").unwrap();
    drop(store);
    place.wait_until_closed();
    fs::copy(place.path(), folder.join("records.db")).unwrap();
    let place = Dynamo::at(ManualClock::at(records::READ)).await;
    fill(&place.open().await).await;
    let items = items::scan(&dynamodb::raw(), place.name()).await;
    fs::write(folder.join("items.json"), serde_json::to_string_pretty(&items).unwrap() + "\n").unwrap();
}

async fn reads_as_it_was_written<S: ExecutionStore>(store: &S, release: &str) {
    for (n, (start, end)) in records::all().into_iter().enumerate() {
        let state = match end {
            Some(end) => RecordState::Ended(end),
            None if n == 0 => RecordState::Abandoned,
            None => RecordState::Running,
        };
        let code_bytes = start.code.len() as u64;
        let read = store.get(&start.caller, start.id).await.unwrap();
        assert_eq!(read, Some(ExecutionRecord { start, code_bytes, state }), "{n}");
    }
    let held = store.holder(&records::caller(), &key()).await.unwrap();
    assert_eq!(held, Some(Holder { id: records::id(1), fingerprint: fingerprint() }));
    let expected: Value =
        serde_json::from_str(&fs::read_to_string(fixture(release, "shown.json")).unwrap()).unwrap();
    let shown = shown::shown(store).await;
    for (part, expected) in expected.as_object().unwrap() {
        let pairs = shown[part].as_array().unwrap().iter().zip(expected.as_array().unwrap());
        pairs.enumerate().for_each(|(n, (shown, expected))| assert_eq!(shown, expected, "{part} {n}"));
    }
    assert_eq!(shown, expected);
}

/// What the earlier release had begun and not ended is ended by this one.
async fn goes_on<S: ExecutionStore>(store: &S) {
    let (start, _) = records::all().pop().unwrap();
    store.start(&start).await.expect("a retry of a start that was written");
    store.finish(&start.caller, start.id, &crate::sample::ran_by(1)).await.unwrap();
    let listed = store.history(&start.caller, None, HistoryLimit::clamped(1)).await.unwrap();
    assert_eq!(listed[0].start.id, start.id);
    let read = store.get(&start.caller, start.id).await.unwrap().unwrap();
    assert_eq!(read.state, RecordState::Ended(crate::sample::ran_by(1)));
}

#[tokio::test]
async fn a_file_of_every_earlier_release_reads_as_it_was_written_and_goes_on() {
    for release in RELEASES {
        let place = Sqlite::at(ManualClock::at(records::READ));
        fs::create_dir(place.path().parent().unwrap()).unwrap();
        fs::copy(fixture(release, "records.db"), place.path()).unwrap();
        // Twice: the second time the file is this release's already.
        for _ in 0..2 {
            let store = SqliteStore::open(&SqliteConfig::at(place.path()), place.clock().clock()).unwrap();
            reads_as_it_was_written(&store, release).await;
        }
        goes_on(&place.open().await).await;
    }
}

#[tokio::test]
async fn a_table_of_every_earlier_release_reads_as_it_was_written_and_goes_on() {
    for release in RELEASES {
        let place = Dynamo::at(ManualClock::at(records::READ)).await;
        let written = fs::read_to_string(fixture(release, "items.json")).unwrap();
        items::put(&dynamodb::raw(), place.name(), &serde_json::from_str::<Vec<_>>(&written).unwrap()).await;
        let store = place.open().await;
        reads_as_it_was_written(&store, release).await;
        goes_on(&store).await;
    }
}
