use std::{io::Write as _, time::Instant};

use proptest::prelude::*;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;
use crate::testing::zip::{Entry as Raw, build, zip_of};

fn names(archive: &[u8]) -> Vec<String> {
    unpack(archive).unwrap().into_iter().map(|(path, _)| path.to_string()).collect()
}

fn refusal(entries: &[Raw]) -> String {
    unpack(&build(entries)).unwrap_err().to_string()
}

#[test]
fn files_come_out_as_they_went_in() {
    let archive = zip_of(&[("main.py", b"import helper"), ("pkg/__init__.py", b""), ("data.bin", &[0, 255])]);
    let files = unpack(&archive).unwrap();
    let files: Vec<_> = files.iter().map(|(path, bytes)| (path.as_str(), &bytes[..])).collect();
    assert_eq!(
        files,
        [("main.py", &b"import helper"[..]), ("pkg/__init__.py", b""), ("data.bin", &[0, 255])]
    );
}

#[test]
fn what_other_tools_write_is_read() {
    // Sizes after the data (a stream), folders of their own, names in UTF-8 without the flag, macOS's shadows.
    let mut writer = ZipWriter::new_stream(Vec::new());
    writer.add_directory("src/", SimpleFileOptions::default()).unwrap();
    writer.start_file("src/main.py", SimpleFileOptions::default()).unwrap();
    writer.write_all(b"print(1)").unwrap();
    writer.start_file("__MACOSX/src/._main.py", SimpleFileOptions::default()).unwrap();
    writer.write_all(b"x").unwrap();
    writer.start_file("src/.DS_Store", SimpleFileOptions::default()).unwrap();
    let streamed = writer.finish().unwrap().into_inner();
    assert_eq!(names(&streamed), ["src/main.py"]);
    assert_eq!(names(&build(&[Raw::file("grüße.py", b"1")])), ["grüße.py"]);
    assert_eq!(names(&build(&[Raw::file("./a//b.py", b"1")])), ["a/b.py"]);
}

#[test]
fn every_bad_entry_has_its_own_sentence() {
    let file = |name: &str| Raw::file(name, b"x");
    let long = "x".repeat(256);
    for (entry, sentence) in [
        (file("/etc/passwd"), "The file name `/etc/passwd` is an absolute path."),
        (file("C:/x"), "The file name `C:/x` is an absolute path."),
        (file("a/../../x"), "The file name `a/../../x` leaves the project (`..`)."),
        (file("../"), "The file name `../` leaves the project (`..`)."),
        (file("a\\b"), "The file name `a\\b` has a backslash."),
        (file("a\0b"), "The file name `ab` has a control character."),
        (file("a\nb"), "The file name `ab` has a control character."),
        (file(&long), &format!("The file name `{}` is longer than 255 bytes.", "x".repeat(80))),
        (file(""), "The file name `` is empty."),
        (Raw { name: vec![b'a', 0xff], ..file("") }, "The entry name `a\u{fffd}` is not UTF-8."),
        (Raw { mode: 0o120_777, ..file("link") }, "The entry `link` is a symbolic link."),
        (Raw { mode: 0o120_777, ..file("link/") }, "The entry `link/` is a symbolic link."),
        (Raw { mode: 0o020_666, ..file("tty") }, "The entry `tty` is neither a file nor a folder."),
        (Raw { mode: 0o010_666, ..file("pipe") }, "The entry `pipe` is neither a file nor a folder."),
        (Raw { mode: 0o040_755, ..file("dir") }, "The entry `dir` is neither a file nor a folder."),
        (Raw { flags: 1, ..file("secret") }, "The entry `secret` is encrypted."),
        (Raw { flags: 0x41, ..file("secret") }, "The entry `secret` is encrypted."),
        (
            Raw { method: 12, ..file("bz") },
            "The entry `bz` is packed by an unsupported method; only stored and deflated entries are read.",
        ),
        (
            Raw { method: 99, ..file("aes") },
            "The entry `aes` is packed by an unsupported method; only stored and deflated entries are read.",
        ),
    ] {
        assert_eq!(refusal(&[file("main.py"), entry]), sentence);
    }
}

#[test]
fn names_that_clash_are_refused() {
    let file = |name: &str| Raw::file(name, b"x");
    assert_eq!(refusal(&[file("a.py"), file("a.py")]), "The archive holds a name twice.");
    assert_eq!(refusal(&[file("a"), file("a/")]), "`a` is both a file and a folder.");
    assert_eq!(refusal(&[file("a"), file("a/b/")]), "`a` is both a file and a folder.");
}

