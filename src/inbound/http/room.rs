//! A bound on the memory that requests take together: bodies while they arrive, and projects until their run is over.
//!
//! Requests are read before a sandbox is asked for, so the bound on sandboxes does not bound these. Room is taken as
//! bytes arrive, not as they are announced: who announces much and sends nothing takes nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::inbound::contract::rejection::{Fault, Rejection};

/// Bytes that all requests may take together: 42 bodies of 6 MiB.
const TOTAL: usize = 256 * 1024 * 1024;
/// Bytes that every request may take without asking, so that small ones never wait for large ones. The bound on
/// connections bounds these: 32 MiB at 512 connections.
pub(super) const FREE: usize = 64 * 1024;
/// Bytes by which room is given out.
const UNIT: usize = 1024;
/// How long a request may wait for room. Whoever sends too slowly is cut off meanwhile; see [`super::body`].
const PATIENCE: Duration = Duration::from_secs(4);

/// The room there is.
#[derive(Clone)]
pub(super) struct Room {
    units: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
}

impl Default for Room {
    fn default() -> Self {
        Self::of(TOTAL)
    }
}

impl Room {
    pub fn of(bytes: usize) -> Self {
        Self { units: Arc::new(Semaphore::new(bytes / UNIT)), waiting: Arc::default() }
    }

    /// One request's part of the room: nothing yet.
    pub fn hold(&self) -> Hold {
        Hold { room: self.clone(), taken: None }
    }

    /// Whether requests wait for room now.
    pub fn is_wanted(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }
}

/// One request's part of the room. Dropped, it is free again.
pub(super) struct Hold {
    room: Room,
    taken: Option<OwnedSemaphorePermit>,
}

impl Hold {
    pub const fn room(&self) -> &Room {
        &self.room
    }

    /// Makes it room for this many bytes, more or fewer than before.
    ///
    /// # Errors
    /// When there is no room within four seconds; what was held is still held.
    pub async fn resize(&mut self, bytes: usize) -> Result<(), Rejection> {
        let wanted = bytes.saturating_sub(FREE).div_ceil(UNIT);
        let held = self.taken.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        if wanted <= held {
            if let Some(taken) = &mut self.taken {
                drop(taken.split(held - wanted));
            }
            return Ok(());
        }
        let more = u32::try_from(wanted - held).map_err(|_| full())?;
        let units = Arc::clone(&self.room.units);
        let more = if let Ok(more) = Arc::clone(&units).try_acquire_many_owned(more) {
            more
        } else {
            let _waiting = Waiting::new(&self.room.waiting);
            // The semaphore is never closed.
            let acquired = timeout(PATIENCE, units.acquire_many_owned(more)).await;
            acquired.ok().and_then(Result::ok).ok_or_else(full)?
        };
        match &mut self.taken {
            Some(taken) => taken.merge(more),
            none => *none = Some(more),
        }
        Ok(())
    }
}

fn full() -> Rejection {
    Rejection::new(Fault::Overloaded, "Too many large requests are under way. Try again shortly.")
}

/// Counts one that waits, for as long as it does.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_first_bytes_are_free_and_the_others_are_given_out_once() {
        let room = Room::of(100 * UNIT);
        let (mut first, mut second, mut small) = (room.hold(), room.hold(), room.hold());
        first.resize(FREE + 100 * UNIT).await.unwrap();
        small.resize(FREE).await.unwrap();
        assert_eq!(second.resize(FREE + 1).await.unwrap_err().fault, Fault::Overloaded);
        first.resize(FREE + 99 * UNIT).await.unwrap();
        second.resize(FREE + 1).await.unwrap();
        assert_eq!(second.resize(FREE + UNIT + 1).await.unwrap_err().fault, Fault::Overloaded);
        drop(first);
        second.resize(FREE + 100 * UNIT).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_is_counted_until_it_has_room_gives_up_or_goes_away() {
        let room = Room::of(UNIT);
        let mut full = room.hold();
        full.resize(FREE + 1).await.unwrap();
        assert!(!room.is_wanted());
        let mut one = room.hold();
        {
            let waiting = one.resize(FREE + 1);
            tokio::pin!(waiting);
            assert!(futures_util::poll!(&mut waiting).is_pending());
            assert!(room.is_wanted());
        }
        assert!(!room.is_wanted(), "it went away");
        let (outcome, ()) = tokio::join!(one.resize(FREE + 1), async { drop(full) });
        assert!(outcome.is_ok() && !room.is_wanted());
    }
}
