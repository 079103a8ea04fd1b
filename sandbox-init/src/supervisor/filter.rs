//! The filter that makes the kernel ask init, and the way of its descriptor from the program's process to init.

use std::{
    collections::BTreeMap,
    fs, io,
    io::{IoSlice, IoSliceMut},
    os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd},
};

use nix::{
    errno::Errno,
    libc,
    sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg},
};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

use super::calls::{CHANGING, NAMING};

/// What the process says when its filter is on; the descriptor comes with it, where there is one.
const FILTERED: &[u8] = b"l";
/// `RET`, with the answer in the instruction.
pub const RETURN: u16 = 0x06;

/// The filter: the kernel asks init about what is named here, and lets all else through.
///
/// # Errors
/// When it cannot be built, which its tests show to be possible.
pub fn filter() -> Result<BpfProgram, BackendError> {
    let mut calls: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    calls.extend(CHANGING.iter().chain(NAMING).map(|call| (*call, Vec::new())));
    calls.insert(libc::SYS_seccomp, Vec::new());
    calls.insert(libc::SYS_openat, for_writing(2)?);
    #[cfg(target_arch = "x86_64")]
    calls.insert(libc::SYS_open, for_writing(1)?);
    let ask = SeccompAction::Trap;
    let filter = SeccompFilter::new(calls, SeccompAction::Allow, ask, std::env::consts::ARCH.try_into()?)?;
    // The crate has no name for the answer that is meant.
    Ok(with_answer(filter.try_into()?, libc::SECCOMP_RET_USER_NOTIF))
}

/// Opening a file for anything but reading; its flags are the argument with this number.
fn for_writing(argument: u8) -> Result<Vec<SeccompRule>, BackendError> {
    const BITS: [(libc::c_int, libc::c_int); 4] = [
        (libc::O_ACCMODE, libc::O_WRONLY),
        (libc::O_ACCMODE, libc::O_RDWR),
        (libc::O_CREAT, libc::O_CREAT),
        (libc::O_TRUNC, libc::O_TRUNC),
    ];
    let rule = |(mask, value): (libc::c_int, libc::c_int)| {
        let mask = SeccompCmpOp::MaskedEq(u64::from(mask.cast_unsigned()));
        let value = u64::from(value.cast_unsigned());
        SeccompRule::new(vec![SeccompCondition::new(argument, SeccompCmpArgLen::Dword, mask, value)?])
    };
    BITS.into_iter().map(rule).collect()
}

/// The same filter with another answer in the place of the one that it gives.
fn with_answer(mut program: BpfProgram, answer: u32) -> BpfProgram {
    for step in &mut program {
        if step.code == RETURN && step.k == libc::SECCOMP_RET_TRAP {
            step.k = answer;
        }
    }
    program
}

/// Puts the filter on this process, for good, and sends its descriptor to init over `control`. Where another's filter asks
/// somebody already, as in some containers around the engine, the kernel allows no second one: then what init would be
/// asked about modes and times is refused. So it is on kernels before 5.5, which could ask and could not be told to go on.
///
/// # Errors
/// When no filter can be put on.
pub fn put_on(program: &BpfProgram, control: BorrowedFd) -> io::Result<()> {
    let asking = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER;
    if !can_be_told_to_go_on(&fs::read_to_string("/proc/sys/kernel/osrelease")?) {
        install(&refusing()?, 0)?;
        return send(control, &[]);
    }
    let listener = match install(program, asking | libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) {
        // Kernels before 5.19 do not know the second flag: there a signal may interrupt a call that waits for init.
        Err(Errno::EINVAL) => install(program, asking),
        other => other,
    };
    match listener {
        Ok(number) => {
            // SAFETY: the kernel has just made the descriptor for us.
            let listener = unsafe { OwnedFd::from_raw_fd(number) };
            let passed = [listener.as_raw_fd()];
            send(control, &[ControlMessage::ScmRights(&passed)])
        }
        Err(Errno::EBUSY) => {
            install(&refusing()?, 0)?;
            send(control, &[])
        }
        Err(errno) => Err(errno.into()),
    }
}

