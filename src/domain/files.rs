//! The folder of a program's files: whether the program may write there, and which files come back.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// Bytes that a program may write among its files.
pub const WORKSPACE_BYTES: u64 = 64 * 1024 * 1024;
/// Files and folders that it may make there.
pub const WORKSPACE_NAMES: u64 = 1024;
/// The most patterns of files that are to come back.
pub const MAX_PATTERNS: usize = 16;
/// The most bytes of a pattern.
pub const MAX_PATTERN_BYTES: usize = 255;
/// The most files that come back.
pub const MAX_COLLECTED: usize = 32;
/// The most bytes that all of them have.
pub const MAX_COLLECTED_BYTES: u64 = 4 * 1024 * 1024;

/// What a program may do in the folder of its files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Workspace {
    /// It may read.
    #[default]
    ReadOnly,
    /// It may write too, up to [`WORKSPACE_BYTES`] and [`WORKSPACE_NAMES`]. Files that fit a pattern come back.
    Writable {
        /// The patterns.
        collect: Patterns,
    },
}

impl Workspace {
    /// The patterns of files that are to come back; `None` where none is.
    #[must_use]
    pub const fn collects(&self) -> Option<&Patterns> {
        match self {
            Self::Writable { collect } if !collect.0.is_empty() => Some(collect),
            _ => None,
        }
    }

    /// Whether the program may write.
    #[must_use]
    pub const fn is_writable(&self) -> bool {
        matches!(self, Self::Writable { .. })
    }
}

/// Patterns of names below the program's folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patterns(Vec<String>);

/// Why patterns are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCollect {
    /// Over [`MAX_PATTERNS`].
    #[error("Too many patterns in `collect`. Maximum allowed is 16.")]
    TooMany,
    /// One, by its place, is no pattern of names below the program's folder.
    #[error(
        "`collect[{0}]` must be a pattern of names below the program's folder: 1 to 255 bytes, without a leading `/`, `.` or `..` \
         as a part, backslashes and control characters."
    )]
    NoPattern(usize),
}

impl Patterns {
    /// The patterns, when there are not too many and each is one.
    ///
    /// # Errors
    /// [`InvalidCollect`].
    pub fn parse(patterns: Vec<String>) -> Result<Self, InvalidCollect> {
        if patterns.len() > MAX_PATTERNS {
            return Err(InvalidCollect::TooMany);
        }
        let is_part = |part: &str| !part.is_empty() && part != "." && part != "..";
        let is_pattern = |text: &String| {
            let text = text.strip_suffix('/').unwrap_or(text);
            text.len() <= MAX_PATTERN_BYTES
                && text.split('/').all(is_part)
                && !text.chars().any(|character| character == '\\' || character.is_control())
        };
        match patterns.iter().position(|text| !is_pattern(text)) {
            Some(bad) => Err(InvalidCollect::NoPattern(bad)),
            None => Ok(Self(patterns)),
        }
    }

    /// The patterns.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

/// A file that a program has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutFile {
    /// Its name below the program's folder.
    pub name: String,
    /// What is in it.
    pub content: Bytes,
}

/// Something that fits a pattern and did not come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OmittedFile {
    /// Its name, as far as it can be shown.
    pub name: String,
    /// Its size in bytes; 0 for what is no file.
    pub size: u64,
    /// Why, in a sentence.
    pub why: String,
}

/// Why a file is in no answer that comes from a record.
pub const NOT_KEPT: &str = "It is too large to be kept on record.";

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Files, those of the first pattern first.
    pub files: Vec<OutFile>,
    /// What did not come back, as far as it is named.
    pub omitted: Vec<OmittedFile>,
    /// How many more did not.
    pub more: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_stay_below_the_folder() {
        let parse = |texts: &[&str]| Patterns::parse(texts.iter().map(ToString::to_string).collect());
        assert_eq!(parse(&["*.png", "out/**", "a b/[x]?", "out/"]).unwrap().as_slice().len(), 4);
        for bad in
            ["", "/etc/passwd", "../x", "a/../b", "./a", "a//b", "a\\b", "a\nb", "a\0", "/", &"x".repeat(256)]
        {
            assert_eq!(parse(&["*", bad]), Err(InvalidCollect::NoPattern(1)), "{bad:?}");
        }
        assert_eq!(parse(&["*"; 17]), Err(InvalidCollect::TooMany));
    }
}
