//! Uploaded files to a program: a zip file is unpacked, a source file is taken as it is.
//!
//! Shared by every form a file can come in. Knows no protocol.

use std::sync::Arc;

use bytes::Bytes;

use super::archive::{InvalidArchive, is_zip, unpack};
use crate::domain::{
    language::{Language, LanguageTable},
    project::{InvalidProject, Project, RelativePath},
};

/// One file as it came in.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The name its sender gave it.
    pub name: Option<String>,
    /// Its content.
    pub content: Bytes,
}

/// Why uploads make no project.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUpload {
    /// A source file without a name.
    #[error("An uploaded file needs a file name.")]
    Unnamed,
    /// A zip file, and another file beside it.
    #[error("Send one zip file, or source files, not both.")]
    InCompany,
    /// The zip file is not good.
    #[error(transparent)]
    Archive(#[from] InvalidArchive),
    /// The files are not.
    #[error(transparent)]
    Project(#[from] InvalidProject),
}

/// The project that uploads make: the content of the one zip file among them, or the files themselves.
///
/// When all files of an archive lie in one folder (as when a folder was zipped), that folder is taken off, unless
/// `entrypoint` names a file by its full path.
///
/// # Errors
/// When an archive is not good, a name is, or a zip file came with company.
pub fn project(uploads: Vec<Upload>, entrypoint: Option<&str>) -> Result<Project, InvalidUpload> {
    let zips = uploads.iter().filter(|upload| upload.is_archive()).count();
    let mut project = Project::default();
    match (zips, uploads.len()) {
        (0, _) => {
            for Upload { name, content } in uploads {
                let name = name.ok_or(InvalidUpload::Unnamed)?;
                project.add(&name, content)?;
            }
        }
        (1, 1) => {
            let files = unpack(&uploads[0].content)?;
            let folder = common_folder(&files, entrypoint).map(|folder| folder.len() + 1);
            for (path, content) in files {
                project.add(&path.as_str()[folder.unwrap_or(0)..], content)?;
            }
        }
        _ => return Err(InvalidUpload::InCompany),
    }
    Ok(project)
}

impl Upload {
    /// By content; a name that ends in `.zip` is a promise too, and if it is broken the answer should say so.
    fn is_archive(&self) -> bool {
        let named = self.name.as_ref().and_then(|name| name.rsplit_once('.'));
        is_zip(&self.content) || named.is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("zip"))
    }
}

/// The folder that all files lie in, when there is one to take off.
fn common_folder(files: &[(RelativePath, Bytes)], entrypoint: Option<&str>) -> Option<String> {
    let wish = entrypoint.and_then(|name| RelativePath::parse(name).ok());
    if wish.is_some_and(|wish| files.iter().any(|(path, _)| *path == wish)) {
        return None;
    }
    let (first, _) = files.first()?.0.as_str().split_once('/')?;
    let inside =
        |path: &RelativePath| path.as_str().split_once('/').is_some_and(|(folder, _)| folder == first);
    files.iter().all(|(path, _)| inside(path)).then(|| first.to_owned())
}

/// The language of uploads that came without one: that of the entry point asked for, else the first that finds
/// one of its entry points, else that of a lone file's ending, else the default.
#[must_use]
pub fn language_of(project: &Project, entrypoint: Option<&str>, table: &LanguageTable) -> Arc<Language> {
    if let Some(language) = entrypoint.and_then(|name| table.by_file_name(name)) {
        return language;
    }
    let finds_entry = |language: &&Arc<Language>| {
        let known = language.entry_points.iter().filter_map(|name| RelativePath::parse(name).ok());
        known.into_iter().any(|path| project.get(&path).is_some())
    };
    if let Some(language) = table.iter().find(finds_entry) {
        return Arc::clone(language);
    }
    let mut paths = project.iter().map(|(path, _)| path);
    let lone = match (paths.next(), paths.next()) {
        (Some(path), None) => table.by_file_name(path.as_str()),
        _ => None,
    };
    lone.unwrap_or_else(|| table.default_language())
}
