//! Contracts of other systems, so that clients that people have work unmodified: one room for each, none of which knows
//! another. What they share is in `lenient` (form), `tool` (the tool of language models) and `offer` (languages).
//!
//! A contract translates: a foreign request to a domain request, an outcome to a foreign answer. What it cannot say (output
//! that was cut, a run that was lost) is told in its own form of a failure, never as success; and what may have run is
//! never told in a form that clients repeat.

mod dify;
mod interleaved;
mod jobe;
mod judge0;
mod lenient;
mod mcp;
mod offer;
mod piston;
mod sandboxfusion;
#[cfg(test)]
mod tests;
mod tool;
mod tools;

use crate::{
    domain::ports::{ExecutionStore, Sandbox},
    inbound::http::{Desk, Foreign},
};

/// A contract that can be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contract {
    /// The Model Context Protocol.
    Mcp,
    /// A tool server described by OpenAPI.
    Tools,
    /// Piston's API.
    Piston,
    /// The API of Dify's code runner.
    Dify,
    /// Judge0 CE's API.
    Judge0,
    /// Jobe's API, which Moodle's `CodeRunner` calls.
    Jobe,
    /// `SandboxFusion`'s API.
    SandboxFusion,
}

impl Contract {
    /// Every contract there is.
    pub const ALL: [Self; 7] =
        [Self::Mcp, Self::Tools, Self::Piston, Self::Dify, Self::Judge0, Self::Jobe, Self::SandboxFusion];
    /// Those that are served unless the server is told otherwise.
    pub const DEFAULT: [Self; 2] = [Self::Mcp, Self::Tools];

    /// Its name in settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mcp => "mcp",
            Self::Tools => "tools",
            Self::Piston => "piston",
            Self::Dify => "dify",
            Self::Judge0 => "judge0",
            Self::Jobe => "jobe",
            Self::SandboxFusion => "sandboxfusion",
        }
    }

    /// The contract of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|contract| contract.as_str() == name)
    }

    /// Its routes, served at this desk.
    fn served<S: Sandbox, R: ExecutionStore>(self, desk: &Desk<S, R>) -> Foreign {
        match self {
            Self::Mcp => mcp::contract(desk),
            Self::Tools => tools::contract(desk),
            Self::Piston => piston::contract(desk),
            Self::Dify => dify::contract(desk),
            Self::Judge0 => judge0::contract(desk),
            Self::Jobe => jobe::contract(desk),
            Self::SandboxFusion => sandboxfusion::contract(desk),
        }
    }
}

/// These contracts, served at this desk.
pub fn served<S: Sandbox, R: ExecutionStore>(contracts: &[Contract], desk: &Desk<S, R>) -> Vec<Foreign> {
    contracts.iter().map(|contract| contract.served(desk)).collect()
}
