//! Archives that must be refused, each with a sentence of its own, before anything is run.

use std::collections::BTreeMap;

use crate::support::{
    archive::{Entry, archive, lie_about_sizes, zipped},
    client::{field, file},
    shared,
};

/// Sends the archive both ways there are; both must be refused alike.
#[track_caller]
fn refused(name: &str, bytes: &[u8], status: u16) -> String {
    let form = shared().form(&[file("project.zip", bytes), field("language", "python")]);
    let form = form.refusal(status);
    let bare = shared().send("POST", "/run?language=python", &[("content-type", "application/zip")], bytes);
    let bare = bare.refusal(status);
    assert_eq!((&form.error, &form.code), (&bare.error, &bare.code), "{name}");
    form.error
}

fn with(name: impl AsRef<[u8]>) -> Vec<u8> {
    archive(&[Entry::new("main.py", "print('ran')"), Entry::new(name, "print('evil')")])
}

#[test]
fn names_that_lead_elsewhere_are_refused_each_for_its_reason() {
    let mut sentences = BTreeMap::new();
    for (kind, name) in [
        ("absolute", "/etc/passwd"),
        ("absolute", "//etc/passwd"),
        ("absolute", "C:evil.py"),
        ("absolute", "C:/evil.py"),
        ("parent", "../evil.py"),
        ("parent", "a/../../evil.py"),
        ("parent", "a/.."),
        ("backslash", "..\\evil.py"),
        ("backslash", "a\\b.py"),
        ("NUL", "evil.py\0.txt"),
        ("long", &"x".repeat(256)),
        ("long", &format!("{}/x", "y".repeat(300))),
    ] {
        let sentence = refused(name, &with(name), 400);
        assert!(!sentence.contains('\0') && sentence.len() < 400, "{sentence:?}");
        sentences.entry(kind).or_insert(sentence);
    }
    let distinct: std::collections::BTreeSet<_> = sentences.values().collect();
    assert_eq!(distinct.len(), sentences.len(), "two faults, one sentence: {sentences:#?}");
}

#[test]
fn names_that_are_no_text_are_refused_never_guessed_into_paths() {
    let sentence = refused("no text", &with(b"\xff\xfe\x2e\x2e/evil.py"), 400);
    assert!(sentence.contains("UTF-8"), "{sentence}");
}

#[test]
fn bytes_around_an_archive_are_refused_and_so_is_a_second_archive() {
    let (one, two) = (zipped(&[("main.py", b"print(1)")]), zipped(&[("main.py", b"print(2)")]));
    for (name, bytes) in [
        ("a script before", [b"#!/bin/sh\n", &one[..]].concat()),
        ("bytes after", [&one[..], b"\0\0\0\0"].concat()),
        ("two archives", [&one[..], &two[..]].concat()),
    ] {
        let sentence = refused(name, &bytes, 400);
        assert!(sentence.contains("send the archive alone"), "{name}: {sentence}");
    }
}

#[test]
fn links_and_devices_are_refused() {
    for (kind, mode) in [
        ("symlink", 0o120_777),
        ("character device", 0o020_666),
        ("block device", 0o060_666),
        ("pipe", 0o010_666),
        ("socket", 0o140_777),
    ] {
        let bytes = archive(&[
            Entry::new("main.py", "print(open('link').read())"),
            Entry::new("link", "/etc/shadow").mode(mode),
        ]);
        let sentence = refused(kind, &bytes, 400);
        assert!(sentence.contains("link") || sentence.contains("special"), "{kind}: {sentence}");
    }
}

#[test]
fn the_same_name_twice_is_refused() {
    for second in ["main.py", "./main.py", ".//main.py"] {
        let sentence = refused(second, &with(second), 400);
        assert!(sentence.contains("twice"), "{sentence}");
    }
}

#[test]
fn a_file_where_a_folder_must_be_is_refused() {
    refused("file then folder", &archive(&[Entry::new("main.py", "1"), Entry::new("main.py/x", "2")]), 400);
    refused("folder then file", &archive(&[Entry::new("a/b", "1"), Entry::new("a", "2")]), 400);
}

#[test]
fn encrypted_and_unsupported_entries_are_refused() {
    let encrypted = Entry { flags: 1, ..Entry::new("main.py", "print(1)") };
    let sentence = refused("encrypted", &archive(&[encrypted]), 400);
    assert!(sentence.to_lowercase().contains("encrypt") || sentence.contains("password"), "{sentence}");
    for method in [1, 9, 12, 14, 93, 98, 99] {
        let entry = Entry { method, ..Entry::new("main.py", "print(1)") };
        refused(&format!("method {method}"), &archive(&[entry]), 400);
    }
}

