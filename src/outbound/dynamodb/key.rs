//! Where items lie. Several kinds of partition, so that a list never reads what only the single record shows.
//!
//! | partition key | sort key | item |
//! |---|---|---|
//! | `CALLER#<caller>` | `EXEC#<id>` | an execution, texts cut to what a list shows |
//! | `BODY#<caller>#<id>` | `<part>#<digest>` | a text of that execution that was longer |
//! | `KEY#<caller>#<digest>` | `KEY` | which execution has that idempotency key of the caller's |
//! | `HEALTH` | `PROBE` | what the health check writes |
//!
//! Bodies have a partition per execution: the megabytes of a busy caller spread over the table instead of making
//! one partition hot. An id has 36 characters and a digest 64, so no caller's name can be made to look like another's key.

use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::domain::{caller::Caller, clock::to_millis, id::ExecutionId, idempotency::IdempotencyKey};

/// The attribute that is the partition key; a string.
pub const PARTITION_KEY: &str = "pk";
/// The attribute that is the sort key; a string.
pub const SORT_KEY: &str = "sk";
/// The attribute by which DynamoDB deletes items; seconds since 1970, UTC.
pub const TTL: &str = "ttl";

pub(super) const HEALTH: (&str, &str) = ("HEALTH", "PROBE");

const EXECUTION: &str = "EXEC#";

pub(super) fn executions_of(caller: &Caller) -> String {
    format!("CALLER#{caller}")
}

pub(super) fn execution(id: ExecutionId) -> String {
    format!("{EXECUTION}{id}")
}

pub(super) fn bodies_of(caller: &Caller, id: ExecutionId) -> String {
    format!("BODY#{caller}#{id}")
}

pub(super) fn idempotency(caller: &Caller, key: &IdempotencyKey) -> (String, &'static str) {
    let digest: String = key.digest().iter().map(|byte| format!("{byte:02x}")).collect();
    (format!("KEY#{caller}#{digest}"), "KEY")
}

/// The sort keys of all executions that began at `time` or later and have a smaller id than `before`: both ends
/// belong to the range. An id of version 7 begins with the 48 bits of its milliseconds (RFC 9562, section 5.7).
pub(super) fn executions_between(time: OffsetDateTime, before: Option<ExecutionId>) -> (String, String) {
    let millis = to_millis(time).max(0);
    let from = format!("{EXECUTION}{:08x}-{:04x}", millis >> 16, millis & 0xffff);
    let Some(before) = before else { return (from, format!("{EXECUTION}g")) };
    // `BETWEEN` takes its upper end in. The id with its last character one lower comes after every smaller id, and
    // before this one: `/` comes before `0`, and the character before `a` comes after `9`.
    let mut to = execution(before);
    if let Some(last) = to.pop() {
        to.extend(u8::try_from(last).ok().map(|last| char::from(last.saturating_sub(1))));
    }
    (from, to)
}

/// The sort key of a body. It names the content: two writers never overwrite each other's, and the same write
/// made twice is one.
pub(super) fn body(part: &str, bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().take(16).fold(format!("{part}#"), |key, byte| format!("{key}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_range_of_a_time_begins_with_the_ids_made_then() {
        let before = OffsetDateTime::now_utc() - Duration::from_millis(2);
        let id = ExecutionId::generate();
        let after = OffsetDateTime::now_utc() + Duration::from_millis(2);
        let within = |(from, to): (String, String)| (from..=to).contains(&execution(id));
        assert!(within(executions_between(before, None)));
        assert!(!within(executions_between(after, None)));
        assert!(within(executions_between(OffsetDateTime::UNIX_EPOCH - Duration::from_secs(1), None)));
    }

    #[test]
    fn the_greatest_id_is_in_every_range() {
        let greatest = "ffffffff-ffff-7fff-bfff-ffffffffffff".parse().unwrap();
        let (from, to) = executions_between(OffsetDateTime::now_utc(), None);
        assert!((from..=to).contains(&execution(greatest)));
    }

    #[test]
    fn the_range_before_an_id_has_the_next_smaller_one_and_not_itself() {
        for (smaller, id) in [
            ("01997c6e-0000-7000-8000-000000000000", "01997c6e-0000-7000-8000-000000000001"),
            ("01997c6e-0000-7000-8000-000000000009", "01997c6e-0000-7000-8000-00000000000a"),
            ("01997c6e-0000-7000-8000-0000000000ff", "01997c6e-0000-7000-8000-000000000100"),
            ("01997c6d-ffff-7fff-bfff-ffffffffffff", "01997c6e-0000-7000-8000-000000000000"),
        ] {
            let (smaller, id) = (smaller.parse().unwrap(), id.parse().unwrap());
            let (from, to) = executions_between(OffsetDateTime::UNIX_EPOCH, Some(id));
            assert!((&from..=&to).contains(&&execution(smaller)), "{smaller} before {id}");
            assert!(!(from..=to).contains(&execution(id)), "{id}");
        }
    }

    #[test]
    fn a_body_is_named_by_its_content() {
        assert_eq!(body("code", b"abc"), "code#ba7816bf8f01cfea414140de5dae2223");
        assert_ne!(body("code", b"abc"), body("code", b"abd"));
    }
}
