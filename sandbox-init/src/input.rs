//! Standard input of the program: its pipe, and what has not gone through it yet.

use std::{
    collections::VecDeque,
    io::{self, PipeWriter, Write},
    os::fd::{AsFd, BorrowedFd},
};

use crate::{
    protocol::{INPUT_WINDOW, Stdin},
    step::touched,
};

/// The program's standard input.
#[derive(Debug)]
pub struct Input<'a> {
    /// Gone once the last byte is through, or the program wants no more.
    pipe: Option<PipeWriter>,
    source: Source<'a>,
    /// Bytes that are through, or thrown away, and not acknowledged.
    taken: u32,
}

#[derive(Debug)]
enum Source<'a> {
    /// What is left of it.
    Whole(&'a [u8]),
    /// What came and is not through yet, in memory that was taken before.
    Live { waiting: VecDeque<u8>, ended: bool },
}

/// Input that the handler may not send now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotNow;

impl<'a> Input<'a> {
    /// Feeds this pipe, which does not block.
    #[must_use]
    pub fn new(pipe: PipeWriter, stdin: Stdin<'a>) -> Self {
        let (pipe, source) = match stdin {
            // No input is an end of file at once: the program sees it closed from the start.
            Stdin::Whole([]) => (None, Source::Whole(&[])),
            Stdin::Whole(bytes) => (Some(pipe), Source::Whole(bytes)),
            Stdin::Live => (Some(pipe), Source::Live { waiting: touched(INPUT_WINDOW).into(), ended: false }),
        };
        Self { pipe, source, taken: 0 }
    }

    /// What to wait on until it can be written, while there is something to be written.
    #[must_use]
    pub fn pipe(&self) -> Option<BorrowedFd<'_>> {
        match &self.source {
            Source::Live { waiting, .. } if waiting.is_empty() => None,
            _ => self.pipe.as_ref().map(AsFd::as_fd),
        }
    }

    /// Passes on as much as the pipe takes; closes it after the last byte.
    pub fn feed(&mut self) {
        while let Some(pipe) = &mut self.pipe {
            let next = match &self.source {
                Source::Whole(rest) => rest,
                Source::Live { waiting, .. } => waiting.as_slices().0,
            };
            if next.is_empty() {
                // A live input waits for more, unless it has ended.
                if !matches!(self.source, Source::Live { ended: false, .. }) {
                    self.pipe = None;
                }
                return;
            }
            match pipe.write(next) {
                Ok(count) => self.count(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Nobody can read any more.
                Err(_) => {
                    self.pipe = None;
                    if let Source::Live { waiting, .. } = &self.source {
                        self.count(waiting.len());
                    }
                }
            }
        }
    }

    /// So many bytes are through, or thrown away.
    fn count(&mut self, bytes: usize) {
        match &mut self.source {
            Source::Whole(rest) => *rest = &rest[bytes..],
            Source::Live { waiting, .. } => {
                waiting.drain(..bytes);
                // The window bounds it.
                self.taken += u32::try_from(bytes).unwrap_or(0);
            }
        }
    }

    /// Takes in what the handler sent.
    ///
    /// # Errors
    /// When the input is not live, has ended, or is more than the window has room for.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), NotNow> {
        let Source::Live { waiting, ended: false } = &mut self.source else { return Err(NotNow) };
        if bytes.is_empty() || bytes.len() + waiting.len() + self.taken as usize > INPUT_WINDOW {
            return Err(NotNow);
        }
        if self.pipe.is_none() {
            self.taken += u32::try_from(bytes.len()).unwrap_or(0);
            return Ok(());
        }
        waiting.extend(bytes);
        self.feed();
        Ok(())
    }

    /// Nothing more will come.
    ///
    /// # Errors
    /// When the input is not live, or has ended.
    pub fn end(&mut self) -> Result<(), NotNow> {
        match &mut self.source {
            Source::Live { ended, .. } if !*ended => *ended = true,
            _ => return Err(NotNow),
        }
        self.feed();
        Ok(())
    }

    /// Hands over how many bytes there are to be acknowledged, if there are any; they count as acknowledged when `send` says so.
    pub fn acknowledge(&mut self, send: impl FnOnce(u32) -> bool) {
        if self.taken > 0 && send(self.taken) {
            self.taken = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::child::set_nonblocking;

    fn live() -> (io::PipeReader, Input<'static>) {
        let (reader, writer) = io::pipe().unwrap();
        set_nonblocking(&writer).unwrap();
        (reader, Input::new(writer, Stdin::Live))
    }

    fn acknowledged(input: &mut Input) -> u32 {
        let mut bytes = 0;
        input.acknowledge(|taken| {
            bytes = taken;
            true
        });
        bytes
    }

    #[test]
    fn live_input_is_passed_on_at_once_and_ends_when_it_is_told() {
        let (mut reader, mut input) = live();
        input.push(b"one ").unwrap();
        let mut text = [0; 4];
        reader.read_exact(&mut text).unwrap();
        assert_eq!((&text, acknowledged(&mut input)), (b"one ", 4));
        input.push(b"two").unwrap();
        input.end().unwrap();
        let mut rest = String::new();
        reader.read_to_string(&mut rest).unwrap();
        assert_eq!((rest.as_str(), acknowledged(&mut input)), ("two", 3));
        assert_eq!((input.push(b"x"), input.end()), (Err(NotNow), Err(NotNow)));
    }

    #[test]
    fn the_window_is_all_that_is_not_acknowledged() {
        let (_reader, mut input) = live();
        input.push(&[1; INPUT_WINDOW]).unwrap();
        assert_eq!(input.push(b"x"), Err(NotNow));
        // What the pipe took counts until it is acknowledged.
        let taken = acknowledged(&mut input) as usize;
        assert!(taken > 0);
        input.push(&vec![2; taken]).unwrap();
        assert_eq!(input.push(b"x"), Err(NotNow));
    }

    #[test]
    fn what_nobody_reads_any_more_is_thrown_away_and_acknowledged() {
        let (reader, mut input) = live();
        drop(reader);
        input.push(&[1; 1000]).unwrap();
        input.push(&[1; 10]).unwrap();
        assert_eq!(acknowledged(&mut input), 1010);
        assert!(input.end().is_ok() && input.pipe().is_none());
    }

    #[test]
    fn input_that_is_whole_takes_nothing_more() {
        let (mut reader, writer) = io::pipe().unwrap();
        set_nonblocking(&writer).unwrap();
        let mut input = Input::new(writer, Stdin::Whole(b"all of it"));
        assert_eq!((input.push(b"x"), input.end()), (Err(NotNow), Err(NotNow)));
        input.feed();
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), acknowledged(&mut input)), ("all of it", 0));
    }
}
