//! A record as attributes, and back.
//!
//! An item has at most 400 KiB, names of attributes included. An execution's has some 9 KiB at most (three
//! previews, a message, the caller's name). A text that is longer than its preview is kept in items of its own, each
//! with at most [`PART_BYTES`] of it: two for the longest stream.

use std::collections::HashMap;

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use bytes::Bytes;
use time::OffsetDateTime;

use super::{attributes::Attributes, key};
use crate::domain::{
    caller::{Caller, Source},
    clock::to_millis,
    error::StoreError,
    outcome::{LimitName, LimitReached, Status, Usage},
    record::{
        EndRecord, ExecutionRecord, FailedStatus, MAX_CODE_BYTES, MAX_STREAM_BYTES, PREVIEW_BYTES, RanRecord,
        RecordState, StartRecord, cut, cut_message,
    },
};

pub(super) type Item = HashMap<String, AttributeValue>;

/// The attribute that only an execution that has ended has.
pub(super) const STATUS: &str = "status";

/// The most bytes of a text that one item holds.
const PART_BYTES: usize = 256 * 1024;
/// Between the sort keys of a body's items. No sort key has one.
const NEXT: char = ',';

/// A text that is longer than its preview, as items of its own.
#[derive(Debug)]
pub(super) struct Body {
    /// Sort key and bytes of each item, in the text's order.
    pub items: Vec<(String, Bytes)>,
}

impl Body {
    /// The body of the code, when it needs one.
    pub fn of_code(code: &Bytes) -> Option<Self> {
        Self::of("code", code, MAX_CODE_BYTES)
    }

    /// The body of this stream, when it needs one.
    pub fn of_stream(name: &str, stream: &Bytes) -> Option<Self> {
        Self::of(name, stream, MAX_STREAM_BYTES)
    }

    fn of(name: &str, text: &Bytes, most: usize) -> Option<Self> {
        (text.len() > PREVIEW_BYTES).then(|| {
            let kept = cut(text, most);
            let parts = kept.chunks(PART_BYTES).map(|part| (key::body(name, part), kept.slice_ref(part)));
            Self { items: parts.collect() }
        })
    }

    /// What the execution's item says of it.
    pub fn keys(&self) -> String {
        let keys: Vec<&str> = self.items.iter().map(|(key, _)| key.as_str()).collect();
        keys.join(&NEXT.to_string())
    }

    /// The sort keys in what an execution's item says.
    pub fn keys_in(attribute: &str) -> impl Iterator<Item = &str> {
        attribute.split(NEXT)
    }
}

/// What the item says of the bodies that an execution has.
#[derive(Debug, Default)]
pub(super) struct BodyKeys {
    pub code: Option<String>,
    pub stdout: Option<String>,
    pub stderr: Option<String>,
}

/// Seconds of the TTL attribute: rounded up, an item is never deleted before it has expired.
pub(super) fn ttl(expires_at: OffsetDateTime) -> AttributeValue {
    number(to_millis(expires_at).div_euclid(1000) + 1)
}

/// The item of a start.
pub(super) fn of_start(record: &StartRecord, body: Option<&Body>) -> Item {
    let mut item = Item::from([
        (key::PARTITION_KEY.to_owned(), text(key::executions_of(&record.caller))),
        (key::SORT_KEY.to_owned(), text(key::execution(record.id))),
        (key::TTL.to_owned(), ttl(record.expires_at)),
        ("source".to_owned(), text(record.source.as_str())),
        ("language".to_owned(), text(&*record.language)),
        ("started_at".to_owned(), number(to_millis(record.started_at))),
        ("abandoned_at".to_owned(), number(to_millis(record.abandoned_at))),
        ("expires_at".to_owned(), number(to_millis(record.expires_at))),
        ("code_bytes".to_owned(), number(record.code.len())),
        ("code".to_owned(), preview(&record.code)),
    ]);
    if let Some(body) = body {
        item.insert("code_body".to_owned(), text(body.keys()));
    }
    item
}

