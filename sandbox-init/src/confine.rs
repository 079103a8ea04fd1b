//! What confines the interpreter beyond init: no write to any path but `/dev/null`, terminals of the sandbox's own, the
//! scratch space, and its own files as far as their modes let it; and, for a compiler, the build folder.
//!
//! The container's own layers hold for init and the program alike; this one is for the program alone, so that
//! init can write the program's files to a tmpfs that the program cannot write. On the host's kernel it is Landlock,
//! which also denies signals and abstract sockets out of the sandbox's own processes.
//!
//! # Without Landlock
//! Init takes away the right to write from folders and files ([`crate::files::seal`]). A kernel of the sandbox's own has no
//! Landlock: there filters take from the program the calls that could give the right back. A host's kernel may have none
//! either ([`Kernel::HostWithoutLandlock`]): there
//!
//! * the kernel asks init about these calls as it always does ([`crate::supervisor`]), so that no mode is changed but where
//!   the program may write;
//! * `/proc` and `/dev/mqueue` are mounted read-only, so that a program changes none of its own files there (its memory, its
//!   name, its turn when the kernel kills for memory) and leaves nothing for the next step. Init cannot write there either;
//! * a filter refuses signals to init.
//!
//! What then can be opened for writing, and could not with Landlock, are the devices `/dev/zero`, `/dev/full`, `/dev/random`
//! and `/dev/urandom`. The last two stir what is written to them into the host's random numbers, which no writer can make
//! any less random.

use std::{collections::BTreeMap, fs, io, os::fd::BorrowedFd, path::Path};

use landlock::{
    ABI, AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, PathFdError, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, RulesetError, Scope,
};
use nix::{errno::Errno, libc};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

use crate::{protocol::Kernel, scratch, supervisor};

/// The kernel's Landlock ABI; 0 where it has none, or it is switched off.
#[must_use]
pub fn landlock_abi() -> u8 {
    const VERSION: libc::c_uint = 1;
    // SAFETY: with a null attribute of size 0 the call takes the flag alone and returns a number.
    let abi = unsafe {
        libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<libc::c_void>(), 0_usize, VERSION)
    };
    u8::try_from(abi.clamp(0, 255)).unwrap_or(0)
}

/// Pseudo-terminals of the sandbox's own devpts, where `/dev/ptmx` leads too; and the one that a process of it is on.
const TERMINALS: [&str; 2] = ["/dev/pts", "/dev/tty"];

/// Devices that may be asked (`ioctl`) what they are, as every library does of what it opens: seccomp says by which
/// requests. All others do not answer, on kernels that know the right (Linux 6.10).
const ASKED: [&str; 8] = [
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
    "/dev/ptmx",
    "/dev/pts",
];

/// Rules that are ready to be put on in the child.
#[derive(Debug)]
pub enum Rules {
    /// Rights that the kernel does not know are left out; the first version (Linux 5.13) already denies everything
    /// but truncation, which the files' modes deny too.
    /// The filter is that of the calls that init is asked about.
    Landlock(RulesetCreated, BpfProgram),
    /// The host's kernel, without Landlock.
    WithoutLandlock {
        /// What reaches init.
        forbidden: BpfProgram,
        /// The calls that init is asked about.
        asked: BpfProgram,
    },
    /// Filters of system calls, on a kernel of the sandbox's own.
    Filters([BpfProgram; 3]),
}

impl Rules {
    /// The rules for this kernel, in a sandbox whose program's files are in `workdir`. What they are put on may make, change
    /// and remove files below `build`, where there is one.
    ///
    /// # Errors
    /// When it ought to have Landlock and has not, or refuses the rules; or when there is no such build folder.
    pub fn of(kernel: Kernel, workdir: &Path, build: Option<&Path>) -> io::Result<Self> {
        match kernel {
            Kernel::Host => {
                let null = writable("/dev/null").map_err(io::Error::other)?;
                let mut rules = create(null).map_err(io::Error::other)?;
                for terminals in TERMINALS {
                    // An image without them has none.
                    if let Ok(terminals) = writable(terminals) {
                        rules = rules.add_rule(terminals).map_err(io::Error::other)?;
                    }
                }
                for device in ASKED {
                    // A device that is not there cannot be asked.
                    if let Ok(device) = PathFd::new(device) {
                        let asking = PathBeneath::new(device, AccessFs::IoctlDev);
                        rules = rules.add_rule(asking).map_err(io::Error::other)?;
                    }
                }
                // Whether the program may write its own folder is known later: modes say so, which the program can change
                // only as init lets it. A sandbox without a scratch space has none.
                for folder in [workdir, &scratch::folder(workdir)] {
                    if let Ok(folder) = PathFd::new(folder) {
                        rules =
                            rules.add_rule(PathBeneath::new(folder, making())).map_err(io::Error::other)?;
                    }
                }
                if let Some(build) = build {
                    let build = PathFd::new(build).map_err(io::Error::other)?;
                    rules = rules.add_rule(PathBeneath::new(build, building())).map_err(io::Error::other)?;
                }
                Ok(Self::Landlock(rules, supervisor::filter()?))
            }
            Kernel::HostWithoutLandlock => {
                let forbidden = forbidden().map_err(io::Error::other)?;
                Ok(Self::WithoutLandlock { forbidden, asked: supervisor::filter()? })
            }
            // There the folder's own mode says who may write it.
            Kernel::Own => {
                let filters = forbidden().and_then(|forbidden| Ok([forbidden, unchanged()?, unknown()?]));
                Ok(Self::Filters(filters.map_err(io::Error::other)?))
            }
        }
    }

