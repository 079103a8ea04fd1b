//! One sandbox in our hands, from making it to its being gone.
//!
//! # What is left behind
//! Nothing: a sandbox ends itself when our connection closes or its lease is over, and the engine removes it.
//! Beyond that, a guard that is dropped early has its sandbox removed, and one that ran its course holds its
//! room until the sandbox is seen to be gone.

use std::time::Duration;

use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, sleep, timeout},
};
use tokio_util::task::TaskTracker;
use tracing::warn;

use crate::outbound::docker::engine::{calls::Engine, link::Link};

/// How long a sandbox may take to disappear after its report before it is removed by force.
pub const LEAVING: Duration = Duration::from_secs(5);
/// How often it is looked for meanwhile.
const LOOK_AGAIN: Duration = Duration::from_millis(25);
/// How soon a removal is tried again; twice as long each time.
const REMOVE_AGAIN: Duration = Duration::from_millis(500);
/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// How long a container's removal is tried for. It keeps its room meanwhile: what a slow engine has not ended yet is not
/// joined by more.
const GIVE_UP: Duration = Duration::from_mins(2);
/// How long a container is waited for of which the engine did not say whether it made it. What comes later is seen by the
/// rounds of upkeep.
const STILL_MADE: Duration = Duration::from_secs(5);

/// The right to have one sandbox on the host. Kept until the sandbox is really gone.
pub type Room = OwnedSemaphorePermit;

/// A container that is ours until it is gone.
pub struct Guard {
    engine: Engine,
    tasks: TaskTracker,
    id: String,
    /// `None` for one that another handler made: it is in that handler's count.
    room: Option<Room>,
    ours: bool,
    /// Whether the engine has said that it made the container.
    made: bool,
}

impl Guard {
    /// Takes charge of a container; `tasks` outlive it and are waited for at shutdown.
    #[must_use]
    pub const fn new(engine: Engine, tasks: TaskTracker, id: String, room: Option<Room>) -> Self {
        Self { engine, tasks, id, room, ours: true, made: true }
    }

    /// Takes charge of a container that is about to be made, by its name.
    #[must_use]
    pub const fn begin(engine: Engine, tasks: TaskTracker, name: String, room: Room) -> Self {
        Self { engine, tasks, id: name, room: Some(room), ours: true, made: false }
    }

    /// The engine made it, and calls it this.
    #[must_use]
    pub fn made(mut self, id: String) -> Self {
        self.id = id;
        self.made = true;
        self
    }

    /// The engine said that it did not make it, or never heard of it.
    pub fn was_refused(mut self) {
        self.ours = false;
    }

    /// The container's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Leaves it where it is, for whoever claims it; its room goes along.
    #[must_use]
    pub fn hand_over(mut self) -> (String, Option<Room>) {
        self.ours = false;
        (std::mem::take(&mut self.id), self.room.take())
    }

    /// The sandbox has reported and ends by itself: sees to it that it does, without being waited for.
    pub fn leave(self, link: Link) {
        self.dismiss(link, Vec::new());
    }

    /// The sandbox ends by itself once it has been told this: sees to it that it does, without being waited for.
    pub fn dismiss(mut self, mut link: Link, farewell: Vec<u8>) {
        self.ours = false;
        let (engine, id, room) = (self.engine.clone(), std::mem::take(&mut self.id), self.room.take());
        self.tasks.spawn(async move {
            let gone = timeout(LEAVING, async {
                // A sandbox that does not hear it is removed by force.
                link.send(&farewell).await.ok();
                link.drain().await;
                while !engine.is_gone(&id).await.unwrap_or(false) {
                    sleep(LOOK_AGAIN).await;
                }
            });
            if gone.await.is_err() {
                warn!(sandbox = %id, "a sandbox did not disappear after its report; removing it by force");
                remove(&engine, &id, true).await;
            }
            drop(room);
        });
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.ours {
            return;
        }
        let (engine, id, room) = (self.engine.clone(), std::mem::take(&mut self.id), self.room.take());
        let made = self.made;
        self.tasks.spawn(async move {
            remove(&engine, &id, made).await;
            drop(room);
        });
    }
}

/// Removes a container by force, and again: a removal that meets a start can fail, and the engine leaves it at that. One
/// that is not known to be `made` may still come to be.
async fn remove(engine: &Engine, id: &str, made: bool) {
    let begun = Instant::now();
    let mut pause = REMOVE_AGAIN;
    let gone = timeout(GIVE_UP, async {
        loop {
            let removed = engine.remove(id).await;
            let was_there = made || matches!(removed, Ok(true)) || begun.elapsed() >= STILL_MADE;
            if was_there && engine.is_gone(id).await.unwrap_or(false) {
                return;
            }
            if let Err(error) = removed {
                warn!(sandbox = %id, %error, "a sandbox could not be removed; trying again");
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    });
    if gone.await.is_err() {
        // Its lease ends it; the next rounds of upkeep remove what is left.
        warn!(sandbox = %id, "a sandbox could not be removed for now");
    }
}