/// The attributes that an end adds.
pub(super) fn of_end(
    end: &EndRecord,
    stdout: Option<&Body>,
    stderr: Option<&Body>,
) -> Vec<(&'static str, AttributeValue)> {
    let ran = match end {
        EndRecord::Ran(ran) => ran,
        EndRecord::Failed { status, message } => {
            return vec![(STATUS, text(status.as_str())), ("message", text(cut_message(message)))];
        }
    };
    let mut attributes = vec![
        (STATUS, text(ran.status.as_str())),
        ("exit_code", number(ran.exit_code)),
        ("timeout", number(ran.timeout.as_nanos())),
        ("wall", number(ran.usage.wall.as_nanos())),
        ("cpu", number(ran.usage.cpu.as_nanos())),
        ("memory_bytes", number(ran.usage.memory_bytes)),
        ("oom_kills", number(ran.usage.oom_kills)),
        ("stdout_total", number(ran.stdout_total)),
        ("stderr_total", number(ran.stderr_total)),
        ("stdout", preview(&ran.stdout)),
        ("stderr", preview(&ran.stderr)),
    ];
    if let Some(signal) = ran.signal {
        attributes.push(("signal", number(signal)));
    }
    if let Some(limit) = &ran.limit {
        // As text: DynamoDB's numbers end at 10^126, and text gives back the very same f64.
        attributes.push(("limit_name", text(limit.name.as_str())));
        attributes.push(("limit_value", text(limit.value.to_string())));
        attributes.push(("limit_observed", text(limit.observed.to_string())));
        attributes.push(("limit_evidence", text(cut_message(&limit.evidence))));
    }
    if let Some(facts) = &ran.facts {
        // Numbers and short texts always serialise.
        attributes.push(("facts", text(serde_json::to_string(facts).unwrap_or_default())));
    }
    attributes.extend(stdout.map(|body| ("stdout_body", text(body.keys()))));
    attributes.extend(stderr.map(|body| ("stderr_body", text(body.keys()))));
    attributes
}

/// The record that an item holds, as it reads at `now`, and where the rest of its texts is.
///
/// # Errors
/// [`StoreError::Corrupt`] naming the item and the attribute.
pub(super) fn read(
    item: &Item,
    caller: &Caller,
    now: OffsetDateTime,
) -> Result<(ExecutionRecord, BodyKeys), StoreError> {
    let item = Attributes(item);
    let id = item.text(key::SORT_KEY)?.strip_prefix("EXEC#").and_then(|id| id.parse().ok());
    let start = StartRecord {
        id: id.ok_or_else(|| item.broken(key::SORT_KEY))?,
        caller: caller.clone(),
        source: item.named("source", Source::from_name)?,
        language: item.text("language")?.to_owned(),
        code: item.bytes("code")?,
        started_at: item.time("started_at")?,
        abandoned_at: item.time("abandoned_at")?,
        expires_at: item.time("expires_at")?,
    };
    let code_bytes = item.number("code_bytes")?;
    let state = match item.0.get(STATUS) {
        None => start.unended(now),
        Some(_) => {
            RecordState::Ended(match item.named(STATUS, |name| Some(FailedStatus::from_name(name)))? {
                Some(status) => EndRecord::Failed { status, message: item.text("message")?.to_owned() },
                None => EndRecord::Ran(ran_of(&item)?),
            })
        }
    };
    let bodies = BodyKeys {
        code: item.optional("code_body")?,
        stdout: item.optional("stdout_body")?,
        stderr: item.optional("stderr_body")?,
    };
    Ok((ExecutionRecord { start, code_bytes, state }, bodies))
}

