//! The file system that holds a program's files in a sandbox: how it is mounted, and how large it is.

use crate::domain::project::{MAX_DEPTH, MAX_FILES, MAX_PROJECT_BYTES};

/// The largest page of a Linux host, in bytes: what a file takes of a tmpfs is a whole number of pages.
const LARGEST_PAGE: usize = 64 * 1024;
/// Bytes of the tmpfs that holds the program's files: every project that the contract allows fits, each of its files
/// rounded up to a page. Only what is written counts as memory, and a program cannot write there.
pub const BYTES: usize = MAX_PROJECT_BYTES + MAX_FILES * LARGEST_PAGE;
/// Files and folders that fit in it: each file with folders of its own down to the deepest, the root, and what init may
/// put beside them.
pub const INODES: usize = MAX_FILES * MAX_DEPTH + 1 + 63;
/// Where init puts the program's files, for this user id: bounded bytes and inodes, nothing runs from it, and the program
/// itself cannot write it (Landlock, or what init does where there is none).
#[must_use]
pub fn options(uid: u32) -> String {
    format!("rw,nosuid,nodev,noexec,size={BYTES},nr_inodes={INODES},mode=0755,uid={uid},gid={uid}")
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
