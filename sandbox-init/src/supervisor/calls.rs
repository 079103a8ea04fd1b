//! The system calls that init is asked about, and what it says.
//!
//! Modes and times are what no layer of a sandbox guards by path: Landlock does not know them, and seccomp sees no paths. So
//! init changes them in the program's place, through a descriptor that it has looked at, and only on a file system that the
//! program may write. A program that changes its arguments meanwhile changes nothing: what was checked is what is used.
//!
//! All else that init is asked about is about the word for a refusal alone. The kernel refuses the write in any case; init
//! only says "Read-only file system" first, where the kernel would say "Permission denied".

use std::{
    ffi::{CStr, CString},
    fs::File,
    os::{
        fd::{AsFd, AsRawFd, OwnedFd},
        unix::fs::FileExt,
    },
};

use nix::{
    errno::Errno,
    fcntl::{AT_FDCWD, AtFlags, OFlag, open, openat},
    libc,
    sys::{
        stat::{FchmodatFlags, Mode, SFlag, UtimensatFlags, fchmodat, fstat, fstatat, utimensat},
        time::TimeSpec,
    },
};

use super::{Answer, Policy};
use crate::scratch::kind;

/// Calls that change modes and times.
pub const CHANGING: &[i64] = &[
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chmod,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_utimensat,
];
/// Calls that make, remove or rename something, or cut a file. Opening for writing is asked about too, by its flags.
pub const NAMING: &[i64] = &[
    #[cfg(target_arch = "x86_64")]
    libc::SYS_creat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_link,
    libc::SYS_linkat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_mkdir,
    libc::SYS_mkdirat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_mknod,
    libc::SYS_mknodat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_rename,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_renameat,
    libc::SYS_renameat2,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_rmdir,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_symlink,
    libc::SYS_symlinkat,
    libc::SYS_truncate,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_unlink,
    libc::SYS_unlinkat,
];

/// A call of the program's that waits for an answer.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// The thread that has made it.
    pub thread: u32,
    /// Which call it is.
    pub number: i64,
    /// Its arguments.
    pub arguments: [u64; 6],
}

/// Where a path begins that is not absolute.
#[derive(Clone, Copy)]
enum Base {
    WorkingFolder,
    Descriptor(i32),
}

/// How a call looks at the name that it is about.
enum Naming {
    /// It makes the name.
    Make,
    /// It needs something of that name.
    Need,
    /// It opens, with these flags.
    Open(OFlag),
}

impl Call {
    /// What init says to it.
    #[must_use]
    pub fn answer(&self, policy: &Policy) -> Answer {
        if self.number == libc::SYS_seccomp {
            // A filter of the program's own could ask a listener of its own.
            return Answer::Refused(Errno::EPERM);
        }
        if CHANGING.contains(&self.number) {
            return match self.change(policy) {
                Ok(()) => Answer::Done,
                Err(errno) => Answer::Refused(errno),
            };
        }
        if self.is_refused(policy) == Ok(true) { Answer::Refused(Errno::EROFS) } else { Answer::GoOn }
    }

    /// Changes a mode, or times.
    fn change(&self, policy: &Policy) -> Result<(), Errno> {
        let [first, second, third, fourth, ..] = self.arguments;
        let mode = |bits: u64| Mode::from_bits_truncate(low(bits));
        match self.number {
            libc::SYS_fchmod => set_mode(&self.descriptor(int(first))?, mode(second), policy),
            libc::SYS_fchmodat => {
                set_mode(&self.named(base(first), second, OFlag::empty())?, mode(third), policy)
            }
            libc::SYS_utimensat => {
                let flags = AtFlags::from_bits_truncate(int(fourth));
                let follow = if flags.contains(AtFlags::AT_SYMLINK_NOFOLLOW) {
                    OFlag::O_NOFOLLOW
                } else {
                    OFlag::empty()
                };
                let target = match second {
                    0 => self.descriptor(int(first))?,
                    path => self.named(base(first), path, follow)?,
                };
                let times = if third == 0 { [TimeSpec::UTIME_NOW; 2] } else { self.times(third)? };
                if !policy.may_change(&fstat(&target)?) {
                    return Err(policy.refusal(&fstat(&target)?));
                }
                let [accessed, modified] = times;
                let through = through(&target);
                utimensat(AT_FDCWD, &*through, &accessed, &modified, UtimensatFlags::FollowSymlink)
            }
            #[cfg(target_arch = "x86_64")]
            libc::SYS_chmod => {
                set_mode(&self.named(Base::WorkingFolder, first, OFlag::empty())?, mode(second), policy)
            }
            _ => Err(Errno::EPERM),
        }
    }

