//! What compilers say of a program that they refuse, in the forms that they have for it.

use super::{Diagnostic, Phase, Severity, message};

/// How compilers write a file's name: as they were given it.
const GIVEN: &str = "./";

/// The words that stand before what a compiler says, and how bad the fault is then.
pub(super) type Words<'a> = [(&'a str, Severity)];

/// GCC, for C and C++:
///
/// ```text
/// ./main.c:1:25: error: 'x' undeclared (first use in this function)
/// ./main.c:1:10: fatal error: nothing.h: No such file or directory
/// ./main.c:3:5: warning: implicit declaration of function 'f' [-Wimplicit-function-declaration]
/// ```
pub(super) fn gcc(lines: &[&str]) -> Vec<Diagnostic> {
    lines.iter().filter_map(|line| at_the_beginning(line)).collect()
}

/// `./main.c:1:25: error: …`, or without a column.
pub(super) fn at_the_beginning(line: &str) -> Option<Diagnostic> {
    const WORDS: [(&str, Severity); 3] = [
        (": error: ", Severity::Error),
        (": fatal error: ", Severity::Error),
        (": warning: ", Severity::Warning),
    ];
    let found = WORDS.iter().filter_map(|(word, severity)| Some((line.split_once(word)?, *severity)));
    // The first word counts: what is quoted after it may have another.
    let ((place, said), severity) = found.min_by_key(|((place, _), _)| place.len())?;
    let (file, line, column) = place_of(place)?;
    Some(told(file, line, column, severity, said))
}

/// `./main.c:1:25` or `./main.c:1`: a file of the project, a line, a column.
pub(super) fn place_of(place: &str) -> Option<(String, u32, Option<u32>)> {
    let (rest, last) = place.rsplit_once(':')?;
    let last = last.parse().ok()?;
    let (file, line, column) = match rest.rsplit_once(':') {
        Some((file, line)) if line.parse::<u32>().is_ok() => (file, line.parse().ok()?, Some(last)),
        _ => (rest, last, None),
    };
    let file = file.strip_prefix(GIVEN).filter(|name| !name.is_empty())?;
    Some((file.to_owned(), line, column))
}

/// The compiler of Go: `./main.go:6:14: undefined: x`.
pub(super) fn go(lines: &[&str]) -> Vec<Diagnostic> {
    let read = |line: &&str| {
        let (place, said) = line.split_once(": ")?;
        let (file, line, column) = place_of(place)?;
        Some(told(file, line, column, Severity::Error, said))
    };
    lines.iter().filter_map(read).collect()
}

/// The compiler of Rust:
///
/// ```text
/// error[E0308]: mismatched types
///  --> ./main.rs:1:25
/// ```
pub(super) fn rustc(lines: &[&str]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for pair in lines.windows(2) {
        let Some((word, said)) = pair[0].split_once(": ") else { continue };
        let severity = match word.split_once('[').map_or(word, |(word, _)| word) {
            "error" => Severity::Error,
            "warning" => Severity::Warning,
            _ => continue,
        };
        let place = pair[1].trim_start().strip_prefix("--> ").and_then(place_of);
        if let Some((file, line, column)) = place {
            found.push(told(file, line, column, severity, said));
        }
    }
    found
}

/// `esbuild`, which strips the types of TypeScript, and `tsc`, which checks them:
///
/// ```text
/// ✘ [ERROR] Expected ";" but found "x"
///
///     main.ts:3:5:
/// ```
///
/// ```text
/// main.ts(3,5): error TS2322: Type 'string' is not assignable to type 'number'.
/// ```
pub(super) fn typescript(lines: &[&str]) -> Vec<Diagnostic> {
    const TSC: [(&str, Severity); 1] = [("): error ", Severity::Error)];
    let mut said: Option<(&str, Severity)> = None;
    let mut found = Vec::new();
    for line in lines {
        if let Some((_, rest)) = line.split_once(" [ERROR] ") {
            said = Some((rest, Severity::Error));
        } else if let Some((_, rest)) = line.split_once(" [WARNING] ") {
            said = Some((rest, Severity::Warning));
        } else if let Some((words, severity)) = said {
            let place = line.strip_prefix("    ").and_then(|place| place.strip_suffix(':'));
            if let Some((file, line, column)) = place.and_then(|place| place_of(&format!("{GIVEN}{place}"))) {
                // Its columns are counted from 0.
                found.push(told(file, line, column.map(|at| at + 1), severity, words));
                said = None;
            }
        } else if let Some(diagnostic) = in_brackets(line, &TSC) {
            found.push(diagnostic);
        }
    }
    found
}