    /// Puts them on this process, and all that come from it, for good. On the host's kernel `control` carries to init what
    /// [`supervisor::Listener::receive`] takes.
    ///
    /// # Errors
    /// When they are not in force afterwards.
    pub fn put_on(self, control: BorrowedFd) -> io::Result<()> {
        match self {
            Self::Landlock(rules, filter) => {
                rules.restrict_self().map_err(io::Error::other)?;
                supervisor::put_on(&filter, control)
            }
            Self::WithoutLandlock { forbidden, asked } => {
                supervisor::install(&forbidden)?;
                is_closed()?;
                supervisor::put_on(&asked, control)
            }
            Self::Filters(filters) => filters.iter().try_for_each(put_on).and_then(|()| holds()),
        }
    }
}

/// What the program may not call where Landlock does not hold it: whatever reaches init, which gVisor's kernel does not
/// protect from its children's signals, and other kernels only from those that init does not block.
fn forbidden() -> Result<BpfProgram, BackendError> {
    const INIT: u64 = 1;
    let at_init = || {
        let process = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, INIT)?;
        Ok(vec![SeccompRule::new(vec![process])?])
    };
    let mut calls = BTreeMap::new();
    for call in [
        libc::SYS_kill,
        libc::SYS_tkill,
        libc::SYS_tgkill,
        libc::SYS_rt_sigqueueinfo,
        libc::SYS_rt_tgsigqueueinfo,
    ] {
        calls.insert(call, at_init()?);
    }
    denying(calls, libc::EPERM)
}

/// Calls that change modes and times do nothing and say that it was done. Modes are all that keeps the program from its
/// files there, so they must stay; and whoever copies a file gives the copy a mode.
fn unchanged() -> Result<BpfProgram, BackendError> {
    denying(supervisor::CHANGING.iter().map(|call| (*call, Vec::new())).collect(), 0)
}

/// What the program's kernel does not know, so that C libraries fall back to `clone`, whose flags the profile can see:
/// in a profile gVisor has no errno but EPERM.
fn unknown() -> Result<BpfProgram, BackendError> {
    denying(BTreeMap::from([(libc::SYS_clone3, Vec::new())]), libc::ENOSYS)
}

fn denying(calls: BTreeMap<i64, Vec<SeccompRule>>, errno: i32) -> Result<BpfProgram, BackendError> {
    let denied = SeccompAction::Errno(errno.cast_unsigned());
    SeccompFilter::new(calls, SeccompAction::Allow, denied, std::env::consts::ARCH.try_into()?)?.try_into()
}

/// By `prctl`: the profile does not have `seccomp`, which the crate would call.
fn put_on(filter: &BpfProgram) -> io::Result<()> {
    let mut steps = filter.clone();
    let len = u16::try_from(steps.len()).map_err(io::Error::other)?;
    let program = libc::sock_fprog { len, filter: steps.as_mut_ptr().cast() };
    // SAFETY: `program` and its steps, which are laid out as the kernel's, live through the call; the kernel copies
    // them.
    let done =
        unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program, 0, 0) };
    Errno::result(done)?;
    Ok(())
}

/// Not believed but tried, in the program's place: a signal to init is refused, and this process cannot write the least of
/// its own files in `/proc`.
fn is_closed() -> io::Result<()> {
    // SAFETY: no signal is sent.
    let signalled = Errno::result(unsafe { libc::kill(1, 0) }).err();
    let written =
        fs::OpenOptions::new().write(true).open("/proc/self/comm").map_err(|error| error.raw_os_error());
    match (signalled, written) {
        (Some(Errno::EPERM), Err(Some(libc::EROFS))) => Ok(()),
        tried => Err(io::Error::other(format!("nothing stands in for Landlock here: {tried:?}"))),
    }
}

/// Not believed but tried: without the filters these would be a signal to nobody, a bad descriptor and a bad argument.
fn holds() -> io::Result<()> {
    // SAFETY: no signal is sent, there is no such descriptor, and no argument is none.
    let tried = unsafe {
        [
            Errno::result(i64::from(libc::kill(1, 0))).err(),
            Errno::result(i64::from(libc::fchmod(-1, 0))).err(),
            Errno::result(libc::syscall(libc::SYS_clone3, std::ptr::null::<libc::c_void>(), 0)).err(),
        ]
    };
    if tried == [Some(Errno::EPERM), None, Some(Errno::ENOSYS)] {
        return Ok(());
    }
    Err(io::Error::other(format!("the program's filters are not in force: {tried:?}")))
}

fn writable(path: &str) -> Result<PathBeneath<PathFd>, PathFdError> {
    Ok(PathBeneath::new(PathFd::new(path)?, AccessFs::WriteFile | AccessFs::Truncate))
}

/// Everything that a program may do in a folder of its own: all but devices.
fn making() -> BitFlags<AccessFs> {
    AccessFs::from_write(ABI::V5) & !(AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::IoctlDev)
}

/// What a compiler does with its files. It has no use for sockets, pipes and devices that have a name.
fn building() -> BitFlags<AccessFs> {
    AccessFs::WriteFile
        | AccessFs::Truncate
        | AccessFs::MakeReg
        | AccessFs::MakeDir
        | AccessFs::MakeSym
        | AccessFs::RemoveFile
        | AccessFs::RemoveDir
        | AccessFs::Refer
}

fn create(null: PathBeneath<PathFd>) -> Result<RulesetCreated, RulesetError> {
    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_write(ABI::V1))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_write(ABI::V5))?
        .scope(Scope::Signal | Scope::AbstractUnixSocket)?
        .create()?
        .add_rule(null)
}
