//! The Engine API and the way to it. Knows no other room.

pub(super) mod calls;
pub mod certificates;
pub mod connect;
mod gauge;
pub mod identity;
pub(super) mod link;
mod secret;
mod stores;
mod tls_words;
pub(super) mod wording;