    /// Whether the call would be refused for being in a folder that the program may only read.
    fn is_refused(&self, policy: &Policy) -> Result<bool, Errno> {
        let (base, path, naming) = self.naming()?;
        let path = self.path(path)?;
        let (folder, name) = split(&path);
        let folder = self.open_at(base, &folder, OFlag::empty())?;
        if !policy.is_read_only(&fstat(&folder)?) {
            return Ok(false);
        }
        let found = fstatat(&folder, &*name, AtFlags::AT_SYMLINK_NOFOLLOW);
        Ok(match naming {
            Naming::Make => found.is_err(),
            Naming::Need => found.is_ok(),
            Naming::Open(flags) => match found {
                Ok(found) => {
                    kind(&found) != SFlag::S_IFDIR && !flags.contains(OFlag::O_CREAT | OFlag::O_EXCL)
                }
                Err(_) => flags.contains(OFlag::O_CREAT),
            },
        })
    }

    /// The name that the call is about.
    fn naming(&self) -> Result<(Base, u64, Naming), Errno> {
        let [first, second, third, fourth, ..] = self.arguments;
        let flags = |bits: u64| Naming::Open(OFlag::from_bits_retain(int(bits)));
        Ok(match self.number {
            libc::SYS_openat => (base(first), second, flags(third)),
            libc::SYS_mkdirat | libc::SYS_mknodat => (base(first), second, Naming::Make),
            libc::SYS_symlinkat => (base(second), third, Naming::Make),
            libc::SYS_linkat => (base(third), fourth, Naming::Make),
            libc::SYS_unlinkat | libc::SYS_renameat2 => (base(first), second, Naming::Need),
            libc::SYS_truncate => (Base::WorkingFolder, first, Naming::Need),
            #[cfg(target_arch = "x86_64")]
            libc::SYS_renameat => (base(first), second, Naming::Need),
            #[cfg(target_arch = "x86_64")]
            libc::SYS_open => (Base::WorkingFolder, first, flags(second)),
            #[cfg(target_arch = "x86_64")]
            libc::SYS_creat => (Base::WorkingFolder, first, Naming::Open(OFlag::O_CREAT)),
            #[cfg(target_arch = "x86_64")]
            libc::SYS_mkdir | libc::SYS_mknod => (Base::WorkingFolder, first, Naming::Make),
            #[cfg(target_arch = "x86_64")]
            libc::SYS_symlink | libc::SYS_link => (Base::WorkingFolder, second, Naming::Make),
            #[cfg(target_arch = "x86_64")]
            libc::SYS_unlink | libc::SYS_rmdir | libc::SYS_rename => {
                (Base::WorkingFolder, first, Naming::Need)
            }
            _ => return Err(Errno::ENOSYS),
        })
    }

    /// What a path of the program's names, opened for nothing but to be named.
    fn named(&self, base: Base, path: u64, flags: OFlag) -> Result<OwnedFd, Errno> {
        self.open_at(base, &self.path(path)?, flags)
    }

    fn open_at(&self, base: Base, path: &CStr, flags: OFlag) -> Result<OwnedFd, Errno> {
        let flags = flags | OFlag::O_PATH | OFlag::O_CLOEXEC;
        let bytes = path.to_bytes();
        if bytes.is_empty() {
            return Err(Errno::ENOENT);
        }
        // To init these would be its own.
        for (own, program) in [("/proc/self/", ""), ("/proc/thread-self/", ""), ("/dev/fd/", "fd/")] {
            if let Some(rest) = bytes.strip_prefix(own.as_bytes()) {
                let rest = String::from_utf8_lossy(rest);
                return open(&*format!("/proc/{}/{program}{rest}", self.thread), flags, Mode::empty());
            }
        }
        if bytes.starts_with(b"/") {
            return open(path, flags, Mode::empty());
        }
        openat(self.folder(base)?, path, flags, Mode::empty())
    }

    fn folder(&self, base: Base) -> Result<OwnedFd, Errno> {
        match base {
            Base::WorkingFolder => self.own("cwd"),
            Base::Descriptor(number) => self.descriptor(number),
        }
    }