/// Whether the kernel of this release knows `SECCOMP_USER_NOTIF_FLAG_CONTINUE` (Linux 5.5). One that does not would leave
/// the program waiting for ever. Whether a distribution has brought the flag to an older kernel, its release does not say.
fn can_be_told_to_go_on(release: &str) -> bool {
    let mut numbers =
        release.split(|c: char| !c.is_ascii_digit()).map(|number| number.parse().unwrap_or(0_u32));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (5, 5)
}

/// The filter where nobody can be asked.
fn refusing() -> io::Result<BpfProgram> {
    let calls = CHANGING.iter().chain(&[libc::SYS_seccomp]).map(|call| (*call, Vec::new())).collect();
    let refused = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let arch = std::env::consts::ARCH.try_into().map_err(io::Error::other)?;
    let filter = SeccompFilter::new(calls, SeccompAction::Allow, refused, arch).map_err(io::Error::other)?;
    filter.try_into().map_err(io::Error::other)
}

/// Puts a filter on this process, for good.
///
/// # Errors
/// When the kernel refuses.
pub fn install(program: &BpfProgram, flags: libc::c_ulong) -> Result<RawFd, Errno> {
    let mut steps = program.clone();
    let len = u16::try_from(steps.len()).map_err(|_| Errno::E2BIG)?;
    let program = libc::sock_fprog { len, filter: steps.as_mut_ptr().cast() };
    // SAFETY: `program` and its steps, which are laid out as the kernel's, live through the call; the kernel copies them.
    let done =
        unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const program) };
    Errno::result(done).map(|number| RawFd::try_from(number).unwrap_or(-1))
}

fn send(control: BorrowedFd, passed: &[ControlMessage]) -> io::Result<()> {
    sendmsg::<()>(control.as_raw_fd(), &[IoSlice::new(FILTERED)], passed, MsgFlags::MSG_NOSIGNAL, None)?;
    Ok(())
}

/// Takes what [`put_on`] sends; `None` when init will not be asked.
///
/// # Errors
/// When the process has died before it was filtered.
pub fn receive(control: BorrowedFd) -> io::Result<Option<OwnedFd>> {
    let mut word = [0];
    let mut room = nix::cmsg_space!(RawFd);
    let mut parts = [IoSliceMut::new(&mut word)];
    let flags = MsgFlags::MSG_CMSG_CLOEXEC;
    let message = recvmsg::<()>(control.as_raw_fd(), &mut parts, Some(&mut room), flags)?;
    let length = message.bytes;
    let mut listener = None;
    for part in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(passed) = part {
            // SAFETY: the kernel has just made these descriptors for us.
            listener = passed.first().map(|number| unsafe { OwnedFd::from_raw_fd(*number) });
        }
    }
    if length != FILTERED.len() || word != FILTERED {
        return Err(io::Error::other("the program's process was not filtered"));
    }
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_that_could_ask_and_not_go_on_are_told_by_their_release() {
        for (release, can) in [
            ("6.18.44-fc", true),
            ("5.15.167.4-microsoft-standard-WSL2", true),
            ("5.5", true),
            ("5.4.0-200-generic", false),
            ("4.18.0-553.el8_10.x86_64", false),
            ("", false),
        ] {
            assert_eq!(can_be_told_to_go_on(release), can, "{release}");
        }
    }

    #[test]
    fn the_filter_asks_and_never_traps() {
        let filter = filter().unwrap();
        let answers: Vec<u32> = filter.iter().filter(|step| step.code == RETURN).map(|step| step.k).collect();
        assert!(answers.contains(&libc::SECCOMP_RET_USER_NOTIF), "{answers:x?}");
        assert!(!answers.contains(&libc::SECCOMP_RET_TRAP), "{answers:x?}");
    }
}
