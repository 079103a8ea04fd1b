use super::*;
use crate::{
    domain::{project::Project, request::Program},
    testing::{compiled_languages, languages},
};

/// Python in this version.
fn python(version: &str) -> Language {
    let table = languages();
    Language { version: version.parse().unwrap(), ..(*table.resolve("python").unwrap()).clone() }
}

fn faults(languages: Vec<Language>) -> Vec<String> {
    LanguageTable::new(languages).unwrap_err().0.iter().map(ToString::to_string).collect()
}

#[test]
fn a_name_alone_is_the_newest_version_and_each_version_has_a_name_of_its_own() {
    let javascript = (*languages().resolve("javascript").unwrap()).clone();
    let table = LanguageTable::new(vec![python("3.9"), javascript, python("3.13"), python("3.11")]).unwrap();
    let names: Vec<&str> = table.iter().map(|language| language.name.as_str()).collect();
    assert_eq!(names, ["python", "python@3.11", "python@3.9", "javascript"]);
    let version = |name: &str| table.resolve(name).unwrap().version.to_string();
    for (name, found) in [
        ("python", "3.13"),
        ("PY", "3.13"),
        ("python@3.11", "3.11"),
        ("py@3.9", "3.9"),
        ("python@*", "3.13"),
        ("python@<3.13", "3.11"),
    ] {
        assert_eq!(version(name), found, "{name}");
    }
    assert_eq!(table.default_language().name, "python");
    assert_eq!(table.by_file_name("x.py").unwrap().version.to_string(), "3.13");
    assert_eq!(table.resolve_version("py", Some("~3.11")).unwrap().name, "python@3.11");
}

#[test]
fn a_version_that_is_not_there_is_told_with_those_that_are() {
    let table = LanguageTable::new(vec![python("3.11"), python("3.13")]).unwrap();
    let why = |name: &str, version| table.resolve_version(name, version).unwrap_err().to_string();
    assert_eq!(why("py@2.7", None), "Language `python` has no version `2.7`. Its versions: 3.13, 3.11.");
    assert_eq!(why("python", Some("^4")), "Language `python` has no version `^4`. Its versions: 3.13, 3.11.");
    assert!(why("python", Some("latest")).starts_with("The version `latest` is not a version"));
    assert!(why("python@3.11", Some("3.11")).contains("`language` and in `version`"));
    assert_eq!(why("cobol", Some("1")), "Unknown language `cobol`. Supported languages: python.");
}

#[test]
fn all_rules_that_are_broken_are_told_at_once() {
    let bad = Language {
        family: "no spaces".to_owned(),
        title: " ".to_owned(),
        aliases: vec!["js".to_owned()],
        image: String::new(),
        entry_points: vec!["../main.py".to_owned()],
        extensions: vec![".py".to_owned()],
        start_in: Some("sandbox".to_owned()),
        environment: [("1A".to_owned(), String::new())].into(),
        later_environment: [("A".to_owned(), "\0".to_owned())].into(),
        example: String::new(),
        run: vec!["python3".to_owned()],
        ..python("3.11")
    };
    let javascript = (*languages().resolve("javascript").unwrap()).clone();
    let told = faults(vec![bad, javascript.clone(), javascript]);
    for field in [
        "name",
        "title",
        "image",
        "entry_points",
        "extensions",
        "start_in",
        "environment",
        "later_environment",
        "example",
        "run",
    ] {
        assert!(
            told.iter().any(|fault| fault.starts_with(&format!("no spaces: `{field}`"))),
            "{field}: {told:#?}"
        );
    }
    assert!(
        told.contains(&"javascript: `aliases` `js` names the language `no spaces` as well".to_owned()),
        "{told:#?}"
    );
    assert!(told.contains(&"javascript: `version` `1` is there twice".to_owned()), "{told:#?}");
    assert_eq!(told.iter().collect::<std::collections::BTreeSet<_>>().len(), told.len(), "{told:#?}");
    assert_eq!(faults(Vec::new()).len(), 1);
}

#[test]
fn a_language_without_a_bootstrap_says_how_its_programs_are_run() {
    let with = |run: &[&str]| Language {
        command: Vec::new(),
        bootstrap: BTreeMap::new(),
        run: run.iter().map(ToString::to_string).collect(),
        ..python("3.11")
    };
    assert_eq!(with(&["ruby", "{entry}"]).faults(), []);
    for (run, word) in [
        (&["ruby"][..], "has no `{entry}`"),
        (&["{entry}"], "begins with the file to run"),
        (&["ruby", "", "{entry}"], "an empty word"),
        (&[], "is missing"),
    ] {
        let told = with(run).faults();
        assert!(told.len() == 1 && told[0].rule.contains(word), "{told:?}");
    }
    let waiting = Language { bootstrap: BTreeMap::new(), ..python("3.11") };
    assert!(waiting.faults()[0].rule.contains("bootstrap"));
}

fn c() -> Language {
    (*compiled_languages().default_language()).clone()
}

/// A project of these files, started by the first.
fn project(names: &[&str]) -> Program {
    let mut project = Project::default();
    for name in names {
        project.add(name, bytes::Bytes::from_static(b"x")).unwrap();
    }
    Program::assemble(&c(), None, project, Some(names[0])).unwrap()
}

