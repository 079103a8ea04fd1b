//! The schema and how a file gets to it: forward only, one step after the other, each file once.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::error::OpenError;

/// What `application_id` says of a file of ours: `SCEr`.
const APPLICATION_ID: i64 = 0x5343_4572;

/// The steps, in order; step n makes schema n of schema n - 1. Never change one that was released: add one.
const MIGRATIONS: [&str; 2] =
    [include_str!("migrations/0001_executions.sql"), include_str!("migrations/0002_keys.sql")];

/// The schema this program works with.
pub(super) const SCHEMA: i64 = MIGRATIONS.len() as i64;

/// Refuses a file that is another program's, or a later version's, before anything in it is touched.
///
/// # Errors
/// [`OpenError::Foreign`], [`OpenError::Newer`], and whatever SQLite says.
pub(super) fn refuse_strangers(conn: &Connection, path: &Path) -> Result<(), OpenError> {
    let sqlite = |source| OpenError::Sqlite { path: path.to_owned(), source };
    let pragma = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(sqlite);
    let objects: i64 =
        conn.query_one("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(sqlite)?;
    let id = pragma("application_id")?;
    if id != APPLICATION_ID && (id != 0 || objects > 0) {
        return Err(OpenError::Foreign { path: path.to_owned() });
    }
    let found = pragma("user_version")?;
    if found > SCHEMA {
        return Err(OpenError::Newer { path: path.to_owned(), found, known: SCHEMA });
    }
    Ok(())
}

/// Brings the file to [`SCHEMA`]. Several processes may do so at once: one does, the others find it done.
///
/// # Errors
/// What SQLite says; the file is then as it was.
pub(super) fn migrate(conn: &mut Connection) -> rusqlite::Result<()> {
    let version =
        |conn: &Connection| conn.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0));
    if version(conn)? >= SCHEMA {
        return Ok(());
    }
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = usize::try_from(version(&tx)?).unwrap_or(0);
    for step in MIGRATIONS.iter().skip(done) {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", SCHEMA)?;
    tx.commit()
}
