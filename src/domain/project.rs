//! The files of a program: safe relative names, bounded in number and size.

use std::{collections::BTreeMap, fmt};

use bytes::Bytes;

/// The most files a project may have.
pub const MAX_FILES: usize = 200;
/// The most bytes all files of a project may have together, unpacked.
pub const MAX_PROJECT_BYTES: usize = 8 * 1024 * 1024;
/// The longest name of a file, folders included, in bytes.
pub const MAX_NAME_BYTES: usize = 255;
/// The deepest a file may lie.
pub const MAX_DEPTH: usize = 16;

/// A name below the project's root: no way out of it, nothing another system would read differently.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelativePath(String);

/// What is wrong with a file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing, `.`, or only slashes.
    #[error("is empty")]
    Empty,
    /// Longer than [`MAX_NAME_BYTES`].
    #[error("is longer than 255 bytes")]
    TooLong,
    /// Begins with a slash, or with a drive letter.
    #[error("is an absolute path")]
    Absolute,
    /// Has a part `..`.
    #[error("leaves the project (`..`)")]
    Parent,
    /// Has a backslash, which is a separator on one system and a character on another.
    #[error("has a backslash")]
    Backslash,
    /// Has a NUL or another control character.
    #[error("has a control character")]
    Control,
    /// More than [`MAX_DEPTH`] parts.
    #[error("lies more than 16 folders deep")]
    TooDeep,
}

impl RelativePath {
    /// The name, with `./` and doubled slashes taken out.
    ///
    /// # Errors
    /// When the name is not a plain relative path; see [`BadName`].
    pub fn parse(name: &str) -> Result<Self, BadName> {
        if name.len() > MAX_NAME_BYTES {
            return Err(BadName::TooLong);
        }
        if name.contains('\\') {
            return Err(BadName::Backslash);
        }
        if name.chars().any(char::is_control) {
            return Err(BadName::Control);
        }
        let drive = matches!(name.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
        if name.starts_with('/') || drive {
            return Err(BadName::Absolute);
        }
        let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        if parts.is_empty() {
            return Err(BadName::Empty);
        }
        if parts.contains(&"..") {
            return Err(BadName::Parent);
        }
        if parts.len() > MAX_DEPTH {
            return Err(BadName::TooDeep);
        }
        Ok(Self(parts.join("/")))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is `other`, or would lie in it.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self == other || self.folders().any(|folder| folder == other.0)
    }

    fn folders(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(end, _)| &self.0[..end])
    }
}

impl fmt::Display for RelativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why files do not make a project.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidProject {
    /// A name that will not do.
    #[error("The file name `{name}` {why}.")]
    BadName {
        /// The name, shortened and without control characters.
        name: String,
        /// What is wrong with it.
        why: BadName,
    },
    /// One name twice.
    #[error("The file `{0}` is there twice.")]
    Duplicate(String),
    /// A file where a folder must be, or the other way round.
    #[error("`{0}` is both a file and a folder.")]
    FileAndFolder(String),
    /// More than [`MAX_FILES`].
    #[error("Too many files. Maximum allowed is 200.")]
    TooManyFiles,
    /// More than [`MAX_PROJECT_BYTES`] in all.
    #[error("Project too large. Maximum allowed size is 8388608 bytes unpacked.")]
    TooLarge,
}

impl InvalidProject {
    /// A bad name, made fit to be shown.
    #[must_use]
    pub fn bad_name(name: &str, why: BadName) -> Self {
        Self::BadName { name: name.chars().filter(|c| !c.is_control()).take(80).collect(), why }
    }
}

/// Files by name. Names are safe, none is twice, none is a folder of another, and all keep within the caps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Project {
    files: BTreeMap<RelativePath, Bytes>,
    bytes: usize,
}

impl Project {
    /// Adds a file.
    ///
    /// # Errors
    /// When its name will not do or is taken, or a cap would be passed.
    pub fn add(&mut self, name: &str, content: Bytes) -> Result<(), InvalidProject> {
        self.put(name, content, MAX_FILES, MAX_PROJECT_BYTES)
    }

    /// Adds a program that came beside the files, as `code`. It has a cap of its own, and none of the files' room: a
    /// project may be as large as ever, and have the program too.
    ///
    /// # Errors
    /// When its name will not do or is taken.
    pub fn add_program(&mut self, name: &str, code: Bytes) -> Result<(), InvalidProject> {
        let most = MAX_PROJECT_BYTES + code.len();
        self.put(name, code, MAX_FILES + 1, most)
    }

