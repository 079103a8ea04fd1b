//! An execution that somebody looks on at while it runs, and may type into. Knows no protocol.
//!
//! A [`Live`] goes with the submission and is the service's end; [`Listener`] and [`Typist`] stay with the front door.
//!
//! # Memory
//! What a listener has not taken yet is held in a buffer of at most [`BUFFER_BYTES`]. Output that finds no room in it is
//! left out: the program is never slowed by its listener, and its outcome is complete in any case. A listener is told by
//! [`LiveEvent::Gap`] how many bytes were left out, before the next output of that stream or the end of the step.

#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::{Bytes, BytesMut};
use tokio::sync::{Notify, mpsc};

use crate::domain::{
    conversation::{Event, Input, StreamName},
    files::OutFile,
    id::ExecutionId,
    outcome::Outcome,
};

/// Bytes of output that wait for a listener, at most.
pub const BUFFER_BYTES: usize = 256 * 1024;
/// Bytes of one event of output, at most: whoever writes an event down holds it several times over.
pub const PIECE_BYTES: usize = 32 * 1024;
/// What an event of output takes beside its bytes. Many small ones are bounded by it.
const EVENT_BYTES: usize = 128;
/// Pieces of input that wait for the service, at most. Each is as large as the front door makes it.
const INPUT_PIECES: usize = 4;

/// What somebody who looks on is told.
#[derive(Clone, Debug, PartialEq)]
pub enum LiveEvent {
    /// The execution has an id, and its start is on record.
    Accepted(ExecutionId),
    /// A step was sent to the sandbox.
    Began {
        /// Its number.
        step: u16,
        /// Whether it runs the compiler, and not the program.
        compiles: bool,
    },
    /// The program wrote something.
    Output {
        /// The step.
        step: u16,
        /// Where to.
        stream: StreamName,
        /// Bytes that the program had written to that stream before, in this step.
        at: u64,
        /// What it wrote.
        bytes: Bytes,
    },
    /// Some output is left out here.
    Gap {
        /// The step.
        step: u16,
        /// Of which stream.
        stream: StreamName,
        /// How many bytes.
        bytes: u64,
    },
    /// A step is over.
    Ended {
        /// Its number.
        step: u16,
        /// What came of it.
        outcome: Box<Outcome>,
    },
    /// A file has come back.
    File(OutFile),
}

/// The service's end: where events go, and where input comes from.
#[derive(Clone)]
pub struct Live {
    buffer: Arc<Buffer>,
    /// Whether more is wanted than to know that the execution is accepted.
    events: bool,
    input: Option<Arc<Typed>>,
}

/// What was typed.
struct Typed {
    pieces: tokio::sync::Mutex<mpsc::Receiver<Input>>,
    /// An interrupt overtakes input, as in a terminal: it is wanted most when the program reads nothing.
    interrupts: Arc<Notify>,
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.input.is_some() { "Live(with input)" } else { "Live(output only)" })
    }
}

/// The front door's end of the events.
#[derive(Debug)]
pub struct Listener {
    buffer: Arc<Buffer>,
    /// The step whose output is being told, and the bytes of each of its streams that were told or left out.
    told: (u16, [u64; 2]),
    /// An event that is told after a gap.
    next: Option<LiveEvent>,
}

/// The front door's end of the input.
#[derive(Clone, Debug)]
pub struct Typist {
    pieces: mpsc::Sender<Input>,
    interrupts: Arc<Notify>,
}

/// Both ends of an execution that somebody looks on at.
#[must_use]
pub fn listened() -> (Live, Listener) {
    let buffer = Arc::<Buffer>::default();
    let listener = Listener { buffer: Arc::clone(&buffer), told: (0, [0; 2]), next: None };
    (Live { buffer, events: true, input: None }, listener)
}

/// Both ends of an execution of which nothing is told but that it is accepted.
#[must_use]
pub(super) fn accepted_only() -> (Live, Listener) {
    let (live, listener) = listened();
    (Live { events: false, ..live }, listener)
}

