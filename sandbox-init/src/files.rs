//! Writes the program's files. Everything is made anew; nothing is followed, nothing replaced.

use std::{
    fs::{self, DirBuilder, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Component, Path},
    time::{Duration, SystemTime},
};

use nix::libc;

use crate::protocol::File;

/// Writes `files` below `root`, which is empty and which nothing but init writes meanwhile, each with this mode.
///
/// # Errors
/// When a name is not plainly relative (the handler has made sure of it: trust, but look), exists already, or
/// the file system is full.
pub fn write(root: &Path, files: &[File], mode: u32) -> io::Result<()> {
    for file in files {
        let name = Path::new(file.name);
        if file.name.is_empty() || !name.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(io::Error::from_raw_os_error(libc::EINVAL));
        }
        let path = root.join(name);
        if let Some(folder) = path.parent().filter(|folder| *folder != root) {
            DirBuilder::new().recursive(true).mode(0o755).create(folder)?;
        }
        let mut written = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .custom_flags(libc::O_NOFOLLOW)
            .open(&path)?;
        written.write_all(file.content)?;
        if mode == WRITABLE {
            written.set_modified(SystemTime::now() - OLDER)?;
        }
    }
    Ok(())
}

/// How much older the files are made that a program may write: the kernel's clock for files goes in steps of some
/// milliseconds, and a program may write to one at once.
const OLDER: Duration = Duration::from_secs(1);
/// The mode of files that nobody may write.
pub const READ_ONLY: u32 = 0o444;
/// The mode of files that the program may write.
pub const WRITABLE: u32 = 0o644;
const SEALED: u32 = 0o555;
const OPEN: u32 = 0o755;

/// Takes the right to write from `root` and every folder in it: with files of mode 0444 nothing can be made, removed
/// or renamed there any more. The program cannot give itself the right: see [`crate::supervisor`].
///
/// # Errors
/// When the kernel refuses.
pub fn seal(root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            seal(&entry.path())?;
        }
    }
    fs::set_permissions(root, Permissions::from_mode(SEALED))
}

/// Gives the right to write in this one folder back, if it was taken.
///
/// # Errors
/// When the kernel refuses.
pub fn open(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, Permissions::from_mode(OPEN))
}

/// Gives a file of the program another name in its folder, which stays as it is.
///
/// # Errors
/// When the kernel refuses.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let folder = to.parent().ok_or(io::ErrorKind::NotFound)?;
    let mode = fs::metadata(folder)?.permissions();
    open(folder)?;
    let renamed = fs::rename(from, to);
    fs::set_permissions(folder, mode)?;
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file<'a>(name: &'a str, content: &'a [u8]) -> File<'a> {
        File { name, content }
    }

    #[test]
    fn files_land_where_they_belong_and_are_read_only() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), &[file("main.py", b"1"), file("a/b/c.txt", b"2"), file("a/d", b"")], READ_ONLY)
            .unwrap();
        assert_eq!(fs::read(root.path().join("a/b/c.txt")).unwrap(), b"2");
        let mode = fs::metadata(root.path().join("main.py")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o444);
    }

    #[test]
    fn sealed_folders_take_nothing() {
        let root = tempfile::tempdir().unwrap();
        write(root.path(), &[file("main.py", b"1"), file("a/b/c.txt", b"2")], READ_ONLY).unwrap();
        seal(root.path()).unwrap();
        for folder in ["", "a", "a/b"] {
            let mode = fs::metadata(root.path().join(folder)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o555, "{folder}");
        }
    }

    #[test]
    fn names_that_lead_out_are_refused() {
        let root = tempfile::tempdir().unwrap();
        for name in ["", "/tmp/x", "../x", "a/../../x", "."] {
            let refused = write(root.path(), &[file(name, b"")], READ_ONLY).unwrap_err();
            assert_eq!(refused.raw_os_error(), Some(libc::EINVAL), "{name}");
        }
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }

    #[test]
    fn nothing_is_replaced_and_no_link_is_followed() {
        let root = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/tmp/elsewhere", root.path().join("link")).unwrap();
        assert!(write(root.path(), &[file("link", b"x")], READ_ONLY).is_err());
        assert!(write(root.path(), &[file("twice", b"x"), file("twice", b"y")], READ_ONLY).is_err());
    }
}
