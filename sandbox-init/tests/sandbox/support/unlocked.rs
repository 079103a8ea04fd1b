//! A kernel that seems to have no Landlock: a filter answers its calls as a kernel does that was built without.

use std::{io, os::unix::process::CommandExt, process::Command};

use nix::{errno::Errno, libc};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

/// What the engine mounts read-only there, as a shell's words.
pub const CLOSED: &str = "mount -o remount,bind,ro /proc";

/// Has this command, and all that come from it, not find Landlock.
pub fn hide_landlock(command: &mut Command) {
    let calls =
        [libc::SYS_landlock_create_ruleset, libc::SYS_landlock_add_rule, libc::SYS_landlock_restrict_self];
    let unknown = SeccompAction::Errno(libc::ENOSYS.cast_unsigned());
    let arch = std::env::consts::ARCH.try_into().unwrap();
    let calls = calls.map(|call| (call, Vec::new())).into();
    let filter = SeccompFilter::new(calls, SeccompAction::Allow, unknown, arch).unwrap();
    let filter: BpfProgram = filter.try_into().unwrap();
    // SAFETY: the filter is whole before the fork; the child makes two system calls.
    unsafe { command.pre_exec(move || put_on(&filter)) };
}

fn put_on(filter: &BpfProgram) -> io::Result<()> {
    nix::sys::prctl::set_no_new_privs()?;
    let len = u16::try_from(filter.len()).map_err(io::Error::other)?;
    let program = libc::sock_fprog { len, filter: filter.as_ptr().cast_mut().cast() };
    // SAFETY: `program` and its steps, which are laid out as the kernel's, live through the call; the kernel copies them.
    let done =
        unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program, 0, 0) };
    Errno::result(done)?;
    Ok(())
}
