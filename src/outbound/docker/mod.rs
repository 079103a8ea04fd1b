//! Docker hosts as a [`Sandbox`](crate::domain::ports::Sandbox): single-use containers, made ahead of the request where
//! that pays.
//!
//! Five rooms, and `config`, what the two last are told. Each imports only `engine` and the rooms that stand between `engine` and
//! itself: `engine` ← `sandbox` ← `pool` ← `host` ← `fleet`.
//!
//! | room | what it has |
//! |---|---|
//! | `engine` | the Engine API and the way to it |
//! | `sandbox` | one container: what it is made from, what holds it in, what became of it |
//! | `pool` | the sandboxes that wait for work: held by this handler, or shared on the host |
//! | `host` | one engine in use |
//! | `fleet` | all engines |
//!
//! [`DockerHost`] is one host that has passed its checks; [`Fleet`] is all there are, however many.
//!
//! # At most once
//! Until the first byte of code is sent, every failure may be retried on another sandbox. After it, never: what
//! is not reported then is [`SandboxError::Lost`](crate::domain::error::SandboxError::Lost).

mod config;
pub mod engine;
pub mod fleet;
mod host;
mod pool;
mod sandbox;

pub use self::{
    config::{Bounds, DockerConfig, Hosts, Landlock},
    fleet::Fleet,
    host::{DockerHost, Unfit},
};