    fn descriptor(&self, number: i32) -> Result<OwnedFd, Errno> {
        if number < 0 {
            return Err(Errno::EBADF);
        }
        self.own(&format!("fd/{number}")).map_err(|errno| match errno {
            Errno::ENOENT => Errno::EBADF,
            other => other,
        })
    }

    /// Something in the thread's folder of `/proc`.
    fn own(&self, name: &str) -> Result<OwnedFd, Errno> {
        open(&*format!("/proc/{}/{name}", self.thread), OFlag::O_PATH | OFlag::O_CLOEXEC, Mode::empty())
    }

    fn memory(&self) -> Result<File, Errno> {
        let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
        open(&*format!("/proc/{}/mem", self.thread), flags, Mode::empty()).map(File::from)
    }

    /// The path at this address.
    fn path(&self, address: u64) -> Result<CString, Errno> {
        let mut room = [0_u8; libc::PATH_MAX as usize];
        let memory = self.memory()?;
        let mut length = 0;
        // A path may end just before memory that is not there: page by page.
        while length < room.len() {
            let at = address.checked_add(length as u64).ok_or(Errno::EFAULT)?;
            let page = PAGE - usize::try_from(at).map_err(|_| Errno::EFAULT)? % PAGE;
            let end = (length + page).min(room.len());
            memory.read_exact_at(&mut room[length..end], at).map_err(|_| Errno::EFAULT)?;
            if let Some(zero) = room[length..end].iter().position(|byte| *byte == 0) {
                return CString::new(&room[..length + zero]).map_err(|_| Errno::EFAULT);
            }
            length = end;
        }
        Err(Errno::ENAMETOOLONG)
    }

    /// The two times at this address.
    fn times(&self, address: u64) -> Result<[TimeSpec; 2], Errno> {
        let mut bytes = [0_u8; 32];
        self.memory()?.read_exact_at(&mut bytes, address).map_err(|_| Errno::EFAULT)?;
        let mut numbers =
            bytes.chunks_exact(8).map(|word| word.first_chunk().map_or(0, |word| i64::from_ne_bytes(*word)));
        let mut next = || numbers.next().unwrap_or(0);
        Ok([TimeSpec::new(next(), next()), TimeSpec::new(next(), next())])
    }
}

const PAGE: usize = 4096;

/// Changes the mode of what a descriptor names, if that is somewhere where the program may.
fn set_mode(target: &OwnedFd, mode: Mode, policy: &Policy) -> Result<(), Errno> {
    let found = fstat(target)?;
    if !policy.may_change(&found) {
        return Err(policy.refusal(&found));
    }
    fchmodat(AT_FDCWD, &*through(target), mode, FchmodatFlags::FollowSymlink)
}

/// The name by which the kernel takes what a descriptor names that was opened for no more than that.
fn through(target: &OwnedFd) -> String {
    format!("/proc/self/fd/{}", target.as_fd().as_raw_fd())
}

/// The folder of a path, and the name in it.
fn split(path: &CStr) -> (CString, CString) {
    let bytes = path.to_bytes();
    let trimmed = bytes.len() - bytes.iter().rev().take_while(|byte| **byte == b'/').count();
    let bytes = &bytes[..trimmed];
    let (folder, name) = match bytes.iter().rposition(|byte| *byte == b'/') {
        Some(0) => (&b"/"[..], &bytes[1..]),
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (&b"."[..], bytes),
    };
    // Neither part has a NUL, for the whole has none.
    (CString::new(folder).unwrap_or_default(), CString::new(name).unwrap_or_default())
}

/// An argument that the kernel takes as an `int`: it looks at the lower half of the register alone.
#[expect(clippy::cast_possible_truncation, reason = "as the kernel does")]
const fn low(argument: u64) -> u32 {
    argument as u32
}

const fn int(argument: u64) -> i32 {
    low(argument).cast_signed()
}

const fn base(argument: u64) -> Base {
    match int(argument) {
        libc::AT_FDCWD => Base::WorkingFolder,
        number => Base::Descriptor(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_its_folder_and_a_name() {
        for (path, folder, name) in [
            (c"x", c".", c"x"),
            (c"/x", c"/", c"x"),
            (c"/a/b", c"/a", c"b"),
            (c"a/b//", c"a", c"b"),
            (c"", c".", c""),
        ] {
            assert_eq!(split(path), (folder.to_owned(), name.to_owned()), "{path:?}");
        }
    }
}
