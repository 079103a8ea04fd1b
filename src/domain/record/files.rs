//! What is kept of the files that came back. The names of the fields are on record, as those of
//! [`EndRecord`](super::EndRecord) are.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::MAX_FILES_BYTES;
use crate::domain::files::{Collected, NOT_KEPT, OmittedFile, OutFile};

/// How many names are kept of what did not come back.
const MAX_OMITTED: usize = 32;

/// What is kept of all files that came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilesRecord {
    /// Each file, in the answer's order.
    pub files: Vec<FileRecord>,
    /// What did not come back, as far as the answer named it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub omitted: Vec<OmittedFile>,
    /// How many more did not.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more: u32,
}

/// What is kept of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Whether what is in it is kept.
    pub kept: bool,
    /// What is in it, where that is kept; `None` in a list of executions. A store keeps it apart from the rest.
    #[serde(skip)]
    pub content: Option<Bytes>,
}

impl FilesRecord {
    /// What is kept of these files: each that has room in what those before it have left of [`MAX_FILES_BYTES`].
    #[must_use]
    pub fn of(collected: &Collected) -> Self {
        let mut left = MAX_FILES_BYTES;
        let files = collected.files.iter().map(|OutFile { name, content }| {
            let kept = content.len() <= left;
            left -= if kept { content.len() } else { 0 };
            let (name, size) = (name.clone(), content.len() as u64);
            FileRecord { name, size, kept, content: kept.then(|| content.clone()) }
        });
        let files = files.collect();
        let more = collected.omitted.len().saturating_sub(MAX_OMITTED);
        let more = collected.more.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
        let omitted = collected.omitted.iter().take(MAX_OMITTED).cloned().collect();
        Self { files, omitted, more }
    }

    /// Whether what is kept of the files is here: it is not in a list.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.files.iter().all(|file| file.kept == file.content.is_some())
    }

    /// The files that this is the record of. Those that are not kept were left out.
    #[must_use]
    pub fn collected(&self) -> Collected {
        let mut collected = Collected { files: Vec::new(), omitted: Vec::new(), more: self.more };
        for FileRecord { name, size, content, .. } in self.files.clone() {
            match content {
                Some(content) => collected.files.push(OutFile { name, content }),
                None => collected.omitted.push(OmittedFile { name, size, why: NOT_KEPT.to_owned() }),
            }
        }
        collected.omitted.extend(self.omitted.iter().cloned());
        collected
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_room_is_kept_and_the_rest_is_named() {
        let file = |name: &str, size: usize| OutFile { name: name.to_owned(), content: vec![1; size].into() };
        let files =
            vec![file("small", 10), file("large", MAX_FILES_BYTES), file("fits", MAX_FILES_BYTES - 10)];
        let omitted =
            vec![OmittedFile { name: "pipe".to_owned(), size: 0, why: "It is a named pipe.".to_owned() }];
        let record = FilesRecord::of(&Collected { files, omitted, more: 3 });
        assert!(record.is_whole());
        let again = record.collected();
        assert_eq!(again.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["small", "fits"]);
        assert_eq!((again.omitted[0].name.as_str(), again.omitted[0].why.as_str()), ("large", NOT_KEPT));
        assert_eq!((again.omitted[1].name.as_str(), again.more), ("pipe", 3));
        let read: FilesRecord = serde_json::from_str(&serde_json::to_string(&record).unwrap()).unwrap();
        assert!(!read.is_whole());
    }
}
