//! A cgroup for one sandbox, where this machine lets us make one.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::support::{eventually, open_to_all};

/// One folder in each hierarchy that init reads; removed in the end.
pub struct OwnCgroup {
    folders: Vec<PathBuf>,
    /// A shell's words that enter it and then show it alone, as in a container.
    pub prologue: String,
}

impl OwnCgroup {
    pub fn make() -> Option<Self> {
        let root = Path::new("/sys/fs/cgroup");
        let unified = root.join("cgroup.controllers").exists();
        let controllers = if unified { vec!["."] } else { vec!["memory", "cpuacct"] };
        let mut own = Self { folders: Vec::new(), prologue: String::new() };
        for hierarchy in controllers.into_iter().map(|controller| root.join(controller)) {
            // A name of its own: not a process id, which another container that sees the same hierarchy may have too.
            let folder =
                tempfile::Builder::new().prefix("sce-init-test-").tempdir_in(&hierarchy).ok()?.keep();
            open_to_all(&folder, 0o755); // init is not root there, and reads it
            let (inside, above) = (folder.to_string_lossy(), hierarchy.to_string_lossy());
            let words = [
                &own.prologue,
                "echo 0 >",
                &inside,
                "/cgroup.procs; mount --bind ",
                &inside,
                " ",
                &above,
                "\n",
            ];
            own.prologue = words.concat();
            own.folders.push(folder);
        }
        // Without the memory controller init takes the hierarchy for none.
        (!unified || own.folders[0].join("memory.events").exists()).then_some(own)
    }
}

impl OwnCgroup {
    /// Bounds the memory of everything in it; false where that cannot be done.
    pub fn limit_memory(&self, bytes: u64) -> bool {
        let names = ["memory.max", "memory.limit_in_bytes"];
        let files = self.folders.iter().flat_map(|folder| names.map(|name| folder.join(name)));
        let swap = self.folders.iter().map(|folder| folder.join("memory.swap.max"));
        for file in swap.filter(|file| file.exists()) {
            fs::write(file, "0").ok();
        }
        files.filter(|file| file.exists()).any(|file| fs::write(file, bytes.to_string()).is_ok())
    }
}

impl Drop for OwnCgroup {
    fn drop(&mut self) {
        for folder in &self.folders {
            eventually("the cgroup can be removed", || fs::remove_dir(folder).is_ok());
        }
    }
}
