//! A zip file to the files in it, in memory only: nothing of an archive ever touches a disk of ours.
//!
//! Knows what an archive may hold, not what a project is; names are checked by the domain's [`RelativePath`].
//! Sizes are counted while unpacking. What the headers say is only ever used to refuse sooner.

#[cfg(test)]
mod tests;

use std::io::{Cursor, Read};

use bytes::Bytes;
use zip::{CompressionMethod, ZipArchive, read::ZipFile, result::ZipError};

use crate::domain::project::{InvalidProject, MAX_FILES, MAX_PROJECT_BYTES, RelativePath};

/// The largest archive that is read.
pub const MAX_ARCHIVE_BYTES: usize = 1024 * 1024;
/// The most entries, folders and what is ignored included: 200 files, each with a macOS shadow, in many folders.
const MAX_ENTRIES: u64 = 2000;
/// The parts of names that some systems add to every archive, and that no program asks for.
const IGNORED: [&str; 3] = ["__MACOSX", ".DS_Store", "Thumbs.db"];

/// How the end record of an archive begins.
const END: &[u8] = b"PK\x05\x06";
/// Its length, without the comment at its end.
const END_BYTES: usize = 22;

/// Why an archive is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidArchive {
    /// Over [`MAX_ARCHIVE_BYTES`].
    #[error("Archive too large. Maximum allowed size is 1048576 bytes.")]
    TooLarge,
    /// More entries than any project needs.
    #[error("Too many entries in the archive. Maximum allowed is 2000, of which 200 files.")]
    TooManyEntries,
    /// It cannot be read.
    #[error("The archive is broken, or no zip file: {0}.")]
    Broken(String),
    /// Bytes that belong to no archive, or to a second one: two readers could see two archives.
    #[error("The file holds something {0} the archive: send the archive alone.")]
    NotAlone(&'static str),
    /// Nothing in it but folders.
    #[error("The archive holds no files.")]
    Empty,
    /// Two entries of one name, or of one place.
    #[error("The archive holds {0} twice.")]
    Twice(String),
    /// An entry that needs a password.
    #[error("The entry `{0}` is encrypted.")]
    Encrypted(String),
    /// An entry that is packed in a way we do not read.
    #[error("The entry `{0}` is packed by an unsupported method; only stored and deflated entries are read.")]
    UnsupportedMethod(String),
    /// An entry that is a link.
    #[error("The entry `{0}` is a symbolic link.")]
    Link(String),
    /// An entry that is a device, a pipe, a socket.
    #[error("The entry `{0}` is neither a file nor a folder.")]
    Special(String),
    /// An entry whose name is not text.
    #[error("The entry name `{0}` is not UTF-8.")]
    NotUtf8(String),
    /// A name that is no project's, or a cap of the project's.
    #[error(transparent)]
    Project(#[from] InvalidProject),
}

/// Whether these bytes begin like a zip file: with an entry, or with the end of an empty archive.
#[must_use]
pub fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// The files in an archive, in its order.
///
/// # Errors
/// When it is broken, too large, or holds anything but plain files and folders with plain names.
pub fn unpack(archive: &[u8]) -> Result<Vec<(RelativePath, Bytes)>, InvalidArchive> {
    if archive.len() > MAX_ARCHIVE_BYTES {
        return Err(InvalidArchive::TooLarge);
    }
    ends_once(archive)?;
    if declared_entries(archive).is_some_and(|entries| entries > MAX_ENTRIES) {
        return Err(InvalidArchive::TooManyEntries);
    }
    let mut zip = ZipArchive::new(Cursor::new(archive)).map_err(broken)?;
    if zip.len() as u64 > MAX_ENTRIES {
        return Err(InvalidArchive::TooManyEntries);
    }
    // The crate keeps entries by name: of two with one name it has silently dropped the first.
    if zip.has_duplicate_names() {
        return Err(InvalidArchive::Twice("a name".to_owned()));
    }
    let entries = list(&mut zip)?;
    let files = entries.iter().filter(|entry| !entry.is_folder).count();
    match files {
        0 => return Err(InvalidArchive::Empty),
        count if count > MAX_FILES => return Err(InvalidProject::TooManyFiles.into()),
        _ => {}
    }
    let mut unpacked: Vec<(RelativePath, Bytes)> = Vec::with_capacity(files);
    let mut left = MAX_PROJECT_BYTES;
    for entry in entries.iter().filter(|entry| !entry.is_folder) {
        let bytes = read(&mut zip, entry, left)?;
        left -= bytes.len();
        unpacked.push((entry.path.clone(), bytes));
    }
    for folder in entries.iter().filter(|entry| entry.is_folder) {
        if let Some((file, _)) = unpacked.iter().find(|(file, _)| folder.path.is_within(file)) {
            return Err(InvalidProject::FileAndFolder(file.to_string()).into());
        }
    }
    Ok(unpacked)
}

/// An entry that may be in an archive.
struct Entry {
    index: usize,
    path: RelativePath,
    is_folder: bool,
}

/// All entries that are not ignored, each looked at before any is unpacked.
fn list(zip: &mut ZipArchive<Cursor<&[u8]>>) -> Result<Vec<Entry>, InvalidArchive> {
    let mut entries = Vec::new();
    let mut places = Vec::new();
    for index in 0..zip.len() {
        let file = zip.by_index_raw(index).map_err(broken)?;
        if let Some(entry) = look_at(&file, index)? {
            entries.push(entry);
        }
        let end = file.data_start().unwrap_or(u64::MAX).saturating_add(file.compressed_size());
        places.push((file.header_start(), end));
    }
    places.sort_unstable();
    // Also where a second archive was put after a first: its end record is the one that counts.
    if places.first().is_some_and(|(start, _)| *start > 0) {
        return Err(InvalidArchive::NotAlone("before"));
    }
    // Entries that share bytes are how a small archive holds a large bomb, and nothing else makes them.
    if places.windows(2).any(|pair| pair[1].0 < pair[0].1) {
        return Err(InvalidArchive::Twice("some of its bytes".to_owned()));
    }
    Ok(entries)
}

fn look_at(file: &ZipFile<'_, Cursor<&[u8]>>, index: usize) -> Result<Option<Entry>, InvalidArchive> {
    // The raw name: the crate reads names without the UTF-8 flag as code page 437, yet most are UTF-8.
    let raw = file.name_raw();
    let name = std::str::from_utf8(raw)
        .map_err(|_| InvalidArchive::NotUtf8(shown(&String::from_utf8_lossy(raw))))?;
    let path = RelativePath::parse(name).map_err(|why| InvalidProject::bad_name(name, why))?;
    if path.as_str().split('/').any(|part| IGNORED.contains(&part)) {
        return Ok(None);
    }
    let is_folder = name.ends_with('/');
    // Unix writes the kind of the file into the upper half, whatever system the entry says it is from.
    match (file.external_attributes() >> 16) & 0o170_000 {
        0o120_000 => return Err(InvalidArchive::Link(shown(name))),
        0 | 0o100_000 => {}
        0o040_000 if is_folder => {}
        _ => return Err(InvalidArchive::Special(shown(name))),
    }
    if file.encrypted() {
        return Err(InvalidArchive::Encrypted(shown(name)));
    }
    if !is_folder && !matches!(file.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
        return Err(InvalidArchive::UnsupportedMethod(shown(name)));
    }
    Ok(Some(Entry { index, path, is_folder }))
}

/// The content of an entry, when it has at most `left` bytes. The crate checks its CRC at the end.
fn read(zip: &mut ZipArchive<Cursor<&[u8]>>, entry: &Entry, left: usize) -> Result<Bytes, InvalidArchive> {
    let file = zip.by_index(entry.index).map_err(broken)?;
    let mut bytes = Vec::new();
    file.take(left as u64 + 1).read_to_end(&mut bytes).map_err(|error| {
        InvalidArchive::Broken(format!(
            "the entry `{}` cannot be unpacked ({error})",
            shown(entry.path.as_str())
        ))
    })?;
    if bytes.len() > left {
        return Err(InvalidProject::TooLarge.into());
    }
    Ok(bytes.into())
}

/// Whether the file ends where its only end record says: the record's comment reaches to the file's last byte.
fn ends_once(archive: &[u8]) -> Result<(), InvalidArchive> {
    let marks = archive.windows(END.len()).enumerate().filter(|(_, window)| *window == END).map(|(at, _)| at);
    let end_of = |at: usize| {
        let comment = archive.get(at + 20..at + END_BYTES)?.first_chunk().copied().map(u16::from_le_bytes)?;
        Some(at + END_BYTES + usize::from(comment))
    };
    let mut last = None;
    let mut ends = 0;
    for at in marks {
        last = Some(end_of(at));
        ends += usize::from(end_of(at) == Some(archive.len()));
    }
    match (ends, last) {
        (1, _) | (0, None) => Ok(()), // Without any end record the reader says what is wrong.
        (0, Some(Some(end))) if end < archive.len() => Err(InvalidArchive::NotAlone("after")),
        (0, Some(_)) => Err(InvalidArchive::Broken("its end record is cut off".to_owned())),
        _ => Err(InvalidArchive::Twice("its end".to_owned())),
    }
}

/// How many entries the end record of the archive claims, read without parsing anything else.
fn declared_entries(archive: &[u8]) -> Option<u64> {
    const END_64: &[u8] = b"PK\x06\x06";
    let last = |mark: &[u8]| archive.windows(4).rposition(|window| window == mark);
    let short =
        archive.get(last(END)? + 10..)?.first_chunk().map(|count| u64::from(u16::from_le_bytes(*count)))?;
    let long = || archive.get(last(END_64)? + 32..)?.first_chunk().map(|count| u64::from_le_bytes(*count));
    // 0xffff means: look in the larger record.
    if short == u64::from(u16::MAX) { long().or(Some(short)) } else { Some(short) }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn broken(error: ZipError) -> InvalidArchive {
    InvalidArchive::Broken(error.to_string())
}

/// A name as it can be shown back: one short line.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(80).collect()
}
