//! Files that a program has left, from the sandbox that is asked for them. What a sandbox says is believed as far as it is
//! bounded: whoever has broken out of its program may say anything.

use sandbox_init::protocol::{Collect, FromInit, Omitted, ToInit, WhyOmitted};

use super::frame;
use crate::{
    domain::files::{Collected, MAX_COLLECTED, MAX_COLLECTED_BYTES, OmittedFile, OutFile, Patterns},
    outbound::docker::engine::link::{Link, LinkError},
};

/// Bytes of one message: a piece of a file, or the names of what was left out.
const MOST: usize = 512 * 1024;
/// Bytes of a name.
const LONGEST_NAME: usize = 1024;

/// Why no files came.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoFiles {
    /// The stream failed.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The sandbox says what it may not.
    #[error("{0}")]
    Said(String),
}

/// Asks for files and takes them; `first` is what the stream is still owed.
pub(super) async fn ask(link: &mut Link, first: &[u8], patterns: &Patterns) -> Result<Collected, NoFiles> {
    let wish = Collect {
        patterns: patterns.as_slice().iter().map(String::as_str).collect(),
        max_files: u32::try_from(MAX_COLLECTED).unwrap_or(u32::MAX),
        max_bytes: MAX_COLLECTED_BYTES,
    };
    let frame = frame::encode(&ToInit::Collect(wish)).map_err(NoFiles::Said)?;
    if !first.is_empty() {
        link.send(first).await?;
    }
    link.send(&frame).await?;
    let (mut files, mut left): (Vec<(String, Vec<u8>)>, _) = (Vec::new(), MAX_COLLECTED_BYTES);
    loop {
        match link.receive(MOST).await? {
            FromInit::File { name, size } => {
                if files.len() >= MAX_COLLECTED || size > left || name.len() > LONGEST_NAME {
                    return Err(NoFiles::Said("more files than were asked for".to_owned()));
                }
                files.push((name, Vec::with_capacity(usize::try_from(size).unwrap_or(0))));
            }
            FromInit::Content(bytes) => {
                let Some((_, content)) = files.last_mut().filter(|_| bytes.len() as u64 <= left) else {
                    return Err(NoFiles::Said("more of a file than was asked for".to_owned()));
                };
                left -= bytes.len() as u64;
                content.extend(bytes);
            }
            FromInit::Collected { omitted, more } => {
                let files =
                    files.into_iter().map(|(name, content)| OutFile { name, content: content.into() });
                let omitted = omitted.into_iter().map(told).collect();
                return Ok(Collected { files: files.collect(), omitted, more });
            }
            FromInit::Output(_) | FromInit::Taken(_) | FromInit::Ended(_) => {
                return Err(NoFiles::Said("something else than files".to_owned()));
            }
        }
    }
}

fn told(Omitted { name, size, why }: Omitted) -> OmittedFile {
    let why = match why {
        WhyOmitted::TooLarge => "It is larger than what is left of the 4 MiB that all files may have.",
        WhyOmitted::TooMany => "There are 32 files already.",
        WhyOmitted::Link => "It is a symbolic link.",
        WhyOmitted::Pipe => "It is a named pipe.",
        WhyOmitted::Socket => "It is a socket.",
        WhyOmitted::Device => "It is a device.",
        WhyOmitted::Name => "Its name has control characters, is not UTF-8, or is longer than 255 bytes.",
        WhyOmitted::TooDeep => "It lies more than 32 folders deep.",
        WhyOmitted::Unreadable(_) => "It cannot be read.",
    };
    OmittedFile { name, size, why: why.to_owned() }
}