    fn put(
        &mut self,
        name: &str,
        content: Bytes,
        most_files: usize,
        most_bytes: usize,
    ) -> Result<(), InvalidProject> {
        let path = RelativePath::parse(name).map_err(|why| InvalidProject::bad_name(name, why))?;
        if self.files.contains_key(&path) {
            return Err(InvalidProject::Duplicate(path.0));
        }
        if let Some(file) = path.folders().find(|folder| self.is_file(folder)) {
            return Err(InvalidProject::FileAndFolder(file.to_owned()));
        }
        let below = format!("{path}/");
        let next = self.files.range(RelativePath(below.clone())..).next();
        if next.is_some_and(|(other, _)| other.0.starts_with(&below)) {
            return Err(InvalidProject::FileAndFolder(path.0));
        }
        if self.files.len() >= most_files {
            return Err(InvalidProject::TooManyFiles);
        }
        if self.bytes + content.len() > most_bytes {
            return Err(InvalidProject::TooLarge);
        }
        self.bytes += content.len();
        self.files.insert(path, content);
        Ok(())
    }

    fn is_file(&self, name: &str) -> bool {
        self.files.contains_key(&RelativePath(name.to_owned()))
    }

    /// The file of that name.
    #[must_use]
    pub fn get(&self, path: &RelativePath) -> Option<&Bytes> {
        self.files.get(path)
    }

    /// All files, ordered by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&RelativePath, &Bytes)> {
        self.files.iter()
    }

    /// The bytes of all files together.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused_each_with_its_reason() {
        let long = "x".repeat(256);
        let deep = "a/".repeat(16) + "f";
        for (name, why) in [
            ("", BadName::Empty),
            (".", BadName::Empty),
            ("/etc/passwd", BadName::Absolute),
            ("C:evil.py", BadName::Absolute),
            ("../x", BadName::Parent),
            ("a/../../x", BadName::Parent),
            ("a\\b", BadName::Backslash),
            ("a\0b", BadName::Control),
            ("a\nb", BadName::Control),
            (&long, BadName::TooLong),
            (&deep, BadName::TooDeep),
        ] {
            assert_eq!(RelativePath::parse(name), Err(why), "{name:?}");
        }
    }

    #[test]
    fn plain_names_are_kept_and_tidied() {
        for (name, tidy) in [
            ("main.py", "main.py"),
            ("./a//b/./c.py", "a/b/c.py"),
            ("..a/b..", "..a/b.."),
            ("ünï/日本.py", "ünï/日本.py"),
        ] {
            assert_eq!(RelativePath::parse(name).unwrap().as_str(), tidy);
        }
    }

    #[test]
    fn no_file_is_there_twice_nor_a_folder_too() {
        let mut project = Project::default();
        project.add("a/b", Bytes::new()).unwrap();
        project.add("a.py", Bytes::new()).unwrap();
        assert_eq!(project.add("./a//b", Bytes::new()), Err(InvalidProject::Duplicate("a/b".into())));
        assert_eq!(project.add("a/b/c", Bytes::new()), Err(InvalidProject::FileAndFolder("a/b".into())));
        assert_eq!(project.add("a", Bytes::new()), Err(InvalidProject::FileAndFolder("a".into())));
        project.add("a-", Bytes::new()).unwrap();
        assert_eq!(project.len(), 3);
    }

    #[test]
    fn the_caps_hold_to_the_byte_and_to_the_file() {
        let mut project = Project::default();
        project.add("big", Bytes::from(vec![0; MAX_PROJECT_BYTES])).unwrap();
        assert_eq!(project.add("one", Bytes::from_static(b"x")), Err(InvalidProject::TooLarge));
        for n in 1..MAX_FILES {
            project.add(&format!("{n}"), Bytes::new()).unwrap();
        }
        assert_eq!(project.add("more", Bytes::new()), Err(InvalidProject::TooManyFiles));
        project.add_program("main.py", Bytes::from_static(b"print(1)")).unwrap();
        assert_eq!((project.len(), project.bytes()), (MAX_FILES + 1, MAX_PROJECT_BYTES + 8));
        assert_eq!(project.add_program("again.py", Bytes::new()), Err(InvalidProject::TooManyFiles));
    }
}