#[test]
fn broken_archives_are_refused() {
    let good = zipped(&[("main.py", b"print('hello, hello, hello')")]);
    for (name, bytes) in [
        ("empty", Vec::new()),
        ("not a zip", b"hello, this is no archive".to_vec()),
        ("only its magic", b"PK\x03\x04".to_vec()),
        ("an archive of nothing", archive(&[])),
        ("gzip", b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec()),
    ] {
        let reply = shared().form(&[file("project.zip", &bytes), field("language", "python")]);
        reply.refusal(400);
        assert!(!name.is_empty());
    }
    for cut in (1..good.len()).step_by(7) {
        refused(&format!("cut after {cut} of {}", good.len()), &good[..cut], 400);
    }
    // A bit turned anywhere gives a refusal or a run, never a failure of ours.
    for at in (0..good.len()).step_by(3) {
        let mut bytes = good.clone();
        bytes[at] ^= 0x41;
        let reply = shared().form(&[file("project.zip", &bytes), field("language", "python")]);
        assert!(matches!(reply.status, 200 | 400 | 413), "byte {at}: {} {}", reply.status, reply.text());
    }
}

#[test]
fn bombs_are_refused_while_unpacking_whatever_their_headers_say() {
    let bomb = zipped(&[("main.py", b"print(1)"), ("zeros", &vec![0; 64 << 20])]);
    assert!(bomb.len() < 1 << 20, "small when packed: {}", bomb.len());
    refused("an honest bomb", &bomb, 413);
    for claimed in [0, 1, 1000] {
        let mut lying = bomb.clone();
        lie_about_sizes(&mut lying, claimed);
        refused(&format!("claims {claimed}"), &lying, 400);
    }
    let mut boasting = zipped(&[("main.py", b"print(1)")]);
    lie_about_sizes(&mut boasting, u32::MAX - 1);
    // What is there counts, not what is claimed.
    let reply = shared().form(&[file("project.zip", &boasting), field("language", "python")]);
    reply.outcome().printed("1\n");
}

#[test]
fn every_cap_has_its_own_sentence() {
    let many: Vec<String> = (0..201).map(|n| format!("{n}.py")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), b"" as &[u8])).collect();
    let files = refused("201 files", &zipped(&many), 413);
    assert!(files.contains("200"), "{files}");

    let noise: Vec<u8> =
        (0..(1 << 20) + 4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let packed = refused("over 1 MiB packed", &archive(&[Entry::new("main.py", &noise)]), 413);
    let unpacked = refused("over 8 MiB unpacked", &zipped(&[("main.py", &vec![b'#'; (8 << 20) + 1])]), 413);
    assert_ne!(packed, unpacked);
    assert_ne!(packed, files);
}

#[test]
fn entries_that_share_their_data_cannot_multiply_it() {
    let mut entries = vec![Entry::new("main.py", vec![b'#'; 512 * 1024])];
    for n in 0..40 {
        let mut copy = entries[0].clone();
        copy.name = format!("copy{n}.py").into_bytes();
        copy.shares_data_of = Some(0);
        entries.push(copy);
    }
    let sentence = refused("20 MiB out of half a MiB", &archive(&entries), 400);
    assert!(sentence.contains("some of its bytes twice"), "{sentence}");
}

#[test]
fn a_million_entries_are_refused_at_once() {
    // 60 000 is what fits into the compressed cap, nearly; the count in the end record is the archive's own word.
    let entries: Vec<Entry> = (0..9000).map(|n| Entry::new(format!("{n:x}"), "")).collect();
    let bytes = archive(&entries);
    let reply = shared().form(&[file("project.zip", &bytes), field("language", "python")]);
    reply.refusal(413);
    assert!(reply.took.as_secs_f64() < 2.0, "{:?}", reply.took);
    let mut boast = archive(&[Entry::new("main.py", "print(1)")]);
    let end = boast.len() - 22;
    boast[end + 8..end + 12].copy_from_slice(&[0xff; 4]);
    refused("claims 65535 entries", &boast, 413);
}

#[test]
fn an_archive_without_an_entry_point_says_what_is_looked_for() {
    let sentence = refused("no entry point", &zipped(&[("a.py", b"1"), ("b.py", b"2")]), 400);
    assert!(sentence.contains("main.py") && sentence.contains("entrypoint"), "{sentence}");
}

#[test]
fn a_lone_file_of_unknown_ending_is_of_the_default_language() {
    let outcome = shared().form(&[file("notes.docx", b"print(7)")]).outcome();
    assert_eq!((outcome.output(), outcome.status()), ("7\n", "completed"));
}
