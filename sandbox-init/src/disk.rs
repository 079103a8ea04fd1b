//! How much a program has written in the folder of its files, and whether that is too much.

use std::{io, os::fd::OwnedFd, path::Path};

use nix::{
    fcntl::{OFlag, open},
    sys::{stat::Mode, statfs::fstatfs},
};

use crate::protocol::{Ending, Workspace};

/// The folder's file system, with what was in use before the program began. Open, so that a look takes no memory.
#[derive(Debug)]
pub struct Disk {
    folder: OwnedFd,
    before: Used,
    most: Used,
}

#[derive(Clone, Copy, Debug)]
struct Used {
    bytes: u64,
    names: u64,
}

impl Disk {
    /// Looks for the first time; `None` where the program may write nothing.
    ///
    /// # Errors
    /// When the folder cannot be opened.
    pub fn begin(workdir: &Path, workspace: Workspace) -> io::Result<Option<Self>> {
        let Workspace::Writable { max_bytes, max_names } = workspace else { return Ok(None) };
        let folder = open(workdir, OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty())?;
        let before = Used::of(&folder)?;
        Ok(Some(Self { folder, before, most: Used { bytes: max_bytes, names: max_names } }))
    }

    /// How the run ends, if the program has written too much.
    #[must_use]
    pub fn over(&self) -> Option<Ending> {
        let now = Used::of(&self.folder).ok()?;
        let bytes = now.bytes.saturating_sub(self.before.bytes);
        let names = now.names.saturating_sub(self.before.names);
        (bytes > self.most.bytes || names > self.most.names).then_some(Ending::DiskFull { bytes, names })
    }
}

impl Used {
    fn of(folder: &OwnedFd) -> io::Result<Self> {
        let found = fstatfs(folder)?;
        let size = u64::try_from(found.block_size()).unwrap_or(0);
        let bytes = found.blocks().saturating_sub(found.blocks_free()).saturating_mul(size);
        Ok(Self { bytes, names: found.files().saturating_sub(found.files_free()) })
    }
}
