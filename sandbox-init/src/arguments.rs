//! What the program may pass to system calls: the rules on arguments of `infra/seccomp.json`, for the calls that have many.
//!
//! The engine's profile allows these calls, and init puts a filter on itself, before it starts anything, that looks at their
//! arguments: whatever comes from it is under both. The engine could take these rules as well, and did. But it hands a profile
//! on as JSON through four processes, and the last one makes a filter of it rule by rule: 14 ms of CPU time for each sandbox
//! (Docker Engine 20.10, runc 1.1.5), against less than one here.

use std::{collections::BTreeMap, io};

use nix::{errno::Errno, libc};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, sock_filter,
};

use crate::supervisor;

/// One rule.
#[derive(Clone, Copy, Debug)]
struct Rule {
    call: i64,
    /// The errno that such a call ends with, 0 for one that does nothing and says that it worked; `None` lets it through.
    answer: Option<u16>,
    /// All of them hold.
    conditions: &'static [Condition],
}

#[derive(Clone, Copy, Debug)]
struct Condition {
    argument: u8,
    test: Test,
}

#[derive(Clone, Copy, Debug)]
enum Test {
    /// The whole register.
    Is(u64),
    IsNot(u64),
    /// The lower half of the register, since the kernel looks at no more.
    Masked {
        mask: u32,
        value: u32,
    },
}

const REFUSED: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM.cast_unsigned();
/// A call that is named here, and that no rule fits, ends with EPERM.
#[expect(clippy::unreadable_literal, reason = "written by the build script")]
const RULES: &[Rule] = include!(concat!(env!("OUT_DIR"), "/arguments.rs"));

/// Tells these rules from those of another build. The handler holds what a sandbox says against its own: a sandbox-init that was
/// built elsewhere, from an earlier profile, would leave open what the engine's profile of today leaves to it.
#[expect(clippy::unreadable_literal, reason = "written by the build script")]
pub const DIGEST: u64 = include!(concat!(env!("OUT_DIR"), "/digest.rs"));

/// Puts the filter on this process, and all that come from it, for good; says by which rules, see [`DIGEST`].
///
/// # Errors
/// When the kernel refuses, or the filter does not hold afterwards.
pub fn filter_own() -> io::Result<u64> {
    supervisor::install(&filter()?)?;
    holds()?;
    Ok(DIGEST)
}

/// The crate knows one answer for calls that a rule fits, and one for all others. Which rule gave the answer is told by its
/// place: the crate leaves rules in their order, each with an answer of its own, and ends with the one for all other calls.
fn filter() -> io::Result<BpfProgram> {
    let mut rules: BTreeMap<i64, Vec<&Rule>> = BTreeMap::new();
    for rule in RULES {
        rules.entry(rule.call).or_default().push(rule);
    }
    let mut program = of_one_answer(&rules).map_err(io::Error::other)?;
    let mut answers = rules.values().flatten().map(|rule| rule.answer);
    let strange = || io::Error::other("the filter of arguments was not built as expected");
    let fits = |step: &&mut sock_filter| step.code == supervisor::RETURN && step.k == libc::SECCOMP_RET_ALLOW;
    for step in program.iter_mut().filter(fits) {
        if let Some(errno) = answers.next().ok_or_else(strange)? {
            step.k = libc::SECCOMP_RET_ERRNO | u32::from(errno);
        }
    }
    let last = program.last_mut().filter(|last| (last.code, last.k) == (supervisor::RETURN, REFUSED));
    last.filter(|_| answers.next().is_none()).ok_or_else(strange)?.k = libc::SECCOMP_RET_ALLOW;
    Ok(program)
}

/// A filter that lets through what a rule fits, and refuses all else.
fn of_one_answer(rules: &BTreeMap<i64, Vec<&Rule>>) -> Result<BpfProgram, BackendError> {
    let calls = rules.iter().map(|(call, rules)| {
        Ok((*call, rules.iter().map(|rule| fitting(rule)).collect::<Result<Vec<_>, BackendError>>()?))
    });
    let refused = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let arch = std::env::consts::ARCH.try_into()?;
    SeccompFilter::new(calls.collect::<Result<_, BackendError>>()?, refused, SeccompAction::Allow, arch)?
        .try_into()
}

fn fitting(rule: &Rule) -> Result<SeccompRule, BackendError> {
    let conditions = rule.conditions.iter().map(|Condition { argument, test }| {
        let (length, operator, value) = match *test {
            Test::Is(value) => (SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, value),
            Test::IsNot(value) => (SeccompCmpArgLen::Qword, SeccompCmpOp::Ne, value),
            Test::Masked { mask, value } => {
                (SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(mask.into()), value.into())
            }
        };
        SeccompCondition::new(*argument, length, operator, value)
    });
    SeccompRule::new(conditions.collect::<Result<_, _>>()?)
}

