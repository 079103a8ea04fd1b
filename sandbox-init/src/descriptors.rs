//! Whether the program had every file descriptor open that it may have.
//!
//! That a descriptor was refused is seen by nobody but who asked for it. But one is refused only while all of them are
//! taken, and how many a process has open its folder in `/proc` tells as its size (since Linux 6.2; before it says 0). So
//! the main process is looked at now and then: that it has used them up is certain when it is seen, and missed when it was
//! so for a moment between two looks, or in another process than the main one.

use std::os::fd::OwnedFd;

use nix::{
    fcntl::{OFlag, open},
    sys::{
        resource::{Resource, getrlimit},
        stat::{Mode, fstat},
    },
    unistd::Pid,
};

/// Follows the descriptors of one process.
#[derive(Debug)]
pub struct Descriptors {
    folder: Option<OwnedFd>,
    most: Option<u64>,
    used_up: bool,
}

impl Descriptors {
    /// Of this process, which may have as many as this one.
    #[must_use]
    pub fn of(process: Pid) -> Self {
        let path = format!("/proc/{process}/fd");
        let folder = open(path.as_str(), OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty()).ok();
        let most = getrlimit(Resource::RLIMIT_NOFILE).ok().map(|(soft, _)| soft);
        Self { folder, most, used_up: false }
    }

    /// Looks now.
    pub fn look(&mut self) {
        let open = self.folder.as_ref().and_then(|folder| fstat(folder).ok());
        let open = open.and_then(|folder| u64::try_from(folder.st_size).ok());
        self.used_up |= open.zip(self.most).is_some_and(|(open, most)| open >= most);
    }

    /// Whether they were all in use at a look.
    #[must_use]
    pub const fn used_up(&self) -> bool {
        self.used_up
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_with_descriptors_to_spare_has_not_used_them_up() {
        let mut own = Descriptors::of(Pid::this());
        own.look();
        assert!(!own.used_up());
        own.most = Some(1);
        own.look();
        own.most = None;
        own.look();
        // Kernels before 6.2 say 0, and are not believed.
        let told = fstat(own.folder.as_ref().unwrap()).unwrap().st_size > 0;
        assert_eq!(own.used_up(), told);
    }
}
