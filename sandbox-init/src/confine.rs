//! Landlock for the interpreter: no write to any path but `/dev/null`, no signal and no abstract socket out of
//! the sandbox's own processes.
//!
//! The container's own layers hold for init and the program alike; this one is for the program alone, so that
//! init can write the program's files to a tmpfs that the program cannot write.

use std::io;

use landlock::{
    ABI, AccessFs, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreated,
    RulesetCreatedAttr, RulesetError, Scope,
};
use nix::libc;

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

/// The rules, ready to be put on in the child. Rights that this kernel does not know are left out; the first
/// version (Linux 5.13) already denies everything but truncation, which the files' modes deny too.
///
/// # Errors
/// When the kernel has no Landlock, or refuses the rules.
pub fn rules() -> io::Result<RulesetCreated> {
    let null = PathFd::new("/dev/null").map_err(io::Error::other)?;
    create(PathBeneath::new(null, AccessFs::WriteFile | AccessFs::Truncate)).map_err(io::Error::other)
}

fn create(null: PathBeneath<PathFd>) -> Result<RulesetCreated, RulesetError> {
    Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_write(ABI::V1))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_write(ABI::V3))?
        .scope(Scope::Signal | Scope::AbstractUnixSocket)?
        .create()?
        .add_rule(null)
}
