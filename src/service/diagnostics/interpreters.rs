//! What the interpreters of Bash, Lua, Perl, PHP, Ruby and Tcl write of an error that nobody caught.

use super::{Diagnostic, Phase, Said, Severity, in_project, message};

/// The file of the project that a path names, as an interpreter was given it or as it made it whole.
pub(super) fn file_of(path: &str) -> Option<String> {
    let given = path.strip_prefix("./").filter(|name| !name.is_empty() && !name.starts_with('/'));
    given.map(str::to_owned).or_else(|| in_project(path))
}

/// An error of a program that ran.
pub(super) fn ran(file: &str, line: &str, said: &str) -> Option<Diagnostic> {
    Some(Diagnostic {
        file: file_of(file)?,
        line: line.parse().ok()?,
        column: None,
        severity: Severity::Error,
        message: message(said),
        phase: Phase::Run,
    })
}

/// Bash, which ends with one of four codes when it could not go on:
///
/// ```text
/// ./main.sh: line 3: nobody: unbound variable
/// ```
///
/// ```text
/// ./main.sh: line 2: syntax error near unexpected token `then'
/// ./main.sh: line 2: `if then'
/// ```
pub(super) fn bash(said: &Said<'_>) -> Option<Diagnostic> {
    if ![1, 2, 126, 127].contains(&said.exit_code) {
        return None;
    }
    let (last, before) = said.lines.split_last()?;
    let read = |text: &str| {
        let (file, rest) = text.split_once(": line ")?;
        let (line, said) = rest.split_once(": ")?;
        ran(file, line, said)
    };
    let found = read(last)?;
    // The line of the program, after what is wrong with it.
    if found.message.starts_with('`') { read(before.last()?) } else { Some(found) }
}

/// Lua; without a traceback where the program could not be read:
///
/// ```text
/// lua: ./main.lua:2: attempt to concatenate a nil value
/// stack traceback:
///     ./main.lua:2: in local 'broken'
/// ```
pub(super) fn lua(said: &Said<'_>) -> Option<Diagnostic> {
    let lines = &said.lines[..];
    let (at, report) =
        lines.iter().enumerate().rev().find_map(|(at, line)| Some((at, line.strip_prefix("lua: ")?)))?;
    let (place, words) = report.split_once(": ")?;
    let (file, line) = place.rsplit_once(':')?;
    let found = ran(file, line, words)?;
    let rest = &lines[at + 1..];
    match rest.iter().rposition(|line| *line == "stack traceback:") {
        _ if said.exit_code != 1 => None,
        None if rest.is_empty() => Some(Diagnostic { phase: Phase::Compile, ..found }),
        Some(header) if rest[header + 1..].iter().all(|line| line.starts_with('\t')) => Some(found),
        _ => None,
    }
}

/// Perl, where the message ends with the place. Below it `confess` writes who called:
///
/// ```text
/// Illegal division by zero at ./main.pl line 2.
/// no such line at ./main.pl line 2, <STDIN> line 1.
/// ```
///
/// ```text
/// syntax error at ./main.pl line 2, near "= ;"
/// Execution of ./main.pl aborted due to compilation errors.
/// ```
pub(super) fn perl(said: &Said<'_>) -> Option<Diagnostic> {
    let place = |text: &str| {
        let (words, rest) = text.rsplit_once(" at ")?;
        let (file, rest) = rest.split_once(" line ")?;
        let (line, after) = rest.split_at(rest.find(['.', ','])?);
        (after == "." || after.starts_with(", ")).then(|| ran(file, line, words))?
    };
    let mut lines = said.lines.iter().rev().skip_while(|line| line.starts_with('\t'));
    let last = lines.next()?;
    if last.starts_with("Execution of ") && last.ends_with(" aborted due to compilation errors.") {
        // The first of the faults: what follows may come of it.
        let first = lines.map_while(|line| place(line)).last()?;
        return Some(Diagnostic { phase: Phase::Compile, ..first });
    }
    if last.starts_with("BEGIN failed--compilation aborted at ") {
        return Some(Diagnostic { phase: Phase::Compile, ..place(lines.next()?)? });
    }
    place(last)
}

