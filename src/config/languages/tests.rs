use std::{fs, path::Path};

use tempfile::TempDir;

use super::*;

/// Writes these files into folders below `place`.
fn write(place: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = place.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn read_with(settings: &[(&str, &str)]) -> Result<LanguageTable, Vec<String>> {
    let look_up =
        |name: &str| settings.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let mut reader = Reader::new(&look_up);
    let table = read(&mut reader);
    table.ok_or_else(|| reader.into_faults())
}

fn names(table: &LanguageTable) -> Vec<&str> {
    table.iter().map(|language| language.name.as_str()).collect()
}

const TCL: &str = r#"
title = "Tcl"
run = ["tclsh", "{entry}"]
entry_points = ["main.tcl"]
extensions = ["tcl"]
[[versions]]
version = "8.6"
image = "sce/tcl:8.6"
"#;
const TCL_FILES: [(&str, &str); 3] = [
    ("tcl/language.toml", TCL),
    ("tcl/example.tcl", "puts hello\n"),
    ("tcl/version.tcl", "puts $tcl_version\n"),
];

#[test]
fn the_default_table_is_python_and_javascript_as_they_always_were() {
    let table = built_in(None).unwrap();
    assert_eq!(names(&table), ["python", "javascript"]);
    let python = table.resolve("py").unwrap();
    assert_eq!(python.command, ["python3", "main.py"]);
    assert_eq!(python.bootstrap.keys().collect::<Vec<_>>(), ["usercustomize.py"]);
    assert_eq!(
        python.example,
        "name = \"world\"\nprint(f\"Hello, {name}!\")\nprint(sum(n * n for n in range(10)))\n"
    );
    let javascript = table.resolve("node").unwrap();
    assert_eq!(javascript.bootstrap.len(), 7);
    assert_eq!(javascript.start_in.as_deref(), Some("/"));
}

#[test]
fn a_language_may_give_its_programs_more_than_the_server_does_and_load_packages_beforehand() {
    let table = built_in(Some("python-data")).unwrap();
    let data = table.default_language();
    assert_eq!((data.timeout, data.memory_mb), (Some(std::time::Duration::from_secs(30)), Some(512)));
    assert!(data.environment["SCE_PRELOAD"].contains("pandas"));
    assert_eq!(
        data.bootstrap["usercustomize.py"],
        built_in(None).unwrap().default_language().bootstrap["usercustomize.py"]
    );
    assert!(data.bootstrap.contains_key("plots.py"));
}

#[test]
fn every_folder_that_comes_with_us_is_a_good_language_in_every_version() {
    let table = built_in(Some("all")).unwrap_or_else(|faults| panic!("{faults:#?}"));
    assert_eq!(names(&table)[..3], ["python", "python@3.11", "javascript"]);
    for language in table.iter() {
        assert!(!language.image.contains('@'), "{}: a digest is the operator's to name", language.name);
    }
}

#[test]
fn languages_are_chosen_by_name_and_version_and_the_first_is_the_default() {
    let table = built_in(Some("javascript, python@3.11")).unwrap();
    assert_eq!(names(&table), ["javascript", "python"]);
    assert_eq!(table.default_language().name, "javascript");
    let faults = built_in(Some("pyton,python@2,javascript@^18,")).unwrap_err();
    assert_eq!(faults.len(), 3, "{faults:#?}");
    let faults = built_in(Some("python@2,javascript@4")).unwrap_err();
    assert_eq!(faults.len(), 2, "{faults:#?}");
    assert!(faults[0].contains("`python` has no version") && faults[0].contains("3.11"), "{faults:#?}");
}

#[test]
fn a_folder_of_the_operators_adds_a_language() {
    let place = TempDir::new().unwrap();
    write(place.path(), &TCL_FILES);
    let dir = (DIR, place.path().to_str().unwrap());
    let table = read_with(&[dir]).unwrap();
    assert_eq!(names(&table), ["python", "javascript", "tcl"]);
    assert_eq!(table.resolve("tcl").unwrap().run, ["tclsh", "{entry}"]);
    assert_eq!(names(&read_with(&[dir, (NAMES, "tcl")]).unwrap()), ["tcl"]);
}

#[test]
fn a_folder_of_the_operators_replaces_the_one_that_has_its_name() {
    let place = TempDir::new().unwrap();
    write(
        place.path(),
        &[
            (
                "python/language.toml",
                "title = \"Py\"\nrun = [\"pypy3\", \"{entry}\"]\nentry_points = [\"main.py\"]\nextensions = [\"py\"]\n\
                 [[versions]]\nversion = \"3.9\"\nimage = \"a:1\"\n[[versions]]\nversion = \"3.10\"\nimage = \"a:2\"\n",
            ),
            ("python/example.py", "print(1)"),
            ("python/version.py", "print(2)"),
            ("notes.txt", "not a folder"),
            ("other/readme", "no manifest"),
        ],
    );
    let dir = (DIR, place.path().to_str().unwrap());
    let table = read_with(&[dir]).unwrap();
    assert_eq!(names(&table), ["python", "javascript"]);
    let python = table.resolve("python").unwrap();
    assert_eq!(
        (python.image.as_str(), python.bootstrap.len()),
        ("a:1", 0),
        "the first version, nothing of ours"
    );
    let both = read_with(&[dir, (NAMES, "python@*,javascript")]).unwrap();
    assert_eq!(names(&both), ["python", "python@3.9", "javascript"]);
}

#[test]
fn every_fault_of_every_folder_is_told_at_once_with_folder_field_and_rule() {
    let place = TempDir::new().unwrap();
    write(
        place.path(),
        &[
            (
                "one/language.toml",
                "title = 7\nimage = \"x\"\nrun = [\"one\"]\nextensions = [\"1\"]\n[[versions]]\nversion = \"new\"\n",
            ),
            ("two/language.toml", "title = \n"),
            ("three/language.toml", TCL),
            ("three/example.tcl", ""),
        ],
    );
    let faults = read_with(&[(DIR, place.path().to_str().unwrap())]).unwrap_err();
    for (folder, words) in [
        ("one", "`title` must be a text"),
        ("one", "`image` is not a field"),
        ("one", "`entry_points` is missing"),
        ("one", "`versions[0].version` `new` is not a version"),
        ("one", "`versions[0].image` is missing"),
        ("one", "`example.1` is missing"),
        ("two", "language.toml: TOML parse error"),
        ("three", "`example` is not a program"),
        ("three", "`version.tcl` is missing"),
    ] {
        let start = format!("{DIR}: {}/{folder}: ", place.path().display());
        assert!(
            faults.iter().any(|fault| fault.starts_with(&start) && fault.contains(words)),
            "{folder}: {words}\n{faults:#?}"
        );
    }
    let nothing = TempDir::new().unwrap();
    for path in [nothing.path().to_str().unwrap(), "/proc/self/no-such-folder"] {
        assert!(read_with(&[(DIR, path)]).unwrap_err()[0].starts_with(DIR));
    }
}

/// What the scripts read of the folders, with these settings: a line for each version, in any order.
fn by_the_scripts(settings: &[(&str, &str)]) -> Vec<String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/infra/languages.sh");
    let done = std::process::Command::new(script)
        .arg("list")
        .env_remove(NAMES)
        .env_remove(DIR)
        .envs(settings.iter().copied())
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let mut lines: Vec<String> = String::from_utf8(done.stdout).unwrap().lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn the_scripts_find_the_same_languages_versions_and_images() {
    let place = TempDir::new().unwrap();
    write(place.path(), &TCL_FILES);
    let dir = (DIR, place.path().to_str().unwrap());
    for settings in [
        vec![],
        vec![(NAMES, "all")],
        vec![(NAMES, "javascript@18, python@*")],
        vec![dir],
        vec![dir, (NAMES, "tcl@8,python")],
    ] {
        let table = read_with(&settings).unwrap();
        let line = |one: &std::sync::Arc<Language>| format!("{} {} {}", one.family, one.version, one.image);
        let mut lines: Vec<String> = table.iter().map(line).collect();
        lines.sort();
        assert_eq!(by_the_scripts(&settings), lines, "{settings:?}");
    }
}

#[test]
fn the_language_of_the_document_is_added_by_doing_what_it_says() {
    let document = include_str!("../../../docs/LANGUAGES.md");
    let block = |kind: &str, number: usize| {
        let fence = format!("```{kind}\n");
        document.split(&*fence).nth(number).and_then(|rest| rest.split("```").next()).expect("a block")
    };
    let place = TempDir::new().unwrap();
    write(
        place.path(),
        &[
            ("tcl/language.toml", block("toml", 1)),
            ("tcl/example.tcl", block("tcl", 1)),
            ("tcl/version.tcl", block("tcl", 2)),
        ],
    );
    let dir = (DIR, place.path().to_str().unwrap());
    let table = read_with(&[dir]).unwrap();
    assert_eq!(names(&table), ["python", "javascript", "tcl"]);
    assert_eq!(table.resolve("tclsh@8").unwrap().example, "puts \"Hello, world!\"\n");
    // What the document says of a folder with faults.
    write(place.path(), &[("tcl/language.toml", &block("toml", 1).replace(", \"{entry}\"", ""))]);
    fs::remove_file(place.path().join("tcl/example.tcl")).unwrap();
    for fault in read_with(&[dir]).unwrap_err() {
        let told = fault.replace(place.path().to_str().unwrap(), "/srv/languages");
        assert!(document.contains(&told), "{told}");
    }
}
