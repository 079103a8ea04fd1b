//! What the compilers of C#, Fortran, Haskell, OCaml and Pascal say of a program that they refuse.

use super::{
    Diagnostic, Severity,
    compilers::{Words, in_brackets, place_of, told},
};

/// Mono's compiler of C#: `./main.cs(2,10): error CS0029: Cannot implicitly convert …`.
pub(super) fn mcs(lines: &[&str]) -> Vec<Diagnostic> {
    let words = [("): error ", Severity::Error), ("): warning ", Severity::Warning)];
    lines.iter().filter_map(|line| in_brackets(line, &words)).collect()
}

/// Free Pascal: `main.pas(6,11) Error: Identifier not found "Missing"`.
pub(super) fn fpc(lines: &[&str]) -> Vec<Diagnostic> {
    let words =
        [(") Error: ", Severity::Error), (") Fatal: ", Severity::Error), (") Warning: ", Severity::Warning)];
    lines.iter().filter_map(|line| in_brackets(line, &words)).collect()
}

/// GNU Fortran, which names the place first and says what is wrong below the line:
///
/// ```text
/// ./main.f90:4:6:
///
///     4 |   n = "a"
///       |      1
/// Error: Cannot convert CHARACTER(1) to INTEGER(4) at (1)
/// ```
pub(super) fn gfortran(lines: &[&str]) -> Vec<Diagnostic> {
    let words =
        [("Error: ", Severity::Error), ("Fatal Error: ", Severity::Error), ("Warning: ", Severity::Warning)];
    below(lines, &words, |line| place_of(line.strip_suffix(':')?))
}

/// OCaml's compiler, the same; its columns are counted from 0:
///
/// ```text
/// File "./main.ml", line 3, characters 16-17:
/// 3 |   print_endline 5
///                     ^
/// Error: The constant "5" has type "int" but an expression was expected of type
///          "string"
/// ```
pub(super) fn ocaml(lines: &[&str]) -> Vec<Diagnostic> {
    let words = [("Error: ", Severity::Error), ("Warning ", Severity::Warning)];
    let mut found = below(lines, &words, |line| {
        let (file, rest) = line.strip_prefix("File \"./")?.split_once("\", line ")?;
        let (line, rest) = rest.split_once(", characters ")?;
        let (column, _) = rest.split_once('-')?;
        Some((file.to_owned(), line.parse().ok()?, column.parse::<u32>().ok().map(|column| column + 1)))
    });
    // What cannot be read is told by the one who looks for the order of the modules too.
    found.dedup();
    found
}

/// GHC, whose words may stand in the same line or below:
///
/// ```text
/// main.hs:3:17: error:
///     • No instance for (Num String) arising from the literal ‘5’
/// main.hs:2:15: error: Variable not in scope: missing
/// ```
pub(super) fn ghc(lines: &[&str]) -> Vec<Diagnostic> {
    let read = |(at, line): (usize, &&str)| {
        let words = [(": error:", Severity::Error), (": warning:", Severity::Warning)];
        let (place, said, severity) = words.iter().find_map(|(word, severity)| {
            let (place, said) = line.split_once(word)?;
            Some((place, said, *severity))
        })?;
        let (file, line, column) = place_of(&format!("./{}", place.strip_prefix("./").unwrap_or(place)))?;
        // A warning has its option in the first line.
        let here = Some(said.trim()).filter(|said| !said.is_empty() && !said.starts_with('['));
        let said = here.or_else(|| Some(lines.get(at + 1)?.trim().trim_start_matches("• ")))?;
        Some(told(file, line, column, severity, said))
    };
    lines.iter().enumerate().filter_map(read).collect()
}

/// Places, each with the first line after it that begins with one of these words.
fn below(
    lines: &[&str],
    words: &Words<'_>,
    place: impl Fn(&str) -> Option<(String, u32, Option<u32>)>,
) -> Vec<Diagnostic> {
    let mut at = None;
    let mut found = Vec::new();
    for line in lines {
        if let Some(place) = place(line) {
            at = Some(place);
        } else if let Some((said, severity)) =
            words.iter().find_map(|(word, severity)| Some((line.strip_prefix(word)?, *severity)))
            && let Some((file, line, column)) = at.take()
        {
            found.push(told(file, line, column, severity, said));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each compiler wrote, word for word, and what is told of it.
    #[test]
    fn every_compiler_names_places_in_its_own_way() {
        type Case =
            (fn(&[&str]) -> Vec<Diagnostic>, &'static str, &'static [(&'static str, u32, u32, &'static str)]);
        let cases: [Case; 5] = [
            (
                mcs,
                "./main.cs(2,10): error CS0029: Cannot implicitly convert type `string' to `int'\nCompilation failed: 1 error(s), 0 warnings\n",
                &[("main.cs", 2, 10, "CS0029: Cannot implicitly convert type `string' to `int'")],
            ),
            (
                fpc,
                "main.pas(6,11) Error: Identifier not found \"Missing\"\nmain.pas(9) Fatal: There were 1 errors compiling module, stopping\n\
                 Fatal: Compilation aborted\nError: /usr/bin/ppcx64 returned an error exitcode\n",
                &[("main.pas", 6, 11, "Identifier not found \"Missing\"")],
            ),
            (
                gfortran,
                "./main.f90:5:3:\n\n    5 |   x = 3\n      |   1\nError: Symbol ‘x’ at (1) has no IMPLICIT type\n./main.f90:4:6:\n\n    4 |   n = \"a\"\n      |      1\n\
                 Error: Cannot convert CHARACTER(1) to INTEGER(4) at (1)\n",
                &[
                    ("main.f90", 5, 3, "Symbol ‘x’ at (1) has no IMPLICIT type"),
                    ("main.f90", 4, 6, "Cannot convert CHARACTER(1) to INTEGER(4) at (1)"),
                ],
            ),
            (
                ocaml,
                "File \"./helper.ml\", line 2, characters 0-0:\nError: Syntax error\nFile \"./helper.ml\", line 2, characters 0-0:\nError: Syntax error\n",
                &[("helper.ml", 2, 1, "Syntax error")],
            ),
            (
                ghc,
                "\nmain.hs:3:17: error:\n    • No instance for (Num String) arising from the literal ‘5’\n    • In the first argument of ‘putStrLn’, namely ‘5’\n  |\n\
                 3 | main = putStrLn 5\n  |                 ^\n\nmain.hs:2:15: error: Variable not in scope: missing\n",
                &[
                    ("main.hs", 3, 17, "No instance for (Num String) arising from the literal ‘5’"),
                    ("main.hs", 2, 15, "Variable not in scope: missing"),
                ],
            ),
        ];
        for (reader, said, expected) in cases {
            let lines: Vec<&str> = said.lines().collect();
            let found = reader(&lines);
            let found: Vec<_> =
                found.iter().map(|d| (&*d.file, d.line, d.column.unwrap(), &*d.message)).collect();
            assert_eq!(found, expected, "{said}");
            for line in
                ["", "x", "(1,2): error x", "/etc/x(1,2): error x", "Error: x", ": error:", "File \"./"]
            {
                assert!(reader(&[line]).is_empty(), "{line}");
            }
        }
    }
}
