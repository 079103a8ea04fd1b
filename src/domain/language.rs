//! The languages on offer. A language is data: one folder, not code.

mod compiler;
mod table;
#[cfg(test)]
mod tests;
mod version;

use std::{collections::BTreeMap, time::Duration};

pub use compiler::{
    ARGS, CompileArgs, Compiler, CompilerLimits, InvalidCompileArgs, MAX_COMPILE_ARGS, SOURCES,
};
pub use table::{InvalidLanguageTable, LanguageFault, LanguageTable, UnknownLanguage};
pub use version::{BadVersion, Version, VersionReq};

use super::{limits::Limits, project::RelativePath, request::Code};

/// The longest name of a language, in bytes.
const MAX_NAME_BYTES: usize = 32;
/// What `run` has in the place of the file to run.
pub const ENTRY: &str = "{entry}";

/// One language in one version: the image it runs in, how its programs are started, what its programs are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language {
    /// The name that tells this language and version from all others of a table: `python` is the newest version, and
    /// `python@3.11` is an older one. [`LanguageTable::new`] gives it.
    pub name: String,
    /// The language whatever its version, such as `python`: the name of its folder.
    pub family: String,
    /// The version, as far as the image's name promises it.
    pub version: Version,
    /// What people read, such as `Python`.
    pub title: String,
    /// Other names that mean this language.
    pub aliases: Vec<String>,
    /// The image, as the Docker host knows it.
    pub image: String,
    /// A program in this language that prints the interpreter's version.
    pub version_program: String,
    /// The interpreter's command line, as it is started before there is a program to run. Empty where `run` is given.
    pub command: Vec<String>,
    /// The command line that is executed when the program is there, with [`ENTRY`] in the place of its name. Empty where
    /// `command` is given.
    pub run: Vec<String>,
    /// How its programs are compiled before they are run; `None` where they are not.
    pub compiler: Option<Compiler>,
    /// The least memory in MiB that programs are given, where the server gives less.
    pub memory_mb: Option<u64>,
    /// The least time that programs are given, where the server gives less.
    pub timeout: Option<Duration>,
    /// Processes and threads of a program, where these are other than usual.
    pub processes: Option<u32>,
    /// The folder that `command` is started in, where that is not `/sandbox`; the bootstrap goes there by itself.
    pub start_in: Option<String>,
    /// Variables of the interpreter's environment, on top of the sandbox's own.
    pub environment: BTreeMap<String, String>,
    /// Variables, on top of `environment`, of an interpreter that `command` starts for a later step of an execution. Its
    /// program comes as soon as the interpreter is ready.
    pub later_environment: BTreeMap<String, String>,
    /// The files of the bootstrap by name; they live read-only in `/opt/sandbox/boot/<family>/`.
    pub bootstrap: BTreeMap<String, String>,
    /// The names of the files that a project is started by, the preferred first; the first is also what a
    /// bare piece of code is called.
    pub entry_points: Vec<String>,
    /// File name endings (without the dot) by which a lone uploaded file is known to be of this language.
    pub extensions: Vec<String>,
    /// A program that shows the language at work.
    pub example: String,
}

impl Language {
    /// The name a bare piece of code gets.
    #[must_use]
    pub fn default_file(&self) -> &str {
        &self.entry_points[0]
    }

    /// The most that a program in it may use, on a server that allows this much.
    #[must_use]
    pub fn limits(&self, server: Limits) -> Limits {
        Limits {
            timeout: self.timeout.unwrap_or_default().max(server.timeout),
            memory_mb: self.memory_mb.unwrap_or(0).max(server.memory_mb),
            ..server
        }
    }

