//! The store in a file.

mod drills;
mod file;

use std::{path::PathBuf, time::Duration};

use safe_code_executor::outbound::sqlite::{SqliteConfig, SqliteStore};
use tempfile::TempDir;

use crate::backend::{Backend, ManualClock};

contract_tests!(super::Sqlite);

/// A folder with a file.
pub struct Sqlite {
    folder: TempDir,
    clock: ManualClock,
}

impl Sqlite {
    /// An empty folder, whose stores have this clock.
    pub fn at(clock: ManualClock) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), clock }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("data/records.db")
    }

    /// Waits until every store has let go of the file, and the file holds everything.
    pub fn wait_until_closed(&self) {
        drills::wait_until_closed(&self.path());
    }

    /// Impatient, and quick to tidy up.
    fn config(&self) -> SqliteConfig {
        SqliteConfig { upkeep_every: Duration::from_millis(20), ..SqliteConfig::at(self.path()) }
    }

    fn open_with(&self, config: &SqliteConfig) -> SqliteStore {
        SqliteStore::open(config, self.clock.clock()).unwrap()
    }
}

impl Backend for Sqlite {
    type Store = SqliteStore;

    async fn fresh() -> Self {
        Self::at(ManualClock::new())
    }

    async fn open(&self) -> SqliteStore {
        self.open_with(&self.config())
    }

    fn clock(&self) -> &ManualClock {
        &self.clock
    }
}
