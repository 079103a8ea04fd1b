//! The program that is tested.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use super::open_to_all;

/// sandbox-init, for everybody to start: where cargo put it nobody may have a way to it, nor the right to.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let copy = tempfile::NamedTempFile::new_in(folder).unwrap().into_temp_path();
        fs::copy(env!("CARGO_BIN_EXE_sandbox-init"), &copy).unwrap();
        open_to_all(&copy, 0o755);
        // One name for all runs, so that none leaves another copy behind.
        let program = folder.join("sandbox-init");
        copy.persist(&program).unwrap();
        program
    })
}
