//! `sandbox-init <profile> <lease-seconds> <kernel> [<root>]`: see the library's documentation. The profile is in
//! hexadecimal: see `Profile::to_argument`.

use std::{path::Path, process::ExitCode, time::Duration};

use sandbox_init::protocol::Profile;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (Some(Ok(profile)), Some(Ok(lease)), Some(Ok(kernel))) = (
        args.next().map(|text| Profile::from_argument(&text)),
        args.next().map(|text| text.parse()),
        args.next().map(|text| text.parse()),
    ) else {
        eprintln!(
            "usage: sandbox-init <profile> <lease-seconds> host-kernel|host-kernel-without-landlock|own-kernel [<root>]"
        );
        return ExitCode::from(2);
    };
    let root = args.next().unwrap_or_else(|| "/".to_owned());
    match sandbox_init::conversation::live(&profile, Duration::from_secs(lease), kernel, Path::new(&root)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sandbox-init: {error}");
            ExitCode::FAILURE
        }
    }
}
