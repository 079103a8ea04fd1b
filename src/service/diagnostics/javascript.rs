//! Node: an exception that nobody caught, or a program that could not be compiled.
//!
//! ```text
//! /sandbox/main.js:2
//!   throw new Error("x");
//!   ^
//!
//! Error: x
//!     at f (/sandbox/main.js:2:9)
//!     at Object.<anonymous> (/sandbox/main.js:4:1)
//!
//! Node.js v18.20.4
//! ```

use super::{Diagnostic, Phase, Said, Severity, in_project, message};

/// What Node writes last, before a version, when it ends because of an exception.
const LAST: &str = "Node.js v";

/// A place in the project.
struct Place {
    file: String,
    line: u32,
    column: Option<u32>,
}

pub(super) fn read(said: &Said<'_>) -> Option<Diagnostic> {
    let (last, lines) = said.lines.split_last()?;
    if !last.starts_with(LAST) {
        return None;
    }
    let (at, header) = lines.windows(3).enumerate().rev().find_map(|(at, window)| match window {
        [place, _, carets] if is_carets(carets) => header(place, carets).map(|header| (at, header)),
        _ => None,
    })?;
    let stack = &lines[at + 3..];
    let error = stack.iter().find(|line| !line.is_empty())?;
    let thrown = stack.iter().skip_while(|line| !line.starts_with("    at "));
    let frames = thrown.take_while(|line| line.starts_with("    ")).filter_map(|line| frame(line));
    let innermost = frames.into_iter().next();
    let (place, phase) = match (header, innermost) {
        // The place of a fault of syntax is no frame: nothing ran there. Frames are those that load the file.
        (Some(place), frame) if error.starts_with("SyntaxError: ") => {
            (place, if frame.is_none() { Phase::Compile } else { Phase::Run })
        }
        (_, Some(frame)) => (frame, Phase::Run),
        (Some(place), None) => (place, Phase::Run),
        (None, None) => return None,
    };
    let Place { file, line, column } = place;
    Some(Diagnostic { file, line, column, severity: Severity::Error, message: message(error), phase })
}

/// Whether a line points at something in the line above it. It is blank where that is the end of the text.
fn is_carets(line: &str) -> bool {
    line.chars().all(|c| c == '^' || c.is_whitespace())
}

/// The place that a report begins with: `None` within where it is not in the project.
#[expect(clippy::option_option, reason = "no report, or a report about a place elsewhere")]
fn header(text: &str, carets: &str) -> Option<Option<Place>> {
    let (path, line) = text.rsplit_once(':')?;
    let line = line.parse().ok()?;
    let known = path.starts_with(['/']) || path.starts_with("file:///") || path.starts_with("node:");
    if !known && !matches!(path, "undefined" | "evalmachine.<anonymous>") {
        return None;
    }
    let column = carets.chars().position(|c| c == '^').and_then(|at| u32::try_from(at + 1).ok());
    Some(file(path).map(|file| Place { file, line, column }))
}

/// `    at f (/sandbox/main.js:2:9)`, `    at async file:///sandbox/main.mjs:1:22`; `None` where that is not in the project.
fn frame(text: &str) -> Option<Place> {
    let text = text.strip_prefix("    at ")?;
    // What else the exception has is shown behind the last frame.
    let text = text.strip_suffix(" {").unwrap_or(text);
    if text.contains("(eval at ") {
        return None;
    }
    let place = match text.strip_suffix(')') {
        Some(inside) => inside.rsplit_once(" (")?.1,
        None => text.strip_prefix("async ").unwrap_or(text),
    };
    let (rest, column) = place.rsplit_once(':')?;
    let (path, line) = rest.rsplit_once(':')?;
    Some(Place { file: file(path)?, line: line.parse().ok()?, column: Some(column.parse().ok()?) })
}

/// The project's file that a path or a `file:` URL names. Names that the URL has in another form are not told.
fn file(path: &str) -> Option<String> {
    match path.strip_prefix("file://") {
        Some(path) => in_project(path).filter(|name| !name.contains('%')),
        None => in_project(path),
    }
}
