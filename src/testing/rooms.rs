//! Who may import whom. The compiler does not mind a door in the wrong wall; this test does.
//!
//! It reads the syntax tree of every source file: imports, however they are grouped or renamed, and paths in the midst of
//! code and inside macros. `super::super::…` counts as the room that it leads to.

mod reader;

use std::{collections::BTreeSet, fs, path::Path};

use reader::{Source, read};

/// A room: a module with all that is below it, but for the rooms below it that have a row of their own.
struct Room {
    /// The module's path in the crate.
    name: &'static str,
    /// The rooms that it may import, each by its own name: a room above or below one of these is another room.
    may: &'static [&'static str],
}

/// The house. Tests inside a room may import `testing` beside what the room may.
const HOUSE: &[Room] = &[
    Room { name: "domain", may: &[] },
    Room { name: "telemetry", may: &[] },
    Room { name: "service", may: &["domain", "telemetry"] },
    // Below here the parts of `inbound`: what all front doors share, and the front doors.
    Room { name: "inbound", may: &[] },
    Room { name: "inbound::files", may: &["domain"] },
    Room { name: "inbound::contract", may: &["domain", "service", "inbound::files"] },
    Room { name: "inbound::http", may: &["domain", "service", "inbound::contract", "inbound::files"] },
    // Below here the contracts of other systems. None imports another; what they share has rows of its own.
    Room {
        name: "inbound::compat",
        may: &[
            "domain",
            "inbound::http",
            "inbound::compat::dify",
            "inbound::compat::jobe",
            "inbound::compat::judge0",
            "inbound::compat::mcp",
            "inbound::compat::piston",
            "inbound::compat::sandboxfusion",
            "inbound::compat::tools",
        ],
    },
    Room { name: "inbound::compat::lenient", may: &["domain", "inbound::contract"] },
    Room {
        name: "inbound::compat::tool",
        may: &["domain", "service", "inbound::contract", "inbound::http", "inbound::compat::lenient"],
    },
    Room {
        name: "inbound::compat::interleaved",
        may: &["domain", "service", "inbound::http", "inbound::compat::lenient"],
    },
    Room {
        name: "inbound::compat::dify",
        may: &["domain", "inbound::contract", "inbound::http", "inbound::compat::lenient"],
    },
    Room {
        name: "inbound::compat::jobe",
        may: &[
            "domain",
            "inbound::contract",
            "inbound::http",
            "inbound::compat::lenient",
            "inbound::compat::offer",
        ],
    },
    Room {
        name: "inbound::compat::sandboxfusion",
        may: &["domain", "inbound::contract", "inbound::http", "inbound::compat::lenient"],
    },
    Room {
        name: "inbound::compat::judge0",
        may: &[
            "domain",
            "service",
            "inbound::contract",
            "inbound::files",
            "inbound::http",
            "inbound::compat::lenient",
            "inbound::compat::offer",
        ],
    },
    Room {
        name: "inbound::compat::piston",
        may: &[
            "domain",
            "service",
            "inbound::contract",
            "inbound::http",
            "inbound::compat::interleaved",
            "inbound::compat::lenient",
            "inbound::compat::offer",
        ],
    },
    Room { name: "inbound::compat::offer", may: &["domain", "inbound::http", "inbound::compat::tool"] },
    Room {
        name: "inbound::compat::mcp",
        may: &[
            "domain",
            "service",
            "inbound::contract",
            "inbound::http",
            "inbound::compat::lenient",
            "inbound::compat::offer",
            "inbound::compat::tool",
        ],
    },
    Room {
        name: "inbound::compat::tools",
        may: &[
            "domain",
            "inbound::contract",
            "inbound::http",
            "inbound::compat::lenient",
            "inbound::compat::offer",
            "inbound::compat::tool",
        ],
    },
    Room { name: "inbound::lambda", may: &["domain", "service", "inbound::contract", "inbound::http"] },
    Room { name: "inbound::local", may: &["domain", "inbound::http"] },
    // Below here the adapters. None imports another; `records` alone knows both stores.
    Room { name: "outbound", may: &[] },
    Room { name: "outbound::writable", may: &["domain"] },
    Room { name: "outbound::document", may: &["domain"] },
    Room {
        name: "outbound::sqlite",
        may: &["domain", "telemetry", "outbound::document", "outbound::writable"],
    },
    Room {
        name: "outbound::dynamodb",
        may: &["domain", "telemetry", "outbound::document", "outbound::writable"],
    },
    Room { name: "outbound::records", may: &["domain", "outbound::sqlite", "outbound::dynamodb"] },
    // The Docker adapter: each of its rooms knows `engine` and what stands between `engine` and itself.
    Room {
        name: "outbound::docker",
        may: &["outbound::docker::config", "outbound::docker::host", "outbound::docker::fleet"],
    },
    Room { name: "outbound::docker::engine", may: &["domain", "telemetry"] },
    Room { name: "outbound::docker::config", may: &["domain", "outbound::docker::engine"] },
    Room { name: "outbound::docker::sandbox", may: &["domain", "telemetry", "outbound::docker::engine"] },
    Room {
        name: "outbound::docker::pool",
        may: &["domain", "telemetry", "outbound::docker::engine", "outbound::docker::sandbox"],
    },
    Room {
        name: "outbound::docker::host",
        may: &[
            "domain",
            "telemetry",
            "outbound::docker::config",
            "outbound::docker::engine",
            "outbound::docker::sandbox",
            "outbound::docker::pool",
        ],
    },
    Room {
        name: "outbound::docker::fleet",
        may: &[
            "domain",
            "telemetry",
            "outbound::docker::config",
            "outbound::docker::engine",
            "outbound::docker::sandbox",
            "outbound::docker::pool",
            "outbound::docker::host",
        ],
    },
    Room {
        name: "config",
        may: &[
            "domain",
            "telemetry",
            "inbound::compat",
            "inbound::contract",
            "inbound::http",
            "inbound::lambda",
            "outbound::docker",
            "outbound::docker::engine",
            "outbound::dynamodb",
            "outbound::sqlite",
        ],
    },
];

