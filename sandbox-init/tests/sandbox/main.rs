//! sandbox-init as it is meant to be: the real binary, PID 1 of a real PID namespace, driven by frames.
//!
//! No engine is needed. What only a container has (its own cgroup, seccomp, a read-only root) is tested with the
//! engine, from the handler's side.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop there")]

mod between;
mod cgroup;
mod commands;
mod compile;
mod confinement;
mod endings;
mod forging;
mod input;
mod lifeline;
mod live;
mod output;
mod own_kernel;
mod start;
mod steps;
mod stragglers;
mod support;
mod without_landlock;
mod workspace;
mod zygote;
