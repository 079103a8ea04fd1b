//! Sandboxes that wait on a connection of ours. Nobody else can claim them, and claiming one asks nobody: the
//! stock of a handler that lives on. They end with the connection, so with the handler, however it ends.

use std::time::Instant;

use super::{by_language::ByLanguage, link::Link, pool::LEASE_MARGIN, tenancy::Tenancy};

/// A sandbox with its interpreter waiting. Dropped, it is removed.
pub struct Held {
    /// The container.
    pub tenancy: Tenancy,
    /// The way to its standard input and output.
    pub link: Link,
    /// When its lease ends.
    pub lease_end: Instant,
}

impl Held {
    /// Whether it can be relied on: enough of its lease is left, and its stream has not ended.
    fn is_good(&mut self) -> bool {
        self.lease_end > Instant::now() + LEASE_MARGIN && self.link.is_quiet()
    }
}

/// What this handler holds, by language.
#[derive(Debug, Default)]
pub struct Shelf(ByLanguage<Held>);

impl Shelf {
    /// Puts one on the shelf.
    pub fn add(&self, language: &str, held: Held) {
        self.0.with(language, |shelf| shelf.push_back(held));
    }

    /// Takes the oldest that is good.
    #[must_use]
    pub fn take(&self, language: &str) -> Option<Held> {
        self.0.with(language, |shelf| {
            while let Some(mut held) = shelf.pop_front() {
                if held.is_good() {
                    return Some(held);
                }
            }
            None
        })
    }

    /// How many there are that are good; the others are given up.
    #[must_use]
    pub fn count(&self, language: &str) -> usize {
        self.0.with(language, |shelf| {
            shelf.retain_mut(Held::is_good);
            shelf.len()
        })
    }

    /// Gives all up.
    pub fn clear(&self) {
        self.0.clear();
    }
}
