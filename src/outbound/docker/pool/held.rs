//! Held sandboxes: each waits on a connection of this handler. No other handler can claim them, and taking one calls
//! nobody. A held sandbox ends with its connection, so with the handler, however that ends.

use std::time::Instant;

use super::{by_language::ByLanguage, shared::LEASE_MARGIN};
use crate::outbound::docker::{engine::link::Link, sandbox::guard::Guard};

/// A held sandbox with its interpreter waiting. Dropped, it is removed.
pub struct HeldSandbox {
    /// The container.
    pub guard: Guard,
    /// The way to its standard input and output.
    pub link: Link,
    /// When its lease ends.
    pub lease_end: Instant,
}

impl HeldSandbox {
    /// Whether it can be relied on: enough of its lease is left, and its stream has not ended.
    fn is_good(&mut self) -> bool {
        self.lease_end > Instant::now() + LEASE_MARGIN && self.link.is_quiet()
    }
}

/// The sandboxes that this handler holds, by language.
#[derive(Debug, Default)]
pub struct Held(ByLanguage<HeldSandbox>);

impl Held {
    /// Adds one.
    pub fn add(&self, language: &str, new: HeldSandbox) {
        self.0.with(language, |held| held.push_back(new));
    }

    /// Takes the oldest that is good.
    #[must_use]
    pub fn take(&self, language: &str) -> Option<HeldSandbox> {
        self.0.with(language, |held| {
            while let Some(mut oldest) = held.pop_front() {
                if oldest.is_good() {
                    return Some(oldest);
                }
            }
            None
        })
    }

    /// How many there are that are good; the others are given up.
    #[must_use]
    pub fn count(&self, language: &str) -> usize {
        self.0.with(language, |held| {
            held.retain_mut(HeldSandbox::is_good);
            held.len()
        })
    }

    /// Gives all up.
    pub fn clear(&self) {
        self.0.clear();
    }
}
