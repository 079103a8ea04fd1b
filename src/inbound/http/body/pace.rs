//! How fast a body must arrive. Only the time in which we wait for the sender counts: time in which the sender waits
//! for us is never held against it.

use std::time::Duration;

use axum::body::BodyDataStream;
use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::time::{Instant, timeout};

use super::super::room::{FREE, Room};
use crate::inbound::contract::rejection::{Fault, Rejection};

/// How long a whole body may take.
const READ_TIME: Duration = Duration::from_secs(30);
/// How long nothing may come.
const SILENCE: Duration = Duration::from_secs(10);
/// How often the pace is looked at.
const WINDOW: Duration = Duration::from_secs(1);
/// Bytes that must come in each window while others wait for the room that this body holds.
const WHILE_WANTED: usize = 16 * 1024;

/// The pace of one body.
#[derive(Default)]
pub(super) struct Pace {
    /// Time waited for the sender, in all.
    waited: Duration,
    /// Time waited since anything came, in whole windows.
    silent: Duration,
    window: Duration,
    in_window: usize,
    total: usize,
}

impl Pace {
    /// The next bytes; `None` at the end of the body.
    ///
    /// # Errors
    /// When the body breaks off, or arrives too slowly.
    pub async fn next(
        &mut self,
        stream: &mut BodyDataStream,
        room: &Room,
    ) -> Result<Option<Bytes>, Rejection> {
        loop {
            let began = Instant::now();
            let came = timeout(WINDOW.saturating_sub(self.window), stream.next()).await;
            self.waited += began.elapsed();
            self.window += began.elapsed();
            let chunk = match came {
                Ok(None) => return Ok(None),
                Ok(Some(Ok(chunk))) => Some(chunk),
                Ok(Some(Err(_))) => return Err(Rejection::invalid("The body broke off before its end.")),
                Err(_) => None,
            };
            let length = chunk.as_ref().map_or(0, Bytes::len);
            self.in_window += length;
            self.total += length;
            if self.window >= WINDOW {
                self.judge(room)?;
            }
            if chunk.is_some() {
                return Ok(chunk);
            }
        }
    }

    /// Looks at the window that is over, and begins the next.
    fn judge(&mut self, room: &Room) -> Result<(), Rejection> {
        self.silent = if self.in_window == 0 { self.silent + self.window } else { Duration::ZERO };
        let slow = |message| Err(Rejection::new(Fault::BodyTooSlow, message));
        if self.waited >= READ_TIME {
            return slow("The body did not arrive within 30 seconds.");
        }
        if self.silent >= SILENCE {
            return slow("The body stopped arriving: nothing came for 10 seconds.");
        }
        if self.total > FREE && self.in_window < WHILE_WANTED && room.is_wanted() {
            return slow("The body arrived at less than 16 KiB a second while others waited for its place.");
        }
        (self.window, self.in_window) = (Duration::ZERO, 0);
        Ok(())
    }
}