/// `main.pas(6,11)` and one of these words: a file of the project, a line and a column, and what is said.
pub(super) fn in_brackets(line: &str, words: &Words<'_>) -> Option<Diagnostic> {
    let (place, said, severity) = words.iter().find_map(|(word, severity)| {
        let (place, said) = line.split_once(word)?;
        Some((place, said, *severity))
    })?;
    let (file, numbers) = place.rsplit_once('(')?;
    let (line, column) = numbers.split_once(',')?;
    let file = file.strip_prefix(GIVEN).unwrap_or(file);
    if file.is_empty() || file.starts_with(['/', '.']) {
        return None;
    }
    Some(told(file.to_owned(), line.parse().ok()?, column.parse().ok(), severity, said))
}

/// A fault of a program that was compiled.
pub(super) fn told(
    file: String,
    line: u32,
    column: Option<u32>,
    severity: Severity,
    said: &str,
) -> Diagnostic {
    Diagnostic { file, line, column, severity, message: message(said), phase: Phase::Compile }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(found: &[Diagnostic]) -> Vec<(&str, u32, Option<u32>, &str, &str)> {
        found.iter().map(|d| (&*d.file, d.line, d.column, d.severity.as_str(), &*d.message)).collect()
    }

    #[test]
    fn gcc_names_files_lines_and_columns() {
        // What GCC 12 wrote, word for word.
        let said = "\
./main.c: In function ‘main’:
./main.c:3:25: error: ‘x’ undeclared (first use in this function)
    3 | int main(void) { return x; }
      |                         ^
./main.c:3:25: note: each undeclared identifier is reported only once for each function it appears in
In file included from ./main.c:1:
./a/b.h:2:1: warning: data definition has no type or storage class
./main.c:1:10: fatal error: nothing.h: No such file or directory
/usr/include/stdio.h:1:1: error: not the program's own
compilation terminated.
/usr/bin/ld: error: undefined symbol: f
";
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(
            seen(&gcc(&lines)),
            [
                ("main.c", 3, Some(25), "error", "‘x’ undeclared (first use in this function)"),
                ("a/b.h", 2, Some(1), "warning", "data definition has no type or storage class"),
                ("main.c", 1, Some(10), "error", "nothing.h: No such file or directory"),
            ]
        );
    }

    #[test]
    fn what_is_no_place_is_no_fault() {
        for line in [
            "",
            "error: ",
            "./: error: x",
            "./main.c: error: x",
            "./main.c:x: error: x",
            "main.c:1:1: error: x",
        ] {
            assert!(gcc(&[line]).is_empty(), "{line}");
        }
        assert_eq!(
            seen(&gcc(&["./a:1:b.c:7: error: e: warning: w"])),
            [("a:1:b.c", 7, None, "error", "e: warning: w")]
        );
    }

    #[test]
    fn the_compilers_of_go_rust_and_typescript_name_places_in_their_own_ways() {
        let lines = |text: &'static str| text.lines().collect::<Vec<_>>();
        let go_said =
            lines("./main.go:6:14: undefined: x\n./a/b.go:2:1: syntax error: unexpected }\nnote: see\n");
        assert_eq!(
            seen(&go(&go_said)),
            [
                ("main.go", 6, Some(14), "error", "undefined: x"),
                ("a/b.go", 2, Some(1), "error", "syntax error: unexpected }"),
            ]
        );
        let rust_said = lines(
            "warning: unused variable: `y`\n --> ./main.rs:2:9\n  |\nerror[E0308]: mismatched types\n --> ./main.rs:1:25\n  |\n\
             error: aborting due to 1 previous error; 1 warning emitted\n\nFor more information, try `rustc --explain E0308`.\n",
        );
        assert_eq!(
            seen(&rustc(&rust_said)),
            [
                ("main.rs", 2, Some(9), "warning", "unused variable: `y`"),
                ("main.rs", 1, Some(25), "error", "mismatched types"),
            ]
        );
        let esbuild_said = lines(
            "✘ [ERROR] Expected \";\" but found \"x\"\n\n    main.ts:3:4:\n      3 │ let x x\n        ╵       ^\n\n1 error\n",
        );
        assert_eq!(
            seen(&typescript(&esbuild_said)),
            [("main.ts", 3, Some(5), "error", "Expected \";\" but found \"x\"")]
        );
        let tsc_said = lines(
            "main.ts(3,5): error TS2322: Type 'string' is not assignable to type 'number'.\n  The rest.\n",
        );
        assert_eq!(
            seen(&typescript(&tsc_said)),
            [("main.ts", 3, Some(5), "error", "TS2322: Type 'string' is not assignable to type 'number'.")]
        );
    }
}
