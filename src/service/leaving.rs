//! What becomes of a submission whose caller goes away. Knows when to stop, not how.

use std::future::pending;

use tokio_util::sync::CancellationToken;

use super::{ExecutionService, Job, OnLeave};
use crate::domain::ports::{ExecutionStore, Sandbox};

/// Submissions that may wait for a place after their callers have gone. Each may hold 8 MiB of files, and no connection
/// bounds them any more. One too many is dropped: nothing of it is on record, and its key is free.
pub(super) const MAX_ORPHANS: usize = 32;

impl<S: Sandbox, R: ExecutionStore> ExecutionService<S, R> {
    /// Resolves when a submission that waits for a place need not wait any longer: its caller has gone, and it is not
    /// to go on without. Dropped when the place is there.
    pub(super) async fn nobody_wants(&self, on_leave: OnLeave, left: &CancellationToken) {
        left.cancelled().await;
        if on_leave == OnLeave::Finish
            && let Ok(_place) = self.orphans.try_acquire()
        {
            pending::<()>().await;
        }
    }

    /// Resolves when a run is to be stopped: at a shutdown, when its caller says so, or when its caller has gone and it is
    /// not to go on without.
    pub(super) async fn must_stop(&self, job: &Job) {
        let left = async {
            match job.submission.on_leave {
                OnLeave::Stop => job.left.cancelled().await,
                OnLeave::Finish => pending().await,
            }
        };
        tokio::select! {
            () = self.stopping.cancelled() => {}
            () = job.stop.cancelled() => {}
            () = left => {}
        }
    }
}
