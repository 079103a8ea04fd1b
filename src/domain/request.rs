//! An execution request that is known to be good.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;

use super::{
    files::{InvalidCollect, Workspace},
    language::{CompileArgs, Compiler, InvalidCompileArgs, Language},
    limits::Limits,
    project::{InvalidProject, Project, RelativePath},
    tests::{InvalidTests, Tests},
};

/// The most characters (Unicode scalar values) that `code` may have, unless a server is told otherwise.
pub const DEFAULT_CODE_CHARS: usize = 5000;
/// The most that a server can be told to take.
pub const MAX_CODE_CHARS: usize = 1024 * 1024;
/// The most bytes of standard input.
pub const MAX_STDIN_BYTES: usize = 8 * 1024 * 1024;
/// The most arguments.
pub const MAX_ARGS: usize = 64;
/// The most bytes all arguments may have together.
pub const MAX_ARGS_BYTES: usize = 16 * 1024;

/// A piece of source code: not empty, and not longer than the server allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code(String);

/// What is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRequest {
    /// `code` is there and empty.
    #[error("`code` must not be empty.")]
    EmptyCode,
    /// More characters than the server allows; how many it allows.
    #[error("Code too long. Maximum allowed length is {0} characters.")]
    CodeTooLong(usize),
    /// Neither code nor files.
    #[error("`code` is required unless `files` are given.")]
    NothingToRun,
    /// Over [`MAX_STDIN_BYTES`].
    #[error("`stdin` is too long. Maximum allowed length is 8388608 bytes.")]
    StdinTooLong,
    /// Over [`MAX_ARGS`].
    #[error("Too many `args`. Maximum allowed is 64.")]
    TooManyArgs,
    /// Over [`MAX_ARGS_BYTES`].
    #[error("`args` are too long. Maximum allowed length is 16384 bytes in all.")]
    ArgsTooLong,
    /// No operating system passes a NUL in an argument.
    #[error("`args` must not contain NUL characters.")]
    NulInArgs,
    /// The test cases are not good.
    #[error(transparent)]
    Tests(#[from] InvalidTests),
    /// The compiler is not given these arguments.
    #[error(transparent)]
    CompileArgs(#[from] InvalidCompileArgs),
    /// The patterns of files that are to come back are not good.
    #[error(transparent)]
    Collect(#[from] InvalidCollect),
    /// There are such patterns, and the program may write nothing.
    #[error("`collect` needs `\"workspace\": \"writable\"`: without it a program leaves no files.")]
    CollectReadOnly,
    /// The files do not make a project.
    #[error(transparent)]
    Project(#[from] InvalidProject),
    /// `entrypoint` is not the name of a file.
    #[error("`entrypoint` names no file of the project.")]
    NoSuchEntrypoint,
    /// No file is called as programs of this language are.
    #[error("No entry point: name a file in `entrypoint`, or call one {0}.")]
    NoEntrypoint(String),
}

impl Code {
    /// The code, when it is neither empty nor longer than [`DEFAULT_CODE_CHARS`].
    ///
    /// # Errors
    /// [`InvalidRequest::EmptyCode`] and [`InvalidRequest::CodeTooLong`].
    pub fn parse(text: String) -> Result<Self, InvalidRequest> {
        Self::at_most(text, DEFAULT_CODE_CHARS)
    }

    /// The code, when it is neither empty nor longer than `max_chars`.
    ///
    /// # Errors
    /// [`InvalidRequest::EmptyCode`] and [`InvalidRequest::CodeTooLong`].
    pub fn at_most(text: String, max_chars: usize) -> Result<Self, InvalidRequest> {
        if text.is_empty() {
            return Err(InvalidRequest::EmptyCode);
        }
        // A character has at least one byte: short texts need no count.
        if text.len() > max_chars && text.chars().count() > max_chars {
            return Err(InvalidRequest::CodeTooLong(max_chars));
        }
        Ok(Self(text))
    }
}

/// Standard input: at most [`MAX_STDIN_BYTES`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stdin(Bytes);

impl Stdin {
    /// The bytes, when they are not too many.
    ///
    /// # Errors
    /// [`InvalidRequest::StdinTooLong`].
    pub fn parse(bytes: impl Into<Bytes>) -> Result<Self, InvalidRequest> {
        let bytes = bytes.into();
        if bytes.len() > MAX_STDIN_BYTES { Err(InvalidRequest::StdinTooLong) } else { Ok(Self(bytes)) }
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same bytes, shared and not copied.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        self.0.clone()
    }
}

/// Command-line arguments of the program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Args(Vec<String>);

impl Args {
    /// The arguments, when they keep within the caps and have no NUL.
    ///
    /// # Errors
    /// [`InvalidRequest::TooManyArgs`], [`InvalidRequest::ArgsTooLong`], [`InvalidRequest::NulInArgs`].
    pub fn parse(args: Vec<String>) -> Result<Self, InvalidRequest> {
        if args.len() > MAX_ARGS {
            return Err(InvalidRequest::TooManyArgs);
        }
        if args.iter().map(String::len).sum::<usize>() > MAX_ARGS_BYTES {
            return Err(InvalidRequest::ArgsTooLong);
        }
        if args.iter().any(|arg| arg.contains('\0')) {
            return Err(InvalidRequest::NulInArgs);
        }
        Ok(Self(args))
    }

    /// The arguments.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

/// The files of a program, and which of them is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    project: Project,
    entrypoint: RelativePath,
}

impl Program {
    /// The program made of a piece of code (or none), further files, and the wish for an entry point.
    ///
    /// Bare code takes the name the entry point asks for when no file has it, else the language's own
    /// (`main.py`); so `"entrypoint": "main.mjs"` makes an ES module of it.
    ///
    /// # Errors
    /// When there is nothing to run, the files clash, or no file can be told to be the entry point.
    pub fn assemble(
        language: &Language,
        code: Option<Code>,
        mut project: Project,
        entrypoint: Option<&str>,
    ) -> Result<Self, InvalidRequest> {
        let wish = entrypoint
            .map(|name| RelativePath::parse(name).map_err(|why| InvalidProject::bad_name(name, why)))
            .transpose()?;
        if let Some(Code(text)) = code {
            let free = wish.as_ref().filter(|path| project.get(path).is_none());
            let name = free.map_or(language.default_file(), RelativePath::as_str).to_owned();
            project.add_program(&name, text.into())?;
            let entrypoint = match wish {
                Some(path) => path,
                None => RelativePath::parse(&name).map_err(|why| InvalidProject::bad_name(&name, why))?,
            };
            return Ok(Self { project, entrypoint });
        }
        if project.is_empty() {
            return Err(InvalidRequest::NothingToRun);
        }
        let entrypoint = match wish {
            Some(path) if project.get(&path).is_some() => path,
            Some(_) => return Err(InvalidRequest::NoSuchEntrypoint),
            None => Self::guess(language, &project)?,
        };
        Ok(Self { project, entrypoint })
    }

    fn guess(language: &Language, project: &Project) -> Result<RelativePath, InvalidRequest> {
        let known = language.entry_points.iter().filter_map(|name| RelativePath::parse(name).ok());
        if let Some(path) = known.into_iter().find(|path| project.get(path).is_some()) {
            return Ok(path);
        }
        let mut paths = project.iter().map(|(path, _)| path);
        match (paths.next(), paths.next()) {
            (Some(only), None) => Ok(only.clone()),
            _ => Err(InvalidRequest::NoEntrypoint(language.entry_points.join(", "))),
        }
    }

    /// All files.
    #[must_use]
    pub const fn project(&self) -> &Project {
        &self.project
    }

    /// The file that is run; it is one of the project's.
    #[must_use]
    pub const fn entrypoint(&self) -> &RelativePath {
        &self.entrypoint
    }

    /// The source of the file that is run, as kept in the history.
    #[must_use]
    pub fn source(&self) -> &[u8] {
        self.project.get(&self.entrypoint).map_or(&[], |bytes| bytes)
    }
}

/// Everything that is asked of one execution.
#[derive(Clone, Debug)]
pub struct ExecutionRequest {
    /// The language.
    pub language: Arc<Language>,
    /// The files, and which is run.
    pub program: Program,
    /// Arguments for the compiler; none where the language has no compiler.
    pub compile_args: CompileArgs,
    /// What the program reads on standard input, then end of file.
    pub stdin: Stdin,
    /// Its arguments.
    pub args: Args,
    /// The limits in force.
    pub limits: Limits,
    /// Test cases: the program is run once for each, with the case's own input and arguments. Then `stdin` and `args` are
    /// empty.
    pub tests: Option<Tests>,
    /// What the program may do among its files, and which of them come back.
    pub workspace: Workspace,
}

impl ExecutionRequest {
    /// Bytes that it takes in memory: files, standard input, test cases.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let tests = self.tests.as_ref().map_or(0, Tests::bytes);
        self.program.project().bytes() + self.stdin.as_bytes().len() + tests
    }

    /// The time that its compiler and its programs may take all together, as time limits count it; `total` is the longest
    /// that all steps of a request with test cases together may take. On a busy host they can take longer by the clock: see
    /// [`longest_wall`](Self::longest_wall).
    #[must_use]
    pub fn time_limit(&self, total: Duration) -> Duration {
        let compiling =
            self.language.compiler.as_ref().map_or(Duration::ZERO, |compiler| compiler.limits.timeout);
        match &self.tests {
            None => compiling + self.limits.timeout,
            Some(tests) => {
                let cases = tests.cases().iter().map(|case| case.limits.timeout);
                (compiling + cases.sum::<Duration>()).min(total)
            }
        }
    }

    /// The longest that its compiler and its programs may run by the clock, all together, however busy the host; `total` is
    /// the longest that all test cases together may take.
    #[must_use]
    pub fn longest_wall(&self, total: Duration) -> Duration {
        let compiler = self.language.compiler.as_ref();
        let compiling = compiler.map_or(Duration::ZERO, Compiler::longest_wall);
        compiling + self.longest_run(total)
    }

    fn longest_run(&self, total: Duration) -> Duration {
        match &self.tests {
            None => self.limits.longest_wall(),
            // The last case may begin just before the time is over, and then take four times what was left.
            Some(tests) => {
                let each = tests.cases().iter().map(|case| case.limits.longest_wall());
                each.sum::<Duration>().min(total + self.limits.longest_wall())
            }
        }
    }
}
