//! A record as columns, and back.

use std::time::Duration;

use bytes::Bytes;
use rusqlite::{Row, named_params};
use time::OffsetDateTime;

use super::error::store_error;
use crate::domain::{
    caller::{Caller, Source},
    clock::{from_millis, to_millis},
    error::StoreError,
    outcome::{LimitName, LimitReached, Status, Usage},
    record::{
        EndRecord, ExecutionRecord, FailedStatus, PREVIEW_BYTES, RanRecord, RecordState, StartRecord, cut,
        cut_message,
    },
};

/// Everything [`read`] wants, for a `SELECT`.
pub(super) const COLUMNS: &str = "seq, id, source, language, started_at, abandoned_at, expires_at, code_bytes, \
     code, status, message, exit_code, signal, limit_name, limit_value, limit_observed, limit_evidence, timeout, \
     wall, cpu, memory_bytes, oom_kills, stdout_total, stderr_total, stdout, stderr, facts";

pub(super) const INSERT: &str = "INSERT INTO executions \
     (caller, id, source, language, started_at, abandoned_at, expires_at, code_bytes, code) VALUES \
     (:caller, :id, :source, :language, :started_at, :abandoned_at, :expires_at, :code_bytes, :code) \
     ON CONFLICT (caller, id) DO NOTHING";

pub(super) const UPDATE_RAN: &str = "UPDATE executions SET status = :status, exit_code = :exit_code, \
     signal = :signal, limit_name = :limit_name, limit_value = :limit_value, limit_observed = :limit_observed, \
     limit_evidence = :limit_evidence, timeout = :timeout, wall = :wall, cpu = :cpu, \
     memory_bytes = :memory_bytes, oom_kills = :oom_kills, stdout_total = :stdout_total, \
     stderr_total = :stderr_total, stdout = :stdout, stderr = :stderr, facts = :facts WHERE seq = :seq";

pub(super) const UPDATE_FAILED: &str =
    "UPDATE executions SET status = :status, message = :message WHERE seq = :seq";

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
        ":code_bytes": integer(record.code.len() as u64),
        ":code": &*cut(&record.code, PREVIEW_BYTES),
    })
}

/// Writes the columns of a run that took place.
pub(super) fn update_ran(
    statement: &mut rusqlite::Statement<'_>,
    seq: i64,
    ran: &RanRecord,
) -> rusqlite::Result<usize> {
    let limit = ran.limit.as_ref();
    statement.execute(named_params! {
        ":seq": seq,
        ":status": ran.status.as_str(),
        ":exit_code": ran.exit_code,
        ":signal": ran.signal,
        ":limit_name": limit.map(|limit| limit.name.as_str()),
        ":limit_value": limit.map(|limit| limit.value),
        ":limit_observed": limit.map(|limit| limit.observed),
        ":limit_evidence": limit.map(|limit| cut_message(&limit.evidence)),
        ":timeout": nanos(ran.timeout),
        ":wall": nanos(ran.usage.wall),
        ":cpu": nanos(ran.usage.cpu),
        ":memory_bytes": integer(ran.usage.memory_bytes),
        ":oom_kills": integer(ran.usage.oom_kills),
        ":stdout_total": integer(ran.stdout_total),
        ":stderr_total": integer(ran.stderr_total),
        ":stdout": &*cut(&ran.stdout, PREVIEW_BYTES),
        ":stderr": &*cut(&ran.stderr, PREVIEW_BYTES),
        // Numbers and short texts always serialise.
        ":facts": ran.facts.as_ref().and_then(|facts| serde_json::to_string(facts).ok()),
    })
}

/// Writes the columns of an execution that failed in our hands.
pub(super) fn update_failed(
    statement: &mut rusqlite::Statement<'_>,
    seq: i64,
    status: FailedStatus,
    message: &str,
) -> rusqlite::Result<usize> {
    statement.execute(named_params! {
        ":seq": seq,
        ":status": status.as_str(),
        ":message": cut_message(message),
    })
}

/// The record that a row of [`COLUMNS`] holds, as it reads at `now`.
///
/// # Errors
/// [`StoreError::Corrupt`] naming the execution and the column.
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
    let code_bytes = row.unsigned("code_bytes")?;
    let state = match row.get::<Option<String>>("status")? {
        None => start.unended(now),
        Some(status) => RecordState::Ended(match FailedStatus::from_name(&status) {
            Some(status) => EndRecord::Failed { status, message: row.get("message")? },
            None => EndRecord::Ran(row.ran()?),
        }),
    };
    Ok(ExecutionRecord { start, code_bytes, state })
}

struct Columns<'a>(&'a Row<'a>);

impl Columns<'_> {
    fn get<T: rusqlite::types::FromSql>(&self, column: &str) -> Result<T, StoreError> {
        self.0.get(column).map_err(store_error)
    }

    fn broken(&self, column: &str) -> StoreError {
        let id: String = self.0.get("id").unwrap_or_default();
        StoreError::Corrupt(format!("execution {id}: `{column}` cannot be understood"))
    }

    fn named<T>(&self, column: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
        parse(&self.get::<String>(column)?).ok_or_else(|| self.broken(column))
    }

    fn bytes(&self, column: &str) -> Result<Bytes, StoreError> {
        self.get::<Vec<u8>>(column).map(Bytes::from)
    }

    fn unsigned(&self, column: &str) -> Result<u64, StoreError> {
        u64::try_from(self.get::<i64>(column)?).map_err(|_| self.broken(column))
    }

    fn duration(&self, column: &str) -> Result<Duration, StoreError> {
        self.unsigned(column).map(Duration::from_nanos)
    }

    fn time(&self, column: &str) -> Result<OffsetDateTime, StoreError> {
        from_millis(self.get(column)?).ok_or_else(|| self.broken(column))
    }

    fn ran(&self) -> Result<RanRecord, StoreError> {
        let limit = match self.get::<Option<String>>("limit_name")? {
            None => None,
            Some(name) => Some(LimitReached {
                name: LimitName::from_name(&name).ok_or_else(|| self.broken("limit_name"))?,
                value: self.get("limit_value")?,
                observed: self.get("limit_observed")?,
                evidence: self.get("limit_evidence")?,
            }),
        };
        let facts = self.get::<Option<String>>("facts")?;
        let facts = facts.map(|text| serde_json::from_str(&text)).transpose();
        Ok(RanRecord {
            facts: facts.map_err(|_| self.broken("facts"))?,
            status: self.named("status", Status::from_name)?,
            exit_code: self.get("exit_code")?,
            signal: self.get("signal")?,
            limit,
            stdout: self.bytes("stdout")?,
            stderr: self.bytes("stderr")?,
            stdout_total: self.unsigned("stdout_total")?,
            stderr_total: self.unsigned("stderr_total")?,
            timeout: self.duration("timeout")?,
            usage: Usage {
                wall: self.duration("wall")?,
                cpu: self.duration("cpu")?,
                memory_bytes: self.unsigned("memory_bytes")?,
                oom_kills: self.unsigned("oom_kills")?,
            },
        })
    }
}

/// SQLite's integers have a sign; what does not fit (beyond 2^63) reads as the largest there is.
fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}
