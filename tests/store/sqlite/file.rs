//! The file itself: who may read it, and which files are refused.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    time::Duration,
};

use rusqlite::Connection;
use safe_code_executor::{
    domain::{
        caller::Caller,
        error::StoreError,
        outcome::Ending,
        ports::ExecutionStore,
        record::{EndRecord, FailedStatus, HistoryLimit, RecordState},
    },
    outbound::sqlite::{OpenError, SqliteConfig, SqliteStore},
};

use super::Sqlite;
use crate::{backend::Backend, sample};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn refusal(place: &Sqlite) -> OpenError {
    let config = SqliteConfig { busy_timeout: Duration::from_millis(100), ..place.config() };
    SqliteStore::open(&config, place.clock().clock()).unwrap_err()
}

#[tokio::test]
async fn only_the_owner_may_read_what_callers_ran() {
    let place = Sqlite::fresh().await;
    let store = place.open().await;
    store.start(&sample::start("ann", place.clock().now())).await.unwrap();
    let folder = place.path().parent().unwrap().to_owned();
    assert_eq!(mode(&folder), 0o700);
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        files += 1;
    }
    assert_eq!(files, 3, "the file, its log, the log's index");
}

#[tokio::test]
async fn a_file_that_was_open_to_others_is_closed_to_them() {
    let place = Sqlite::fresh().await;
    fs::create_dir(place.path().parent().unwrap()).unwrap();
    fs::write(place.path(), "").unwrap();
    fs::set_permissions(place.path(), Permissions::from_mode(0o664)).unwrap();
    let _store = place.open().await;
    assert_eq!(mode(&place.path()), 0o600);
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused_by_name_and_not_touched() {
    let place = Sqlite::fresh().await;
    fs::create_dir(place.path().parent().unwrap()).unwrap();
    let newer = Connection::open(place.path()).unwrap();
    newer
        .execute_batch("CREATE TABLE later (x); PRAGMA application_id = 0x53434572; PRAGMA user_version = 99")
        .unwrap();
    drop(newer);
    let before = fs::read(place.path()).unwrap();
    let error = refusal(&place);
    assert!(matches!(error, OpenError::Newer { found: 99, known: 3, .. }), "{error:?}");
    let message = error.to_string();
    assert!(message.contains("schema 99") && message.contains("Upgrade"), "{message}");
    assert_eq!(fs::read(place.path()).unwrap(), before);
}

/// A file of schema 1 with three executions: one ran, one cannot be understood, one failed.
fn file_of_schema_1(place: &Sqlite) {
    fs::create_dir(place.path().parent().unwrap()).unwrap();
    let first = Connection::open(place.path()).unwrap();
    first.execute_batch(include_str!("../../../src/outbound/sqlite/migrations/0001_executions.sql")).unwrap();
    let row = |n: i64, columns: &str, values: &str| {
        format!(
            "INSERT INTO executions (seq, caller, id, source, language, started_at, abandoned_at, expires_at, \
             code_bytes, code, {columns}) VALUES ({n}, 'ann', '01997c6e-0000-7000-8000-00000000000{n}', 'http', \
             'python', 1, 2, 9000000000000, 1, x'31', {values});"
        )
    };
    let parts = "status, exit_code, timeout, wall, cpu, memory_bytes, oom_kills, stdout_total, stderr_total, \
                 stdout, stderr";
    let rows = [
        row(1, parts, "'nonzero_exit', 3, 10000000000, 5, 6, 7, 0, 4000, 0, x'32', x''"),
        row(2, parts, "'completed', 3, 10000000000, 5, 6, 7, 0, 1, 0, x'32', x''"),
        row(3, "status, message", "'cancelled', 'The caller went away.'"),
    ];
    first.execute_batch(&rows.concat()).unwrap();
    let whole = "INSERT INTO overflow VALUES (1, 'stdout', zeroblob(4000)); \
                 PRAGMA application_id = 0x53434572; PRAGMA user_version = 1";
    first.execute_batch(whole).unwrap();
}

#[tokio::test]
async fn a_file_of_the_first_schema_is_brought_to_the_last_with_all_that_it_holds() {
    let place = Sqlite::fresh().await;
    file_of_schema_1(&place);
    let store = place.open().await;
    let get = async |n: u8| {
        let id = format!("01997c6e-0000-7000-8000-00000000000{n}").parse().unwrap();
        store.get(&Caller::principal("ann"), id).await
    };
    let RecordState::Ended(EndRecord::Ran(ran)) = get(1).await.unwrap().unwrap().state else { panic!() };
    assert_eq!((ran.ending, ran.facts, ran.timeout), (Ending::Exited(3), None, Duration::from_secs(10)));
    assert_eq!(
        (ran.usage.wall, ran.stdout.len()),
        (Duration::from_nanos(5), 4000),
        "the long stream is there"
    );
    let broken = get(2).await;
    let Err(StoreError::Corrupt(why)) = broken else { panic!("{broken:?}") };
    assert!(why.contains("0002") && why.contains("document"), "{why}");
    let failed =
        EndRecord::Failed { status: FailedStatus::Cancelled, message: "The caller went away.".to_owned() };
    assert_eq!(get(3).await.unwrap().unwrap().state, RecordState::Ended(failed));
    let checked = Connection::open(place.path()).unwrap();
    let count = |sql: &str| checked.query_one(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_eq!(count("SELECT count(*) FROM sqlite_schema WHERE name LIKE '%executions_3%'"), 0);
    assert_eq!(count("SELECT count(*) FROM sqlite_schema WHERE name = 'executions_by_expiry'"), 1);
}

#[tokio::test]
async fn another_programs_database_is_refused_and_not_touched() {
    for strange in ["CREATE TABLE cookies (x)", "PRAGMA application_id = 42; CREATE TABLE cookies (x)"] {
        let place = Sqlite::fresh().await;
        fs::create_dir(place.path().parent().unwrap()).unwrap();
        Connection::open(place.path()).unwrap().execute_batch(strange).unwrap();
        let before = fs::read(place.path()).unwrap();
        let error = refusal(&place);
        assert!(matches!(error, OpenError::Foreign { .. }), "{error:?}");
        assert_eq!(fs::read(place.path()).unwrap(), before);
    }
}

#[tokio::test]
async fn what_is_no_database_is_refused_and_not_touched() {
    let place = Sqlite::fresh().await;
    fs::create_dir(place.path().parent().unwrap()).unwrap();
    let letter = "Dear Sir or Madam, ".repeat(500);
    fs::write(place.path(), &letter).unwrap();
    let error = refusal(&place);
    assert!(matches!(error, OpenError::Sqlite { .. }), "{error:?}");
    assert_eq!(fs::read_to_string(place.path()).unwrap(), letter);
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let place = Sqlite::fresh().await;
    fs::write(place.path().parent().unwrap(), "in the way").unwrap();
    let error = refusal(&place);
    assert!(matches!(error, OpenError::Folder { .. }), "{error:?}");
    assert!(error.to_string().contains("/data"), "{error}");
}

#[tokio::test]
async fn a_file_that_may_not_be_written_is_refused_at_start() {
    let place = Sqlite::fresh().await;
    drop(place.open().await);
    super::drills::wait_until_closed(&place.path());
    // File modes do not stop root. A write version above 2 makes SQLite itself take the file as read-only.
    let mut bytes = fs::read(place.path()).unwrap();
    bytes[18] = 3;
    fs::write(place.path(), bytes).unwrap();
    let error = refusal(&place);
    let OpenError::Sqlite { source, .. } = error else { panic!("{error:?}") };
    assert_eq!(source.sqlite_error_code(), Some(rusqlite::ErrorCode::ReadOnly), "{source}");
}

#[tokio::test]
async fn a_row_that_makes_no_sense_is_corrupt_and_named() {
    for nonsense in [
        "UPDATE executions SET document = 'exploded'",
        "UPDATE executions SET document = NULL",
        "UPDATE executions SET document = '{\"v\": 2, \"end\": {\"exploded\": {}}}'",
        "UPDATE executions SET code_bytes = -1",
        "UPDATE executions SET expires_at = 9223372036854775807",
        "UPDATE executions SET source = 'pigeon'",
        "UPDATE executions SET stdout = NULL",
        "UPDATE executions SET stderr = NULL",
    ] {
        let place = Sqlite::fresh().await;
        let store = place.open().await;
        let begun = sample::start("ann", place.clock().now());
        store.start(&begun).await.unwrap();
        store.finish(&begun.caller, begun.id, &sample::ran_by(1)).await.unwrap();
        Connection::open(place.path()).unwrap().execute_batch(nonsense).unwrap();
        let read = store.get(&begun.caller, begun.id).await;
        assert!(matches!(read, Err(StoreError::Corrupt(_))), "{nonsense}: {read:?}");
        let listed = store.history(&begun.caller, None, HistoryLimit::default()).await;
        assert!(matches!(listed, Err(StoreError::Corrupt(_))), "{nonsense}: {listed:?}");
    }
}
