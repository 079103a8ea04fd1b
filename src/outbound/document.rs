//! The end of an execution as one JSON document, the same in every store: made and read here alone.
//!
//! ```json
//! {"v": 1, "end": {"ran": {"ending": {"exited": 0}, "stdout_total": 2, "…": "…"}}}
//! {"v": 1, "end": {"failed": {"status": "cancelled", "message": "The caller went away. The run was stopped."}}}
//! ```
//!
//! The document has the fields of [`EndRecord`] by their names in the source. Three things are beside it, since a list
//! wants the beginning of the first two and nothing of the third: standard output, standard error, and the test cases with
//! what a compiler wrote and the content of files that came back, which are a JSON text of their own (see [`cases`]).
//!
//! # Versions
//! A field that is added has a default, and needs no new version: releases that do not know the field ignore it. The
//! version is raised when a field is given up or changes its meaning, and a name is never used again with another one.
//! So whatever of a later version an earlier release can still read is true, and is read; a document that lacks
//! something is refused as [`Unreadable`].

mod cases;
pub(super) mod earlier;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::domain::{
    outcome::{Ending, LimitMet},
    record::{EndRecord, RanRecord, cut_message},
};

/// The version that is written.
const VERSION: u32 = 1;

/// Bytes of a compiler's evidence that are kept: none of ours is as long.
const COMPILER_EVIDENCE: usize = 512;

/// An end as a store keeps it, but for the streams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// The document.
    pub document: String,
    /// The test cases and the compiler's words as JSON, at most [`MAX_CASES_BYTES`](crate::domain::record::MAX_CASES_BYTES), and
    /// files of at most [`MAX_FILES_BYTES`](crate::domain::record::MAX_FILES_BYTES) in base64; `None` where the execution had
    /// none of these.
    pub cases: Option<Bytes>,
}

/// A text that is no document, or one of a later version that lacks what this release needs.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    /// It is not what is written here.
    #[error("cannot be understood: {0}")]
    Broken(#[from] serde_json::Error),
    /// A later release wrote it.
    #[error(
        "is of version {found}, this release knows up to {VERSION}, and it cannot be understood: {source}"
    )]
    Later {
        /// The document's version.
        found: u32,
        /// What is missing.
        source: serde_json::Error,
    },
}

#[derive(Serialize)]
struct Written<'a> {
    v: u32,
    end: &'a EndRecord,
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

#[derive(Deserialize)]
struct Read {
    end: EndRecord,
}

/// What is kept of an end. Of messages and evidence the first
/// [`MAX_MESSAGE_BYTES`](crate::domain::record::MAX_MESSAGE_BYTES) are.
pub(super) fn write(end: &EndRecord) -> Kept {
    // The streams are not copied by this: copies of `Bytes` share them.
    let mut end = end.clone();
    let mut cases = None;
    match &mut end {
        EndRecord::Failed { message, .. } => shorten(message),
        EndRecord::Ran(ran) => {
            shorten_evidence(&mut ran.ending, &mut ran.limits_met);
            if let Some(compile) = &mut ran.compile {
                shorten_evidence(&mut compile.ending, &mut compile.limits_met);
                // The execution's own ending has the same evidence at its full length.
                if let Ending::Limit(limit) = &mut compile.ending {
                    limit.evidence.truncate(limit.evidence.floor_char_boundary(COMPILER_EVIDENCE));
                }
            }
            if has_cases(ran) {
                let of = ran.tests.as_ref().map_or(&[][..], |tests| &tests.cases);
                let files = ran.files.as_ref().map_or(&[][..], |files| &files.files);
                let compiler = ran.compile.as_ref().map(|compile| &compile.streams);
                let (text, cut) = cases::write(of, compiler, files);
                if let Some(tests) = &mut ran.tests {
                    tests.cut |= cut;
                }
                cases = Some(text);
            }
        }
    }
    // Numbers and texts always serialise.
    let document = serde_json::to_string(&Written { v: VERSION, end: &end }).unwrap_or_default();
    Kept { document, cases }
}

/// The end that a document holds, with empty streams, without test cases and the content of files.
///
/// # Errors
/// [`Unreadable`] when the text is no JSON or lacks a field that this release needs.
pub(super) fn read(document: &str) -> Result<EndRecord, Unreadable> {
    let Version { v } = serde_json::from_str(document)?;
    match serde_json::from_str(document) {
        Ok(Read { end }) => Ok(end),
        Err(source) if v > VERSION => Err(Unreadable::Later { found: v, source }),
        Err(source) => Err(source.into()),
    }
}

/// Whether something of the run is kept in the text of the test cases.
pub(super) const fn has_cases(ran: &RanRecord) -> bool {
    ran.tests.is_some() || ran.compile.is_some() || ran.files.is_some()
}

/// Puts into a run's record what such a text holds: the test cases, what the compiler wrote, and files.
///
/// # Errors
/// [`Unreadable`], as [`read`].
pub(super) fn read_cases(text: &[u8], ran: &mut RanRecord) -> Result<(), Unreadable> {
    let read = cases::read(text)?;
    let contents = read.contents()?;
    let kept = ran.files.iter_mut().flat_map(|files| &mut files.files).filter(|file| file.kept);
    for (file, content) in kept.zip(contents) {
        file.content = Some(content);
    }
    if let Some(tests) = &mut ran.tests {
        tests.cases = read.cases;
    }
    if let Some(compile) = &mut ran.compile {
        compile.streams = read.compiler;
    }
    Ok(())
}

fn shorten(message: &mut String) {
    message.truncate(cut_message(message).len());
}

fn shorten_evidence(ending: &mut Ending, met: &mut [LimitMet]) {
    match ending {
        Ending::Limit(limit) => shorten(&mut limit.evidence),
        Ending::NotCompiled(compiler) => shorten_evidence(compiler, &mut []),
        Ending::Exited(_) | Ending::Signaled(_) => {}
    }
    for met in met {
        shorten(&mut met.evidence);
    }
}

#[cfg(test)]
mod tests;
