//! Builds sandbox-init, PID 1 of every sandbox: static, small, for the Docker host's architecture.
//!
//! Cargo has no stable way to depend on another crate's binary built with other flags, so this calls cargo once
//! more. `SCE_SANDBOX_INIT` names a binary that was built elsewhere, for a Docker host of another architecture;
//! `SCE_SANDBOX_INIT_ARCH` then says which.

#![expect(clippy::expect_used, reason = "a build script that cannot go on can only stop")]

use std::{env, path::PathBuf, process::Command};

fn main() {
    for path in ["sandbox-init/src", "sandbox-init/Cargo.toml", "ui/dist", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={path}");
    }
    for name in ["SCE_SANDBOX_INIT", "SCE_SANDBOX_INIT_ARCH"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    let variable = |name| env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"));
    let (binary, arch) = match env::var("SCE_SANDBOX_INIT") {
        Ok(path) => (
            PathBuf::from(path),
            env::var("SCE_SANDBOX_INIT_ARCH")
                .expect("SCE_SANDBOX_INIT needs SCE_SANDBOX_INIT_ARCH beside it"),
        ),
        Err(_) => (build(&variable("TARGET"), &variable("OUT_DIR")), variable("CARGO_CFG_TARGET_ARCH")),
    };
    println!("cargo::rustc-env=SANDBOX_INIT={}", binary.display());
    println!("cargo::rustc-env=SANDBOX_INIT_ARCH={arch}");
}

fn build(target: &str, out_dir: &str) -> PathBuf {
    // One folder for every profile of the handler. Not the handler's own: its cargo holds the lock on that.
    let target_dir = PathBuf::from(out_dir)
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").exists())
        .map_or_else(|| PathBuf::from(out_dir), PathBuf::from)
        .join("sandbox-init");
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
