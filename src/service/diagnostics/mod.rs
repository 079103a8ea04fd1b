//! What a program's standard error says of a fault and of its place in the program, language by language.
//!
//! Pure. Nothing is guessed: a report that a language's own tool did not write whole, in its usual form and as the last
//! thing, is none. A program can write such a report itself; then it is told what it wrote.
//!
//! A language is a row of [`READERS`], which read what a program wrote that failed, or of [`COMPILERS`], which read what a
//! compiler wrote that refused one.

mod compilers;
mod interpreters;
mod java;
mod javascript;
mod other_compilers;
mod python;
mod runtimes;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod uncaught;

use crate::domain::outcome::{Ending, Outcome};

/// The folder of the program in the sandbox. Files elsewhere are not the program's own.
const ROOT: &str = "/sandbox/";
/// The most characters of a message.
const MAX_MESSAGE_CHARS: usize = 500;

/// Reads what a program that left with an exit code other than 0 wrote to standard error.
type Reader = fn(&Said<'_>) -> Option<Diagnostic>;

/// By the canonical name of its language, how a report is read.
const READERS: [(&str, Reader); 19] = [
    ("bash", interpreters::bash),
    ("csharp", runtimes::mono),
    ("fortran", runtimes::fortran),
    ("go", runtimes::go),
    ("haskell", runtimes::haskell),
    ("java", java::read),
    ("javascript", javascript::read),
    ("lua", interpreters::lua),
    ("node-data", javascript::read),
    ("ocaml", runtimes::ocaml),
    ("pascal", runtimes::pascal),
    ("perl", interpreters::perl),
    ("php", interpreters::php),
    ("python", python::read),
    ("python-data", python::read),
    ("ruby", interpreters::ruby),
    ("rust", runtimes::rust),
    ("tcl", interpreters::tcl),
    ("typescript", javascript::read),
];

/// Reads what a compiler that refused a program wrote.
type CompilerReader = fn(&[&str]) -> Vec<Diagnostic>;

/// By the canonical name of its language, how the words of a compiler are read.
const COMPILERS: [(&str, CompilerReader); 11] = [
    ("c", compilers::gcc),
    ("cpp", compilers::gcc),
    ("csharp", other_compilers::mcs),
    ("fortran", other_compilers::gfortran),
    ("go", compilers::go),
    ("haskell", other_compilers::ghc),
    ("java", java::javac),
    ("ocaml", other_compilers::ocaml),
    ("pascal", other_compilers::fpc),
    ("rust", compilers::rustc),
    ("typescript", compilers::typescript),
];
/// The most faults that are told of one compilation.
const MAX_OF_A_COMPILER: usize = 50;

/// A fault, and where in the program it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file, by its name below the project's root.
    pub file: String,
    /// The line; the first line is 1.
    pub line: u32,
    /// The column; the first column is 1. `None` where the report does not say.
    pub column: Option<u32>,
    /// How bad it is.
    pub severity: Severity,
    /// The first line of what is said about it; at most 500 characters.
    pub message: String,
    /// When it was found.
    pub phase: Phase,
}

/// How bad a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The program did not go on, or was not made.
    Error,
    /// A compiler's advice.
    Warning,
}

/// When a fault is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Before the program began.
    Compile,
    /// While it ran.
    Run,
}

impl Severity {
    /// Every severity there is.
    pub const ALL: [Self; 2] = [Self::Error, Self::Warning];

    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl Phase {
    /// Every phase there is.
    pub const ALL: [Self; 2] = [Self::Compile, Self::Run];

    /// The name in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Compile => "compile",
            Self::Run => "run",
        }
    }
}

/// What a program wrote to standard error, and the exit code with which it left.
struct Said<'a> {
    lines: Vec<&'a str>,
    exit_code: u8,
}

/// What came of a program in this language says about its faults: nothing unless it left with an exit code other than 0, or
/// was not compiled.
#[must_use]
pub fn of(language: &str, outcome: &Outcome) -> Vec<Diagnostic> {
    let stderr = &outcome.stderr;
    if !stderr.truncated() {
        return read(language, &outcome.ending, &stderr.bytes());
    }
    // Only what stands after the gap is in one piece, but for its first line.
    let tail = stderr.kept_tail();
    let whole = tail.iter().position(|byte| *byte == b'\n').map_or(tail.len(), |feed| feed + 1);
    read(language, &outcome.ending, &tail[whole..])
}

/// The same of standard error that is here whole.
#[must_use]
pub fn read(language: &str, ending: &Ending, stderr: &[u8]) -> Vec<Diagnostic> {
    // An older version of a language is named with its version, as `python@3.11`, and reports alike.
    let (family, _) = language.split_once('@').unwrap_or((language, ""));
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<&str> = text.lines().collect();
    match ending {
        Ending::NotCompiled(_) => {
            let reader = COMPILERS.iter().find(|(name, _)| *name == family);
            let mut found = reader.map_or_else(Vec::new, |(_, reader)| reader(&lines));
            found.truncate(MAX_OF_A_COMPILER);
            found
        }
        Ending::Exited(exit_code @ 1..) => {
            let reader = READERS.iter().find(|(name, _)| *name == family);
            let said = Said { lines, exit_code: *exit_code };
            reader.and_then(|(_, reader)| reader(&said)).into_iter().collect()
        }
        Ending::Exited(0) | Ending::Signaled(_) | Ending::Limit(_) => Vec::new(),
    }
}

/// The name below the project's root, when the path is of a file there.
fn in_project(path: &str) -> Option<String> {
    path.strip_prefix(ROOT).filter(|name| !name.is_empty()).map(str::to_owned)
}

fn message(line: &str) -> String {
    line.chars().take(MAX_MESSAGE_CHARS).collect()
}
