//! The programs of each language, as they stand in `tests/languages/`.

use std::collections::BTreeMap;

use safe_code_executor::domain::language::Language;
use serde::Deserialize;

/// The programs of one language. What a language cannot do has no program, and an empty cell.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programs {
    /// Prints the sum of the numbers on standard input, one a line.
    pub sum: Option<String>,
    /// Prints its arguments, one a line.
    pub args: Option<String>,
    /// By name; `main` is the program. Prints what a function in another file reads from `data.txt`.
    pub files: BTreeMap<String, String>,
    /// Prints a line of its own, and where the language reads input, the line that it reads.
    pub unicode: String,
    /// Leaves with code 3.
    pub exit: Option<String>,
    pub crash: Crash,
    /// Never ends.
    pub r#loop: String,
    /// Takes memory without end.
    pub memory: String,
    /// Writes lines without end.
    pub output: String,
    /// Says whether it could connect to another machine.
    pub network: Option<String>,
    /// Says of two files whether it could write them: one in /tmp, one beside the program.
    pub write: String,
    /// Refused by the compiler, or by what reads the program before it begins.
    pub fault: Crash,
    /// Starts processes or threads that sleep, says `refused` when one does not start, and else at last `unbounded`.
    pub bomb: Option<String>,
    /// Prints `/etc/passwd`.
    pub passwd: String,
    /// Where `total` is 0 at first, makes it `total * 3 % 1000003 + n` for each `n` from 1 on, and prints it: see [`Programs::large`].
    pub large: String,
}

/// A program that fails, and what it says then: the file, the line and the reason.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crash {
    pub code: String,
    pub says: Vec<String>,
    /// The line that `diagnostics` tells, of the main file. Nothing where the language names no line, or in no form that is read.
    pub line: Option<u32>,
}

/// How long the large program is at least, in bytes.
const LARGE: usize = 200_000;

impl Programs {
    /// Those of this language.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn of(language: &Language) -> Result<Self, String> {
        let programs = crate::support::text(format!("languages/{}.toml", language.family));
        let programs: Self = toml::from_str(&programs).map_err(|error| error.to_string())?;
        if !programs.files.contains_key("main") {
            return Err("`files` has no main program".to_owned());
        }
        if language.compiler.is_some() && programs.fault.line.is_none() {
            return Err("a compiler names the line of a fault".to_owned());
        }
        Ok(programs)
    }

    /// A program of 200 KB, and the number that it prints. Each line of the text that has `{n}` stands there once for each number.
    pub fn large(&self) -> (String, u64) {
        let numbered = |line: &&str| line.contains("{n}");
        let once: usize = self.large.lines().filter(numbered).map(str::len).sum();
        let last = (LARGE / once) as u64;
        let mut program = String::new();
        for line in self.large.trim_start().lines() {
            let numbers = if numbered(&line) { 1..=last } else { 1..=1 };
            for n in numbers {
                program += &line.replace("{n}", &n.to_string());
                program.push('\n');
            }
        }
        assert!(program.len() > LARGE, "{} bytes", program.len());
        (program, (1..=last).fold(0, |total, n| total * 3 % 1_000_003 + n))
    }
}
