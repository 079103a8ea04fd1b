//! An execution request that is known to be good.

use std::sync::Arc;

use bytes::Bytes;

use super::{
    language::Language,
    limits::Limits,
    project::{InvalidProject, Project, RelativePath},
};

/// The most characters (Unicode scalar values) that `code` may have.
pub const MAX_CODE_CHARS: usize = 5000;
/// The most bytes of standard input.
pub const MAX_STDIN_BYTES: usize = 64 * 1024;
/// The most arguments.
pub const MAX_ARGS: usize = 64;
/// The most bytes all arguments may have together.
pub const MAX_ARGS_BYTES: usize = 16 * 1024;

/// A piece of source code: not empty, at most [`MAX_CODE_CHARS`] characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code(String);

/// What is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRequest {
    /// `code` is there and empty.
    #[error("`code` must not be empty.")]
    EmptyCode,
    /// Over [`MAX_CODE_CHARS`].
    #[error("Code too long. Maximum allowed length is 5000 characters.")]
    CodeTooLong,
    /// Neither code nor files.
    #[error("`code` is required unless `files` are given.")]
    NothingToRun,
    /// Over [`MAX_STDIN_BYTES`].
    #[error("`stdin` is too long. Maximum allowed length is 65536 bytes.")]
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
    /// The code, when it is neither empty nor too long.
    ///
    /// # Errors
    /// [`InvalidRequest::EmptyCode`] and [`InvalidRequest::CodeTooLong`].
    pub fn parse(text: String) -> Result<Self, InvalidRequest> {
        if text.is_empty() {
            return Err(InvalidRequest::EmptyCode);
        }
        // A character has at most four bytes: short texts need no count.
        if text.len() > MAX_CODE_CHARS && text.chars().count() > MAX_CODE_CHARS {
            return Err(InvalidRequest::CodeTooLong);
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
    /// What the program reads on standard input, then end of file.
    pub stdin: Stdin,
    /// Its arguments.
    pub args: Args,
    /// The limits in force.
    pub limits: Limits,
}
