//! A program at work in the fake sandbox, act by act.

use std::{collections::VecDeque, future::pending, time::Duration};

use bytes::Bytes;
use tokio::time::{Instant, sleep_until};

use super::program::{Act, Plan};
use crate::{
    domain::{
        conversation::{Deliver, Event, Step, StepInput, StreamName},
        error::SandboxError,
        outcome::{Captured, Ending, LimitName, LimitReached, Outcome},
    },
    testing::exited,
};

/// How much a program sips.
const SIP: usize = 64 * 1024;
/// How long a sip takes.
const SIP_TIME: Duration = Duration::from_millis(1);

/// A program at work.
pub(super) struct Running {
    pub(super) step: Step,
    pub(super) begun: Instant,
    /// When it began what it does now.
    since: Instant,
    pub(super) acts: VecDeque<Act>,
    /// What is to be told next.
    pub(super) events: VecDeque<Event>,
    /// Input that it has not taken yet.
    pub(super) input: VecDeque<Bytes>,
    pub(super) input_has_ended: bool,
    pub(super) is_interrupted: bool,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// CPU time beside that of any program.
    computed: Duration,
}

impl Running {
    pub(super) fn begin(step: Step, plan: &Plan) -> Self {
        let now = Instant::now();
        let input = match &step.stdin {
            StepInput::Whole(bytes) => Some(bytes.clone()),
            StepInput::Live => None,
        };
        Self {
            begun: now,
            since: now,
            acts: plan.acts(&step).into(),
            events: VecDeque::new(),
            input_has_ended: input.is_some(),
            input: input.into_iter().collect(),
            is_interrupted: false,
            stdout: Vec::new(),
            stderr: Vec::new(),
            computed: Duration::ZERO,
            step,
        }
    }

    /// Does what is to be done next, or a part of it. May be given up and called again: what takes time is waited for
    /// until a moment, and nothing is changed before.
    pub(super) async fn act(&mut self) -> Result<(), SandboxError> {
        let Some(act) = self.acts.front().cloned() else { return pending().await };
        if self.is_interrupted && act.is_interruptible() {
            self.exit(130);
            return Ok(());
        }
        match act {
            Act::Writes(stream, bytes) => self.write(stream, bytes),
            Act::Computes(time) => {
                sleep_until(self.since + time).await;
                self.computed += time;
            }
            Act::Echoes => {
                if let Some(bytes) = self.input.pop_front() {
                    self.tell_that_input_is_taken();
                    self.write(StreamName::Stdout, bytes);
                    return Ok(());
                }
                self.end_of_input().await;
            }
            Act::EchoesLine => match self.line() {
                Some(line) => {
                    self.tell_that_input_is_taken();
                    self.write(StreamName::Stdout, line);
                }
                None => self.end_of_input().await,
            },
            Act::Sips => {
                if let Some(first) = self.input.front_mut() {
                    sleep_until(self.since + SIP_TIME).await;
                    drop(first.split_to(first.len().min(SIP)));
                    if first.is_empty() {
                        self.input.pop_front();
                    }
                    self.since = Instant::now();
                    self.tell_that_input_is_taken();
                    return Ok(());
                }
                self.end_of_input().await;
            }
            Act::Loops | Act::Forgets => return pending().await,
            Act::Awaits(told) => told.notified().await,
            Act::Exits(code) => {
                self.exit(code);
                return Ok(());
            }
            Act::Ends(outcome) => {
                let stdout = outcome.stdout.bytes();
                if self.stdout.len() < stdout.len() {
                    self.write(StreamName::Stdout, stdout.slice(self.stdout.len()..));
                }
                self.events.push_back(Event::Ended(*outcome));
                return Ok(());
            }
            Act::Tells(at, event) => {
                sleep_until(self.begun + at).await;
                self.events.push_back(*event);
            }
            Act::Fails(error) => return Err(error()),
            Act::Panics => panic!("the fake sandbox was told to"),
        }
        self.acts.pop_front();
        self.since = Instant::now();
        Ok(())
    }

    fn tell_that_input_is_taken(&mut self) {
        if self.step.stdin == StepInput::Live {
            self.events.push_back(Event::Taken);
        }
    }

    async fn end_of_input(&self) {
        if !self.input_has_ended {
            pending::<()>().await;
        }
    }

    /// Takes a line of input; without a line feed where the input ends without one.
    fn line(&mut self) -> Option<Bytes> {
        let mut all = self.input.iter().flatten().copied().collect::<Vec<u8>>();
        let end = match all.iter().position(|byte| *byte == b'\n') {
            Some(at) => at + 1,
            None if self.input_has_ended && !all.is_empty() => all.len(),
            None => return None,
        };
        let rest = all.split_off(end);
        self.input = if rest.is_empty() { VecDeque::new() } else { [Bytes::from(rest)].into() };
        Some(all.into())
    }

    fn write(&mut self, stream: StreamName, bytes: Bytes) {
        let written = match stream {
            StreamName::Stdout => &mut self.stdout,
            StreamName::Stderr => &mut self.stderr,
        };
        let at = written.len() as u64;
        written.extend_from_slice(&bytes);
        let told = match self.step.deliver {
            Deliver::Nothing => false,
            Deliver::Live | Deliver::CompleteAndLive => true,
            Deliver::Complete => stream == StreamName::Stdout,
        };
        if told && !bytes.is_empty() {
            self.events.push_back(Event::Output { stream, at, bytes });
        }
    }

    fn exit(&mut self, code: u8) {
        self.end(Ending::Exited(code));
    }

    pub(super) fn end_at_its_limit(&mut self) {
        self.computed += self.since.elapsed();
        let seconds = self.step.limits.timeout.as_secs_f64();
        let (name, evidence) = (LimitName::WallTime, "the fake sandbox looked at its clock".to_owned());
        self.end(Ending::Limit(LimitReached { name, value: seconds, observed: seconds, evidence }));
    }

    fn end(&mut self, ending: Ending) {
        let kept = usize::try_from(self.step.limits.output_bytes).unwrap_or(usize::MAX);
        let mut outcome = Outcome { ending, stdout: captured(&self.stdout, kept), ..exited(0, "") };
        outcome.stderr = captured(&self.stderr, kept);
        outcome.usage.wall += self.computed;
        outcome.usage.cpu += self.computed;
        self.events.push_back(Event::Ended(outcome));
    }
}

/// What is kept of so much output: of more than that, three quarters from its beginning, and the rest from its end.
fn captured(written: &[u8], kept: usize) -> Captured {
    if written.len() <= kept {
        return Captured::whole(written.to_vec());
    }
    let tail = kept / 4;
    Captured {
        head: Bytes::copy_from_slice(&written[..kept - tail]),
        tail: Bytes::copy_from_slice(&written[written.len() - tail..]),
        total: written.len() as u64,
    }
}
