//! Who asked: the authenticated principal, never a header that a client can write.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// The principal an execution belongs to. A caller sees only the caller's own records.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Caller(String);

impl Caller {
    /// The caller of a server without authentication: everybody on this machine.
    #[must_use]
    pub fn local() -> Self {
        Self("local".to_owned())
    }

    /// A caller whom nobody authenticated, of a front door that is open to more than this machine.
    #[must_use]
    pub fn anonymous() -> Self {
        Self("anonymous".to_owned())
    }

    /// A principal as the front door authenticated it. A name over 512 bytes becomes `long:`, its beginning, and a
    /// digest of all of it: two names that begin alike must not become one caller. So does a name that begins with
    /// `long:`, so that no name can be spelt like another's short form.
    #[must_use]
    pub fn principal(name: &str) -> Self {
        const MAX_BYTES: usize = 512;
        const LONG: &str = "long:";
        if name.len() <= MAX_BYTES && !name.starts_with(LONG) {
            return Self(name.to_owned());
        }
        let hash: [u8; 32] = Sha256::digest(name).into();
        let digest: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let beginning = &name[..name.floor_char_boundary(MAX_BYTES - 65 - LONG.len())];
        Self(format!("{LONG}{beginning}#{digest}"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_stay_apart_and_within_the_bound() {
        let [ann, bob] = ["ann", "bob"].map(|name| Caller::principal(&format!("{}{name}", "é".repeat(300))));
        assert_ne!(ann, bob);
        assert!(ann.as_str().len() <= 512 && ann.as_str().starts_with("long:éé"));
        let fits = "é".repeat(256);
        assert_eq!(Caller::principal(&fits).as_str(), fits);
    }

    #[test]
    fn no_name_can_be_spelt_like_the_short_form_of_another() {
        let long = Caller::principal(&"x".repeat(600));
        let spelt = Caller::principal(long.as_str());
        assert_ne!(spelt, long);
        assert_ne!(Caller::principal(spelt.as_str()), spelt);
    }
}
