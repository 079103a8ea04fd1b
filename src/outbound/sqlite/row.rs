//! A record as columns, and back. An end is a document, which `outbound/document.rs` makes and reads.

use bytes::Bytes;
use rusqlite::{Row, named_params};
use time::OffsetDateTime;

use super::error::store_error;
use crate::{
    domain::{
        caller::{Caller, Source},
        clock::{from_millis, to_millis},
        error::StoreError,
        record::{EndRecord, ExecutionRecord, PREVIEW_BYTES, RecordState, StartRecord, cut},
    },
    outbound::document,
};

/// Everything [`read`] wants, for a `SELECT`.
pub(super) const COLUMNS: &str = "seq, id, source, language, started_at, abandoned_at, expires_at, code_bytes, \
     code, status, document, stdout, stderr";

pub(super) const INSERT: &str = "INSERT INTO executions \
     (caller, id, source, language, started_at, abandoned_at, expires_at, code_bytes, code) VALUES \
     (:caller, :id, :source, :language, :started_at, :abandoned_at, :expires_at, :code_bytes, :code) \
     ON CONFLICT (caller, id) DO NOTHING";

pub(super) const UPDATE: &str = "UPDATE executions SET status = :status, document = :document, stdout = :stdout, \
     stderr = :stderr, cases = :cases WHERE seq = :seq";

/// Writes the row of a start; says how many rows that were: none when the execution is already there.
pub(super) fn insert(
    statement: &mut rusqlite::Statement<'_>,
    record: &StartRecord,
) -> rusqlite::Result<usize> {
    statement.execute(named_params! {
        ":caller": record.caller.as_str(),
        ":id": record.id.to_string(),
        ":source": record.source.as_str(),
        ":language": record.language,
        ":started_at": to_millis(record.started_at),
        ":abandoned_at": to_millis(record.abandoned_at),
        ":expires_at": to_millis(record.expires_at),
        ":code_bytes": i64::try_from(record.code.len()).unwrap_or(i64::MAX),
        ":code": &*cut(&record.code, PREVIEW_BYTES),
    })
}

/// Writes the columns of an end.
pub(super) fn update(
    statement: &mut rusqlite::Statement<'_>,
    seq: i64,
    end: &EndRecord,
) -> rusqlite::Result<usize> {
    let kept = document::write(end);
    let preview = |stream| cut(stream, PREVIEW_BYTES);
    let (stdout, stderr) = match end {
        EndRecord::Ran(ran) => (Some(preview(&ran.stdout)), Some(preview(&ran.stderr))),
        EndRecord::Failed { .. } => (None, None),
    };
    statement.execute(named_params! {
        ":seq": seq,
        ":status": end.status(),
        ":document": kept.document,
        ":stdout": stdout.as_deref(),
        ":stderr": stderr.as_deref(),
        ":cases": kept.cases.as_deref(),
    })
}

/// The record that a row of [`COLUMNS`] holds, as it reads at `now`.
///
/// # Errors
/// [`StoreError::Corrupt`], with the execution's id and the column's name, when a column cannot be understood.
pub(super) fn read(
    row: &Row<'_>,
    caller: &Caller,
    now: OffsetDateTime,
) -> Result<ExecutionRecord, StoreError> {
    let row = Columns(row);
    let id: String = row.get("id")?;
    let start = StartRecord {
        id: id.parse().map_err(|_| row.broken("id"))?,
        caller: caller.clone(),
        source: row.named("source", Source::from_name)?,
        language: row.get("language")?,
        code: row.bytes("code")?,
        started_at: row.time("started_at")?,
        abandoned_at: row.time("abandoned_at")?,
        expires_at: row.time("expires_at")?,
    };
    let code_bytes = u64::try_from(row.get::<i64>("code_bytes")?).map_err(|_| row.broken("code_bytes"))?;
    let state = match row.get::<Option<String>>("status")? {
        None => start.unended(now),
        Some(_) => RecordState::Ended(row.end()?),
    };
    Ok(ExecutionRecord { start, code_bytes, state })
}

struct Columns<'a>(&'a Row<'a>);

impl Columns<'_> {
    fn get<T: rusqlite::types::FromSql>(&self, column: &str) -> Result<T, StoreError> {
        self.0.get(column).map_err(store_error)
    }

    fn broken(&self, column: &str) -> StoreError {
        self.because(column, "cannot be understood")
    }

    fn because(&self, column: &str, why: impl std::fmt::Display) -> StoreError {
        let id: String = self.0.get("id").unwrap_or_default();
        StoreError::Corrupt(format!("execution {id}: `{column}` {why}"))
    }

    fn named<T>(&self, column: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
        parse(&self.get::<String>(column)?).ok_or_else(|| self.broken(column))
    }

    fn bytes(&self, column: &str) -> Result<Bytes, StoreError> {
        self.get::<Vec<u8>>(column).map(Bytes::from)
    }

    fn time(&self, column: &str) -> Result<OffsetDateTime, StoreError> {
        from_millis(self.get(column)?).ok_or_else(|| self.broken(column))
    }

    fn end(&self) -> Result<EndRecord, StoreError> {
        let text: Option<String> = self.get("document")?;
        let text = text.ok_or_else(|| self.because("document", "is missing"))?;
        let mut end = document::read(&text).map_err(|why| self.because("document", why))?;
        if let EndRecord::Ran(ran) = &mut end {
            (ran.stdout, ran.stderr) = (self.bytes("stdout")?, self.bytes("stderr")?);
        }
        Ok(end)
    }
}
