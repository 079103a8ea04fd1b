//! What init and the handler say to each other while a program runs.
//!
//! Nothing here waits for the handler while the program lives, and the handler's messages always find room: so both sides
//! can send as much as they may at the same time, and neither waits for the other.

use std::{
    io,
    os::fd::{AsFd, BorrowedFd},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{
    child::Child,
    inbox::{Inbox, Progress},
    input::{Input, NotNow},
    outbox::Outbox,
    protocol::{self, Deliver, INPUT_WINDOW, MAX_BODY, Stdin, Step, StreamName, ToInit},
    supervisor::Listener,
};

/// Bytes of a message that carries no input, and of one that does beside the input, at most.
const AROUND: usize = 16;
/// Messages that are heard before anything else is looked at again.
const AT_ONCE: usize = 64;

/// The connection to the handler: its messages come on standard input, and go on standard output.
#[derive(Debug)]
pub struct Line {
    /// From the handler.
    pub input: io::Stdin,
    /// To the handler; does not block.
    pub output: io::Stdout,
    /// The message under way.
    pub inbox: Inbox,
}

/// One step's part of the conversation.
#[derive(Debug)]
pub struct Exchange<'a> {
    line: &'a mut Line,
    /// The leader of the program's process group.
    program: Pid,
    /// What the program reads.
    pub stdin: Input<'a>,
    outbox: Outbox,
    deliver: Deliver,
    /// A signal that waits for the program's first instruction.
    held: Option<Signal>,
    /// Whether the program has begun, as far as init can see: its bootstrap has let go of the control channel.
    begun: bool,
}

/// What the handler wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing that the watch must know.
    Nothing,
    /// The step is to be ended.
    Stop,
    /// The handler is gone.
    Gone,
}

impl<'a> Exchange<'a> {
    /// Takes the memory for all that is said until the step's end; hands back the ways to the program that are left.
    #[must_use]
    pub fn new(line: &'a mut Line, step: &Step<'a>, child: Child) -> (Self, Rest) {
        let Child { pid, ways } = child;
        let live = matches!(step.stdin, Stdin::Live);
        line.inbox.take_memory(if live { AROUND + INPUT_WINDOW } else { AROUND });
        let exchange = Self {
            line,
            program: pid,
            stdin: Input::new(ways.stdin, step.stdin),
            outbox: Outbox::new(step.number, step.deliver, live),
            deliver: step.deliver,
            held: None,
            begun: false,
        };
        let rest =
            Rest { stdout: ways.stdout, stderr: ways.stderr, control: ways.control, listener: ways.listener };
        (exchange, rest)
    }

    /// What to wait on for the handler's messages.
    #[must_use]
    pub fn input(&self) -> BorrowedFd<'_> {
        self.line.input.as_fd()
    }

    /// What to wait on until it takes more, while something is to be sent.
    #[must_use]
    pub fn output(&self) -> Option<BorrowedFd<'_>> {
        (!self.outbox.is_empty()).then(|| self.line.output.as_fd())
    }

    /// Whether a stream of the program may be read now.
    #[must_use]
    pub fn wants(&self, stream: StreamName) -> bool {
        !self.deliver.is_complete() || stream == StreamName::Stderr || self.outbox.has_room()
    }

    /// Hears what the handler has said.
    ///
    /// # Errors
    /// When it is nothing that may be said now.
    pub fn hear(&mut self) -> io::Result<Heard> {
        for _ in 0..AT_ONCE {
            match self.line.inbox.read(&self.line.input)? {
                Progress::Part if self.line.inbox.is_at_a_pause() => return Ok(Heard::Nothing),
                Progress::Part => {}
                Progress::End => return Ok(Heard::Gone),
                Progress::Whole => {
                    if self.obey()? == Heard::Stop {
                        return Ok(Heard::Stop);
                    }
                    self.line.inbox.clear();
                }
            }
        }
        Ok(Heard::Nothing)
    }

    fn obey(&mut self) -> io::Result<Heard> {
        let message = protocol::decode(self.line.inbox.frame()).map_err(io::Error::other)?;
        let (what, done) = match message {
            ToInit::Input(bytes) => ("input", self.stdin.push(bytes)),
            ToInit::EndOfInput => ("an end of input", self.stdin.end()),
            ToInit::Signal(number) if i32::from(number) == Signal::SIGINT as i32 => {
                self.held = Some(Signal::SIGINT);
                self.pass_signal();
                ("a signal", Ok(()))
            }
            ToInit::Stop => return Ok(Heard::Stop),
            ToInit::Signal(_) => ("a signal other than SIGINT", Err(NotNow)),
            ToInit::Job(_) => ("a second job", Err(NotNow)),
            ToInit::Step(_) => ("a step", Err(NotNow)),
            ToInit::Collect(_) => ("a wish for files", Err(NotNow)),
        };
        match done {
            Ok(()) => Ok(Heard::Nothing),
            Err(NotNow) => Err(not_legal(what)),
        }
    }

    /// The program has begun: what was held back reaches it now.
    pub fn program_has_begun(&mut self) {
        self.begun = true;
        self.pass_signal();
    }

    fn pass_signal(&mut self) {
        if self.begun
            && let Some(signal) = self.held.take()
        {
            // A group without a living process needs none.
            kill(Pid::from_raw(-self.program.as_raw()), signal).ok();
        }
    }

    /// Tells the handler of output, if it is to be told and there is room.
    pub fn tell(&mut self, stream: StreamName, at: u64, bytes: &[u8]) {
        // What may be left out takes no room from what may not.
        let spared = self.deliver.is_complete() && stream == StreamName::Stderr;
        if self.deliver.has(stream) && (!spared || self.outbox.has_room_for(2)) {
            self.outbox.output(stream, at, bytes);
        }
    }

    /// Sends what can be sent at once. False when the handler is gone.
    ///
    /// # Errors
    /// When the kernel refuses what it should not.
    pub fn speak(&mut self) -> io::Result<bool> {
        let outbox = &mut self.outbox;
        self.stdin.acknowledge(|bytes| outbox.taken(bytes));
        outbox.flush(&self.line.output)
    }

    /// Makes room for a part of standard output that must be told, the program being dead: waits for the handler.
    ///
    /// # Errors
    /// When the handler has read nothing for 10 s, or is gone.
    pub fn make_room(&mut self) -> io::Result<()> {
        if self.deliver.is_complete() && !self.outbox.has_room() {
            self.outbox.flush_all(&self.line.output)?;
        }
        Ok(())
    }

    /// Sends all that is left, the program being dead.
    ///
    /// # Errors
    /// When the handler has read nothing for 10 s, or is gone.
    pub fn finish(mut self) -> io::Result<()> {
        self.line.inbox.give_room(MAX_BODY);
        self.outbox.flush_all(&self.line.output)
    }
}

/// The ways to the program that are not the handler's.
#[derive(Debug)]
pub struct Rest {
    /// What it writes to standard output.
    pub stdout: io::PipeReader,
    /// What it writes to standard error.
    pub stderr: io::PipeReader,
    /// Its bootstrap's channel.
    pub control: std::os::fd::OwnedFd,
    /// Where the kernel asks about its calls, if it does.
    pub listener: Option<Listener>,
}

/// The error that ends a conversation.
#[must_use]
pub fn not_legal(what: &str) -> io::Error {
    io::Error::other(format!("the handler sent {what} when it may not"))
}