#[test]
fn entries_that_share_bytes_are_refused() {
    let mut quoted = Raw::file("b.py", b"x");
    quoted.at = Some(0);
    assert_eq!(refusal(&[Raw::file("a.py", b"x"), quoted]), "The archive holds some of its bytes twice.");
}

#[test]
fn a_bomb_is_unpacked_no_further_than_the_cap() {
    let zeros = vec![0; MAX_PROJECT_BYTES + 1];
    let bomb = zip_of(&[("zeros", &zeros)]);
    assert!(bomb.len() < 20_000);
    assert_eq!(unpack(&bomb), Err(InvalidProject::TooLarge.into()));
    let halves = zip_of(&[("a", &zeros[..zeros.len() / 2]), ("b", &zeros[..=zeros.len() / 2])]);
    assert_eq!(unpack(&halves), Err(InvalidProject::TooLarge.into()));
    let fits = zip_of(&[("a", &zeros[..MAX_PROJECT_BYTES])]);
    assert_eq!(unpack(&fits).unwrap()[0].1.len(), MAX_PROJECT_BYTES);
}

#[test]
fn a_size_in_a_header_is_not_believed() {
    let zeros = vec![0; MAX_PROJECT_BYTES + 1];
    for lie in [0, 1, u32::MAX - 1] {
        let entry = Raw { size: lie, ..Raw::deflated("zeros", &zeros) };
        let error = unpack(&build(&[entry])).unwrap_err();
        let seen =
            matches!(error, InvalidArchive::Project(InvalidProject::TooLarge) | InvalidArchive::Broken(_));
        assert!(seen, "{lie}: {error}");
    }
}

#[test]
fn what_is_broken_says_so() {
    let whole = zip_of(&[("main.py", b"print('hello')"), ("data", &[7; 3000])]);
    for archive in
        [&b""[..], b"PK\x03\x04", b"PK\x05\x06", b"not a zip", &whole[..whole.len() - 1], &whole[..50]]
    {
        let error = unpack(archive).unwrap_err();
        assert!(matches!(error, InvalidArchive::Broken(_)), "{error}");
    }
    let wrong_crc = build(&[Raw { crc: 1, ..Raw::file("main.py", b"x") }]);
    assert!(matches!(unpack(&wrong_crc), Err(InvalidArchive::Broken(_))));
    assert_eq!(unpack(&build(&[])), Err(InvalidArchive::Empty));
    assert_eq!(unpack(&build(&[Raw::file("folder/", b"")])), Err(InvalidArchive::Empty));
}

#[test]
fn an_archive_with_anything_around_it_is_refused() {
    let (first, second) =
        (zip_of(&[("main.py", b"print(1)")]), zip_of(&[("main.py", b"print(2)"), ("b.py", b"")]));
    let before = |what: &str| format!("The file holds something {what} the archive: send the archive alone.");
    for (name, archive, sentence) in [
        ("a script before", [b"#!/bin/sh\nexec unzip\n", &first[..]].concat(), before("before")),
        ("a byte before", [b"x", &first[..]].concat(), before("before")),
        ("two archives", [&first[..], &second[..]].concat(), before("before")),
        ("a byte after", [&first[..], b"x"].concat(), before("after")),
        ("zeros after", [&first[..], &[0; 512]].concat(), before("after")),
        (
            "an empty archive after",
            [&first[..], &build(&[])].concat(),
            "The archive holds no files.".to_owned(),
        ),
    ] {
        let error = unpack(&archive).unwrap_err().to_string();
        assert_eq!(error, sentence, "{name}");
    }
    let mut ends_twice = first.clone();
    let length = first.len();
    ends_twice[length - 2..].copy_from_slice(&22_u16.to_le_bytes());
    ends_twice.extend(&build(&[])[..]);
    assert_eq!(unpack(&ends_twice).unwrap_err().to_string(), "The archive holds its end twice.");
    // A comment belongs to the archive, and so does an archive among its files.
    let mut commented = first.clone();
    commented[length - 2..].copy_from_slice(&5_u16.to_le_bytes());
    commented.extend(b"hello");
    assert_eq!(names(&commented), ["main.py"]);
    let nested = build(&[Raw::file("main.py", b"1"), Raw::file("inner.zip", &second)]);
    assert_eq!(names(&nested), ["main.py", "inner.zip"]);
}

