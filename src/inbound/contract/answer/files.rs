//! Files that came back, as the contract words them.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::files::{Collected, OmittedFile, OutFile},
    inbound::contract::media_type,
};

/// A file that the program has left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = OutFile)]
pub struct FileAnswer {
    /// Its name below the program's folder.
    #[schema(min_length = 1, max_length = 255)]
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its media type, told by its name.
    pub media_type: &'static str,
    /// What is in it, in base64; not there in a `multipart/mixed` answer, where each file is a part of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub content: Option<String>,
}

/// Something that fits a pattern of `collect` and did not come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = OmittedFile)]
pub struct OmittedAnswer {
    /// Its name, as far as it can be shown.
    pub name: String,
    /// Its size in bytes; 0 for what is no file.
    pub size: u64,
    /// Why, in a sentence.
    pub why: String,
}

impl From<&OutFile> for FileAnswer {
    fn from(file: &OutFile) -> Self {
        Self { content: Some(BASE64_STANDARD.encode(&file.content)), ..Self::without_content(file) }
    }
}

impl FileAnswer {
    /// The file without what is in it.
    #[must_use]
    pub fn without_content(OutFile { name, content }: &OutFile) -> Self {
        let media_type = media_type::of(name);
        Self { name: name.clone(), size: content.len() as u64, media_type, content: None }
    }
}

impl From<&OmittedFile> for OmittedAnswer {
    fn from(OmittedFile { name, size, why }: &OmittedFile) -> Self {
        Self { name: name.clone(), size: *size, why: why.clone() }
    }
}

/// The three fields of an answer that tell of files; all are `None` where none was asked for.
#[derive(Debug, Default)]
#[expect(clippy::struct_field_names, reason = "the fields are called as in the answer")]
pub(in crate::inbound::contract) struct Files {
    pub files: Option<Vec<FileAnswer>>,
    pub omitted: Option<Vec<OmittedAnswer>>,
    pub more: Option<u32>,
}

impl Files {
    pub(in crate::inbound::contract) fn of(collected: Option<&Collected>) -> Self {
        let Some(Collected { files, omitted, more }) = collected else { return Self::default() };
        Self {
            files: Some(files.iter().map(FileAnswer::from).collect()),
            omitted: Some(omitted.iter().map(OmittedAnswer::from).collect()),
            more: Some(*more).filter(|more| *more > 0),
        }
    }
}
