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

/// The bootstrap asks for the other name.
const MODULE: u8 = b'm';

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
    pub fn answer(self) {
        let mut said = [0];
        if matches!((&self.stream).read(&mut said), Ok(1)) && said[0] == MODULE {
            // The bootstrap looks whether it was done.
            self.rename().ok();
        }
    }

    fn rename(&self) -> io::Result<()> {
        let module = self.entry.with_extension("mjs");
        let is_script = self.entry.extension().is_some_and(|extension| extension == "js");
        if !is_script || fs::exists(&module)? {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        fs::rename(&self.entry, module)
    }
}

impl AsFd for Control {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