/// Knows the whole house, and is part of it only in tests.
const TESTING: &str = "testing";

/// Whether `path` is `above` or lies below it.
fn lies_in(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|below| below.is_empty() || below.starts_with("::"))
}

/// The room that a module or an item is in: of several, the innermost.
fn room_of<'a>(house: &'a [Room], path: &str) -> Option<&'a Room> {
    house.iter().filter(|room| lies_in(path, room.name)).max_by_key(|room| room.name.len())
}

/// Every import of this source that crosses a wall, in words.
fn trespasses(house: &[Room], source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    for import in read(source).imports {
        let own = room_of(house, &import.from);
        // A module above several rooms, imported as a whole, is a way into each of them.
        let whole = house.iter().filter(|room| import.to.is_empty() || lies_in(room.name, &import.to));
        let mut into: BTreeSet<&str> = whole.map(|room| room.name).collect();
        into.extend(room_of(house, &import.to).map(|room| room.name));
        if lies_in(&import.to, TESTING) || import.to.is_empty() {
            into.insert(TESTING);
        }
        into.retain(|room| match own {
            Some(own) => {
                let known = *room == own.name || own.may.contains(room);
                !(known || import.in_test && *room == TESTING)
            }
            // The crate's root: it names its modules and imports nothing.
            None => true,
        });
        found.extend(into.iter().map(|room| format!("{} imports {room} (`{}`)", import.from, import.to)));
    }
    found
}

/// Visits a module's file and those of the modules that it declares.
fn visit(source: &Source, file: &Path, seen: &mut BTreeSet<String>, found: &mut Vec<String>) {
    seen.insert(file.display().to_string());
    if !lies_in(&source.module, TESTING) {
        found.extend(trespasses(HOUSE, source));
    }
    let stem = file.file_stem().and_then(|stem| stem.to_str()).expect("a file name");
    let parent = file.parent().expect("a folder");
    let folder = if matches!(stem, "mod" | "lib") { parent.to_owned() } else { parent.join(stem) };
    for child in read(source).files {
        // A module in braces has a folder of its own.
        let below = child.module.strip_prefix(&source.module).expect("a child").trim_start_matches("::");
        let place = below.split("::").fold(folder.clone(), |path, part| path.join(part));
        let file = [place.with_extension("rs"), place.join("mod.rs")].into_iter().find(|path| path.is_file());
        let file = file.unwrap_or_else(|| panic!("no file for {}", child.module));
        let text = fs::read_to_string(&file).expect("a readable file");
        visit(&Source { text, ..child }, &file, seen, found);
    }
}

fn files_below(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !path.ends_with("src/main.rs")
        {
            found.insert(path.display().to_string());
        }
    }
}

