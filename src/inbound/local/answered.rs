//! A connection whose answers must be read: writing that makes no progress is given up. hyper itself waits for ever.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    time::{Instant, Sleep, sleep},
};

/// Bytes that count as progress: a client that takes a byte now and then does not read.
const PROGRESS: usize = 64 * 1024;

/// A connection, with the time in which each stretch of an answer must be taken.
pub(super) struct Answered {
    io: TokioIo<TcpStream>,
    patience: Duration,
    /// Runs while an answer is being written that the client did not take at once.
    stalled: Option<Pin<Box<Sleep>>>,
    since: usize,
}

impl Answered {
    pub fn new(stream: TcpStream, patience: Duration) -> Self {
        Self { io: TokioIo::new(stream), patience, stalled: None, since: 0 }
    }

    fn progress(&mut self, bytes: usize) {
        self.since += bytes;
        if let Some(stalled) = self.stalled.as_mut().filter(|_| self.since >= PROGRESS) {
            stalled.as_mut().reset(Instant::now() + self.patience);
            self.since = 0;
        }
    }

    fn written(
        &mut self,
        written: Poll<io::Result<usize>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(written) = written {
            let count = written?;
            self.progress(count);
            if self.stalled.is_none() {
                return Poll::Ready(Ok(count));
            }
            // The time also ends while a trickle of it is taken.
            return match self.is_given_up(context) {
                Poll::Ready(()) => Poll::Ready(Err(given_up())),
                Poll::Pending => Poll::Ready(Ok(count)),
            };
        }
        ready!(self.is_given_up(context));
        Poll::Ready(Err(given_up()))
    }

    fn is_given_up(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let patience = self.patience;
        if self.stalled.is_none() {
            self.since = 0;
        }
        self.stalled.get_or_insert_with(|| Box::pin(sleep(patience))).as_mut().poll(context)
    }
}

fn given_up() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the client does not read its answer")
}

impl Read for Answered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl Write for Answered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(context, bytes);
        self.written(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(context, bytes);
        self.written(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    /// hyper flushes when it has nothing more to write: then everything was taken.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.io).poll_flush(context))?;
        self.stalled = None;
        self.since = 0;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}
