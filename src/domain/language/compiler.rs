//! How programs of a language are compiled: the command line, which arguments a caller may add, what the compiler may use.

use std::{collections::BTreeMap, time::Duration};

use super::ENTRY;
use crate::domain::{
    limits::{Limits, longest_wall},
    request::Program,
};

/// What a compiler's command line has in the place of the files that it is given.
pub const SOURCES: &str = "{sources}";
/// What it has in the place of the caller's arguments.
pub const ARGS: &str = "{args}";
/// The most arguments that a caller may add.
pub const MAX_COMPILE_ARGS: usize = 16;
/// The longest argument, in bytes.
const MAX_ARG_BYTES: usize = 256;
/// What stands at the end of an allowed argument for any ending.
const ANY_ENDING: char = '*';
/// Bytes that are kept of each of a compiler's output streams, at most: they go into the answer beside the program's own.
const KEPT_BYTES: u64 = 16 * 1024;

/// How a language's programs are compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiler {
    /// The command line, with [`ENTRY`], [`SOURCES`] and [`ARGS`] in their places.
    pub command: Vec<String>,
    /// Endings (without the dot) of the project's files that [`SOURCES`] stands for.
    pub sources: Vec<String>,
    /// Arguments that a caller may add; one that ends in `*` stands for all that begin so.
    pub args: Vec<String>,
    /// Variables of the compiler's environment, on top of the sandbox's own.
    pub environment: BTreeMap<String, String>,
    /// What the compiler may use.
    pub limits: CompilerLimits,
}

/// What a compiler may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompilerLimits {
    /// Time: CPU time, and time by the clock without that in which others had its CPU.
    pub timeout: Duration,
    /// Memory in MiB, the files that it writes included.
    pub memory_mb: u64,
    /// Processes and threads at once.
    pub processes: u32,
    /// The longest file in MiB.
    pub file_mb: u64,
}

impl Default for CompilerLimits {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(20), memory_mb: 512, processes: 64, file_mb: 64 }
    }
}

/// A caller's argument that the compiler is not given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCompileArgs {
    /// The language has no compiler.
    #[error("`compile` is of no use: {0} is not compiled.")]
    NotCompiled(String),
    /// Over [`MAX_COMPILE_ARGS`].
    #[error("Too many `compile.args`. Maximum allowed is 16.")]
    TooMany,
    /// It is not in the language's list.
    #[error("`compile.args[{index}]` is not allowed: `{arg}`. {language} takes: {allowed}.")]
    NotAllowed {
        /// Its place.
        index: usize,
        /// The argument, shortened.
        arg: String,
        /// What people call the language.
        language: String,
        /// The list, with commas between.
        allowed: String,
    },
}

/// Arguments of a caller for the compiler, each of which the language allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompileArgs(Vec<String>);

impl CompileArgs {
    /// The arguments.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

impl super::Language {
    /// These arguments, where this language's compiler may be given each of them.
    ///
    /// # Errors
    /// [`InvalidCompileArgs`], with the first that may not be given.
    pub fn compile_args(&self, args: Vec<String>) -> Result<CompileArgs, InvalidCompileArgs> {
        let Some(compiler) = &self.compiler else {
            return Err(InvalidCompileArgs::NotCompiled(self.title.clone()));
        };
        if args.len() > MAX_COMPILE_ARGS {
            return Err(InvalidCompileArgs::TooMany);
        }
        match args.iter().position(|arg| !compiler.allows(arg)) {
            None => Ok(CompileArgs(args)),
            Some(index) => Err(InvalidCompileArgs::NotAllowed {
                index,
                arg: args[index].chars().filter(|c| !c.is_control()).take(80).collect(),
                language: self.title.clone(),
                allowed: if compiler.args.is_empty() {
                    "none".to_owned()
                } else {
                    compiler.args.iter().map(|arg| format!("`{arg}`")).collect::<Vec<_>>().join(", ")
                },
            }),
        }
    }
}

impl Compiler {
    /// Whether a caller may add this argument.
    fn allows(&self, arg: &str) -> bool {
        let fits = |allowed: &String| match allowed.strip_suffix(ANY_ENDING) {
            Some(beginning) => arg.len() > beginning.len() && arg.starts_with(beginning),
            None => arg == allowed,
        };
        arg.len() <= MAX_ARG_BYTES && !arg.contains('\0') && self.args.iter().any(fits)
    }

    /// The command line that compiles this program with these arguments. Every file is written `./name`: so one that is
    /// called as an option is none.
    #[must_use]
    pub fn line(&self, program: &Program, args: &CompileArgs) -> Vec<String> {
        let file = |name: &str| format!("./{name}");
        let entry = program.entrypoint().as_str();
        let mut line = Vec::new();
        for word in &self.command {
            match word.as_str() {
                ARGS => line.extend(args.as_slice().iter().cloned()),
                SOURCES => {
                    line.push(file(entry));
                    let names = program.project().iter().map(|(name, _)| name.as_str());
                    line.extend(names.filter(|name| *name != entry && self.is_source(name)).map(file));
                }
                _ => line.push(word.replace(ENTRY, &file(entry))),
            }
        }
        line
    }

    fn is_source(&self, name: &str) -> bool {
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        self.sources.iter().any(|source| source == ending)
    }

    /// The limits of the compile step of a program whose own limits are these. The compiler has the memory of the program
    /// at least: the sandbox has so much in any case.
    #[must_use]
    pub fn step_limits(&self, program: Limits) -> Limits {
        Limits {
            timeout: self.limits.timeout,
            memory_mb: self.limits.memory_mb.max(program.memory_mb),
            output_bytes: program.output_bytes.min(KEPT_BYTES),
        }
    }

    /// The longest that the compiler may run by the clock, however busy the host.
    #[must_use]
    pub const fn longest_wall(&self) -> Duration {
        longest_wall(self.limits.timeout)
    }

    /// Every rule that is broken, each with the field.
    pub(super) fn faults(&self, fault: &mut impl FnMut(&'static str, String)) {
        let placed = |place: &str| self.command.iter().any(|word| word == place);
        if !self.command.iter().any(|word| word.contains(ENTRY)) && !placed(SOURCES) {
            fault(
                "compile",
                format!("has neither `{ENTRY}` nor `{SOURCES}`, which stand for the files to compile"),
            );
        }
        if self.command.first().is_some_and(|word| word.contains(ENTRY) || word == SOURCES || word == ARGS) {
            fault("compile", "begins with no command".to_owned());
        }
        for place in [SOURCES, ARGS] {
            if self.command.iter().any(|word| word.contains(place) && word != place) {
                fault("compile", format!("has `{place}` in a word: it stands for words of its own"));
            }
        }
        if self.command.iter().any(|word| word.is_empty() || word.contains('\0')) {
            fault("compile", "has an empty word, or a NUL".to_owned());
        }
        if placed(SOURCES) == self.sources.is_empty() {
            fault("compiler.sources", format!("and `{SOURCES}` in `compile` need each other"));
        }
        if placed(ARGS) == self.args.is_empty() {
            fault("compiler.args", format!("and `{ARGS}` in `compile` need each other"));
        }
        for arg in &self.args {
            if arg.trim_end_matches(ANY_ENDING).is_empty() || arg.contains(|c: char| c.is_control()) {
                fault("compiler.args", format!("`{arg}` would allow anything, or nothing that can be sent"));
            }
        }
    }
}