#[test]
fn no_room_imports_one_that_it_must_not_know() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let root = src.join("lib.rs");
    let (mut seen, mut found, mut there) = (BTreeSet::new(), Vec::new(), BTreeSet::new());
    let text = fs::read_to_string(&root).expect("a readable file");
    visit(&Source { module: String::new(), in_test: false, text }, &root, &mut seen, &mut found);
    files_below(&src, &mut there);
    assert_eq!(seen, there, "every source file is read");
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn every_room_of_the_table_is_there_and_every_room_that_it_names_has_a_row() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for room in HOUSE {
        let place = src.join(room.name.replace("::", "/"));
        assert!(place.is_dir() || place.with_extension("rs").is_file(), "{} is not there", room.name);
        for known in room.may {
            assert!(
                HOUSE.iter().any(|other| other.name == *known),
                "{} may import {known}: no row",
                room.name
            );
        }
    }
}

/// What a checker of a small house says of this text in this module.
fn said(module: &str, text: &str) -> Vec<String> {
    let house = [
        Room { name: "domain", may: &[] },
        Room { name: "outbound", may: &[] },
        Room { name: "outbound::a", may: &["domain"] },
        Room { name: "outbound::a::low", may: &["domain"] },
        Room { name: "outbound::a::high", may: &["domain", "outbound::a::low"] },
        Room { name: "outbound::b", may: &["domain"] },
    ];
    trespasses(&house, &Source { module: module.to_owned(), in_test: false, text: text.to_owned() })
}

#[test]
fn a_trespass_is_found_however_it_is_written() {
    for (module, text) in [
        ("domain::id", "use crate::outbound::b::Thing;"),
        ("domain::id", "use crate::{domain::limits, outbound::{a::{self}, b}};"),
        ("domain::id", "use crate::outbound as harmless;"),
        ("domain::id", "use crate as house;"),
        ("domain::id", "use crate::*;"),
        ("domain::id", "pub use crate::outbound::b::Thing as Other;"),
        ("domain::id", "pub(crate) use super::super::outbound::b::*;"),
        ("domain", "fn f() { let x = super::outbound::b::new(); }"),
        ("domain", "fn f() -> Option<crate::outbound::b::Thing> { None }"),
        ("domain", "fn f() { println!(\"{}\", crate::outbound::b::NAME); }"),
        ("domain", "impl crate::outbound::b::Door for X {}"),
        ("domain", "fn f() { use crate::outbound::b; }"),
        ("domain", "mod inner { use super::super::outbound::b; }"),
        ("domain", "#[derive(crate::outbound::b::Derived)] struct X;"),
        ("outbound::a::low::x", "use super::super::high::Thing;"),
        ("outbound::a::low", "use super::high;"),
        ("outbound::a::low", "use super::*;"),
        ("outbound::a::high", "use crate::outbound::a::Face;"),
        ("outbound::a::high", "use super::super::b;"),
        ("outbound::b", "use crate::outbound::a::low::Thing;"),
        ("outbound::b", "use crate::testing::languages;"),
        ("outbound::a", "mod high; pub use high::Thing;"),
        ("outbound::a", "mod high; fn f() { high::thing(); }"),
        ("outbound::a", "mod high; pub use self::{high as other};"),
    ] {
        assert!(!said(module, text).is_empty(), "{module}: {text}");
    }
}

#[test]
fn what_a_room_may_import_is_let_through() {
    for (module, text) in [
        ("outbound::b::x", "use crate::domain::{id, limits::Limits};"),
        ("outbound::b::x", "use super::{y, super::b::z};"),
        ("outbound::a::high", "use super::low::Thing; fn f() { super::low::f(); }"),
        ("outbound::a::high", "use std::outbound::b; fn f() { outbound::b(); ::crate_of_others::f(); }"),
        ("domain", "// crate::outbound::b\nconst TEXT: &str = \"crate::outbound::b\";"),
        ("domain", "/// See [`crate::outbound::b`].\npub(in crate::domain) struct X;"),
        ("domain::outbound_like", "use crate::domain::outbound_like::X;"),
        ("domain", "#[cfg(test)] mod tests { use super::*; use crate::testing::languages; }"),
        ("domain", "#[cfg(test)] use crate::testing::languages;"),
    ] {
        assert_eq!(said(module, text), Vec::<String>::new(), "{module}: {text}");
    }
}

#[test]
fn a_trespass_is_told_with_both_rooms_and_the_path() {
    assert_eq!(
        said("outbound::a::low::x", "use super::super::high::{Thing, other};"),
        [
            "outbound::a::low::x imports outbound::a::high (`outbound::a::high::Thing`)",
            "outbound::a::low::x imports outbound::a::high (`outbound::a::high::other`)"
        ]
    );
}
