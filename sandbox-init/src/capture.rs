//! Keeps the first and the last part of a stream in bounded memory, and counts all of it.

use crate::{protocol::Stream, step::touched};

/// What is kept of one output stream.
#[derive(Debug)]
pub struct Capture {
    head: Vec<u8>,
    head_cap: usize,
    /// A ring: once full, `oldest` is where its first byte is.
    tail: Vec<u8>,
    tail_cap: usize,
    oldest: usize,
    total: u64,
}

impl Capture {
    /// Keeps at most `head_cap` first and `tail_cap` last bytes. The memory for them is taken now.
    #[must_use]
    pub fn new(head_cap: usize, tail_cap: usize) -> Self {
        let (head, tail) = (touched(head_cap), touched(tail_cap));
        Self { head, head_cap, tail, tail_cap, oldest: 0, total: 0 }
    }

    /// Every byte seen so far.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// Takes in the next bytes of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        let room = self.head_cap - self.head.len();
        let (first, rest) = bytes.split_at(room.min(bytes.len()));
        self.head.extend_from_slice(first);
        // Of what is longer than the ring only the end can stay.
        self.push_tail(&rest[rest.len().saturating_sub(self.tail_cap)..]);
    }

    fn push_tail(&mut self, bytes: &[u8]) {
        let room = self.tail_cap - self.tail.len();
        let (first, rest) = bytes.split_at(room.min(bytes.len()));
        self.tail.extend_from_slice(first);
        if rest.is_empty() {
            return;
        }
        let until_wrap = (self.tail_cap - self.oldest).min(rest.len());
        let (at_end, at_start) = rest.split_at(until_wrap);
        self.tail[self.oldest..self.oldest + at_end.len()].copy_from_slice(at_end);
        self.tail[..at_start.len()].copy_from_slice(at_start);
        self.oldest = (self.oldest + rest.len()) % self.tail_cap;
    }

    /// What was kept.
    #[must_use]
    pub fn finish(mut self) -> Stream {
        self.tail.rotate_left(self.oldest);
        Stream { head: self.head, tail: self.tail, total: self.total }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn head_and_tail_are_the_true_ends_of_whatever_was_written(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20),
            head_cap in 0usize..50,
            tail_cap in 0usize..50,
        ) {
            let all: Vec<u8> = chunks.concat();
            let mut capture = Capture::new(head_cap, tail_cap);
            for chunk in &chunks {
                capture.push(chunk);
            }
            let kept = capture.finish();
            let head_end = all.len().min(head_cap);
            let tail_start = head_end.max(all.len().saturating_sub(tail_cap));
            prop_assert_eq!(kept.total, all.len() as u64);
            prop_assert_eq!(kept.head, &all[..head_end]);
            prop_assert_eq!(kept.tail, &all[tail_start..]);
        }
    }
}
