//! `CPython`: a traceback, or what is said of a program that could not be compiled.
//!
//! ```text
//! Traceback (most recent call last):
//!   File "/sandbox/main.py", line 4, in <module>
//!     f(0)
//!   File "/sandbox/main.py", line 2, in f
//!     return 1 / x
//!            ~~^~~
//! ZeroDivisionError: division by zero
//! ```
//!
//! No column: the line of source is shown without its indentation, so the place of the carets is not a column.

use super::{Diagnostic, Phase, Said, Severity, in_project, message};

const TRACEBACK: &str = "Traceback (most recent call last):";
/// What an interpreter exits with after an exception that nobody caught.
const UNCAUGHT: u8 = 1;
/// What a program that cannot be compiled raises.
const OF_THE_COMPILER: [&str; 3] = ["SyntaxError", "IndentationError", "TabError"];

/// A line that names a place.
struct Place<'a> {
    path: &'a str,
    line: u32,
    /// Whether it names what was running there; the place of a fault of syntax does not.
    runs: bool,
}

pub(super) fn read(said: &Said<'_>) -> Option<Diagnostic> {
    if said.exit_code != UNCAUGHT {
        return None;
    }
    let lines = &said.lines[..];
    match lines.iter().rposition(|line| *line == TRACEBACK) {
        Some(header) => uncaught(&lines[header + 1..]),
        None => not_compiled(lines),
    }
}

/// The innermost place in the project of a traceback.
fn uncaught(lines: &[&str]) -> Option<Diagnostic> {
    let end = lines.iter().position(|line| !line.starts_with("  "))?;
    let exception = lines[end];
    name_of(exception)?;
    let places = lines[..end].iter().filter_map(|line| place(line));
    let place = places.rev().find(|place| in_project(place.path).is_some())?;
    diagnostic(&place, exception, Phase::Run)
}

/// A program whose compiling failed: the last lines are a place without a name, source and carets, the fault.
fn not_compiled(lines: &[&str]) -> Option<Diagnostic> {
    let at = lines.iter().rposition(|line| place(line).is_some_and(|place| !place.runs))?;
    let rest = &lines[at + 1..];
    let end = rest.iter().position(|line| !line.starts_with("    "))?;
    let exception = rest[end];
    let of_the_compiler = OF_THE_COMPILER.contains(&name_of(exception)?);
    if !of_the_compiler || end + 1 < rest.len() {
        return None;
    }
    diagnostic(&place(lines[at])?, exception, Phase::Compile)
}

fn diagnostic(place: &Place<'_>, exception: &str, phase: Phase) -> Option<Diagnostic> {
    Some(Diagnostic {
        file: in_project(place.path)?,
        line: place.line,
        column: None,
        severity: Severity::Error,
        message: message(exception),
        phase,
    })
}

/// `  File "/sandbox/main.py", line 4, in <module>`, or the same without what ran there.
fn place(line: &str) -> Option<Place<'_>> {
    let (path, rest) = line.strip_prefix("  File \"")?.rsplit_once("\", line ")?;
    let (number, runs) = match rest.split_once(", in ") {
        Some((number, _)) => (number, true),
        None => (rest, false),
    };
    Some(Place { path, line: number.parse().ok()?, runs })
}

/// The dotted name of an exception at the beginning of a line, when the line is one.
fn name_of(exception: &str) -> Option<&str> {
    let name = exception.split_once(": ").map_or(exception, |(name, _)| name);
    let name = name.strip_suffix(':').unwrap_or(name);
    let part = |part: &str| {
        let mut chars = part.chars();
        chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
            && chars.all(|c| c.is_alphanumeric() || c == '_' || c == '<' || c == '>')
    };
    name.split('.').all(|piece| piece == "<locals>" || part(piece)).then_some(name)
}
