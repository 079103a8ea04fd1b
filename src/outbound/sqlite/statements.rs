//! What the port asks for, as statements on one connection.

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use time::OffsetDateTime;

use super::{error::store_error, row};
use crate::{
    domain::{
        caller::Caller,
        clock::to_millis,
        error::StoreError,
        id::ExecutionId,
        record::{
            EndRecord, ExecutionRecord, Forgotten, HistoryLimit, MAX_CODE_BYTES, MAX_STREAM_BYTES,
            PREVIEW_BYTES, RecordState, StartRecord, cut,
        },
    },
    outbound::document,
};

/// Bytes that a health check writes: about a record with its previews.
const PROBE_BYTES: i32 = 16 * 1024;
/// Sorts after every id, whose characters are `0` to `9`, `a` to `f` and `-`.
const AFTER_EVERY_ID: &str = "g";

pub(super) fn start(
    conn: &mut Connection,
    record: &StartRecord,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    let tx = begin(conn)?;
    if !insert_start(&tx, record)? {
        return match find(&tx, &record.caller, record.id, now)? {
            Some((_, kept)) if record.is_retry_of(&kept) => Ok(()),
            _ => Err(StoreError::Corrupt(format!("another execution {} has begun before", record.id))),
        };
    }
    tx.commit().map_err(store_error)
}

/// Writes a start, whole; false when there is one of this id already.
pub(super) fn insert_start(tx: &Transaction<'_>, record: &StartRecord) -> Result<bool, StoreError> {
    let written = tx.prepare_cached(row::INSERT).and_then(|mut insert| row::insert(&mut insert, record));
    if written.map_err(store_error)? == 0 {
        return Ok(false);
    }
    overflow(tx, tx.last_insert_rowid(), "code", &record.code, MAX_CODE_BYTES)?;
    Ok(true)
}

pub(super) fn finish(
    conn: &mut Connection,
    caller: &Caller,
    id: ExecutionId,
    end: &EndRecord,
) -> Result<(), StoreError> {
    let tx = begin(conn)?;
    write_end(&tx, caller, id, end)?;
    tx.commit().map_err(store_error)
}

/// Writes an end, and before it the start where there is none.
pub(super) fn close(conn: &mut Connection, start: &StartRecord, end: &EndRecord) -> Result<(), StoreError> {
    let tx = begin(conn)?;
    insert_start(&tx, start)?;
    write_end(&tx, &start.caller, start.id, end)?;
    tx.commit().map_err(store_error)
}

fn write_end(
    tx: &Transaction<'_>,
    caller: &Caller,
    id: ExecutionId,
    end: &EndRecord,
) -> Result<(), StoreError> {
    let mut select = tx
        .prepare_cached("SELECT seq, status IS NOT NULL FROM executions WHERE caller = ?1 AND id = ?2")
        .map_err(store_error)?;
    let found = select.query_one((caller.as_str(), id.to_string()), |row| Ok((row.get(0)?, row.get(1)?)));
    drop(select);
    let seq: i64 = match found.optional().map_err(store_error)? {
        None => return Err(StoreError::Corrupt(format!("execution {id} ends and has never begun"))),
        Some((_, true)) => return Ok(()),
        Some((seq, false)) => seq,
    };
    if let EndRecord::Ran(ran) = end {
        overflow(tx, seq, "stdout", &ran.stdout, MAX_STREAM_BYTES)?;
        overflow(tx, seq, "stderr", &ran.stderr, MAX_STREAM_BYTES)?;
    }
    let written = tx.prepare_cached(row::UPDATE).and_then(|mut update| row::update(&mut update, seq, end));
    written.map_err(store_error)?;
    Ok(())
}

/// Walks the callers' index downwards from the id that is given and stops at the limit. The `+` keeps SQLite from choosing the
/// index of `expires_at` instead, which would have it read everything and sort.
fn history_sql() -> String {
    format!(
        "SELECT {} FROM executions WHERE caller = ?1 AND id < ?2 AND +expires_at > ?3 ORDER BY id DESC LIMIT ?4",
        row::COLUMNS
    )
}

