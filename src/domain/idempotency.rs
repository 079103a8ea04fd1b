//! At most once: keys under which a request is run one time only, and the fingerprint that tells requests apart.
//!
//! A key belongs to its caller. It is taken in the very write that begins an execution, so that of any number of
//! handlers exactly one runs, whoever of them dies when.

use std::time::Duration;

use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::{
    caller::Source,
    compare::Compare,
    files::Workspace,
    id::ExecutionId,
    limits::Limits,
    request::{Args, ExecutionRequest},
    tests::{Case, Tests},
};

/// The most characters that a caller's key may have.
pub const MAX_KEY_CHARS: usize = 255;
/// How long the key of a caller is remembered.
pub const CALLER_KEY_LIFE: Duration = Duration::from_hours(24);
/// How long the key of an event is remembered, however short records live: a day longer than a queue can keep a message.
pub const EVENT_KEY_LIFE: Duration = Duration::from_hours(15 * 24);

/// What a caller names a request by, or an event source an event. Only a digest is kept: the text is the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey {
    digest: [u8; 32],
    life: Duration,
}

/// The text cannot be a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key is 1 to 255 printable ASCII characters")]
pub struct InvalidKey;

impl IdempotencyKey {
    /// The key that a caller gave.
    ///
    /// # Errors
    /// [`InvalidKey`] unless it is 1 to [`MAX_KEY_CHARS`] printable ASCII characters.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        let printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if text.trim().is_empty() || text.len() > MAX_KEY_CHARS || !printable {
            return Err(InvalidKey);
        }
        Ok(Self { digest: digest([&b"caller"[..], text.as_bytes()]), life: CALLER_KEY_LIFE })
    }

    /// The key of an event: `id` is unique within `origin` (a queue, a topic, a bus).
    #[must_use]
    pub fn of_event(source: Source, origin: &str, id: &str) -> Self {
        let parts = [source.as_str().as_bytes(), origin.as_bytes(), id.as_bytes()];
        Self { digest: digest(parts), life: EVENT_KEY_LIFE }
    }

    /// The key that the sender of an event gave with it. The same text of another origin is another key, and so is an
    /// event's own id that reads the same.
    ///
    /// # Errors
    /// [`InvalidKey`], as for [`parse`](Self::parse).
    pub fn of_sender(source: Source, origin: &str, text: &str) -> Result<Self, InvalidKey> {
        Self::parse(text)?;
        let parts = [source.as_str().as_bytes(), origin.as_bytes(), b"sender", text.as_bytes()];
        Ok(Self { digest: digest(parts), life: EVENT_KEY_LIFE })
    }

    /// The digest, under which stores keep it.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// How long it is remembered.
    #[must_use]
    pub const fn life(&self) -> Duration {
        self.life
    }
}

/// What a request asks for, in 32 bytes: two requests with the same fingerprint ask for the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Of a request, in whatever form it came: spaces in its JSON or another way to pack its files do not count.
    #[must_use]
    pub fn of(request: &ExecutionRequest) -> Self {
        let ExecutionRequest { language, program, compile_args, stdin, args, limits, tests, workspace } =
            request;
        let mut hash = Parts::default();
        hash.part(language.name.as_bytes());
        hash.part(program.entrypoint().as_str().as_bytes());
        hash.part(stdin.as_bytes());
        hash.limits(limits);
        hash.args(args);
        // A project has its files by name: the order in which they were sent does not count.
        for (path, content) in program.project().iter() {
            hash.part(path.as_str().as_bytes());
            hash.part(content);
        }
        // Nothing for a request without them: its fingerprint is what it was before there were test cases.
        if let Some(tests) = tests {
            hash.tests(tests);
        }
        if !compile_args.as_slice().is_empty() {
            hash.part(b"compile");
            hash.list(compile_args.as_slice());
        }
        // Nor for one that writes nothing.
        if let Workspace::Writable { collect } = workspace {
            hash.part(b"workspace");
            hash.list(collect.as_slice());
        }
        Self(hash.finish())
    }

    /// Of a message that is no request.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(digest([&b"bytes"[..], bytes]))
    }

    /// A fingerprint as a store kept it; `None` unless it has 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its bytes, for a store to keep.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The wish to be the only execution under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// The key.
    pub key: IdempotencyKey,
    /// What is asked under it.
    pub fingerprint: Fingerprint,
    /// When the key may be forgotten; from then on it is free.
    pub expires_at: OffsetDateTime,
    /// An execution that holds the key and never ran: the key may be taken from it, and from it alone.
    pub instead_of: Option<ExecutionId>,
}

