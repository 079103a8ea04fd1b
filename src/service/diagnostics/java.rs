//! Java: what the compiler refuses, and an exception that nobody caught.

use super::{Diagnostic, Phase, Said, Severity, compilers, message};

/// The compiler, which names lines as GCC does, and marks the column below the line:
///
/// ```text
/// ./Main.java:3: error: cannot find symbol
///         return x;
///                ^
///   symbol:   variable x
/// ```
pub(super) fn javac(lines: &[&str]) -> Vec<Diagnostic> {
    let told = |(at, line): (usize, &&str)| {
        let found = compilers::at_the_beginning(line)?;
        // A message may go on for some lines before the program's own.
        let below = lines[at + 1..].iter().take_while(|line| compilers::at_the_beginning(line).is_none());
        let column = below.copied().find_map(marked);
        Some(Diagnostic { column, ..found })
    };
    lines.iter().enumerate().filter_map(told).collect()
}

/// The column of a mark that stands alone in its line.
fn marked(line: &str) -> Option<u32> {
    let before = line.strip_suffix('^')?;
    before.chars().all(char::is_whitespace).then(|| u32::try_from(before.chars().count() + 1).ok())?
}

/// An exception that ended the main thread:
///
/// ```text
/// Exception in thread "main" java.lang.IllegalStateException: x
///     at java.base/java.util.Optional.get(Optional.java:143)
///     at Main.main(Main.java:5)
/// Caused by: java.io.IOException: y
///     ... 1 more
/// ```
pub(super) fn read(said: &Said<'_>) -> Option<Diagnostic> {
    const FIRST: &str = "Exception in thread \"main\" ";
    let (at, thrown) = said.lines.iter().enumerate().rev().find_map(|(at, line)| {
        let thrown = line.strip_prefix(FIRST)?;
        Some((at, thrown))
    })?;
    // A message of several lines stands before the frames.
    let trace: Vec<&str> =
        said.lines[at + 1..].iter().skip_while(|line| !is_of_a_trace(line)).copied().collect();
    if said.exit_code != 1 || !trace.iter().all(|line| is_of_a_trace(line)) {
        return None;
    }
    let (file, line) = trace.iter().take_while(|line| is_frame(line)).find_map(|frame| place(frame))?;
    Some(Diagnostic {
        file,
        line,
        column: None,
        severity: Severity::Error,
        message: message(thrown),
        phase: Phase::Run,
    })
}

fn is_frame(line: &str) -> bool {
    line.starts_with("\tat ")
}

fn is_of_a_trace(line: &str) -> bool {
    let line = line.trim_start_matches('\t');
    ["at ", "... ", "Caused by: ", "Suppressed: "].iter().any(|start| line.starts_with(start))
}

/// The file and the line of a frame of the program's own. The machine's own names its module, as `java.base/`; of a class
/// in a package the folder is not told.
fn place(frame: &str) -> Option<(String, u32)> {
    let (name, place) = frame.strip_prefix("\tat ")?.strip_suffix(')')?.split_once('(')?;
    let (file, line) = place.rsplit_once(':')?;
    let own = !name.contains('/') && name.split('.').count() == 2;
    Some((file.to_owned(), line.parse().ok()?)).filter(|_| own)
}

#[cfg(test)]
mod tests {
    use super::*;

    // What OpenJDK 17 wrote, word for word.
    const REFUSED: &str = "\
./Main.java:1: warning: [rawtypes] found raw type: List
import java.util.*; public class Main { List l; }
                                        ^
  missing type arguments for generic class List<E>
./a/Helper.java:3: error: cannot find symbol
\tint y = x; int z = \"a\"; } }
\t        ^
  symbol:   variable x
  location: class Helper
./Main.java:9: error: reached end of file while parsing
}
 ^
2 errors
1 warning
";
    const THROWN: &str = "\
before
Exception in thread \"main\" java.lang.NumberFormatException: For input string: \"x\"
\tat java.base/java.lang.Integer.parseInt(Integer.java:668)
\tat Main.told(Main.java:3)
\tat Main.main(Main.java:7)
Caused by: java.lang.RuntimeException
\t... 1 more
";

    #[test]
    fn the_compiler_names_lines_and_marks_columns() {
        let lines: Vec<&str> = REFUSED.lines().collect();
        let told: Vec<_> = javac(&lines)
            .into_iter()
            .map(|d| (d.file, d.line, d.column, d.severity.as_str(), d.message))
            .collect();
        let expected = [
            ("Main.java", 1, 41, "warning", "[rawtypes] found raw type: List"),
            ("a/Helper.java", 3, 10, "error", "cannot find symbol"),
            ("Main.java", 9, 2, "error", "reached end of file while parsing"),
        ];
        let expected = expected.map(|(file, line, column, severity, message)| {
            (file.to_owned(), line, Some(column), severity, message.to_owned())
        });
        assert_eq!(told, expected);
    }

    fn read_of(text: &str, exit_code: u8) -> Option<(String, u32, String)> {
        let said = Said { lines: text.lines().collect(), exit_code };
        read(&said).map(|found| (found.file, found.line, found.message))
    }

    #[test]
    fn an_uncaught_exception_is_told_at_the_innermost_line_of_the_program() {
        let message = "java.lang.NumberFormatException: For input string: \"x\"".to_owned();
        assert_eq!(read_of(THROWN, 1), Some(("Main.java".to_owned(), 3, message)));
        let long = "Exception in thread \"main\" X: a\nb\n\tat Main.main(Main.java:2)\n";
        assert_eq!(read_of(long, 1), Some(("Main.java".to_owned(), 2, "X: a".to_owned())));
    }

    #[test]
    fn what_is_no_whole_report_is_none() {
        assert_eq!(read_of(THROWN, 3), None, "it left by itself");
        assert_eq!(read_of(&format!("{THROWN}and then\n"), 1), None, "it went on");
        assert_eq!(read_of("Exception in thread \"main\" X\n", 1), None);
        assert_eq!(read_of("Exception in thread \"main\" X\n\tat a.b.Main.main(Main.java:2)\n", 1), None);
        assert_eq!(read_of("Exception in thread \"worker\" X\n\tat Main.main(Main.java:2)\n", 1), None);
    }
}
