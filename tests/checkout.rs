//! A checkout that was moved, was copied, or shares its target folder with another one builds what it holds itself: the
//! real build scripts and cargo's real configuration, around crates of a few lines.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop there")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What the build script makes is included as `src/` includes it; the crate says where it was built, and what it found.
const MAIN: &str = r#"
static INIT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sandbox-init"));
static PAGE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/ui-gzip/page.txt"));
fn main() {
    let init = String::from_utf8_lossy(INIT);
    let mark = init.split("the mark is ").nth(1).and_then(|rest| rest.split('.').next());
    println!("{} {} {}", env!("CARGO_MANIFEST_DIR"), mark.unwrap_or("none"), PAGE.len() > 10);
}
"#;

fn ours(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A checkout whose sandbox-init holds this mark.
fn checkout(folder: &Path, mark: &str) {
    let write = |path: &str, text: &str| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for path in
        ["build.rs", "sandbox-init/build.rs", "infra/seccomp.json", ".cargo/config.toml", "Cargo.lock"]
    {
        write(path, &fs::read_to_string(ours(path)).unwrap());
    }
    // A package whose build script needs what the one of this manifest does.
    let package = |name: &str, manifest: &str| {
        let manifest = fs::read_to_string(ours(manifest)).unwrap();
        let (_, needed) = manifest.split_once("[build-dependencies]").expect("what build.rs needs");
        let needed = needed.split_once("\n[").map_or(needed, |(needed, _)| needed);
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[build-dependencies]{needed}\n"
        )
    };
    let workspace = "[workspace]\nmembers = [\"sandbox-init\"]\nresolver = \"3\"\n[profile.sandbox]\ninherits = \"dev\"\n";
    write("Cargo.toml", &format!("{}{workspace}", package("checkout", "Cargo.toml")));
    write("src/main.rs", MAIN);
    write("ui/dist/page.txt", "a page\n");
    write("languages/default", "");
    write("sandbox-init/Cargo.toml", &package("sandbox-init", "sandbox-init/Cargo.toml"));
    write("sandbox-init/src/main.rs", &format!("fn main() {{ println!(\"the mark is {mark}.\") }}"));
    // Leaves in the lock file what these few crates need, at the versions that are there.
    let resolved = cargo(folder, &["metadata", "--offline", "--format-version", "1"], None);
    assert!(!resolved.is_empty());
}

/// Cargo as a person calls it there; what it prints.
fn cargo(folder: &Path, arguments: &[&str], target: Option<&Path>) -> String {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for name in ["CHECKOUT_FOLDER", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "SCE_SANDBOX_INIT"] {
        cargo.env_remove(name); // this checkout's own
    }
    cargo.envs(target.map(|target| ("CARGO_TARGET_DIR", target)));
    let done = cargo.args(arguments).current_dir(folder).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "cargo {arguments:?} in {}:\n{said}", folder.display());
    String::from_utf8(done.stdout).unwrap()
}

/// Builds and starts it; it must be built there, and hold this mark.
#[track_caller]
fn holds(folder: &Path, mark: &str, target: Option<&Path>) {
    let said = cargo(folder, &["run", "--quiet", "--offline"], target);
    assert_eq!(said, format!("{} {mark} true\n", folder.display()));
}

/// Cargo repeats what a build script said, to whatever is built later: none of it may be a path.
fn the_build_scripts_told_no_path(target: &Path) {
    let mut told = 0;
    for script in fs::read_dir(target.join("debug/build")).unwrap() {
        let Ok(output) = fs::read_to_string(script.unwrap().path().join("output")) else { continue };
        for line in output.lines().filter(|line| line.starts_with("cargo::rustc-env=")) {
            assert!(!line.contains('/'), "{line}");
            told += 1;
        }
    }
    assert!(told > 0, "no build script told anything");
}

#[test]
fn a_checkout_builds_what_it_holds_wherever_it_is_moved_and_whoever_shares_its_target_folder() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path().canonicalize().unwrap();
    let [first, other, moved, copied] = ["first", "other", "moved", "copied"].map(|name| place.join(name));
    // Both are there before either is built: all their files are older than what is built of them.
    checkout(&first, "one");
    checkout(&other, "two");
    let target = first.join("target");
    holds(&first, "one", None);
    holds(&other, "two", Some(&target));
    holds(&first, "one", None);
    the_build_scripts_told_no_path(&target);

    fs::rename(&first, &moved).unwrap();
    holds(&moved, "one", None);

    let copy = Command::new("cp").args(["-R", "-p"]).args([&moved, &copied]).status().unwrap();
    assert!(copy.success());
    holds(&copied, "one", None);
    fs::remove_dir_all(&moved).unwrap();
    holds(&copied, "one", None);
}
