//! A run whose output is wanted in its order of arrival, both streams in one: as its events tell it, where nothing of it is left
//! out.

use std::collections::BTreeMap;

use futures_util::FutureExt as _;

use super::lenient;
use crate::{
    domain::{
        error::ExecuteError,
        outcome::Outcome,
        ports::{ExecutionStore, Sandbox},
    },
    inbound::http::Desk,
    service::{
        Answer, Submission,
        live::{self, Listener, LiveEvent},
    },
};

/// Bytes of one step that are gathered at most: as many as both streams can keep.
const MOST: usize = 1024 * 1024;

/// The output of each step, both streams in one.
#[derive(Debug, Default)]
pub struct Interleaved(BTreeMap<u16, Vec<u8>>);

impl Interleaved {
    /// The output of this step: in its order, or, where some of it was left out, standard output and then standard error.
    pub fn of(&self, step: u16, outcome: &Outcome) -> String {
        let Outcome { stdout, stderr, .. } = outcome;
        let gathered = self.0.get(&step).map(Vec::as_slice).unwrap_or_default();
        if gathered.len() as u64 == stdout.total + stderr.total && !stdout.truncated() && !stderr.truncated()
        {
            return String::from_utf8_lossy(gathered).into_owned();
        }
        lenient::text(stdout) + &lenient::text(stderr)
    }

    fn take(&mut self, event: LiveEvent) {
        if let LiveEvent::Output { step, bytes, .. } = event {
            let gathered = self.0.entry(step).or_default();
            gathered.extend_from_slice(&bytes[..bytes.len().min(MOST - gathered.len().min(MOST))]);
        }
    }
}

/// Runs this to its end, and gathers what it writes.
///
/// # Errors
/// As the service says.
pub async fn execute<S: Sandbox, R: ExecutionStore>(
    desk: &Desk<S, R>,
    mut submission: Submission,
) -> Result<(Answer, Interleaved), ExecuteError> {
    let (told, mut listener) = live::listened();
    submission.live = Some(told);
    let mut gathered = Interleaved::default();
    let run = desk.service().execute(submission);
    tokio::pin!(run);
    let answer = loop {
        tokio::select! {
            biased;
            event = listener.next() => match event {
                Some(event) => gathered.take(event),
                None => break run.await?,
            },
            answer = &mut run => break answer?,
        }
    };
    drain(&mut listener, &mut gathered);
    Ok((answer, gathered))
}

/// All that will be told is there when the run is over.
fn drain(listener: &mut Listener, gathered: &mut Interleaved) {
    while let Some(Some(event)) = listener.next().now_or_never() {
        gathered.take(event);
    }
}