/// PHP; the place of an exception is where it was thrown:
///
/// ```text
/// PHP Fatal error:  Uncaught DivisionByZeroError: Division by zero in /sandbox/main.php:3
/// Stack trace:
/// #0 /sandbox/main.php(5): broken()
/// #1 {main}
///   thrown in /sandbox/main.php on line 3
/// ```
///
/// ```text
/// PHP Parse error:  syntax error, unexpected token "{", expecting variable in /sandbox/main.php on line 2
/// ```
pub(super) fn php(said: &Said<'_>) -> Option<Diagnostic> {
    if said.exit_code != 255 {
        return None;
    }
    let (last, before) = said.lines.split_last()?;
    let (words, place) = last.rsplit_once(" in ")?;
    let (file, line) = place.split_once(" on line ")?;
    if words == "  thrown" {
        let thrown = before.iter().rev().find_map(|line| line.strip_prefix("PHP Fatal error:  Uncaught "))?;
        let words = thrown.strip_suffix(&format!(" in {file}:{line}")).unwrap_or(thrown);
        return ran(file, line, words);
    }
    if let Some(words) = words.strip_prefix("PHP Parse error:  ") {
        return Some(Diagnostic { phase: Phase::Compile, ..ran(file, line, words)? });
    }
    ran(file, line, words.strip_prefix("PHP Fatal error:  ")?)
}

/// Ruby, which may show the line of the program below the message. The innermost place in the project is told:
///
/// ```text
/// ./main.rb:2:in `/': divided by 0 (ZeroDivisionError)
///     from ./main.rb:2:in `broken'
///     from ./main.rb:4:in `<main>'
/// ```
///
/// ```text
/// ./main.rb:2: syntax error, unexpected integer literal, expecting ')'
/// ```
pub(super) fn ruby(said: &Said<'_>) -> Option<Diagnostic> {
    const FROM: &str = "\tfrom ";
    let lines = &said.lines[..];
    let not_read = |line: &&str| {
        let (place, words) =
            line.split_once(": ").filter(|(_, words)| words.starts_with("syntax error, "))?;
        let (file, line) = place.rsplit_once(':')?;
        Some(Diagnostic { phase: Phase::Compile, ..ran(file, line, words)? })
    };
    // The first of the faults: what follows may come of it.
    if let Some(first) = lines.iter().rev().map_while(not_read).last() {
        return (said.exit_code == 1).then_some(first);
    }
    let frames = lines.iter().rev().take_while(|line| line.starts_with(FROM)).count();
    let (before, frames) = lines.split_at(lines.len() - frames);
    let shown = match before {
        [.., "", _, carets] if carets.ends_with('^') && carets.trim_start().chars().all(|c| c == '^') => 3,
        _ => 0,
    };
    let first = before.get(before.len().checked_sub(shown + 1)?)?;
    let (place, words) = first.split_once(": ")?;
    if said.exit_code != 1 || !(place.contains(":in `") && words.ends_with(')')) {
        return None;
    }
    let places = std::iter::once(place).chain(frames.iter().filter_map(|frame| frame.strip_prefix(FROM)));
    places.filter_map(|place| place.split_once(":in `")).find_map(|(place, _)| {
        let (file, line) = place.rsplit_once(':')?;
        ran(file, line, words)
    })
}

/// Tcl, which tells the line of the file in which it stood last:
///
/// ```text
/// divide by zero
///     invoked from within
/// "expr {1 / 0}"
///     (procedure "broken" line 2)
///     invoked from within
/// "broken"
///     (file "./main.tcl" line 4)
/// ```
pub(super) fn tcl(said: &Said<'_>) -> Option<Diagnostic> {
    let (last, before) = said.lines.split_last()?;
    let (file, line) = last.strip_prefix("    (file \"")?.strip_suffix(')')?.split_once("\" line ")?;
    let begins = |line: &&str| ["    while executing", "    invoked from within"].contains(line);
    let trace = before.iter().position(begins)?;
    let words = before.get(trace.checked_sub(1)?)?;
    (said.exit_code == 1).then(|| ran(file, line, words))?
}
