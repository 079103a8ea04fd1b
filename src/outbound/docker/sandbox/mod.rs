//! One container: what it is made from, how it is made, what holds it in, and the guard that sees it gone. Knows
//! `engine`.

pub(super) mod blueprint;
pub(super) mod guard;
pub(super) mod image;
mod layers;
mod masks;
pub(super) mod runtime;
mod seccomp;
pub(super) mod spec;
pub(super) mod volume;
pub(super) mod workdir;
