//! Execution identifiers: UUID version 7 (RFC 9562), so that their order is the order of their making.

use std::{fmt, str::FromStr};

use uuid::Uuid;

/// Identifies one execution, ordered by time of creation (to the millisecond). Ids made within one millisecond by one
/// process follow one another, so that an id can be guessed from its neighbour: it names an execution and is no proof of
/// the right to see one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExecutionId(Uuid);

impl ExecutionId {
    /// A new identifier for an execution that begins now.
    #[must_use]
    pub fn generate() -> Self {
        Self(Uuid::now_v7())
    }
}

impl fmt::Display for ExecutionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

/// The text is not an execution id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an execution id is a UUID such as 01997c6e-0000-7000-8000-000000000000")]
pub struct InvalidExecutionId;

impl FromStr for ExecutionId {
    type Err = InvalidExecutionId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // `Uuid::parse_str` also takes braces, URNs and bare hex; one execution has one spelling here.
        match Uuid::parse_str(text) {
            Ok(uuid) if text.len() == 36 => Ok(Self(uuid)),
            _ => Err(InvalidExecutionId),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_own_text_form() {
        let id = ExecutionId::generate();
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn later_ids_sort_after_earlier_ones() {
        let ids: Vec<_> = (0..1000).map(|_| ExecutionId::generate()).collect();
        assert!(ids.is_sorted());
        assert!(ids.iter().map(ToString::to_string).collect::<Vec<_>>().is_sorted());
    }

    #[test]
    fn other_spellings_are_refused() {
        let bare = ExecutionId::generate().to_string().replace('-', "");
        for text in ["", "x", &bare, "{01997c6e-0000-7000-8000-000000000000}", "../etc/passwd"] {
            assert_eq!(text.parse::<ExecutionId>(), Err(InvalidExecutionId), "{text}");
        }
    }
}
