//! What we are to Docker hosts: certificates in memory, that follow their source without a restart.
//!
//! They are read again at intervals, and soon after a handshake has failed. New ones are used for every connection from
//! then on; those that will not do change nothing, and are named in the log. Connections that are open stay as they are.

use std::{
    fmt,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rustls::ClientConfig;
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};
use tracing::{info, warn};

use super::certificates::{Bundle, Source, Unusable};

/// How often files are read again.
const FILES: Duration = Duration::from_secs(10);
/// How often a secret is: each time is a call that costs.
const SECRET: Duration = Duration::from_mins(5);
/// However many handshakes fail, nothing is read more often than this.
const AT_MOST: Duration = Duration::from_secs(2);

/// Certificates in use.
pub struct Identity {
    source: Source,
    held: RwLock<Current>,
    doubted: Notify,
    to_be_read: AtomicBool,
}

struct Current {
    config: Arc<ClientConfig>,
    digest: [u8; 32],
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("source", &self.source).finish_non_exhaustive()
    }
}

impl Identity {
    /// Reads the certificates for the first time.
    ///
    /// # Errors
    /// [`Unusable`] when the source cannot be read or what is in it cannot be used.
    pub async fn load(source: Source) -> Result<Self, Unusable> {
        let bundle = Bundle::read(&source).await?;
        let certificates = bundle.parse()?;
        for warning in &certificates.warnings {
            warn!("{warning}");
        }
        let held = Current { config: certificates.config, digest: bundle.digest() };
        Ok(Self {
            source,
            held: RwLock::new(held),
            doubted: Notify::new(),
            to_be_read: AtomicBool::new(false),
        })
    }

    /// What the next connection is to use.
    #[must_use]
    pub fn current(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.held.read().unwrap_or_else(PoisonError::into_inner).config)
    }

    /// A handshake failed: perhaps there are newer certificates. False when they are about to be read anyway.
    pub fn doubt(&self) -> bool {
        let first = !self.to_be_read.swap(true, Ordering::Relaxed);
        self.doubted.notify_one();
        first
    }

    /// Follows the source for ever.
    pub async fn follow(&self) {
        let every = match self.source {
            Source::Folder(_) => FILES,
            Source::Secret(_) => SECRET,
        };
        let mut refused = None;
        loop {
            sleep(AT_MOST).await;
            let _ = timeout(every - AT_MOST, self.doubted.notified()).await;
            self.to_be_read.store(false, Ordering::Relaxed);
            match self.read_again().await {
                Ok(()) => refused = None,
                // Once for each that is wrong in its own way.
                Err(why) if refused.as_ref() != Some(&why) => {
                    warn!(%why, "the certificates for the Docker hosts cannot be used as they are now; those read before are kept");
                    refused = Some(why);
                }
                Err(_) => {}
            }
        }
    }

    async fn read_again(&self) -> Result<(), Unusable> {
        let bundle = Bundle::read(&self.source).await?;
        let digest = bundle.digest();
        let known = self.held.read().unwrap_or_else(PoisonError::into_inner).digest;
        // Those in use are looked at as well: they may have expired by now.
        let certificates = bundle.parse()?;
        if digest != known {
            for warning in &certificates.warnings {
                warn!("{warning}");
            }
            info!("new certificates for the Docker hosts are in use from now on");
            *self.held.write().unwrap_or_else(PoisonError::into_inner) =
                Current { config: certificates.config, digest };
        }
        Ok(())
    }
}
