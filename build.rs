//! Builds sandbox-init, PID 1 of every sandbox: static, small, for the Docker host's architecture; and compresses the
//! web page's files, so that no request has to.
//!
//! Cargo has no stable way to depend on another crate's binary built with other flags, so this calls cargo once
//! more. `SCE_SANDBOX_INIT` names a binary that was built elsewhere, for a Docker host of another architecture;
//! `SCE_SANDBOX_INIT_ARCH` then says which.
//!
//! The sources include both from `OUT_DIR`, under names that are always the same. No path of this machine goes from here
//! into the sources: cargo would remember the path, and a checkout that was moved would not build any more.

#![expect(clippy::expect_used, reason = "a build script that cannot go on can only stop")]

use std::{
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};

use flate2::{Compression, write::GzEncoder};

/// Set by `.cargo/config.toml` to the folder of the checkout. Cargo looks at times only: without this variable cargo would
/// take what another checkout built for what a moved or copied one, or one with the same target folder, would build.
const CHECKOUT: &str = "CHECKOUT_FOLDER";

fn main() {
    for path in [
        "build.rs",
        "sandbox-init/src",
        "sandbox-init/build.rs",
        "sandbox-init/Cargo.toml",
        "infra/seccomp.json",
        "languages",
        "ui/dist",
        "Cargo.toml",
        "Cargo.lock",
    ] {
        println!("cargo::rerun-if-changed={path}");
    }
    for name in ["SCE_SANDBOX_INIT", "SCE_SANDBOX_INIT_ARCH", CHECKOUT] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    let variable = |name| env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"));
    let out = PathBuf::from(variable("OUT_DIR"));
    let (binary, arch) = match env::var("SCE_SANDBOX_INIT") {
        Ok(path) => {
            println!("cargo::rerun-if-changed={path}");
            let arch = env::var("SCE_SANDBOX_INIT_ARCH");
            (PathBuf::from(path), arch.expect("SCE_SANDBOX_INIT needs SCE_SANDBOX_INIT_ARCH beside it"))
        }
        Err(_) => (build(&variable("TARGET"), &out), variable("CARGO_CFG_TARGET_ARCH")),
    };
    fs::copy(&binary, out.join("sandbox-init"))
        .unwrap_or_else(|error| panic!("sandbox-init at {}: {error}", binary.display()));
    println!("cargo::rustc-env=SANDBOX_INIT_ARCH={arch}");
    compress(Path::new("ui/dist"), &out.join("ui-gzip"), gzip);
    compress(Path::new("ui/dist"), &out.join("ui-brotli"), brotli);
}

/// Each file of the page packed, under its own name.
fn compress(page: &Path, out: &Path, pack: fn(&[u8]) -> Vec<u8>) {
    if out.exists() {
        fs::remove_dir_all(out).expect("what an earlier build made can be removed");
    }
    fs::create_dir_all(out).expect("cargo's folder can be written to");
    for entry in fs::read_dir(page).expect("the page is part of the sources") {
        let path = entry.expect("a folder can be read to its end").path();
        let plain = fs::read(&path).expect("the page's files can be read");
        let name = path.file_name().expect("an entry of a folder has a name");
        fs::write(out.join(name), pack(&plain)).expect("the disk has room");
    }
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(plain).expect("memory takes all");
    gzip.finish().expect("memory takes all")
}

fn brotli(plain: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let best = brotli::enc::BrotliEncoderParams::default(); // quality 11, window 22
    brotli::BrotliCompress(&mut &*plain, &mut packed, &best).expect("memory takes all");
    packed
}

/// Builds sandbox-init; says where it is.
fn build(target: &str, out: &Path) -> PathBuf {
    // One folder for every profile of the handler. Not the handler's own: its cargo holds the lock on that.
    let target_dir = out
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").exists())
        // In a target folder that somebody copied without the tag: beside the file that is copied there, not in its place.
        .map_or_else(|| out.join("sandbox-init-target"), |folder| folder.join("sandbox-init"));
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What the outer cargo (or clippy) sets is meant for the handler.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_") && text != "CARGO_HOME" && text != "CARGO_NET_OFFLINE"
            || text.starts_with("RUSTC")
            || text == "RUSTFLAGS"
        {
            cargo.env_remove(&name);
        }
    }
    let status = cargo
        .args([
            "build",
            "--package",
            "sandbox-init",
            "--bin",
            "sandbox-init",
            "--profile",
            "sandbox",
            "--locked",
        ])
        .args(["--target", target, "--target-dir"])
        .arg(&target_dir)
        .env("CARGO_ENCODED_RUSTFLAGS", "-Ctarget-feature=+crt-static")
        .status()
        .expect("cargo can be started");
    assert!(status.success(), "sandbox-init did not build");
    target_dir.join(target).join("sandbox").join("sandbox-init")
}
