//! The folder that a compiler writes and the program is executed from.
//!
//! A compile step may write there, and no other step may: by Landlock ([`crate::confine`]), and where the kernel has none by
//! taking away the right to write when the compile step is over.

use std::{
    ffi::{CStr, OsStr},
    fs, io,
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, PermissionsExt},
    },
    path::{Path, PathBuf},
};

use nix::{
    dir::Dir,
    errno::Errno,
    fcntl::{AtFlags, OFlag},
    sys::{
        stat::{FchmodatFlags, Mode, SFlag, fchmod, fchmodat, fstatat},
        statvfs::statvfs,
    },
};

use crate::{protocol::Kernel, scratch};

/// The name of the compiler's folder for itself, in the build folder.
const TEMPORARY: &CStr = c".tmp";

/// Where the compiler puts what it needs for itself.
#[must_use]
pub fn temporary(build: &Path) -> PathBuf {
    build.join(OsStr::from_bytes(TEMPORARY.to_bytes()))
}

/// Makes the compiler's folder for itself.
///
/// # Errors
/// When the sandbox has no build folder, or the folder cannot be made.
pub fn open(build: &Path) -> io::Result<()> {
    fs::DirBuilder::new().mode(0o700).create(temporary(build))
}

/// Removes what the compiler left for itself, and lets nobody write the rest any more. Every process of the compile step is
/// dead. Code that a compiler executes may have made anything of both folders: closed them, nested folders deeper than a path
/// reaches, put a file or a link in the place of its own folder.
///
/// # Errors
/// When something cannot be removed or closed: then the program could find or change it, and the conversation ends.
pub fn close(build: &Path, kernel: Kernel) -> io::Result<()> {
    fs::set_permissions(build, fs::Permissions::from_mode(0o755))?;
    let folder = scratch::open(build)?;
    scratch::remove(&folder, TEMPORARY)?;
    match kernel {
        Kernel::Host => Ok(()),
        Kernel::HostWithoutLandlock | Kernel::Own => Ok(seal(folder)?),
    }
}

/// Bytes that the files in the folder take.
#[must_use]
pub fn bytes(build: &Path) -> u64 {
    statvfs(build).map_or(0, |all| (all.blocks() - all.blocks_free()).saturating_mul(all.fragment_size()))
}

/// Takes the right to write from this folder and everything in it. Links are left alone: they have no rights of their own.
///
/// One folder is open at a time, and the way back from it is its `..`: so neither paths nor descriptors bound the depth.
fn seal(top: Dir) -> Result<(), Errno> {
    let mut folder = top;
    let mut left = vec![scratch::names(&folder)?];
    while let Some(names) = left.last_mut() {
        let Some(name) = names.pop() else {
            fchmod(&folder, Mode::from_bits_truncate(0o555))?;
            left.pop();
            if !left.is_empty() {
                folder = Dir::openat(&folder, "..", OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty())?;
            }
            continue;
        };
        let found = fstatat(&folder, &*name, AtFlags::AT_SYMLINK_NOFOLLOW)?;
        match scratch::kind(&found) {
            SFlag::S_IFDIR => {
                folder = scratch::opened(&folder, &*name)?;
                left.push(scratch::names(&folder)?);
            }
            SFlag::S_IFREG => {
                let mode = Mode::from_bits_truncate(found.st_mode & 0o555);
                fchmodat(&folder, &*name, mode, FchmodatFlags::FollowSymlink)?;
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_compiler_left_for_itself_goes_and_what_it_made_stays() {
        for kernel in [Kernel::Host, Kernel::HostWithoutLandlock, Kernel::Own] {
            let build = tempfile::tempdir().unwrap();
            open(build.path()).unwrap();
            fs::create_dir_all(build.path().join(".tmp/deep/er")).unwrap();
            fs::write(build.path().join(".tmp/deep/er/a.o"), "x").unwrap();
            fs::create_dir(build.path().join("classes")).unwrap();
            for name in ["main", "classes/Main.class"] {
                fs::write(build.path().join(name), "x").unwrap();
                fs::set_permissions(build.path().join(name), fs::Permissions::from_mode(0o755)).unwrap();
            }
            close(build.path(), kernel).unwrap();
            assert!(!temporary(build.path()).exists());
            let mode =
                |name: &str| fs::metadata(build.path().join(name)).unwrap().permissions().mode() & 0o777;
            let modes = ["", "main", "classes", "classes/Main.class"].map(mode);
            match kernel {
                Kernel::Host => assert_eq!(modes[1..], [0o755, 0o755, 0o755]),
                _ => assert_eq!(modes, [0o555 & mode(""), 0o555, 0o555, 0o555]),
            }
        }
    }

    /// Folders in folders, deeper than any path reaches.
    fn deep(top: &Path) {
        let mut folder = scratch::open(top).unwrap();
        for _ in 0..1400 {
            nix::sys::stat::mkdirat(&folder, "in", Mode::S_IRWXU).unwrap();
            folder = Dir::openat(&folder, "in", OFlag::O_RDONLY, Mode::empty()).unwrap();
        }
    }

    #[test]
    fn whatever_became_of_its_folders_they_are_emptied_and_sealed() {
        for kernel in [Kernel::Host, Kernel::HostWithoutLandlock, Kernel::Own] {
            let root = tempfile::tempdir().unwrap();
            let (build, outside) = (root.path().join("build"), root.path().join("outside"));
            fs::create_dir(&outside).unwrap();
            fs::write(outside.join("kept"), "kept").unwrap();
            let closed = |path: &Path| fs::set_permissions(path, fs::Permissions::from_mode(0o0)).unwrap();
            let spoils: [&dyn Fn(); 3] = [
                &|| {
                    fs::create_dir_all(build.join(".tmp/a/b")).unwrap();
                    for name in [".tmp/a/b", ".tmp/a", ".tmp"] {
                        closed(&build.join(name));
                    }
                },
                &|| {
                    fs::remove_dir(build.join(".tmp")).unwrap();
                    std::os::unix::fs::symlink(&outside, build.join(".tmp")).unwrap();
                },
                &|| {
                    fs::remove_dir(build.join(".tmp")).unwrap();
                    fs::write(build.join(".tmp"), "x").unwrap();
                    fs::create_dir_all(build.join("made/below")).unwrap();
                    deep(&build.join("made/below"));
                    for name in ["made/below", "made", ""] {
                        closed(&build.join(name));
                    }
                },
            ];
            for spoil in spoils {
                fs::create_dir(&build).unwrap();
                open(&build).unwrap();
                spoil();
                close(&build, kernel).unwrap();
                assert!(fs::symlink_metadata(temporary(&build)).is_err());
                assert_eq!(fs::read(outside.join("kept")).unwrap(), b"kept");
                if kernel != Kernel::Host && build.join("made").exists() {
                    let mode =
                        |name: &str| fs::metadata(build.join(name)).unwrap().permissions().mode() & 0o777;
                    assert_eq!(["", "made", "made/below", "made/below/in/in"].map(mode), [0o555; 4]);
                }
                fs::set_permissions(&build, fs::Permissions::from_mode(0o700)).unwrap();
                scratch::remove(&scratch::open(root.path()).unwrap(), c"build").unwrap();
            }
        }
    }

    #[test]
    fn a_compiler_that_removes_its_own_folder_is_no_fault() {
        let build = tempfile::tempdir().unwrap();
        open(build.path()).unwrap();
        fs::remove_dir(temporary(build.path())).unwrap();
        close(build.path(), Kernel::Host).unwrap();
        assert!(open(&build.path().join("not there")).is_err());
    }
}
