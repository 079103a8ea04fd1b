//! What programs of compiled languages write of an error that nobody caught: C#, Fortran, Go, Haskell, OCaml, Pascal and Rust.

use super::{
    Diagnostic, Said,
    interpreters::{file_of, ran},
};

/// Mono, of C#:
///
/// ```text
/// [ERROR] FATAL UNHANDLED EXCEPTION: System.IndexOutOfRangeException: Index was outside the bounds of the array.
///   at Program.Main (System.String[] args) [0x00001] in /sandbox/main.cs:7
/// ```
pub(super) fn mono(said: &Said<'_>) -> Option<Diagnostic> {
    let (frames, words) = last_with(said, "[ERROR] FATAL UNHANDLED EXCEPTION: ")?;
    let whole = said.exit_code == 1 && frames.iter().all(|line| line.starts_with("  "));
    frames.iter().filter(|_| whole).find_map(|frame| {
        let (_, place) = frame.strip_prefix("  at ")?.rsplit_once(" in ")?;
        let (file, line) = place.trim_end().rsplit_once(':')?;
        ran(file, line, words)
    })
}

/// GNU Fortran; what follows are addresses:
///
/// ```text
/// At line 6 of file ./main.f90
/// Fortran runtime error: Attempt to DEALLOCATE unallocated 'numbers'
/// ```
pub(super) fn fortran(said: &Said<'_>) -> Option<Diagnostic> {
    let (rest, place) = last_with(said, "At line ")?;
    let (first, addresses) = rest.split_first()?;
    let words = first.strip_prefix("Fortran runtime error: ")?;
    let (line, file) = place.split_once(" of file ")?;
    let of_them =
        |line: &&str| line.is_empty() || line.starts_with('#') || line.starts_with("Error termination.");
    (said.exit_code == 2 && addresses.iter().all(of_them)).then(|| ran(file, line, words))?
}

/// Go; of the goroutines the one that failed comes first:
///
/// ```text
/// panic: runtime error: index out of range [3] with length 0
///
/// goroutine 1 [running]:
/// main.broken(...)
///     /sandbox/main.go:4
/// ```
pub(super) fn go(said: &Said<'_>) -> Option<Diagnostic> {
    let (rest, words) = last_with(said, "panic: ")
        .or_else(|| last_with(said, "fatal error: "))
        .filter(|_| said.exit_code == 2)?;
    let goroutine = rest.iter().position(|line| line.starts_with("goroutine ") && line.ends_with("]:"))?;
    if !rest.last()?.starts_with('\t') {
        return None;
    }
    let frames = rest[goroutine + 1..].iter().take_while(|line| !line.is_empty());
    frames.filter_map(|line| line.strip_prefix('\t')).find_map(|frame| {
        let place = frame.split_once(" +0x").map_or(frame, |(place, _)| place);
        let (file, line) = place.rsplit_once(':')?;
        ran(file, line, words)
    })
}

/// GHC, of what `error` and its like were called with:
///
/// ```text
/// main: no such number
/// CallStack (from HasCallStack):
///   error, called at main.hs:2:12 in main:Main
/// ```
pub(super) fn haskell(said: &Said<'_>) -> Option<Diagnostic> {
    let (rest, words) = last_with(said, "main: ")?;
    let stack = rest.iter().position(|line| *line == "CallStack (from HasCallStack):")?;
    let calls = &rest[stack + 1..];
    let whole = said.exit_code == 1 && calls.iter().all(|line| line.starts_with("  "));
    calls.iter().filter(|_| whole).find_map(|call| {
        let (_, place) = call.split_once(", called at ")?;
        let mut parts = place.split_once(" in main:")?.0.rsplitn(3, ':');
        let (column, line, file) = (parts.next()?, parts.next()?, parts.next()?);
        let found = ran(&format!("./{}", file.strip_prefix("./").unwrap_or(file)), line, words)?;
        Some(Diagnostic { column: Some(column.parse().ok()?), ..found })
    })
}

/// OCaml, where the program has asked for places; its columns are counted from 0:
///
/// ```text
/// Fatal error: exception Invalid_argument("index out of bounds")
/// Raised by primitive operation at Main.broken in file "./main.ml", line 2, characters 2-13
/// ```
pub(super) fn ocaml(said: &Said<'_>) -> Option<Diagnostic> {
    let (calls, words) = last_with(said, "Fatal error: exception ")?;
    let whole = ["Raised ", "Re-raised ", "Called "];
    let whole = calls.iter().all(|line| whole.iter().any(|word| line.starts_with(word)));
    calls.iter().filter(|_| whole && said.exit_code == 2).find_map(|call| {
        let (file, rest) = call.split_once(" in file \"")?.1.split_once("\", line ")?;
        let (line, rest) = rest.split_once(", characters ")?;
        let column = rest.split_once('-')?.0.parse::<u32>().ok()? + 1;
        Some(Diagnostic { column: Some(column), ..ran(file, line, words)? })
    })
}

/// Free Pascal:
///
/// ```text
/// Runtime error 200 at $00000000004010B6
///   $00000000004010B6  main,  line 6 of main.pas
/// ```
pub(super) fn pascal(said: &Said<'_>) -> Option<Diagnostic> {
    let (calls, words) = last_with(said, "Runtime error ")?;
    let whole = calls.iter().all(|line| line.is_empty() || line.starts_with("  $"));
    let (number, _) = words.split_once(" at $")?;
    calls.iter().filter(|_| whole && number.parse() == Ok(said.exit_code)).find_map(|call| {
        let (line, file) = call.split_once(",  line ")?.1.split_once(" of ")?;
        ran(&format!("./{file}"), line, &format!("Runtime error {number}"))
    })
}

/// Rust; the message is in the next line:
///
/// ```text
/// thread 'main' panicked at ./main.rs:2:5:
/// index out of bounds: the len is 0 but the index is 3
/// note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
/// ```
pub(super) fn rust(said: &Said<'_>) -> Option<Diagnostic> {
    let (rest, place) = last_with(said, "thread 'main' panicked at ")?;
    let mut parts = place.strip_suffix(':')?.rsplitn(3, ':');
    let (column, line, file) = (parts.next()?, parts.next()?, parts.next()?);
    let whole = said.exit_code == 101 && rest.last()?.starts_with("note: run with `RUST_BACKTRACE=1`");
    file_of(file).filter(|_| whole)?;
    Some(Diagnostic { column: Some(column.parse().ok()?), ..ran(file, line, rest.first()?)? })
}

/// The last line that begins with these words: the lines after it, and the rest of it.
fn last_with<'a>(said: &'a Said<'a>, words: &str) -> Option<(&'a [&'a str], &'a str)> {
    let lines = &said.lines[..];
    lines.iter().enumerate().rev().find_map(|(at, line)| Some((&lines[at + 1..], line.strip_prefix(words)?)))
}