pub(super) fn history(
    conn: &mut Connection,
    caller: &Caller,
    before: Option<ExecutionId>,
    limit: HistoryLimit,
    now: OffsetDateTime,
) -> Result<Vec<ExecutionRecord>, StoreError> {
    let mut select = conn.prepare_cached(&history_sql()).map_err(store_error)?;
    let before = before.map_or_else(|| AFTER_EVERY_ID.to_owned(), |id| id.to_string());
    let mut rows = select
        .query(params![caller.as_str(), before, to_millis(now), limit.get() as i64])
        .map_err(store_error)?;
    let mut records = Vec::with_capacity(limit.get());
    while let Some(row) = rows.next().map_err(store_error)? {
        records.push(row::read(row, caller, now)?);
    }
    Ok(records)
}

pub(super) fn get(
    conn: &mut Connection,
    caller: &Caller,
    id: ExecutionId,
    now: OffsetDateTime,
) -> Result<Option<ExecutionRecord>, StoreError> {
    // One view of the file for both statements: the record may be deleted meanwhile.
    let tx = conn.transaction_with_behavior(TransactionBehavior::Deferred).map_err(store_error)?;
    let Some((seq, mut record)) =
        find(&tx, caller, id, now)?.filter(|(_, record)| !record.start.expired(now))
    else {
        return Ok(None);
    };
    let mut select =
        tx.prepare_cached("SELECT part, bytes FROM overflow WHERE seq = ?1").map_err(store_error)?;
    let mut parts = select.query([seq]).map_err(store_error)?;
    while let Some(row) = parts.next().map_err(store_error)? {
        let part: String = row.get(0).map_err(store_error)?;
        let bytes = Bytes::from(row.get::<_, Vec<u8>>(1).map_err(store_error)?);
        match (part.as_str(), &mut record.state) {
            ("code", _) => record.start.code = bytes,
            ("stdout", RecordState::Ended(EndRecord::Ran(ran))) => ran.stdout = bytes,
            ("stderr", RecordState::Ended(EndRecord::Ran(ran))) => ran.stderr = bytes,
            _ => return Err(StoreError::Corrupt(format!("execution {id} has {part} and no end"))),
        }
    }
    if let RecordState::Ended(EndRecord::Ran(ran)) = &mut record.state
        && document::has_cases(ran)
    {
        let cases = tx
            .prepare_cached("SELECT cases FROM executions WHERE seq = ?1")
            .and_then(|mut select| select.query_one([seq], |row| row.get::<_, Vec<u8>>(0)));
        let broken = |why| StoreError::Corrupt(format!("execution {id}: `cases` {why}"));
        document::read_cases(&cases.map_err(store_error)?, ran).map_err(broken)?;
    }
    Ok(Some(record))
}

/// Removes the row of an execution that can no longer run on; its texts in `overflow` follow by their foreign key.
pub(super) fn delete(
    conn: &mut Connection,
    caller: &Caller,
    id: ExecutionId,
    now: OffsetDateTime,
) -> Result<Forgotten, StoreError> {
    let tx = begin(conn)?;
    let found = tx
        .prepare_cached(
            "SELECT seq, status IS NOT NULL OR abandoned_at <= ?3 FROM executions \
             WHERE caller = ?1 AND id = ?2 AND expires_at > ?3",
        )
        .and_then(|mut select| {
            let row = select.query_one((caller.as_str(), id.to_string(), to_millis(now)), |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?))
            });
            row.optional()
        });
    let seq = match found.map_err(store_error)? {
        None => return Ok(Forgotten::NotFound),
        Some((_, false)) => return Ok(Forgotten::StillRunning),
        Some((seq, true)) => seq,
    };
    tx.prepare_cached("DELETE FROM executions WHERE seq = ?1")
        .and_then(|mut delete| delete.execute([seq]))
        .map_err(store_error)?;
    tx.commit().map_err(store_error)?;
    Ok(Forgotten::Done)
}

