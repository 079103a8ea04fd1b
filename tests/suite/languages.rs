//! The matrix: the same programs in every language, with the same outcomes.
//!
//! The languages come from `languages/`, their programs from `tests/languages/`. `TEST_LANGUAGES` chooses as
//! `SCE_LANGUAGES` does (`make test-languages`: all); without it these are Python, JavaScript, C++, Java, and Bash in Python's
//! image, which has it too.

mod attacks;
mod bare;
mod columns;
mod isolation;
mod programs;

use std::{
    env,
    fmt::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
};

use safe_code_executor::{
    config::built_in_languages,
    domain::language::{Language, LanguageTable},
};

use self::{
    columns::{CASES, Case},
    programs::Programs,
};
use crate::support::{Server, in_parallel, languages::LanguagesDir};

/// The languages that are asked for, and a server of them.
struct Chosen {
    names: String,
    table: LanguageTable,
    server: Server,
    _borrowed: LanguagesDir,
}

impl Chosen {
    fn start() -> Self {
        let asked = env::var("TEST_LANGUAGES");
        let borrowed = LanguagesDir::with(&["bash"], &[("localhost/sce-bash:5.2", "python:3.11-slim")]);
        let folder = if asked.is_ok() { "" } else { borrowed.path() };
        let names = asked.unwrap_or_else(|_| "python,javascript,cpp,java,bash".to_owned());
        let table = built_in_languages(Some(&names)).unwrap_or_else(|faults| panic!("{faults:#?}"));
        let server = Server::start(&[
            ("SCE_LANGUAGES", &names),
            ("SCE_LANGUAGES_DIR", folder),
            ("SCE_POOL_SIZE", "0"),
            ("SCE_MAX_RUNNING", "4"),
        ]);
        Self { names, table, server, _borrowed: borrowed }
    }
}

/// What a cell says: how the program ended, nothing where there is no program, or why the cell is wrong.
fn cell(server: &Server, language: &Language, case: &Case) -> Result<String, String> {
    let programs = Programs::of(language)?;
    let outcome = catch_unwind(AssertUnwindSafe(|| case.1(server, language, &programs)));
    match outcome {
        Ok(Some(outcome)) => Ok(format!("`{}`", outcome.status())),
        Ok(None) => Ok("–".to_owned()),
        Err(why) => Err(why.downcast_ref::<String>().cloned().unwrap_or_else(|| "it panicked".to_owned())),
    }
}

#[test]
fn every_language_runs_the_same_programs_with_the_same_outcomes() {
    let Chosen { names, table, server, .. } = Chosen::start();
    let languages: Vec<_> = table.iter().cloned().collect();
    let cells: Vec<_> =
        languages.iter().flat_map(|language| CASES.iter().map(move |case| (language, case))).collect();
    let found = in_parallel(2, &cells, |(language, case)| cell(&server, language, case));
    let mut wrong = String::new();
    let mut matrix = String::from("| |");
    for (title, _) in &CASES {
        write!(matrix, " {title} |").unwrap();
    }
    write!(matrix, "\n|---|{}", "---|".repeat(CASES.len())).unwrap();
    for (row, language) in found.chunks(CASES.len()).zip(&languages) {
        write!(matrix, "\n| {} {} |", language.title, language.version).unwrap();
        for (cell, (title, _)) in row.iter().zip(&CASES) {
            match cell {
                Ok(text) => write!(matrix, " {text} |").unwrap(),
                Err(why) => {
                    writeln!(wrong, "{}, {title}: {why}", language.name).unwrap();
                    matrix.push_str(" wrong |");
                }
            }
        }
    }
    println!("{matrix}");
    assert!(wrong.is_empty(), "{matrix}\n{wrong}{}", server.log());
    if names == "all" {
        in_the_document(&matrix);
    }
}

/// `docs/LANGUAGES.md` has the matrix of all languages as it came out; `SCE_BLESS=1` renews it.
fn in_the_document(matrix: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/LANGUAGES.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once("<!-- matrix -->\n").expect("the place of the matrix");
    let (there, after) = rest.split_once("\n<!-- end of the matrix -->").expect("the end of the matrix");
    if std::env::var_os("SCE_BLESS").is_some() {
        let text = format!("{before}<!-- matrix -->\n{matrix}\n<!-- end of the matrix -->{after}");
        std::fs::write(path, text).unwrap();
    } else {
        assert_eq!(there, matrix, "SCE_BLESS=1 renews {path}");
    }
}

#[test]
fn every_language_that_comes_with_us_has_programs_for_the_matrix() {
    for language in built_in_languages(Some("all")).unwrap().iter() {
        Programs::of(language).unwrap_or_else(|why| panic!("{}: {why}", language.name));
    }
}