#[test]
fn a_compiler_is_given_the_sources_of_the_project_and_no_name_is_an_option() {
    let compiler = c().compiler.unwrap();
    let args = c().compile_args(vec!["-O2".to_owned(), "-DSIZE=3".to_owned()]).unwrap();
    for (files, sources) in [
        (&["main.c"][..], &["./main.c"][..]),
        (&["main.c", "a.c", "b/c.c", "b/c.h", "data.txt", "README"], &["./main.c", "./a.c", "./b/c.c"]),
        (&["-o.c", "--help.c", "@file.c"], &["./-o.c", "./--help.c", "./@file.c"]),
        // Whatever it is called: it is what the caller wants to have compiled.
        (&["program", "a.c"], &["./program", "./a.c"]),
    ] {
        let expected: Vec<&str> = ["cc", "-o", "/build/main", "-O2", "-DSIZE=3"]
            .into_iter()
            .chain(sources.iter().copied())
            .chain(["-lm"])
            .collect();
        assert_eq!(compiler.line(&project(files), &args), expected);
    }
}

#[test]
fn each_argument_for_a_compiler_is_one_that_the_language_allows() {
    let allowed = |args: &[&str]| c().compile_args(args.iter().map(ToString::to_string).collect());
    for good in [&[][..], &["-O2"], &["-DNAME"], &["-D*", "-Wall", "-Wall"], &["-Dx=a b;c"]] {
        assert_eq!(allowed(good).unwrap().as_slice(), good);
    }
    let long = format!("-D{}", "x".repeat(255));
    for (bad, index) in [
        (&["-O3"][..], 0),
        (&["-O2", "-fplugin=./x.so"], 1),
        (&["-D"], 0),
        (&[""], 0),
        (&["-O2 -Wall"], 0),
        (&["@file"], 0),
        (&["-Wall", "-Da\0b"], 1),
        (&[&long], 0),
    ] {
        let why = allowed(bad).unwrap_err().to_string();
        assert!(why.starts_with(&format!("`compile.args[{index}]` is not allowed")), "{why}");
        assert!(why.ends_with("C takes: `-O2`, `-Wall`, `-D*`.") && !why.contains('\0'), "{why}");
    }
    assert_eq!(allowed(&["-O2"; 17]).unwrap_err(), InvalidCompileArgs::TooMany);
    let python = python("3").compile_args(Vec::new()).unwrap_err();
    assert_eq!(python.to_string(), "`compile` is of no use: python is not compiled.");
}

#[test]
fn what_a_compiler_may_use_is_its_own_and_never_less_memory_than_the_program() {
    let compiler = c().compiler.unwrap();
    for (program, memory_mb, output_bytes) in
        [(128, 256, 16 * 1024), (16, 256, 16 * 1024), (1024, 1024, 16 * 1024)]
    {
        let limits = compiler.step_limits(Limits { memory_mb: program, ..Limits::default() });
        assert_eq!(
            (limits.memory_mb, limits.output_bytes, limits.timeout.as_secs()),
            (memory_mb, output_bytes, 20)
        );
    }
    assert_eq!(compiler.step_limits(Limits { output_bytes: 100, ..Limits::default() }).output_bytes, 100);
    let more = Language { memory_mb: Some(512), ..python("3") };
    assert_eq!(more.limits(Limits::default()).memory_mb, 512);
    assert_eq!(more.limits(Limits { memory_mb: 1024, ..Limits::default() }).memory_mb, 1024);
    let longer = Language { timeout: Some(Duration::from_secs(20)), ..python("3") };
    for (server, seconds) in [(10, 20), (30, 30)] {
        let server = Limits { timeout: Duration::from_secs(server), ..Limits::default() };
        assert_eq!(longer.limits(server).timeout.as_secs(), seconds);
    }
}

#[test]
fn a_language_that_is_compiled_says_how_and_nothing_that_cannot_be() {
    let with = |change: fn(&mut Compiler)| {
        let mut language = c();
        change(language.compiler.as_mut().unwrap());
        faults(vec![language]).join("\n")
    };
    for (change, field, rule) in [
        ((|c| c.command.retain(|word| word != SOURCES)) as fn(&mut Compiler), "compile", "has neither"),
        (|c| c.command.insert(0, SOURCES.to_owned()), "compile", "begins with no command"),
        (|c| c.command.push("-x{args}".to_owned()), "compile", "words of its own"),
        (|c| c.command.push(String::new()), "compile", "empty word"),
        (|c| c.sources.clear(), "compiler.sources", "need each other"),
        (|c| c.args.clear(), "compiler.args", "need each other"),
        (|c| c.args.push("*".to_owned()), "compiler.args", "would allow anything"),
        (
            |c| drop(c.environment.insert("A=B".to_owned(), String::new())),
            "compiler.environment",
            "no variable",
        ),
    ] {
        let told = with(change);
        assert!(told.contains(&format!("`{field}`")) && told.contains(rule), "{field}: {told}");
    }
    let waits = Language { compiler: c().compiler, ..python("3") };
    assert!(faults(vec![waits]).join("").contains("`compile` needs `run`"));
}