/// Not believed but tried: without the filter an option of `prctl` that no kernel knows would be a bad argument, and the others
/// a bad descriptor. One is refused, one is said to have worked, and one reaches the kernel.
fn holds() -> io::Result<()> {
    // SAFETY: there is no such option and no such descriptor, so that nothing is done.
    let tried = unsafe {
        [
            Errno::result(libc::prctl(-1, 0, 0, 0, 0)).err(),
            Errno::result(libc::fcntl(-1, libc::F_SETLK, std::ptr::null::<libc::flock>())).err(),
            Errno::result(libc::fcntl(-1, libc::F_GETFD)).err(),
        ]
    };
    if tried == [Some(Errno::EPERM), None, Some(Errno::EBADF)] {
        return Ok(());
    }
    Err(io::Error::other(format!("the filter of arguments is not in force: {tried:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the filter says of a call, as the kernel would run it (`struct seccomp_data`).
    fn answer(program: &BpfProgram, call: i64, arguments: [u64; 6]) -> u32 {
        let arch: u32 = if cfg!(target_arch = "x86_64") { 0xc000_003e } else { 0xc000_00b7 };
        let mut data = Vec::new();
        data.extend(u32::try_from(call).unwrap().to_ne_bytes());
        data.extend(arch.to_ne_bytes());
        data.extend(0_u64.to_ne_bytes());
        data.extend(arguments.iter().flat_map(|argument| argument.to_ne_bytes()));
        let (mut at, mut accumulator) = (0, 0_u32);
        loop {
            let step = &program[at];
            at += 1;
            let offset = step.k as usize;
            let jump = |holds: bool| usize::from(if holds { step.jt } else { step.jf });
            match step.code {
                0x20 => accumulator = u32::from_ne_bytes(data[offset..offset + 4].try_into().unwrap()),
                0x54 => accumulator &= step.k,
                0x05 => at += offset,
                0x15 => at += jump(accumulator == step.k),
                0x25 => at += jump(accumulator > step.k),
                0x35 => at += jump(accumulator >= step.k),
                0x06 => return step.k,
                code => panic!("no filter of ours has the instruction {code:#x}"),
            }
        }
    }

    fn ends_with(errno: i32) -> u32 {
        libc::SECCOMP_RET_ERRNO | errno.cast_unsigned()
    }

    #[test]
    fn each_rule_gives_its_own_answer() {
        let program = filter().unwrap();
        for rule in RULES {
            // Above what is compared stands anything.
            let mut arguments = [0xffff_ffff_0000_0000; 6];
            for Condition { argument, test } in rule.conditions {
                arguments[usize::from(*argument)] = match *test {
                    Test::Is(value) => value,
                    Test::IsNot(value) => value + 1,
                    Test::Masked { value, .. } => 0xffff_ffff_0000_0000 | u64::from(value),
                };
            }
            let expected = rule.answer.map_or(libc::SECCOMP_RET_ALLOW, |errno| ends_with(errno.into()));
            assert_eq!(answer(&program, rule.call, arguments), expected, "{rule:?}");
        }
    }

    #[test]
    fn a_call_that_no_rule_fits_is_refused_and_one_without_rules_is_none_of_the_filters() {
        let program = filter().unwrap();
        for (call, arguments) in [
            (libc::SYS_prctl, [22, 2, 0, 0, 0, 0]),            // PR_SET_SECCOMP
            (libc::SYS_prctl, [35, 0, 0, 0, 0, 0]),            // PR_SET_MM
            (libc::SYS_prctl, [u64::MAX, 0, 0, 0, 0, 0]),      // none
            (libc::SYS_ioctl, [0, 0x5412, 0, 0, 0, 0]),        // TIOCSTI
            (libc::SYS_ioctl, [0, 0x1_0000_5412, 0, 0, 0, 0]), // the same with more in the register
            (libc::SYS_setsockopt, [0, 1, 26, 0, 0, 0]),       // SO_ATTACH_FILTER
            (libc::SYS_fcntl, [0, 1024, 0, 0, 0, 0]),          // F_SETLEASE
            (libc::SYS_fcntl, [0, 1026, 0, 0, 0, 0]),          // F_NOTIFY
            (libc::SYS_madvise, [0, 0, 12, 0, 0, 0]),          // MADV_MERGEABLE
            (libc::SYS_madvise, [0, 0, 100, 0, 0, 0]),         // MADV_HWPOISON
            (libc::SYS_prlimit64, [7, 3, 1, 0, 0, 0]),         // another process's limits
            (libc::SYS_prlimit64, [0, 16, 1, 0, 0, 0]),        // no limit that there is
        ] {
            assert_eq!(answer(&program, call, arguments), REFUSED, "{call} {arguments:?}");
        }
        for (call, arguments, errno) in [
            (libc::SYS_fcntl, [0, 6, 0, 0, 0, 0], 0),                  // F_SETLK
            (libc::SYS_setrlimit, [4, 0, 0, 0, 0, 0], 0),              // RLIMIT_CORE
            (libc::SYS_prlimit64, [0, 4, 1, 0, 0, 0], 0),              // the same
            (libc::SYS_sendto, [0, 0, 0, 1, 0, 0], libc::EOPNOTSUPP),  // MSG_OOB
            (libc::SYS_setsockopt, [0, 0, 35, 0, 0, 0], libc::ENODEV), // IP_ADD_MEMBERSHIP
        ] {
            assert_eq!(answer(&program, call, arguments), ends_with(errno), "{call} {arguments:?}");
        }
        for call in
            [libc::SYS_read, libc::SYS_openat, libc::SYS_mmap, libc::SYS_socket, libc::SYS_clone, 100_000]
        {
            assert_eq!(answer(&program, call, [0; 6]), libc::SECCOMP_RET_ALLOW, "{call}");
        }
    }
}
