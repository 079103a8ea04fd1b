//! Writes the rules on arguments of `infra/seccomp.json` as a table of Rust, see `src/arguments.rs`.
//!
//! Besides, it has cargo build this crate anew where the checkout is another one than before: its tests hold the path of the
//! program that they start. Cargo itself looks at times only. `.cargo/config.toml` sets the variable.

#![expect(clippy::expect_used, reason = "a build script that cannot go on can only stop")]

use std::{collections::BTreeSet, env, fmt::Write, fs, path::Path};

use serde_json::Value;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../infra/seccomp.json");
    println!("cargo::rerun-if-env-changed=CHECKOUT_FOLDER");
    let folder = env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let text =
        fs::read_to_string(Path::new(&folder).join("../infra/seccomp.json")).expect("the profile is there");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    let table = table(&text);
    let write = |name: &str, text: &str| {
        fs::write(Path::new(&out).join(name), text).expect("cargo's folder can be written to");
    };
    write("digest.rs", &format!("{:#x}\n", digest(table.as_bytes())));
    write("arguments.rs", &table);
}

/// FNV-1a, of 64 bits: two builds are told apart by it, nobody is to be kept from making two alike.
fn digest(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |digest, byte| (digest ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

/// The rules of the calls that the profile leaves to sandbox-init.
fn table(profile: &str) -> String {
    let profile: Value = serde_json::from_str(profile).expect("the profile is JSON");
    let ours = profile["argumentsBySandboxInit"].as_array().expect("a list of names");
    let mut ruled = BTreeSet::new();
    let mut table = "&[\n".to_owned();
    for rule in profile["syscalls"].as_array().expect("a list of rules") {
        let answer = match rule["action"].as_str() {
            Some("SCMP_ACT_ALLOW") => "None".to_owned(),
            Some("SCMP_ACT_ERRNO") => format!("Some({})", rule["errnoRet"].as_i64().expect("an errno")),
            other => panic!("no rule of ours answers {other:?}"),
        };
        for name in rule["names"].as_array().expect("names").iter().filter(|name| ours.contains(name)) {
            let call = name.as_str().expect("a name");
            ruled.insert(call);
            let conditions: String = rule["args"]
                .as_array()
                .unwrap_or_else(|| panic!("{call} is left to sandbox-init, and has a rule without arguments"))
                .iter()
                .map(condition)
                .collect();
            writeln!(
                table,
                "    Rule {{ call: libc::SYS_{call}, answer: {answer}, conditions: &[{conditions}] }},"
            )
            .expect("memory takes all");
        }
    }
    // The engine lets whole calls through that are named here.
    for call in ours.iter().map(|name| name.as_str().expect("a name")) {
        assert!(ruled.contains(call), "{call} is left to sandbox-init, and has no rule");
    }
    table + "]\n"
}

/// A condition on an argument, in the words of libseccomp: of a masked one `value` is the mask.
fn condition(condition: &Value) -> String {
    let number = |name: &str| condition[name].as_u64().expect("a number");
    let (argument, value) = (number("index"), number("value"));
    match condition["op"].as_str() {
        Some("SCMP_CMP_EQ") => format!("Condition {{ argument: {argument}, test: Test::Is({value}) }}, "),
        Some("SCMP_CMP_NE") => format!("Condition {{ argument: {argument}, test: Test::IsNot({value}) }}, "),
        Some("SCMP_CMP_MASKED_EQ") => {
            assert!(u32::try_from(value).is_ok(), "a mask is of 32 bits");
            let masked = number("valueTwo");
            format!(
                "Condition {{ argument: {argument}, test: Test::Masked {{ mask: {value}, value: {masked} }} }}, "
            )
        }
        other => panic!("no condition of ours is {other:?}"),
    }
}
