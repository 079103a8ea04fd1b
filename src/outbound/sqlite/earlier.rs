//! Rows of schema 2, which had a column for each part of an end, made into rows of schema 3.

use std::time::Duration;

use rusqlite::{Connection, Row, types::Value};

use crate::{
    domain::{
        outcome::{LimitName, LimitReached, Usage},
        record::{EndRecord, FailedStatus},
    },
    outbound::document::{self, earlier::Parts},
};

/// The columns that both schemas have.
const KEPT: [&str; 13] = [
    "seq",
    "caller",
    "id",
    "source",
    "language",
    "started_at",
    "abandoned_at",
    "expires_at",
    "code_bytes",
    "code",
    "status",
    "stdout",
    "stderr",
];

/// Puts this schema's table in the place of the earlier one. `overflow` names the table that is dropped, and then the
/// one that is renamed: foreign keys must be off.
const REPLACE: &str = "DROP TABLE executions; ALTER TABLE executions_3 RENAME TO executions; \
     CREATE INDEX executions_by_expiry ON executions (expires_at);";

/// Makes schema 3 of schema 2. The file needs room for a second copy of its rows meanwhile. An end that cannot be
/// understood has no document: reading it is an error, as it was.
///
/// # Errors
/// What SQLite says: the file is full, say.
pub(super) fn into_documents(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(include_str!("migrations/0003_documents.sql"))?;
    {
        let columns = KEPT.join(", ");
        let places = vec!["?"; KEPT.len() + 1].join(", ");
        let mut insert =
            conn.prepare(&format!("INSERT INTO executions_3 ({columns}, document) VALUES ({places})"))?;
        let mut select = conn.prepare("SELECT * FROM executions")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            for (n, column) in KEPT.iter().enumerate() {
                insert.raw_bind_parameter(n + 1, row.get::<_, Value>(*column)?)?;
            }
            insert.raw_bind_parameter(KEPT.len() + 1, document_of(row)?)?;
            insert.raw_execute()?;
        }
    }
    conn.execute_batch(REPLACE)
}

/// The document of a row's end; `None` before the end, and where the row's end cannot be understood.
fn document_of(row: &Row<'_>) -> rusqlite::Result<Option<String>> {
    let Some(status) = row.get::<_, Option<String>>("status")? else { return Ok(None) };
    match end_of(row, status) {
        Ok(end) => Ok(Some(document::write(&end).document)),
        Err(why) => {
            let id: String = row.get("id")?;
            tracing::warn!(id, why, "the end of an execution cannot be understood and stays unreadable");
            Ok(None)
        }
    }
}

fn end_of(row: &Row<'_>, status: String) -> Result<EndRecord, String> {
    let broken = |error: rusqlite::Error| error.to_string();
    if let Some(status) = FailedStatus::from_name(&status) {
        return Ok(EndRecord::Failed { status, message: row.get("message").map_err(broken)? });
    }
    let limit = match row.get::<_, Option<String>>("limit_name").map_err(broken)? {
        None => None,
        Some(name) => {
            let name = LimitName::from_name(&name).ok_or_else(|| format!("no limit is called {name}"))?;
            Some(limit_of(row, name).map_err(broken)?)
        }
    };
    let parts = parts_of(row, status, limit).map_err(broken)?;
    parts.ran().map(EndRecord::Ran).map_err(|part| format!("`{part}` makes no sense"))
}

fn limit_of(row: &Row<'_>, name: LimitName) -> rusqlite::Result<LimitReached> {
    Ok(LimitReached {
        name,
        value: row.get("limit_value")?,
        observed: row.get("limit_observed")?,
        evidence: row.get("limit_evidence")?,
    })
}

fn parts_of(row: &Row<'_>, status: String, limit: Option<LimitReached>) -> rusqlite::Result<Parts> {
    let number = |column: &str| {
        let number = row.get::<_, i64>(column)?;
        u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(0, number))
    };
    let duration = |column: &str| number(column).map(Duration::from_nanos);
    Ok(Parts {
        status,
        exit_code: row.get("exit_code")?,
        signal: row.get("signal")?,
        limit,
        timeout: duration("timeout")?,
        usage: Usage {
            wall: duration("wall")?,
            cpu: duration("cpu")?,
            memory_bytes: number("memory_bytes")?,
            oom_kills: number("oom_kills")?,
        },
        stdout_total: number("stdout_total")?,
        stderr_total: number("stderr_total")?,
        facts: row.get("facts")?,
    })
}