/// What became of that wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// The key is ours, and the start is on record.
    Ours,
    /// It is another's; nothing was written.
    Held(Holder),
}

/// The execution that has a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its id.
    pub id: ExecutionId,
    /// What was asked.
    pub fingerprint: Fingerprint,
}

/// Each part with its length before it, so that no two lists of parts read the same.
#[derive(Default)]
struct Parts(Sha256);

impl Parts {
    fn part(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    fn limits(&mut self, limits: &Limits) {
        self.part(&limits.timeout.as_nanos().to_be_bytes());
        self.part(&limits.memory_mb.to_be_bytes());
        self.part(&limits.output_bytes.to_be_bytes());
    }

    fn args(&mut self, args: &Args) {
        self.list(args.as_slice());
    }

    fn list(&mut self, words: &[String]) {
        self.part(&(words.len() as u64).to_be_bytes());
        for word in words {
            self.part(word.as_bytes());
        }
    }

    /// What there may be or not: a part that tells, and the part itself.
    fn maybe(&mut self, bytes: Option<&[u8]>) {
        self.part(&[u8::from(bytes.is_some())]);
        self.part(bytes.unwrap_or_default());
    }

    fn tests(&mut self, tests: &Tests) {
        self.part(b"tests");
        self.part(tests.compare.as_str().as_bytes());
        if let Compare::Numbers { absolute, relative } = tests.compare {
            self.part(&absolute.get().to_be_bytes());
            self.part(&relative.get().to_be_bytes());
        }
        self.part(&[u8::from(tests.stop_at_first_failure), u8::from(tests.reveal)]);
        self.part(&(tests.cases().len() as u64).to_be_bytes());
        for Case { name, stdin, args, expected_output, limits } in tests.cases() {
            self.maybe(name.as_deref().map(str::as_bytes));
            self.part(stdin.as_bytes());
            self.args(args);
            self.maybe(expected_output.as_deref());
            self.limits(limits);
        }
    }

    fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut hash = Parts::default();
    parts.into_iter().for_each(|part| hash.part(part));
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_printable_ascii_and_not_too_long() {
        for good in ["a", "7f9c-11", &"k".repeat(255), "with space", "~!\"'"] {
            assert!(IdempotencyKey::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "  ", &"k".repeat(256), "é", "a\tb", "a\0", "a\x7f"] {
            assert_eq!(IdempotencyKey::parse(bad), Err(InvalidKey), "{bad:?}");
        }
    }

    #[test]
    fn keys_of_different_origins_are_different() {
        let keys = [
            IdempotencyKey::parse("a").unwrap(),
            IdempotencyKey::of_event(Source::Sqs, "queue", "a"),
            IdempotencyKey::of_event(Source::Sqs, "queu", "ea"),
            IdempotencyKey::of_event(Source::Sns, "queue", "a"),
            IdempotencyKey::of_sender(Source::Sqs, "queue", "a").unwrap(),
            IdempotencyKey::of_sender(Source::Sqs, "queu", "ea").unwrap(),
            IdempotencyKey::of_sender(Source::Sns, "queue", "a").unwrap(),
            IdempotencyKey::of_event(Source::Sqs, "queue", "sender"),
        ];
        for (n, key) in keys.iter().enumerate() {
            assert!(keys[n + 1..].iter().all(|other| other.digest() != key.digest()));
        }
    }
}