/// Both ends of an execution that somebody looks on at and types into.
#[must_use]
pub fn typed_into() -> (Live, Listener, Typist) {
    let (live, listener) = listened();
    let (sender, receiver) = mpsc::channel(INPUT_PIECES);
    let interrupts = Arc::<Notify>::default();
    let typed = Typed { pieces: tokio::sync::Mutex::new(receiver), interrupts: Arc::clone(&interrupts) };
    (Live { input: Some(Arc::new(typed)), ..live }, listener, Typist { pieces: sender, interrupts })
}

impl Live {
    /// Whether output is wanted while the program runs.
    #[must_use]
    pub const fn has_events(&self) -> bool {
        self.events
    }

    /// Whether the program's input comes from here.
    #[must_use]
    pub const fn has_input(&self) -> bool {
        self.input.is_some()
    }

    pub(super) fn accepted(&self, id: ExecutionId) {
        self.buffer.push(LiveEvent::Accepted(id));
    }

    pub(super) fn began(&self, step: u16, compiles: bool) {
        if self.events {
            self.buffer.push(LiveEvent::Began { step, compiles });
        }
    }

    /// Tells what the sandbox told of a step.
    pub(super) fn event(&self, step: u16, event: &Event) {
        match event {
            _ if !self.events => {}
            Event::Output { stream, at, bytes } => self.buffer.output(step, *stream, *at, bytes),
            Event::Ended(outcome) => {
                self.buffer.push(LiveEvent::Ended { step, outcome: Box::new(outcome.clone()) });
            }
            Event::Taken => {}
        }
    }

    /// Tells of files that have come back. Their bytes are the answer's own: they take no more room by being told.
    pub(super) fn files(&self, files: &[OutFile]) {
        if self.events {
            for file in files {
                self.buffer.push(LiveEvent::File(file.clone()));
            }
        }
    }

    /// Says that nothing more is told, when the guard is dropped.
    pub(super) fn over_when_dropped(self) -> Over {
        Over(self)
    }

    /// Waits for input that the program is to have next; where `more` is false, because much waits for the program
    /// already, for an interrupt alone. For ever where there is none, or no more. May be dropped and called again: no input
    /// is lost.
    pub(super) async fn input(&self, more: bool) -> Input {
        let Some(typed) = &self.input else { return std::future::pending().await };
        let piece = async {
            if more && let Some(piece) = typed.pieces.lock().await.recv().await {
                return piece;
            }
            std::future::pending().await
        };
        tokio::select! {
            biased;
            () = typed.interrupts.notified() => Input::Interrupt,
            piece = piece => piece,
        }
    }
}

/// The end of all telling.
pub(super) struct Over(Live);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.buffer.lock().over = true;
        self.0.buffer.news.notify_one();
    }
}

impl Listener {
    /// Waits for the next event; `None` when the execution is over. May be dropped and called again: no event is lost.
    pub async fn next(&mut self) -> Option<LiveEvent> {
        let event = match self.next.take() {
            Some(event) => event,
            None => self.buffer.next().await?,
        };
        match self.left_out_before(&event) {
            None => Some(event),
            Some(gap) => {
                self.next = Some(event);
                Some(gap)
            }
        }
    }

    /// The gap that must be told before this event.
    fn left_out_before(&mut self, event: &LiveEvent) -> Option<LiveEvent> {
        match event {
            LiveEvent::Output { step, stream, at, bytes } => {
                let told = self.told(*step, *stream);
                let (before, now) = (*told, at + bytes.len() as u64);
                *told = now;
                gap(*step, *stream, before, *at)
            }
            LiveEvent::Ended { step, outcome } => {
                // One stream at a time: the event comes here again after the first gap.
                let streams =
                    [(StreamName::Stdout, outcome.stdout.total), (StreamName::Stderr, outcome.stderr.total)];
                streams.into_iter().find_map(|(stream, total)| {
                    let told = self.told(*step, stream);
                    let before = std::mem::replace(told, total);
                    gap(*step, stream, before, total)
                })
            }
            LiveEvent::Accepted(_) | LiveEvent::Began { .. } | LiveEvent::Gap { .. } | LiveEvent::File(_) => {
                None
            }
        }
    }

