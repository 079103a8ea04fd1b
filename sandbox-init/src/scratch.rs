//! The scratch space of programs, `/dev/shm`: emptied after a step, so that the next one finds nothing.

use std::{
    ffi::{CStr, CString},
    io,
    os::fd::AsFd,
    path::{Path, PathBuf},
};

use nix::{
    NixPath,
    dir::Dir,
    errno::Errno,
    fcntl::{AtFlags, OFlag, renameat},
    sys::stat::{FchmodatFlags, FileStat, Mode, SFlag, fchmodat, fstatat},
    unistd::{UnlinkatFlags, unlinkat},
};

use crate::protocol::SCRATCH;

/// The scratch space of the sandbox whose program's files are in `workdir`.
#[must_use]
pub fn folder(workdir: &Path) -> PathBuf {
    let root = workdir.parent().unwrap_or_else(|| Path::new("/"));
    root.join(SCRATCH.trim_start_matches('/'))
}

/// Empties a folder in which a program could write. Nothing is to be done where there is none. No process of the program is
/// left that could put anything there meanwhile.
///
/// However deep the program has nested its folders: each is moved to the top before it is emptied, so that two descriptors
/// are enough. Links are not followed, and folders that the program has closed are opened.
///
/// # Errors
/// When something cannot be removed: then the next step would find it.
pub fn empty(folder: &Path) -> io::Result<()> {
    match open(folder) {
        Err(Errno::ENOENT) => Ok(()),
        opened => Ok(clear_whole(&opened?)?),
    }
}

/// Removes what has this name in an open folder, with everything below it. Of a link the link goes, and not what it leads to.
/// Nothing is to be done where nothing has the name. Like [`empty`] it minds neither depth nor closed folders.
///
/// # Errors
/// When something cannot be removed.
pub(crate) fn remove(parent: &Dir, name: &CStr) -> Result<(), Errno> {
    match is_folder(parent, name) {
        Err(Errno::ENOENT) => Ok(()),
        Ok(true) => {
            clear_whole(&opened(parent, name)?)?;
            unlinkat(parent, name, UnlinkatFlags::RemoveDir)
        }
        Ok(false) => unlinkat(parent, name, UnlinkatFlags::NoRemoveDir),
        Err(error) => Err(error),
    }
}

/// Removes every entry of an open folder, and all that is below.
fn clear_whole(top: &Dir) -> Result<(), Errno> {
    let mut moved = 0;
    // Whatever is moved to the top while it is read may be read or not: once more, until there is nothing.
    while clear(top, top, &mut moved)? {}
    Ok(())
}

/// Opens a folder to read it.
///
/// # Errors
/// When there is none, or it may not be read.
pub(crate) fn open(folder: &Path) -> Result<Dir, Errno> {
    Dir::open(folder, OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty())
}

/// Removes every entry of the top folder, and moves the folders below them to the top. True when there was anything.
fn clear(top: &Dir, reader: &Dir, moved: &mut u64) -> Result<bool, Errno> {
    let mut any = false;
    for name in names(reader)? {
        any = true;
        if !is_folder(reader, &name)? {
            unlinkat(reader, &*name, UnlinkatFlags::NoRemoveDir)?;
            continue;
        }
        let folder = opened(reader, &*name)?;
        for inner in names(&folder)? {
            if is_folder(&folder, &inner)? {
                // The kernel lets nobody move a folder that they cannot write.
                fchmodat(&folder, &*inner, Mode::S_IRWXU, FchmodatFlags::FollowSymlink)?;
                move_to(top, &folder, &inner, moved)?;
            } else {
                unlinkat(&folder, &*inner, UnlinkatFlags::NoRemoveDir)?;
            }
        }
        unlinkat(reader, &*name, UnlinkatFlags::RemoveDir)?;
    }
    Ok(any)
}

/// The names in a folder.
pub(crate) fn names(folder: &Dir) -> Result<Vec<CString>, Errno> {
    // A reader of its own, from the beginning.
    let mut reader = Dir::openat(folder, ".", OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty())?;
    let mut names = Vec::new();
    for entry in reader.iter() {
        let entry = entry?;
        let name = entry.file_name();
        if name != c"." && name != c".." {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

fn is_folder(parent: &Dir, name: &CStr) -> Result<bool, Errno> {
    Ok(kind(&fstatat(parent, name, AtFlags::AT_SYMLINK_NOFOLLOW)?) == SFlag::S_IFDIR)
}

/// Whether this is a file, a folder, a link, and so on.
pub(crate) fn kind(found: &FileStat) -> SFlag {
    SFlag::from_bits_truncate(found.st_mode & SFlag::S_IFMT.bits())
}

/// A folder, open, whatever mode the program has given it.
pub(crate) fn opened<N: NixPath + ?Sized>(parent: &Dir, name: &N) -> Result<Dir, Errno> {
    fchmodat(parent, name, Mode::S_IRWXU, FchmodatFlags::FollowSymlink)?;
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    Dir::openat(parent, name, flags, Mode::empty())
}

/// Moves a folder to the top, under a name that nobody has.
fn move_to(top: &Dir, from: &Dir, name: &CStr, moved: &mut u64) -> Result<(), Errno> {
    loop {
        *moved += 1;
        match renameat(from.as_fd(), name, top.as_fd(), &*format!("{moved}")) {
            Err(Errno::EEXIST | Errno::ENOTEMPTY | Errno::ENOTDIR) => {}
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::{fs::PermissionsExt, net::UnixListener},
    };

    use super::*;

    #[test]
    fn nothing_is_left_in_a_scratch_space_whatever_it_was() {
        let root = tempfile::tempdir().unwrap();
        let (shared, outside) = (root.path().join("dev/shm"), root.path().join("outside"));
        assert_eq!(folder(&root.path().join("sandbox")), shared);
        fs::create_dir_all(shared.join("a/b")).unwrap();
        fs::create_dir_all(shared.join("closed/more/1")).unwrap();
        fs::create_dir_all(shared.join("1")).unwrap();
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("kept"), "kept").unwrap();
        fs::write(shared.join("a/b/file"), "x").unwrap();
        fs::write(shared.join("closed/more/1/file"), "x").unwrap();
        fs::write(shared.join("2"), "x").unwrap();
        std::os::unix::fs::symlink(&outside, shared.join("link")).unwrap();
        nix::unistd::mkfifo(&shared.join("pipe"), Mode::S_IRUSR).unwrap();
        let _socket = UnixListener::bind(shared.join("socket")).unwrap();
        for (name, mode) in [("a", 0o500), ("closed/more", 0), ("closed", 0o300)] {
            fs::set_permissions(shared.join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        empty(&shared).unwrap();
        assert_eq!(fs::read_dir(&shared).unwrap().count(), 0);
        assert_eq!(fs::read(outside.join("kept")).unwrap(), b"kept");
    }

    #[test]
    fn folders_in_folders_are_removed_deeper_than_any_path_reaches() {
        let root = tempfile::tempdir().unwrap();
        let mut folder = open(root.path()).unwrap();
        for _ in 0..3000 {
            nix::sys::stat::mkdirat(&folder, "in", Mode::S_IRWXU).unwrap();
            folder = Dir::openat(&folder, "in", OFlag::O_RDONLY, Mode::empty()).unwrap();
        }
        empty(root.path()).unwrap();
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_sandbox_without_a_scratch_space_has_nothing_to_empty() {
        let root = tempfile::tempdir().unwrap();
        empty(&root.path().join("dev/shm")).unwrap();
    }
}
