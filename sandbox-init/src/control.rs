//! The channel to the interpreter's bootstrap, from the word that lets it go until it closes its end, which it does before
//! the program's first instruction.
//!
//! The bootstrap may ask one thing: that its program, a `.js` file, be named `.mjs`, since it has found that it is an ES
//! module, and Node tells what a file is by its name. Only init may rename anything. It closes the channel when it has
//! done what it could: that is its answer.

use std::{
    fs, io,
    io::{Read, Write},
    net::Shutdown,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::net::UnixStream,
    },
    path::PathBuf,
};

use crate::files;

/// The bootstrap asks for the other name.
const MODULE: u8 = b'm';
/// PID 1's own copy, which was to execute a command, could not: the number of the error follows, little endian.
pub const FAILED: u8 = b'!';

/// What came over the channel in the end.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// There was nothing to ask, or it could not be done.
    Nothing,
    /// The program's file has this name now.
    Renamed(PathBuf),
    /// The command could not be executed, for this reason (errno).
    Failed(i32),
}

/// The channel, open.
#[derive(Debug)]
pub struct Control {
    stream: UnixStream,
    entry: PathBuf,
}

impl Control {
    /// Lets the interpreter go, with the words for its bootstrap; `entry` is its program's file.
    ///
    /// # Errors
    /// When the interpreter is gone.
    pub fn release(control: OwnedFd, message: &[u8], entry: PathBuf) -> io::Result<Self> {
        let mut stream = UnixStream::from(control);
        stream.write_all(message)?;
        stream.shutdown(Shutdown::Write)?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream, entry })
    }

    /// Does what the bootstrap asks, if it can be done, and closes the channel. Also the end of the channel is taken in
    /// so: then there was nothing to ask.
    #[must_use]
    pub fn answer(self) -> Answer {
        let mut said = [0; 5];
        match (&self.stream).read(&mut said) {
            // It asks again and again, until the channel is closed.
            Ok(1..) if said[0] == MODULE => {
                // The bootstrap looks whether it was done.
                self.rename().map_or(Answer::Nothing, Answer::Renamed)
            }
            Ok(5) if said[0] == FAILED => {
                let [_, number @ ..] = said;
                Answer::Failed(i32::from_le_bytes(number))
            }
            _ => Answer::Nothing,
        }
    }

    fn rename(&self) -> io::Result<PathBuf> {
        let module = self.entry.with_extension("mjs");
        let is_script = self.entry.extension().is_some_and(|extension| extension == "js");
        if !is_script || fs::exists(&module)? {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        files::rename(&self.entry, &module)?;
        Ok(module)
    }
}

impl AsFd for Control {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
