//! The file systems of a sandbox that are not the image's: how they are mounted, and how large they are.

use crate::domain::{
    files::{WORKSPACE_BYTES, WORKSPACE_NAMES},
    project::{MAX_DEPTH, MAX_FILES, MAX_PROJECT_BYTES},
};

/// The largest page of a Linux host, in bytes: what a file takes of a tmpfs is a whole number of pages.
const LARGEST_PAGE: usize = 64 * 1024;
/// Bytes beyond what a program may write, so that init sees that it has written more.
const BEYOND: usize = 1024 * 1024;
/// Bytes of the tmpfs that holds the program's files: every project that the contract allows fits, each of its files
/// rounded up to a page, and what a program may write beside them. Only what is written counts as memory.
#[expect(clippy::cast_possible_truncation, reason = "64 MiB")]
pub const BYTES: usize = MAX_PROJECT_BYTES + MAX_FILES * LARGEST_PAGE + WORKSPACE_BYTES as usize + BEYOND;
/// Files and folders that fit in it: each file with folders of its own down to the deepest, the root, what a program may
/// make, and some more.
#[expect(clippy::cast_possible_truncation, reason = "a thousand")]
pub const INODES: usize = MAX_FILES * MAX_DEPTH + 1 + WORKSPACE_NAMES as usize + 63;
/// Where init puts the program's files, for this user id: bounded bytes and inodes, and nothing runs from it. Whether the
/// program may write there is init's to say when the program comes, by modes that only init changes.
#[must_use]
pub fn options(uid: u32) -> String {
    format!("rw,nosuid,nodev,noexec,size={BYTES},nr_inodes={INODES},mode=0755,uid={uid},gid={uid}")
}

/// Bytes of the scratch space, which counts as memory.
pub const SCRATCH_BYTES: usize = 16 * 1024 * 1024;
/// Files and folders that fit in it.
pub const SCRATCH_INODES: usize = 4096;
/// How the scratch space is mounted: anybody's, as in any other container, and nothing runs from it. A tmpfs of its own
/// under `IpcMode: none`, which costs the engine as much as `IpcMode: private` does and bounds the number of files too.
#[must_use]
pub fn scratch_options() -> String {
    format!("rw,nosuid,nodev,noexec,size={SCRATCH_BYTES},nr_inodes={SCRATCH_INODES},mode=1777")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::project::{MAX_NAME_BYTES, Project};

    #[test]
    fn the_largest_project_of_the_contract_fits_into_a_sandbox() {
        let mut project = Project::default();
        let size = MAX_PROJECT_BYTES / MAX_FILES;
        for file in 0..MAX_FILES {
            let mut name: Vec<String> = (1..MAX_DEPTH).map(|depth| format!("{file:03}-{depth:02}")).collect();
            name.push("f".repeat(MAX_NAME_BYTES - name.join("/").len() - 1));
            project.add(&name.join("/"), vec![0; size].into()).unwrap();
        }
        assert!(project.add("one more", bytes::Bytes::new()).is_err());
        let (mut names, mut bytes) = (std::collections::BTreeSet::from([String::new()]), 0);
        for (path, content) in project.iter() {
            bytes += content.len().next_multiple_of(LARGEST_PAGE);
            let path = path.as_str();
            names.extend(path.match_indices('/').map(|(end, _)| path[..end].to_owned()));
            names.insert(path.to_owned());
        }
        assert_eq!(names.len(), MAX_FILES * MAX_DEPTH + 1);
        assert!(names.len() <= INODES && bytes <= BYTES, "{} {bytes}", names.len());
    }
}