    /// Every rule that this language breaks by itself, each with the field.
    #[must_use]
    pub fn faults(&self) -> Vec<LanguageFault> {
        let mut faults = Vec::new();
        let mut fault = |field: &'static str, rule: String| {
            faults.push(LanguageFault { language: self.family.clone(), field, rule });
        };
        if !is_name(&self.family) {
            fault("name", name_rule(&self.family));
        }
        for alias in self.aliases.iter().filter(|alias| !is_name(alias)) {
            fault("aliases", name_rule(alias));
        }
        if self.title.trim().is_empty() {
            fault("title", "is empty".to_owned());
        }
        if self.image.is_empty() || self.image.contains(char::is_whitespace) {
            fault("image", format!("`{}` is no name of an image", self.image));
        }
        for (name, list) in [("entry_points", &self.entry_points), ("extensions", &self.extensions)] {
            if list.is_empty() {
                fault(name, "is empty".to_owned());
            }
        }
        for name in &self.entry_points {
            match RelativePath::parse(name) {
                Ok(path) if path.as_str() == name => {}
                Ok(path) => fault("entry_points", format!("`{name}` is written `{path}`")),
                Err(why) => fault("entry_points", format!("`{name}` {why}")),
            }
        }
        for ending in self.extensions.iter().filter(|text| text.is_empty() || text.contains(['.', '/'])) {
            fault(
                "extensions",
                format!("`{ending}` is no ending: letters after the last dot, without the dot"),
            );
        }
        for (name, program) in [("example", &self.example), ("version program", &self.version_program)] {
            if let Err(why) = Code::parse(program.clone()) {
                fault(name, format!("is not a program that can be sent: {why}"));
            }
        }
        self.start_faults(&mut fault);
        faults
    }

    /// Every rule about how programs are started.
    fn start_faults(&self, fault: &mut impl FnMut(&'static str, String)) {
        match (self.command.is_empty(), self.run.is_empty()) {
            (true, true) => fault(
                "run",
                "is missing, and so is `command`: one of them says how programs are started".to_owned(),
            ),
            (false, false) => fault(
                "run",
                "and `command` are both given: one of them says how programs are started".to_owned(),
            ),
            (true, false) => {
                if self.compiler.is_none() && !self.run.iter().any(|word| word.contains(ENTRY)) {
                    fault("run", format!("has no `{ENTRY}`, which stands for the file to run"));
                }
                if self.run[0].contains(ENTRY) {
                    fault("run", "begins with the file to run, which nobody may execute".to_owned());
                }
                if !self.bootstrap.is_empty() {
                    fault("bootstrap", "is of no use without `command`".to_owned());
                }
                if self.start_in.is_some() {
                    fault("start_in", "is of no use without `command`".to_owned());
                }
            }
            (false, true) => {
                if self.bootstrap.is_empty() {
                    fault(
                        "command",
                        "needs a bootstrap, which waits for the program; else write `run`".to_owned(),
                    );
                }
            }
        }
        for (name, words) in [("command", &self.command), ("run", &self.run)] {
            if words.iter().any(|word| word.is_empty() || word.contains('\0')) {
                fault(name, "has an empty word, or a NUL".to_owned());
            }
        }
        if self.start_in.as_ref().is_some_and(|folder| !folder.starts_with('/')) {
            fault("start_in", "is no absolute path".to_owned());
        }
        environment_faults("environment", &self.environment, fault);
        environment_faults("later_environment", &self.later_environment, fault);
        if self.command.is_empty() && !self.later_environment.is_empty() {
            fault("later_environment", "is for an interpreter that waits: it goes with `command`".to_owned());
        }
        if let Some(compiler) = &self.compiler {
            if !self.command.is_empty() {
                fault(
                    "compile",
                    "needs `run`: what `command` starts waits for a program, not for a compiler".to_owned(),
                );
            }
            compiler.faults(fault);
            environment_faults("compiler.environment", &compiler.environment, fault);
        }
    }
}

fn environment_faults(
    field: &'static str,
    environment: &BTreeMap<String, String>,
    fault: &mut impl FnMut(&'static str, String),
) {
    for (name, _) in environment.iter().filter(|(name, value)| !is_variable(name, value)) {
        let rule = "is no variable: letters, digits and `_`, and no NUL in its value";
        fault(field, format!("`{name}` {rule}"));
    }
}

/// Whether this can be part of a label, a path and a URL.
fn is_name(name: &str) -> bool {
    let ok = |c: char| c.is_ascii_alphanumeric() || "-_+#".contains(c);
    !name.is_empty() && name.len() <= MAX_NAME_BYTES && name.chars().all(ok)
}

/// Whether this can be a variable of a process's environment.
fn is_variable(name: &str, value: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !value.contains('\0')
}

fn name_rule(name: &str) -> String {
    format!("`{name}` is no language name: letters, digits, `-`, `_`, `+` and `#`, at most {MAX_NAME_BYTES}")
}