/// Commits a write of about a record's size: a file that is read-only, locked or full is noticed by a health check and
/// not by the next execution.
pub(super) fn check(conn: &mut Connection, now: OffsetDateTime) -> Result<(), StoreError> {
    let mut probe = || {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let write = "INSERT INTO probe (one, at, bytes) VALUES (1, ?1, zeroblob(?2)) \
             ON CONFLICT DO UPDATE SET at = excluded.at, bytes = excluded.bytes";
        tx.prepare_cached(write)?.execute((to_millis(now), PROBE_BYTES))?;
        tx.prepare_cached("UPDATE probe SET bytes = x''")?.execute([])?;
        tx.commit()
    };
    probe().map_err(store_error)
}

/// Whether the file can be read; costs one read of a table with one row.
pub(super) fn answers(conn: &mut Connection) -> Result<(), StoreError> {
    let read = conn.prepare_cached("SELECT one FROM probe").and_then(|mut select| select.exists([]));
    read.map_err(store_error).map(drop)
}

/// Begins a transaction that writes.
pub(super) fn begin(conn: &mut Connection) -> Result<Transaction<'_>, StoreError> {
    // Immediate: the transaction waits for the file's lock here, as long as the busy timeout, and not at its first write.
    conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(store_error)
}

fn find(
    conn: &Connection,
    caller: &Caller,
    id: ExecutionId,
    now: OffsetDateTime,
) -> Result<Option<(i64, ExecutionRecord)>, StoreError> {
    let sql = format!("SELECT {} FROM executions WHERE caller = ?1 AND id = ?2", row::COLUMNS);
    let mut select = conn.prepare_cached(&sql).map_err(store_error)?;
    let mut rows = select.query((caller.as_str(), id.to_string())).map_err(store_error)?;
    let Some(row) = rows.next().map_err(store_error)? else { return Ok(None) };
    Ok(Some((row.get("seq").map_err(store_error)?, row::read(row, caller, now)?)))
}

/// Keeps a text of which the row has only the preview, up to `most` bytes of it.
fn overflow(
    tx: &Transaction<'_>,
    seq: i64,
    part: &str,
    bytes: &Bytes,
    most: usize,
) -> Result<(), StoreError> {
    if bytes.len() <= PREVIEW_BYTES {
        return Ok(());
    }
    tx.prepare_cached("INSERT INTO overflow (seq, part, bytes) VALUES (?1, ?2, ?3)")
        .and_then(|mut insert| insert.execute((seq, part, &*cut(bytes, most))))
        .map_err(store_error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::sqlite::{SqliteConfig, open::open_writer};

    fn plan(conn: &Connection, sql: &str) -> String {
        let mut explain = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let rows =
            explain.query_map(params!["local", "g", 0, 10], |row| row.get::<_, String>("detail")).unwrap();
        rows.map(Result::unwrap).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn history_walks_one_index_and_neither_scans_nor_sorts() {
        let folder = tempfile::tempdir().unwrap();
        let conn = open_writer(&SqliteConfig::at(folder.path().join("records.db"))).unwrap();
        let good = "SEARCH executions USING INDEX sqlite_autoindex_executions_1 (caller=? AND id<?)";
        assert_eq!(plan(&conn, &history_sql()), good);
        // And when ANALYZE has told the planner of a lopsided table: one caller, everything long expired.
        conn.execute_batch(
            "INSERT INTO executions (caller, id, source, language, started_at, abandoned_at, expires_at, \
             code_bytes, code) SELECT 'local', n, '', '', n, n, 1, 0, x'' FROM \
             (WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 5000) \
             SELECT n FROM numbers); ANALYZE;",
        )
        .unwrap();
        assert_eq!(plan(&conn, &history_sql()), good);
    }
}
