//! Has cargo build this crate anew where the checkout is another one than before: its tests hold the path of the program
//! that they start. Cargo itself looks at times only. `.cargo/config.toml` sets the variable.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CHECKOUT_FOLDER");
}
