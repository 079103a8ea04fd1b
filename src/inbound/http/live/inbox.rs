//! What was typed and not taken yet: bounded, in its order. Who types more than that is read no further until the program
//! takes some; nothing is lost.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use tokio::sync::Notify;

use super::super::room::Hold;
use crate::{domain::conversation::Input, service::live::Typist};

/// Bytes that wait, at most: the longest input of `POST /run`. A message that would come to more waits, unless nothing else
/// does.
const CAPACITY: usize = 8 * 1024 * 1024;
/// Bytes of a piece that is handed on: few are under way at once, and all of them are in memory beside these.
const PIECE: usize = 64 * 1024;

/// Input that waits.
#[derive(Default)]
pub(super) struct Inbox {
    waiting: Mutex<Waiting>,
    full: AtomicBool,
    news: Notify,
    taken: Notify,
}

#[derive(Default)]
struct Waiting {
    pieces: VecDeque<Input>,
    bytes: usize,
}

impl Inbox {
    /// Whether somebody waits until there is room again.
    pub fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }

    /// Takes input, as soon as there is room for it, in here and in `hold`. One at a time.
    pub async fn put(&self, hold: &mut Hold, input: Input) {
        let length = if let Input::Bytes(bytes) = &input { bytes.len() } else { 0 };
        loop {
            let bytes = self.lock().bytes;
            let fits = bytes == 0 || bytes + length <= CAPACITY;
            // What others hold is given back when their runs are over: at the latest when their time is.
            if fits && hold.resize(bytes + length).await.is_ok() {
                break;
            }
            self.full.store(true, Ordering::Relaxed);
            if !fits {
                self.taken.notified().await;
            }
        }
        self.full.store(false, Ordering::Relaxed);
        let mut waiting = self.lock();
        waiting.bytes += length;
        match input {
            Input::Bytes(mut bytes) => {
                while bytes.len() > PIECE {
                    waiting.pieces.push_back(Input::Bytes(bytes.split_to(PIECE)));
                }
                waiting.pieces.push_back(Input::Bytes(bytes));
            }
            other => waiting.pieces.push_back(other),
        }
        drop(waiting);
        self.news.notify_one();
    }

    /// Hands on what is typed for as long as somebody takes it. Never ends by itself.
    pub async fn feed(&self, typist: &Typist) {
        loop {
            let piece = self.lock().pieces.pop_front();
            let Some(piece) = piece else {
                self.news.notified().await;
                continue;
            };
            let length = if let Input::Bytes(bytes) = &piece { Bytes::len(bytes) } else { 0 };
            if !typist.send(piece).await {
                return std::future::pending().await;
            }
            self.lock().bytes -= length;
            self.taken.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::poll;

    use super::{super::super::room::Room, *};
    use crate::service::live::typed_into;

    fn typed(bytes: usize) -> Input {
        Input::Bytes(vec![b'x'; bytes].into())
    }

    #[tokio::test]
    async fn a_paste_of_the_longest_input_is_taken_and_one_byte_more_waits() {
        let (_live, _listener, typist) = typed_into();
        let (room, inbox) = (Room::default(), Inbox::default());
        let mut hold = room.hold();
        for _ in 0..8 {
            inbox.put(&mut hold, typed(1024 * 1024)).await;
        }
        assert!(!inbox.is_full());
        // Four pieces are on their way to a program that takes none, and one waits to be sent.
        let mut feeding = std::pin::pin!(inbox.feed(&typist));
        assert!(poll!(&mut feeding).is_pending());
        assert_eq!(inbox.lock().bytes, CAPACITY - 4 * PIECE);
        inbox.put(&mut hold, typed(4 * PIECE)).await;
        let mut more = std::pin::pin!(inbox.put(&mut hold, typed(1)));
        assert!(poll!(&mut more).is_pending());
        assert!(inbox.is_full());
    }

    #[tokio::test]
    async fn what_finds_no_room_waits_and_is_not_lost() {
        let (room, inbox) = (Room::of(1024), Inbox::default());
        let mut hold = room.hold();
        {
            let large = tokio::time::timeout(
                std::time::Duration::from_millis(50),
                inbox.put(&mut hold, typed(1024 * 1024)),
            );
            assert!(large.await.is_err());
        }
        assert_eq!(inbox.lock().bytes, 0);
        inbox.put(&mut hold, typed(1024)).await;
        assert!(!inbox.is_full());
    }
}
