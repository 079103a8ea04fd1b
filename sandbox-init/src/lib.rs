//! PID 1 of every sandbox.
//!
//! It starts the interpreter before there is anything to run, says [`Hello`](protocol::Hello), waits for one
//! frame, writes the program's files, lets the interpreter go, watches time, CPU and output, and sends one
//! [`Report`](protocol::Report). Then it exits, and the kernel ends whatever is left. It ends by itself when its
//! lease runs out, when the handler's connection closes, and when the interpreter dies early.
//!
//! It holds no secret, needs no capability, and trusts nothing that its child writes.

pub mod capture;
pub mod casualties;
pub mod cgroup;
pub mod child;
pub mod confine;
pub mod control;
pub mod descriptors;
pub mod files;
pub mod gauges;
pub mod layers;
pub mod link;
pub mod output;
pub mod procfs;
pub mod protocol;
pub mod reap;
pub mod run;
pub mod supervise;
pub mod uncharged;
pub mod waiting;
pub mod watch;
