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

/// The sort keys of all executions that began at `time` or later: both ends belong to the range. An id of version
/// 7 begins with the 48 bits of its milliseconds (RFC 9562, section 5.7).
pub(super) fn executions_since(time: OffsetDateTime) -> (String, String) {
    let millis = to_millis(time).max(0);
    let from = format!("{EXECUTION}{:08x}-{:04x}", millis >> 16, millis & 0xffff);
    (from, format!("{EXECUTION}g"))
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
        assert!(within(executions_since(before)));
        assert!(!within(executions_since(after)));
        assert!(within(executions_since(OffsetDateTime::UNIX_EPOCH - Duration::from_secs(1))));
    }

    #[test]
    fn the_greatest_id_is_in_every_range() {
        let greatest = "ffffffff-ffff-7fff-bfff-ffffffffffff".parse().unwrap();
        let (from, to) = executions_since(OffsetDateTime::now_utc());
        assert!((from..=to).contains(&execution(greatest)));
    }

    #[test]
    fn a_body_is_named_by_its_content() {
        assert_eq!(body("code", b"abc"), "code#ba7816bf8f01cfea414140de5dae2223");
        assert_ne!(body("code", b"abc"), body("code", b"abd"));
    }
}