#[test]
fn two_hundred_files_are_enough() {
    let many = |count: usize| build(&(0..count).map(|n| Raw::file(&format!("{n}"), b"")).collect::<Vec<_>>());
    assert_eq!(unpack(&many(MAX_FILES)).unwrap().len(), MAX_FILES);
    assert_eq!(unpack(&many(MAX_FILES + 1)), Err(InvalidProject::TooManyFiles.into()));
}

#[test]
fn a_million_entries_are_refused_before_they_are_looked_at() {
    let begun = Instant::now();
    let mut claims = build(&[Raw::file("main.py", b"x")]);
    let end = claims.len() - 22;
    claims[end + 8..end + 12].copy_from_slice(&[0xfe, 0xff, 0xfe, 0xff]);
    assert_eq!(unpack(&claims), Err(InvalidArchive::TooManyEntries));

    // As many as fit into the cap: their shortest form has 46 + 1 bytes in the directory alone.
    let mut crowd: Vec<Raw> = (0..12_000).map(|n| Raw::file(&format!("{n:x}"), b"")).collect();
    for entry in &mut crowd {
        entry.at = Some(0);
    }
    let crowd = build(&crowd);
    assert!(crowd.len() < MAX_ARCHIVE_BYTES, "{}", crowd.len());
    assert_eq!(unpack(&crowd), Err(InvalidArchive::TooManyEntries));
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
}

#[test]
fn an_end_record_that_hides_entries_is_read_as_other_tools_read_it() {
    let mut hidden = build(&[Raw::file("a.py", b"1"), Raw::file("b.py", b"2")]);
    let end = hidden.len() - 22;
    hidden[end + 8..end + 12].copy_from_slice(&[1, 0, 1, 0]);
    assert_eq!(names(&hidden), ["a.py"]);
}

#[test]
fn a_thousand_false_end_records_cost_no_more_than_one_archive() {
    let crowd: Vec<Raw> =
        (0..1900).map(|n| Raw { at: Some(0), ..Raw::file(&format!("{n:x}"), b"") }).collect();
    let crowd = build(&crowd);
    let (directory, end) = crowd.split_at(crowd.len() - 22);
    let mut archive = directory.to_vec();
    for n in 0..2900_u16 {
        let mut record = end.to_vec();
        // Each claims one entry more than there are, from another place in the same directory.
        record[8..12].copy_from_slice(&[1900_u16.to_le_bytes(), 1900_u16.to_le_bytes()].concat());
        let start = u32::from_le_bytes(record[16..20].try_into().unwrap()) + u32::from(n % 7) * 47;
        record[16..20].copy_from_slice(&start.to_le_bytes());
        archive.extend(record);
    }
    let begun = Instant::now();
    let _ = unpack(&archive);
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
}

#[test]
fn an_archive_over_a_mebibyte_is_refused_unread() {
    assert_eq!(unpack(&vec![0; MAX_ARCHIVE_BYTES + 1]), Err(InvalidArchive::TooLarge));
}

/// A well-formed archive in which a few bytes were changed reaches far deeper than noise.
fn nearly_good() -> impl Strategy<Value = Vec<u8>> {
    let names = prop::collection::vec("[a-c./\\\\]{0,6}", 0..5);
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8);
    (names, changes, any::<bool>()).prop_map(|(names, changes, deflate)| {
        let entry = |name: &String| {
            let content = name.repeat(50);
            if deflate {
                Raw::deflated(name, content.as_bytes())
            } else {
                Raw::file(name, content.as_bytes())
            }
        };
        let mut archive = build(&names.iter().map(entry).collect::<Vec<_>>());
        for (index, byte) in changes {
            let index = index.index(archive.len());
            archive[index] = byte;
        }
        archive
    })
}

fn keeps_its_promises(archive: &[u8]) {
    if let Ok(files) = unpack(archive) {
        assert!(!files.is_empty() && files.len() <= MAX_FILES);
        assert!(files.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() <= MAX_PROJECT_BYTES);
        for (path, _) in files {
            assert!(!path.as_str().starts_with('/') && !path.as_str().split('/').any(|part| part == ".."));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn noise_is_refused_without_a_panic(noise in prop::collection::vec(any::<u8>(), 0..300)) {
        keeps_its_promises(&noise);
        keeps_its_promises(&[b"PK\x03\x04", &noise[..]].concat());
    }

    #[test]
    fn a_damaged_archive_is_refused_or_read_within_its_bounds(archive in nearly_good()) {
        keeps_its_promises(&archive);
    }
}
