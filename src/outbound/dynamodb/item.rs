//! A record as attributes, and back. An end is a document, which `outbound/document.rs` makes and reads.
//!
//! An item has at most 400 KiB, names of attributes included. An execution's has some 10 KiB at most (three
//! previews, the document, the caller's name). A text that is longer than its preview, and test cases of whatever
//! length, are kept in items of their own, each with at most [`PART_BYTES`] of it: two for the longest stream.

use std::collections::HashMap;

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use bytes::Bytes;
use time::OffsetDateTime;

use super::{attributes::Attributes, earlier, key};
use crate::{
    domain::{
        caller::{Caller, Source},
        clock::to_millis,
        error::StoreError,
        record::{
            EndRecord, ExecutionRecord, MAX_CODE_BYTES, MAX_STREAM_BYTES, PREVIEW_BYTES, RecordState,
            StartRecord, cut,
        },
    },
    outbound::document,
};

pub(super) type Item = HashMap<String, AttributeValue>;

/// The attribute that only an execution that has ended has.
pub(super) const STATUS: &str = "status";
/// The attribute that has the end.
const DOCUMENT: &str = "document";

const CODE_BODY: &str = "code_body";
const STDOUT_BODY: &str = "stdout_body";
const STDERR_BODY: &str = "stderr_body";
const CASES_BODY: &str = "cases_body";
/// The attributes that name bodies.
const BODIES: [&str; 4] = [CODE_BODY, STDOUT_BODY, STDERR_BODY, CASES_BODY];

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
        (text.len() > PREVIEW_BYTES).then(|| Self::whole(name, &cut(text, most)))
    }

    fn whole(name: &str, text: &Bytes) -> Self {
        let parts = text.chunks(PART_BYTES).map(|part| (key::body(name, part), text.slice_ref(part)));
        Self { items: parts.collect() }
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
    pub cases: Option<String>,
}

/// The sort keys of all items of bodies that an execution's item names.
pub(super) fn bodies_of(item: &Item) -> impl Iterator<Item = &str> {
    let named = BODIES.into_iter().filter_map(|name| item.get(name)?.as_s().ok());
    named.flat_map(|attribute| Body::keys_in(attribute))
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
        item.insert(CODE_BODY.to_owned(), text(body.keys()));
    }
    item
}

/// What an end adds to an execution's item, and the bodies that it names.
#[derive(Debug)]
pub(super) struct Ended {
    /// The attributes; [`STATUS`] is the first.
    pub attributes: Vec<(&'static str, AttributeValue)>,
    /// The streams that are longer than their previews, and the test cases.
    pub bodies: Vec<Body>,
}

/// What an end adds.
pub(super) fn of_end(end: &EndRecord) -> Ended {
    let kept = document::write(end);
    let mut ended = Ended {
        attributes: vec![(STATUS, text(end.status())), (DOCUMENT, text(kept.document))],
        bodies: Vec::new(),
    };
    let EndRecord::Ran(ran) = end else { return ended };
    ended.attributes.extend([("stdout", preview(&ran.stdout)), ("stderr", preview(&ran.stderr))]);
    for (name, body) in [
        (STDOUT_BODY, Body::of_stream("stdout", &ran.stdout)),
        (STDERR_BODY, Body::of_stream("stderr", &ran.stderr)),
        (CASES_BODY, kept.cases.map(|cases| Body::whole("cases", &cases))),
    ] {
        ended.attributes.extend(body.as_ref().map(|body| (name, text(body.keys()))));
        ended.bodies.extend(body);
    }
    ended
}

/// The record that an item holds, as it reads at `now`, and where the rest of its texts is.
///
/// # Errors
/// [`StoreError::Corrupt`], with the item's key and the attribute's name, when an attribute cannot be understood.
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
        Some(_) => RecordState::Ended(end_of(&item)?),
    };
    let bodies = BodyKeys {
        code: item.optional(CODE_BODY)?,
        stdout: item.optional(STDOUT_BODY)?,
        stderr: item.optional(STDERR_BODY)?,
        cases: item.optional(CASES_BODY)?,
    };
    Ok((ExecutionRecord { start, code_bytes, state }, bodies))
}

fn end_of(item: &Attributes<'_>) -> Result<EndRecord, StoreError> {
    let mut end = match item.0.get(DOCUMENT) {
        Some(_) => document::read(item.text(DOCUMENT)?).map_err(|why| item.because(DOCUMENT, why))?,
        None => earlier::end_of(item)?,
    };
    if let EndRecord::Ran(ran) = &mut end {
        (ran.stdout, ran.stderr) = (item.bytes("stdout")?, item.bytes("stderr")?);
    }
    Ok(end)
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
    use crate::domain::{
        id::ExecutionId,
        judging::{CaseResult, TestsResult, Verdict},
        limits::Limits,
        outcome::{
            Captured, Ending, Execution, LimitName, LimitReached, Outcome, SandboxFacts, SandboxTimings,
            Start, Usage,
        },
        record::{MAX_HISTORY, RanRecord, TestsRecord},
    };

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
        let limit = LimitReached {
            name: LimitName::WallTime,
            value: f64::MIN_POSITIVE,
            observed: f64::MIN_POSITIVE,
            evidence: "x".repeat(10_000),
        };
        let outcome = Outcome {
            ending: Ending::Limit(limit),
            stdout: Captured::whole(long.clone()),
            stderr: Captured::whole(long.clone()),
            usage: Usage {
                wall: Duration::MAX,
                cpu: Duration::MAX,
                memory_bytes: u64::MAX,
                oom_kills: u64::MAX,
            },
            limits_met: Vec::new(),
        };
        let sandbox = SandboxFacts {
            start: Start::Cold,
            runtime: "x".repeat(32),
            landlock: Some(false),
            image: "x".repeat(128),
            digest: format!("sha256:{}", "0".repeat(64)),
        };
        let compile = Some(outcome.clone());
        let outcome = Outcome { ending: Ending::NotCompiled(Box::new(outcome.ending.clone())), ..outcome };
        let [queue, acquire, run, collect] = [Duration::MAX; 4];
        let timings = SandboxTimings { queue, acquire, run, collect };
        let execution = Execution { outcome, compile, sandbox, timings, tests: None, collected: None };
        let ran = RanRecord::of(&execution, Limits::default());
        let case = CaseResult {
            name: Some("x".repeat(10_000)),
            verdict: Verdict::Passed,
            outcome: None,
            difference: None,
            why_skipped: None,
        };
        let tests = TestsRecord::of(&TestsResult::of(vec![case; 500]));
        let end = EndRecord::Ran(RanRecord { tests: Some(tests), ..ran });
        let ended = of_end(&end);
        let body = Body::of_stream("stderr", &long).unwrap();
        assert_eq!(body.items.iter().map(|(_, part)| part.len()).sum::<usize>(), MAX_STREAM_BYTES);
        assert!(body.items.iter().all(|(_, part)| part.len() + 2048 < 400 * 1024));
        assert_eq!(ended.bodies.len(), 3, "two streams and the cases");
        assert!(ended.bodies.iter().flat_map(|body| &body.items).all(|(_, part)| part.len() <= PART_BYTES));
        let item = size(of_start(&start, Some(&body))) + size(ended.attributes);
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