    fn told(&mut self, step: u16, stream: StreamName) -> &mut u64 {
        if self.told.0 != step {
            self.told = (step, [0; 2]);
        }
        &mut self.told.1[usize::from(stream == StreamName::Stderr)]
    }
}

fn gap(step: u16, stream: StreamName, from: u64, to: u64) -> Option<LiveEvent> {
    (to > from).then(|| LiveEvent::Gap { step, stream, bytes: to - from })
}

impl Typist {
    /// Sends input to the program. Waits while much input waits already; an interrupt overtakes all of that, and two that
    /// come at once may be one. False when nobody takes input any more.
    pub async fn send(&self, input: Input) -> bool {
        if input == Input::Interrupt {
            self.interrupts.notify_one();
            return !self.pieces.is_closed();
        }
        self.pieces.send(input).await.is_ok()
    }
}

#[derive(Debug, Default)]
struct Buffer {
    held: Mutex<Held>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Held {
    events: VecDeque<LiveEvent>,
    /// The output that came last, apart: what follows it is joined to it.
    last: Option<(u16, StreamName, u64, BytesMut)>,
    bytes: usize,
    over: bool,
}

impl Held {
    fn settle(&mut self) {
        if let Some((step, stream, at, bytes)) = self.last.take() {
            self.events.push_back(LiveEvent::Output { step, stream, at, bytes: bytes.freeze() });
        }
    }

    /// The first event; of output that is longer than a piece its first piece.
    fn take(&mut self) -> Option<LiveEvent> {
        if let Some(LiveEvent::Output { step, stream, at, bytes }) = self.events.front_mut()
            && bytes.len() > PIECE_BYTES
        {
            let piece = bytes.split_to(PIECE_BYTES);
            let first = LiveEvent::Output { step: *step, stream: *stream, at: *at, bytes: piece };
            *at += PIECE_BYTES as u64;
            self.bytes = self.bytes.saturating_sub(PIECE_BYTES);
            return Some(first);
        }
        let event = self.events.pop_front();
        if let Some(LiveEvent::Output { bytes, .. }) = &event {
            self.bytes = self.bytes.saturating_sub(bytes.len() + EVENT_BYTES);
        }
        event
    }
}

impl Buffer {
    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Events that are no output are few: four for each step, and at most 500 steps and 32 files.
    fn push(&self, event: LiveEvent) {
        let mut held = self.lock();
        held.settle();
        held.events.push_back(event);
        drop(held);
        self.news.notify_one();
    }

    fn output(&self, step: u16, stream: StreamName, at: u64, bytes: &Bytes) {
        let mut held = self.lock();
        let room = BUFFER_BYTES.saturating_sub(held.bytes);
        let joins = held.last.as_ref().is_some_and(|(last_step, last_stream, last_at, last)| {
            (*last_step, *last_stream, last_at + last.len() as u64) == (step, stream, at)
        });
        let cost = bytes.len() + if joins { 0 } else { EVENT_BYTES };
        if cost > room {
            return;
        }
        held.bytes += cost;
        match &mut held.last {
            Some((.., last)) if joins => last.extend_from_slice(bytes),
            _ => {
                held.settle();
                held.last = Some((step, stream, at, BytesMut::from(bytes.as_ref())));
            }
        }
        drop(held);
        self.news.notify_one();
    }

    async fn next(&self) -> Option<LiveEvent> {
        loop {
            {
                let mut held = self.lock();
                if held.events.is_empty() {
                    held.settle();
                }
                if let Some(event) = held.take() {
                    return Some(event);
                }
                if held.over {
                    return None;
                }
            }
            self.news.notified().await;
        }
    }
}
