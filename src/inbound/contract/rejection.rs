//! Why a request is refused before it becomes an execution: one sentence and a stable code, for every protocol.

use crate::domain::{
    compare::InvalidTolerance,
    language::{InvalidCompileArgs, UnknownLanguage},
    limits::InvalidLimit,
    project::InvalidProject,
    request::InvalidRequest,
    tests::InvalidTests,
};

/// A request that is refused. The sentence is fit for the caller's eyes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Rejection {
    /// What kind of fault it is.
    pub fault: Fault,
    /// One plain sentence that says what is wrong.
    pub message: String,
}

/// The kinds of faults a request can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The body is not JSON at all.
    InvalidJson,
    /// A field is missing, unknown, of the wrong type or out of bounds.
    InvalidRequest,
    /// More characters than the server allows.
    CodeTooLong,
    /// A language, or a version of it, that is not there.
    UnknownLanguage,
    /// The archive is broken, or holds what an archive may not hold.
    InvalidArchive,
    /// The files are too many or too large.
    ProjectTooLarge,
    /// The archive is too large.
    ArchiveTooLarge,
    /// The body is too large.
    BodyTooLarge,
    /// The body took too long to arrive.
    BodyTooSlow,
    /// The body is of a type that is not read, or encoded in a way that is not.
    UnsupportedMediaType,
    /// As many large requests are under way as memory and processors allow; none of this one's doing.
    Overloaded,
}

impl Fault {
    /// The stable code of the contract.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidJson => "invalid_json",
            Self::InvalidRequest => "invalid_request",
            Self::CodeTooLong => "code_too_long",
            Self::UnknownLanguage => "unknown_language",
            Self::InvalidArchive => "invalid_archive",
            Self::ProjectTooLarge => "project_too_large",
            Self::ArchiveTooLarge => "archive_too_large",
            Self::BodyTooLarge => "body_too_large",
            Self::BodyTooSlow => "body_too_slow",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::Overloaded => "overloaded",
        }
    }
}

impl Rejection {
    /// A fault and the sentence about it.
    pub fn new(fault: Fault, message: impl Into<String>) -> Self {
        Self { fault, message: message.into() }
    }

    /// A field is not as it must be.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Fault::InvalidRequest, message)
    }
}

impl From<InvalidRequest> for Rejection {
    fn from(error: InvalidRequest) -> Self {
        let fault = match &error {
            InvalidRequest::CodeTooLong(_) => Fault::CodeTooLong,
            InvalidRequest::Project(InvalidProject::TooManyFiles | InvalidProject::TooLarge) => {
                Fault::ProjectTooLarge
            }
            _ => Fault::InvalidRequest,
        };
        Self::new(fault, error.to_string())
    }
}

impl From<InvalidProject> for Rejection {
    fn from(error: InvalidProject) -> Self {
        InvalidRequest::from(error).into()
    }
}

impl From<UnknownLanguage> for Rejection {
    fn from(error: UnknownLanguage) -> Self {
        Self::new(Fault::UnknownLanguage, error.to_string())
    }
}

impl From<InvalidLimit> for Rejection {
    fn from(error: InvalidLimit) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<InvalidCompileArgs> for Rejection {
    fn from(error: InvalidCompileArgs) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<InvalidTests> for Rejection {
    fn from(error: InvalidTests) -> Self {
        Self::invalid(error.to_string())
    }
}

impl From<InvalidTolerance> for Rejection {
    fn from(error: InvalidTolerance) -> Self {
        Self::invalid(error.to_string())
    }
}

/// Text of the caller's, made fit to be shown back: one short line.
#[must_use]
pub fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}
