//! The schema and how a file gets to it: forward only, one step after the other, each file once.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::{earlier, error::OpenError};

/// What `application_id` says of a file of ours: `SCEr`.
const APPLICATION_ID: i64 = 0x5343_4572;

/// Makes the next schema within a transaction, while foreign keys are off.
type Step = fn(&Connection) -> rusqlite::Result<()>;

/// The steps, in order; step n makes schema n of schema n - 1. Never change one that was released: add one.
const MIGRATIONS: [Step; 3] = [
    |conn| conn.execute_batch(include_str!("migrations/0001_executions.sql")),
    |conn| conn.execute_batch(include_str!("migrations/0002_keys.sql")),
    earlier::into_documents,
];

/// The schema this program works with.
pub(super) const SCHEMA: i64 = MIGRATIONS.len() as i64;

/// Refuses a file that is another program's, or a later version's, before anything in it is touched.
///
/// # Errors
/// [`OpenError::Foreign`] for a file with tables of another program's; [`OpenError::Newer`] for a schema beyond
/// [`SCHEMA`]; [`OpenError::Sqlite`] when the file cannot be read.
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

/// Brings the file to [`SCHEMA`]. Several processes may do so at once: one does, the others find it done. A process of an
/// earlier version that has the file open meanwhile is refused its statements from then on.
///
/// # Errors
/// What SQLite says; the file is then as it was.
pub(super) fn migrate(conn: &mut Connection) -> rusqlite::Result<()> {
    let version =
        |conn: &Connection| conn.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0));
    if version(conn)? >= SCHEMA {
        return Ok(());
    }
    // A step that replaces a table must not take with it what refers to the table. The setting cannot be changed within
    // a transaction.
    conn.pragma_update(None, "foreign_keys", false)?;
    let done = step_up(conn, version);
    conn.pragma_update(None, "foreign_keys", true)?;
    done
}

fn step_up(
    conn: &mut Connection,
    version: impl Fn(&Connection) -> rusqlite::Result<i64>,
) -> rusqlite::Result<()> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = usize::try_from(version(&tx)?).unwrap_or(0);
    for step in MIGRATIONS.iter().skip(done) {
        step(&tx)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", SCHEMA)?;
    tx.commit()
}
