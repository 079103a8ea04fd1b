//! The files of a language's folder, wherever the folder is.

use std::{collections::BTreeMap, fs, path::Path};

use include_dir::{Dir, include_dir};

use super::DIR;

/// The folders that come with us, as they were when this program was built.
static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/languages");
/// The languages that are served where nobody names any, one a line, the default first.
pub const DEFAULT: &str = include_str!("../../../languages/default");
/// The manifest's name. Without a manifest a folder is no language's.
pub const MANIFEST: &str = "language.toml";
/// The folder of the bootstrap's files, in the language's.
const BOOTSTRAP: &str = "bootstrap";
/// The largest file that is read, in bytes: nothing longer fits on the command line of `sandbox-init`.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// A language's folder.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    /// What faults call the folder.
    pub shown: String,
    /// The files beside the manifest and the manifest, by name.
    pub files: BTreeMap<String, String>,
    /// The files of `bootstrap/`, by name.
    pub bootstrap: BTreeMap<String, String>,
    /// Files that could not be read, each with the reason.
    pub faults: Vec<String>,
}

impl Folder {
    fn put(&mut self, bootstrap: bool, name: &str, content: Result<String, String>) {
        let files = if bootstrap { &mut self.bootstrap } else { &mut self.files };
        match content {
            Ok(text) => drop(files.insert(name.to_owned(), text)),
            Err(why) => {
                let within = if bootstrap { "bootstrap/" } else { "" };
                self.faults.push(format!("{}: `{within}{name}` {why}", self.shown));
            }
        }
    }
}

/// The folders that come with us, by name.
pub fn built_in() -> BTreeMap<String, Folder> {
    let folders = BUILT_IN.dirs().filter_map(|dir| Some((dir.path().to_str()?.to_owned(), dir)));
    folders
        .map(|(name, dir)| {
            let mut folder = Folder { shown: format!("languages/{name}"), ..Folder::default() };
            let bootstrap = dir.get_dir(dir.path().join(BOOTSTRAP)).map(Dir::files);
            let beside = dir.files().map(|file| (false, file));
            for (inside, file) in beside.chain(bootstrap.into_iter().flatten().map(|file| (true, file))) {
                if let Some(name) = file.path().file_name().and_then(|name| name.to_str()) {
                    folder.put(inside, name, text(file.contents().to_vec()));
                }
            }
            (name, folder)
        })
        .collect()
}

/// The operator's folders in this one, by name: every folder in it that has a manifest.
///
/// # Errors
/// A sentence, when the folder cannot be read or has no language in it.
pub fn own(path: &str) -> Result<BTreeMap<String, Folder>, String> {
    let cannot = |error: std::io::Error| format!("{DIR}: cannot read `{path}`: {error}");
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(path).map_err(cannot)? {
        let place = entry.map_err(cannot)?.path();
        if !place.join(MANIFEST).exists() {
            continue;
        }
        let Some(name) = place.file_name().and_then(|name| name.to_str()) else { continue };
        let mut folder = Folder { shown: format!("{DIR}: {}", place.display()), ..Folder::default() };
        folder.read(&place, false);
        if place.join(BOOTSTRAP).is_dir() {
            folder.read(&place.join(BOOTSTRAP), true);
        }
        found.insert(name.to_owned(), folder);
    }
    if found.is_empty() {
        return Err(format!("{DIR}: no folder in `{path}` has a {MANIFEST}"));
    }
    Ok(found)
}

impl Folder {
    /// Reads the files of a folder of the disk.
    fn read(&mut self, place: &Path, bootstrap: bool) {
        let entries = match fs::read_dir(place) {
            Ok(entries) => entries,
            Err(error) => return self.faults.push(format!("{}: cannot be read: {error}", self.shown)),
        };
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_file()) {
            if let Some(name) = path.file_name().and_then(|name| name.to_str()) {
                self.put(bootstrap, name, content(&path));
            }
        }
    }
}

fn content(path: &Path) -> Result<String, String> {
    let length = fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?.len();
    if length > MAX_FILE_BYTES {
        return Err(format!("is longer than {MAX_FILE_BYTES} bytes"));
    }
    text(fs::read(path).map_err(|error| format!("cannot be read: {error}"))?)
}

fn text(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())
}
