//! Who asked: the authenticated principal, never a header that a client can write.

use std::fmt;

/// The principal an execution belongs to. A caller sees only the caller's own records.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Caller(String);

impl Caller {
    /// The caller of a server without authentication: everybody on this machine.
    #[must_use]
    pub fn local() -> Self {
        Self("local".to_owned())
    }

    /// A principal as the front door authenticated it; at most 512 bytes are kept.
    #[must_use]
    pub fn principal(name: &str) -> Self {
        let mut end = name.len().min(512);
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        Self(name[..end].to_owned())
    }

    /// The principal's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The way a request came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// `POST /run`, through whatever front door.
    Http,
    /// A queue message.
    Sqs,
    /// A notification.
    Sns,
    /// An event on a bus.
    EventBridge,
    /// A direct invocation of the function.
    Direct,
}

impl Source {
    /// Every source there is.
    pub const ALL: [Self; 5] = [Self::Http, Self::Sqs, Self::Sns, Self::EventBridge, Self::Direct];

    /// The name callers see in the history.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Sqs => "sqs",
            Self::Sns => "sns",
            Self::EventBridge => "eventbridge",
            Self::Direct => "direct",
        }
    }

    /// The source of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == name)
    }
}
