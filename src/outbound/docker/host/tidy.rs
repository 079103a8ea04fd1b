//! What is removed from a host because its time is over, by the engine's own clock: sandboxes past their lease, volumes of
//! old builds.

use std::{collections::HashSet, sync::atomic::Ordering};

use bollard::models::{ContainerSummary, Volume};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tracing::{debug, info};

use super::{DockerHost, preflight};
use crate::outbound::docker::{
    pool::labels::Labels,
    sandbox::volume::{LABEL_MADE, PREFIX},
};

/// How old a volume of another build must be before it is removed, in seconds: a day. A version that lives on without any
/// sandbox makes its volume anew.
const OLD: i64 = 24 * 60 * 60;
/// Every so many rounds of upkeep it is looked whether what languages are made from is there: every half a minute.
const LOOKED_OVER: u32 = 3;
/// Every so many rounds old volumes are looked for: every hour, and at once.
const TIDIED: u32 = 360;

impl DockerHost {
    /// The engine's time in Unix seconds, as far as we know.
    pub(super) fn engine_now(&self) -> i64 {
        OffsetDateTime::now_utc().unix_timestamp() + self.ahead.load(Ordering::Relaxed)
    }

    /// The ids of those that are past the moment by which they were promised to be gone. Where any seems to be, the engine
    /// is asked for its time: our clock, its, or that of whoever made them may have been set meanwhile.
    pub(super) async fn past_lease(&self, all: &[ContainerSummary]) -> HashSet<String> {
        let past = |now: i64| {
            let past = all.iter().filter(|container| Labels::of(container).gone_by < now);
            past.filter_map(|container| container.id.clone()).collect::<HashSet<_>>()
        };
        if past(self.engine_now()).is_empty() {
            return HashSet::new();
        }
        let Ok(info) = self.engine.describe().await else { return HashSet::new() };
        if let Some(ahead) = preflight::ahead(&info) {
            self.ahead.store(ahead, Ordering::Relaxed);
        }
        past(self.engine_now())
    }

    /// What need not be done in every round.
    pub(super) async fn tidy(&self) {
        let round = self.rounds.fetch_add(1, Ordering::Relaxed);
        if round % LOOKED_OVER == LOOKED_OVER - 1 {
            self.look_over().await;
        }
        if round.is_multiple_of(TIDIED) {
            self.remove_old_volumes().await;
        }
    }

    /// Removes the volumes of builds that nobody runs any more. The engine refuses those that a container uses.
    async fn remove_old_volumes(&self) {
        let volumes = match self.engine.volumes(PREFIX).await {
            Ok(volumes) => volumes,
            Err(error) => return debug!(%error, "old volumes are not known"),
        };
        let old = self.engine_now() - OLD;
        let stale = |volume: &&Volume| {
            volume.name.starts_with(PREFIX) && volume.name != self.volume.name && made(volume) < Some(old)
        };
        for volume in volumes.iter().filter(stale).filter(|volume| made(volume).is_some()) {
            match self.engine.remove_volume(&volume.name).await {
                Ok(true) => info!(volume = volume.name, "the volume of an old build was removed"),
                Ok(false) => {}
                Err(error) => debug!(%error, volume = volume.name, "an old volume could not be removed"),
            }
        }
    }
}

/// When it was made, in Unix seconds by the engine's clock: by our label, else by the engine's word.
fn made(volume: &Volume) -> Option<i64> {
    if let Some(text) = volume.labels.get(LABEL_MADE) {
        return text.parse().ok();
    }
    let time = OffsetDateTime::parse(volume.created_at.as_deref()?, &Rfc3339).ok()?;
    Some(time.unix_timestamp())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn a_volumes_age_is_its_label_or_the_engines_word() {
        let volume = |label: Option<&str>, created: Option<&str>| Volume {
            labels: label
                .map(|text| (LABEL_MADE.to_owned(), text.to_owned()))
                .into_iter()
                .collect::<HashMap<_, _>>(),
            created_at: created.map(ToOwned::to_owned),
            ..Volume::default()
        };
        assert_eq!(made(&volume(Some("17"), Some("2026-11-26T00:00:00Z"))), Some(17));
        assert_eq!(made(&volume(None, Some("1970-01-01T00:01:00+00:00"))), Some(60));
        assert_eq!(made(&volume(Some("soon"), None)), None);
        assert_eq!(made(&volume(None, None)), None);
    }
}
