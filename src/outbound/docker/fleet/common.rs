//! What all Docker hosts have in common: what is wanted of them, what we show to them, what goes on in the background.

use std::sync::Arc;

use tokio::sync::{Notify, OnceCell, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    domain::language::LanguageTable,
    outbound::docker::{
        config::{DockerConfig, Hosts},
        engine::{
            certificates::Unusable,
            connect::{self, Place},
            identity::Identity,
        },
        host::{DockerHost, Unfit},
    },
};

/// What all hosts have in common.
pub struct Common {
    /// What is wanted of each.
    pub config: DockerConfig,
    /// The languages each must have.
    pub languages: LanguageTable,
    /// Told whenever a host has opened or failed to.
    pub changed: watch::Sender<()>,
    /// Told whenever a place to run in has come free on any host.
    pub freed: Arc<Notify>,
    /// Whatever goes on in the background.
    pub tasks: TaskTracker,
    /// Ends it all.
    pub stop: CancellationToken,
    identity: OnceCell<Arc<Identity>>,
}

impl Common {
    /// Nothing is begun yet.
    #[must_use]
    pub fn new(config: DockerConfig, languages: LanguageTable) -> Self {
        Self {
            config,
            languages,
            changed: watch::Sender::new(()),
            freed: Arc::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            identity: OnceCell::new(),
        }
    }

    /// What we show to every host, once it is there to be read.
    async fn identity(&self) -> Result<Option<Arc<Identity>>, Unusable> {
        let Hosts::Tcp(_, Some(source)) = &self.config.hosts else { return Ok(None) };
        let load = || async {
            let identity = Arc::new(Identity::load(source.clone()).await?);
            let (followed, stop) = (Arc::clone(&identity), self.stop.clone());
            self.tasks.spawn(async move { stop.run_until_cancelled(followed.follow()).await });
            Ok(identity)
        };
        self.identity.get_or_try_init(load).await.cloned().map(Some)
    }

    /// Opens the host at this place: see [`DockerHost::open`].
    ///
    /// # Errors
    /// [`Unfit`] when the certificates cannot be used, no client can be made, or the host does not pass its checks.
    pub async fn open(&self, place: &Place) -> Result<DockerHost, Unfit> {
        let unfit = |fault: String| Unfit(vec![fault]);
        let identity = self.identity().await.map_err(|error| unfit(error.to_string()))?;
        let docker = connect::connect(place, identity).map_err(|error| unfit(error.to_string()))?;
        DockerHost::open(docker, &self.config, &self.languages, Arc::clone(&self.freed)).await
    }
}
