//! PID 1 of every sandbox.
//!
//! It starts the interpreter before there is anything to run, says [`Hello`](protocol::Hello), waits for one
//! [`Job`](protocol::Job), writes the program's files, lets the interpreter go, watches time, CPU and output, and sends one
//! [`Report`](protocol::Report). Where the handler has said that another step follows, it ends every process of the step,
//! has the next interpreter ready and waits for the next message. Then it exits, and the kernel ends whatever is left. It
//! ends by itself when its lease runs out, when the handler's connection closes, and when the interpreter dies early.
//!
//! It holds no secret, needs no capability, and trusts nothing that its child writes.

pub mod arguments;
pub mod build;
pub mod capture;
pub mod casualties;
pub mod cgroup;
pub mod child;
pub mod collect;
pub mod command;
pub mod confine;
pub mod control;
pub mod conversation;
pub mod descriptors;
pub mod disk;
pub mod exchange;
pub mod files;
pub mod gauges;
pub mod inbox;
pub mod input;
pub mod layers;
pub mod link;
pub mod names;
pub mod outbox;
pub mod output;
pub mod pattern;
pub mod procfs;
pub mod protocol;
pub mod reap;
pub mod scratch;
pub mod starter;
pub mod step;
pub mod supervisor;
pub mod uncharged;
pub mod waiting;
pub mod watch;
pub mod zygote;
