//! What the request itself makes impossible, told as the request's fault: never the host's, and of no use to try again.

use std::io::{Error, ErrorKind};

use super::report;
use crate::{
    domain::{
        error::{Impossible, SandboxError},
        limits::Limits,
        outcome::{Captured, Ending, Outcome, Usage},
        project::{MAX_FILES, MAX_PROJECT_BYTES},
    },
    outbound::docker::sandbox::workdir,
};

/// What the kernel says of a sandbox whose memory the program's files filled.
const FILES_FILL_IT: &str = "there was no memory left for the program's files when they were written";

/// The request is longer than a sandbox takes.
#[must_use]
pub fn too_large() -> SandboxError {
    let why = format!(
        "The request is too large for a sandbox. Maximum allowed are {MAX_FILES} files and {MAX_PROJECT_BYTES} bytes."
    );
    SandboxError::Refused { what: Impossible::Files, why }
}

/// What to say of a program that was not begun, by the error that its files met.
///
/// # Errors
/// [`SandboxError::Refused`] where the files themselves are the reason, [`SandboxError::LanguageUnavailable`] where the
/// sandbox is.
pub fn not_run(errno: i32, language: &str, limits: &Limits) -> Result<Outcome, SandboxError> {
    let error = Error::from_raw_os_error(errno);
    let refused = |why: String| Err(SandboxError::Refused { what: Impossible::Files, why });
    match error.kind() {
        ErrorKind::OutOfMemory => Ok(report::out_of_memory(limits, FILES_FILL_IT)),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => refused(format!(
            "The project's files do not fit into a sandbox: it takes {} bytes and {} files and folders.",
            workdir::BYTES,
            workdir::INODES
        )),
        ErrorKind::InvalidInput
        | ErrorKind::InvalidFilename
        | ErrorKind::AlreadyExists
        | ErrorKind::NotADirectory
        | ErrorKind::IsADirectory => {
            refused(format!("The project's files cannot be written as they are named ({error})."))
        }
        _ => {
            let reason = format!("the files could not be written: {error}");
            Err(SandboxError::language_unavailable(language, reason))
        }
    }
}

/// What came of a program that its compiler made so that nobody can execute it: what a shell says of such a file. `built` are
/// the bytes that the compiler made.
#[must_use]
pub fn not_executable(errno: i32, built: u64) -> Outcome {
    let error = Error::from_raw_os_error(errno);
    let code = if error.kind() == ErrorKind::NotFound { 127 } else { 126 };
    let said = format!("The compiler made no program that can be executed: {error}.\n");
    Outcome {
        ending: Ending::Exited(code),
        stdout: Captured::default(),
        stderr: Captured::whole(said),
        usage: Usage { memory_bytes: built, ..Usage::default() },
        limits_met: Vec::new(),
    }
}

/// A report that says neither how the program ended nor why it did not begin.
#[must_use]
pub fn unexplained(language: &str) -> SandboxError {
    SandboxError::language_unavailable(language, "the program was not begun")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outcome::Status;

    #[test]
    fn an_error_that_files_met_is_the_requests_fault_or_the_sandboxes_and_never_the_hosts() {
        const ENOMEM: i32 = 12;
        let outcome = not_run(ENOMEM, "python", &Limits::default()).unwrap();
        assert_eq!(outcome.ending.status(), Status::MemoryLimit);
        // ENOSPC, EDQUOT, EFBIG, EINVAL, EEXIST, ENOTDIR, EISDIR, ENAMETOOLONG.
        for errno in [28, 122, 27, 22, 17, 20, 21, 36] {
            let refused = not_run(errno, "python", &Limits::default()).unwrap_err();
            assert!(
                matches!(refused, SandboxError::Refused { what: Impossible::Files, .. }),
                "{errno} {refused}"
            );
        }
        // EIO, EACCES, EROFS.
        for errno in [5, 13, 30] {
            let error = not_run(errno, "python", &Limits::default()).unwrap_err();
            assert!(
                matches!(error, SandboxError::LanguageUnavailable { .. }) && error.never_ran(),
                "{errno}"
            );
        }
    }
}
