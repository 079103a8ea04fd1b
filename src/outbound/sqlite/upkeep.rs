//! Deleting records and keys that have expired, a few at a time between jobs, and giving the file's free pages back.

use std::time::Duration;

use rusqlite::Connection;

use crate::domain::clock::{Clock, to_millis};

/// Records deleted at once. A job that comes meanwhile waits a few milliseconds at most.
const BITE: usize = 32;
/// The wait before the next bite, when there is more to delete.
const PAUSE: Duration = Duration::from_millis(10);
/// Free pages that the file keeps for records to come: 4 MiB in pages of 4 KiB. The file system gets the others back.
const SPARE_PAGES: i64 = 1024;
/// Pages given back at once.
const VACUUM_PAGES: i64 = 256;

/// Does one bite of upkeep; returns the time after which the next one is due.
pub(super) fn upkeep(conn: &mut Connection, clock: &Clock, every: Duration) -> Duration {
    match without_waiting(conn, |conn| Ok(forget(conn, clock)? == BITE || give_back(conn)?)) {
        Ok(true) => PAUSE.min(every),
        Ok(false) => every,
        Err(error) => {
            tracing::warn!(%error, "could not delete expired records; they are not shown, and will be tried again");
            every
        }
    }
}

/// Does `work`, which fails at once where another process holds the file: jobs wait for this thread, and upkeep comes
/// round again.
fn without_waiting<T>(
    conn: &Connection,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let patience: i64 = conn.pragma_query_value(None, "busy_timeout", |row| row.get(0))?;
    conn.busy_timeout(Duration::ZERO)?;
    let done = work(conn);
    conn.busy_timeout(Duration::from_millis(patience.unsigned_abs()))?;
    done
}

fn forget(conn: &Connection, clock: &Clock) -> rusqlite::Result<usize> {
    let mut delete = conn.prepare_cached(
        "DELETE FROM executions WHERE seq IN \
         (SELECT seq FROM executions WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
    )?;
    // `overflow` follows by its foreign key.
    let records = delete.execute((to_millis(clock.now()), BITE as i64))?;
    let mut delete = conn.prepare_cached(
        "DELETE FROM keys WHERE (caller, key) IN \
         (SELECT caller, key FROM keys WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
    )?;
    let keys = delete.execute((to_millis(clock.now()), BITE as i64))?;
    Ok(records.max(keys))
}

fn give_back(conn: &Connection) -> rusqlite::Result<bool> {
    let free: i64 = conn.pragma_query_value(None, "freelist_count", |row| row.get(0))?;
    if free <= SPARE_PAGES {
        return Ok(false);
    }
    // One page goes with each row that is read.
    let mut vacuum = conn.prepare(&format!("PRAGMA incremental_vacuum({VACUUM_PAGES})"))?;
    let mut pages = vacuum.query([])?;
    while pages.next()?.is_some() {}
    Ok(free - VACUUM_PAGES > SPARE_PAGES)
}
