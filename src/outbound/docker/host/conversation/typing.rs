//! Live input on its way to a sandbox: at most [`INPUT_WINDOW`] bytes are sent before the sandbox says that its program
//! has taken some, so that a signal is never stuck behind input that nobody reads.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use sandbox_init::protocol::{INPUT_WINDOW, ToInit};

use super::frame;
use crate::domain::conversation::Input;

/// SIGINT.
const INTERRUPT: u8 = 2;

/// The input of the steps of a conversation, of one after the other.
#[derive(Debug, Default)]
pub(super) struct Typing {
    /// Whether a program is there to be interrupted.
    runs: bool,
    /// Whether bytes that are typed now can reach a program.
    open: bool,
    waiting: VecDeque<Bytes>,
    /// Bytes of `waiting`.
    bytes: usize,
    /// Whether the end of the input is to be sent after what waits.
    ends: bool,
    ended: bool,
    /// Bytes that were sent, and that the program has not taken yet.
    sent: usize,
    /// Frames to be sent.
    outgoing: BytesMut,
}

impl Typing {
    /// A step begins whose input is typed, or is not.
    pub(super) fn step_begins(&mut self, live: bool) {
        *self =
            Self { runs: true, open: live, outgoing: std::mem::take(&mut self.outgoing), ..Self::default() };
    }

    /// The step is over: nobody takes what waits. Frames stay, since one of them may have been sent in part. The sandbox
    /// throws away what comes late.
    pub(super) fn step_ends(&mut self) {
        *self = Self { outgoing: std::mem::take(&mut self.outgoing), ..Self::default() };
    }

    /// Frames that the step before has left, to be sent before anything else.
    pub(super) fn left(&mut self) -> BytesMut {
        std::mem::take(&mut self.outgoing)
    }

    /// Takes input in. What cannot reach a program is thrown away: what comes after the end of the input, but for
    /// signals, and all that comes when no step runs, or one whose input is not typed.
    pub(super) fn push(&mut self, input: Input) {
        match input {
            Input::Interrupt if self.runs => self.frame(&ToInit::Signal(INTERRUPT)),
            Input::Bytes(bytes) if self.open && !bytes.is_empty() => {
                self.bytes += bytes.len();
                self.waiting.push_back(bytes);
            }
            Input::End if self.open => {
                self.ends = true;
                self.open = false;
            }
            Input::Interrupt | Input::Bytes(_) | Input::End => {}
        }
    }

    /// The program has taken so many bytes more.
    pub(super) fn taken(&mut self, bytes: u32) {
        self.sent = self.sent.saturating_sub(usize::try_from(bytes).unwrap_or(usize::MAX));
    }

    /// Bytes that the program has not taken yet.
    pub(super) const fn pending(&self) -> usize {
        self.bytes + self.sent
    }

    /// What is to be sent now.
    pub(super) fn outgoing(&mut self) -> &mut BytesMut {
        while self.sent < INPUT_WINDOW
            && let Some(mut next) = self.waiting.pop_front()
        {
            let room = (INPUT_WINDOW - self.sent).min(next.len());
            let piece = next.split_to(room);
            if !next.is_empty() {
                self.waiting.push_front(next);
            }
            self.bytes -= piece.len();
            self.sent += piece.len();
            self.frame(&ToInit::Input(&piece));
        }
        if self.ends && !self.ended && self.waiting.is_empty() {
            self.ended = true;
            self.frame(&ToInit::EndOfInput);
        }
        &mut self.outgoing
    }

    fn frame(&mut self, message: &ToInit<'_>) {
        // Nothing of the kind is longer than a frame may be.
        if let Ok(frame) = frame::encode(message) {
            self.outgoing.extend_from_slice(&frame);
        }
    }
}

#[cfg(test)]
mod tests {
    use sandbox_init::protocol::{decode, frame_length};

    use super::*;

    /// What the frames to be sent say, shortened.
    fn said(typing: &mut Typing) -> Vec<String> {
        let bytes = typing.outgoing().split();
        let mut rest = bytes.as_ref();
        let mut said = Vec::new();
        while let Ok(Some(length)) = frame_length(rest) {
            said.push(match decode(&rest[..length]).unwrap() {
                ToInit::Input(bytes) => format!("{} bytes", bytes.len()),
                ToInit::EndOfInput => "end".to_owned(),
                ToInit::Signal(number) => format!("signal {number}"),
                other => format!("{other:?}"),
            });
            rest = &rest[length..];
        }
        said
    }

    fn open() -> Typing {
        let mut typing = Typing::default();
        typing.step_begins(true);
        typing
    }

    #[test]
    fn no_more_is_sent_than_the_window_allows_and_the_end_comes_last() {
        let mut typing = open();
        typing.push(Input::Bytes(Bytes::from(vec![b'x'; INPUT_WINDOW + 10])));
        typing.push(Input::End);
        typing.push(Input::Bytes(Bytes::from_static(b"after the end")));
        assert_eq!(said(&mut typing), [format!("{INPUT_WINDOW} bytes")]);
        assert_eq!(typing.pending(), INPUT_WINDOW + 10);
        typing.taken(4);
        assert_eq!(said(&mut typing), ["4 bytes"]);
        typing.taken(10);
        assert_eq!(said(&mut typing), ["6 bytes", "end"]);
        assert_eq!(said(&mut typing), Vec::<String>::new());
    }

    #[test]
    fn a_signal_passes_input_that_waits() {
        let mut typing = open();
        typing.push(Input::Bytes(Bytes::from(vec![b'x'; 2 * INPUT_WINDOW])));
        said(&mut typing);
        typing.push(Input::Interrupt);
        assert_eq!(said(&mut typing), ["signal 2"]);
    }

    fn type_everything(typing: &mut Typing) {
        for input in [Input::Bytes(Bytes::from_static(b"typed")), Input::Interrupt, Input::End] {
            typing.push(input);
        }
    }

    #[test]
    fn what_no_program_takes_is_thrown_away() {
        let mut typing = Typing::default();
        type_everything(&mut typing);
        assert_eq!((said(&mut typing), typing.pending()), (vec![], 0), "before the first step");
        typing.step_begins(false);
        type_everything(&mut typing);
        assert_eq!((said(&mut typing), typing.pending()), (vec!["signal 2".to_owned()], 0), "given whole");
        typing.step_ends();
        type_everything(&mut typing);
        assert_eq!((said(&mut typing), typing.pending()), (vec![], 0), "between two steps");
        typing.step_begins(true);
        type_everything(&mut typing);
        assert_eq!(said(&mut typing), ["signal 2", "5 bytes", "end"]);
    }

    #[test]
    fn the_rest_of_a_frame_outlives_its_step() {
        let mut typing = open();
        typing.push(Input::Bytes(Bytes::from(vec![b'x'; 2 * INPUT_WINDOW])));
        let frame = typing.outgoing().len();
        drop(typing.outgoing().split_to(3));
        typing.step_ends();
        assert_eq!((typing.pending(), typing.outgoing().len()), (0, frame - 3));
        assert_eq!((typing.left().len(), typing.left().len()), (frame - 3, 0));
    }
}
