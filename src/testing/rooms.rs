//! Who may import whom. The compiler does not mind a door in the wrong wall; this does.

use std::{fs, path::Path};

/// Each room, and the rooms that it must not know.
const STRANGERS: [(&str, &[&str]); 5] = [
    ("domain", &["config", "inbound", "outbound", "service", "telemetry"]),
    ("service", &["config", "inbound", "outbound"]),
    ("inbound", &["config", "outbound"]),
    ("outbound", &["config", "inbound", "service"]),
    ("telemetry", &["config", "domain", "inbound", "outbound", "service"]),
];

/// Every source file of a room but its tests, with its text.
fn sources(path: &Path, found: &mut Vec<(String, String)>) {
    if path.is_dir() {
        let entries =
            fs::read_dir(path).expect("a readable folder").map(|entry| entry.expect("an entry").path());
        for path in entries.filter(|path| !path.ends_with("tests") && !path.ends_with("tests.rs")) {
            sources(&path, found);
        }
    } else {
        let text = fs::read_to_string(path).expect("a readable file");
        let own = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
        found.push((path.display().to_string(), own));
    }
}

/// Whether it names the room in a path that begins at the crate, in one line or in a group of imports.
fn imports(text: &str, room: &str) -> bool {
    let grouped = text.split("use crate::{").skip(1).any(|rest| {
        let group = rest.split(";\n").next().unwrap_or_default();
        group.starts_with(&format!("{room}::")) || group.contains(&format!("\n    {room}::"))
    });
    grouped || text.contains(&format!("crate::{room}::"))
}

#[test]
fn no_room_imports_one_that_it_must_not_know() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (room, strangers) in STRANGERS {
        let mut files = Vec::new();
        for path in [src.join(room), src.join(format!("{room}.rs"))].iter().filter(|path| path.exists()) {
            sources(path, &mut files);
        }
        assert!(!files.is_empty(), "{room} has no files");
        for (file, text) in &files {
            for stranger in strangers {
                assert!(!imports(text, stranger), "{file} imports {stranger}");
            }
        }
    }
}

#[test]
fn an_import_is_found_however_it_is_written() {
    assert!(imports("use crate::outbound::docker::Bounds;\n", "outbound"));
    assert!(imports("use crate::{\n    domain::id,\n    outbound::docker,\n};\n", "outbound"));
    assert!(imports("let x = crate::config::Config::new();", "config"));
    assert!(!imports("use crate::domain::outbound_like;\n", "outbound"));
}