fn ran_of(item: &Attributes<'_>) -> Result<RanRecord, StoreError> {
    let float = |name| item.named(name, |digits| digits.parse::<f64>().ok());
    let limit = match item.0.get("limit_name") {
        None => None,
        Some(_) => Some(LimitReached {
            name: item.named("limit_name", LimitName::from_name)?,
            value: float("limit_value")?,
            observed: float("limit_observed")?,
            evidence: item.text("limit_evidence")?.to_owned(),
        }),
    };
    let facts = item.0.get("facts").map(|_| item.named("facts", |json| serde_json::from_str(json).ok()));
    Ok(RanRecord {
        facts: facts.transpose()?,
        status: item.named(STATUS, Status::from_name)?,
        exit_code: item.number("exit_code")?,
        signal: item.0.get("signal").map(|_| item.number("signal")).transpose()?,
        limit,
        stdout: item.bytes("stdout")?,
        stderr: item.bytes("stderr")?,
        stdout_total: item.number("stdout_total")?,
        stderr_total: item.number("stderr_total")?,
        timeout: item.duration("timeout")?,
        usage: Usage {
            wall: item.duration("wall")?,
            cpu: item.duration("cpu")?,
            memory_bytes: item.number("memory_bytes")?,
            oom_kills: item.number("oom_kills")?,
        },
    })
}

fn preview(bytes: &Bytes) -> AttributeValue {
    blob(&cut(bytes, PREVIEW_BYTES))
}

pub(super) fn blob(bytes: &[u8]) -> AttributeValue {
    AttributeValue::B(Blob::new(bytes))
}

pub(super) fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(super) fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::{id::ExecutionId, record::MAX_HISTORY};

    /// As DynamoDB counts it: names and values, numbers at their longest.
    fn size(attributes: impl IntoIterator<Item = (impl AsRef<str>, AttributeValue)>) -> usize {
        let value = |value: &AttributeValue| match value {
            AttributeValue::S(text) => text.len(),
            AttributeValue::B(blob) => blob.as_ref().len(),
            _ => 21,
        };
        attributes.into_iter().map(|(name, of)| name.as_ref().len() + value(&of)).sum()
    }

    #[test]
    fn the_longest_list_is_one_page_of_a_query() {
        let long = Bytes::from(vec![b'x'; 2 * MAX_STREAM_BYTES]);
        let start = StartRecord {
            id: ExecutionId::generate(),
            caller: Caller::principal(&"x".repeat(1000)),
            source: Source::EventBridge,
            language: "x".repeat(32),
            code: long.clone(),
            started_at: OffsetDateTime::UNIX_EPOCH,
            abandoned_at: OffsetDateTime::UNIX_EPOCH,
            expires_at: OffsetDateTime::UNIX_EPOCH,
        };
        let evidence = "x".repeat(10_000);
        let observed = f64::MIN_POSITIVE;
        let end = EndRecord::Ran(RanRecord {
            status: Status::MemoryLimit,
            exit_code: i32::MIN,
            signal: Some(255),
            limit: Some(LimitReached { name: LimitName::WallTime, value: observed, observed, evidence }),
            stdout: long.clone(),
            stderr: long.clone(),
            stdout_total: u64::MAX,
            stderr_total: u64::MAX,
            timeout: Duration::MAX,
            usage: Usage {
                wall: Duration::MAX,
                cpu: Duration::MAX,
                memory_bytes: u64::MAX,
                oom_kills: u64::MAX,
            },
            facts: None,
        });
        let body = Body::of_stream("stderr", &long).unwrap();
        assert_eq!(body.items.iter().map(|(_, part)| part.len()).sum::<usize>(), MAX_STREAM_BYTES);
        assert!(body.items.iter().all(|(_, part)| part.len() + 2048 < 400 * 1024));
        let item = size(of_start(&start, Some(&body))) + size(of_end(&end, Some(&body), Some(&body)));
        assert!(
            item * MAX_HISTORY < 1024 * 1024,
            "{item} bytes, {MAX_HISTORY} times: over the 1 MiB of a page"
        );
    }

    #[test]
    fn an_item_outlives_its_record() {
        for millis in [0, 1, 999, 1000] {
            let time = OffsetDateTime::UNIX_EPOCH + Duration::from_millis(millis);
            let AttributeValue::N(seconds) = ttl(time) else { panic!() };
            assert!(seconds.parse::<u64>().unwrap() * 1000 > millis);
        }
    }
}
