//! The attached stream of one sandbox: frames of sandbox-init out of the engine's multiplexed stream.

use std::{io, pin::Pin};

use bollard::container::{AttachContainerResults, LogOutput};
use bytes::BytesMut;
use futures_util::{FutureExt, Stream, StreamExt};
use sandbox_init::protocol::{self, BadFrame};
use serde::Deserialize;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::wording;

/// What init may say on standard error; it is for our log only.
const MAX_DIAGNOSTICS: usize = 4096;

/// Why no frame came.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The stream ended.
    #[error("the sandbox's stream ended{}", if .diagnostics.is_empty() { String::new() } else { format!(": {}", wording::shown(.diagnostics)) })]
    Ended {
        /// What init said on standard error.
        diagnostics: String,
    },
    /// The engine broke the stream.
    #[error("the sandbox's stream broke: {}", wording::with_causes(.0))]
    Broken(#[from] bollard::errors::Error),
    /// Writing failed.
    #[error("the sandbox does not take its input: {0}")]
    Write(#[from] std::io::Error),
    /// Not a frame of init's.
    #[error("the sandbox sent a bad frame: {0}")]
    Frame(#[from] BadFrame),
}

/// A connection to the standard streams of one sandbox. Dropped, it closes the sandbox's standard input, which
/// ends the sandbox.
pub struct Link {
    output: Pin<Box<dyn Stream<Item = Result<LogOutput, bollard::errors::Error>> + Send>>,
    input: Pin<Box<dyn AsyncWrite + Send>>,
    received: BytesMut,
    diagnostics: Vec<u8>,
}

impl From<AttachContainerResults> for Link {
    fn from(attached: AttachContainerResults) -> Self {
        Self {
            output: attached.output,
            input: attached.input,
            received: BytesMut::new(),
            diagnostics: Vec::new(),
        }
    }
}

impl Link {
    /// Sends a frame.
    ///
    /// # Errors
    /// [`LinkError::Write`].
    pub async fn send(&mut self, frame: &[u8]) -> Result<(), LinkError> {
        self.input.write_all(frame).await?;
        self.input.flush().await?;
        Ok(())
    }

    /// Waits for the first byte of the next frame, and meanwhile sends what there is in `outgoing`: a sandbox that is
    /// not read while it is written to could wait for us as we wait for it. May be dropped and called again: no byte is
    /// lost, in either direction.
    ///
    /// # Errors
    /// [`LinkError::Ended`], [`LinkError::Broken`], [`LinkError::Write`].
    pub async fn stirs(&mut self, outgoing: &mut BytesMut) -> Result<(), LinkError> {
        while self.received.is_empty() {
            if outgoing.is_empty() {
                self.read().await?;
                continue;
            }
            tokio::select! {
                said = self.output.next() => self.take_in(said)?,
                written = self.input.write_buf(outgoing) => {
                    if written? == 0 {
                        return Err(io::Error::from(io::ErrorKind::WriteZero).into());
                    }
                    self.input.flush().await?;
                }
            }
        }
        Ok(())
    }

    /// Reads the next frame, of at most `most` bytes: what is on its way is held whole.
    ///
    /// # Errors
    /// Any [`LinkError`] but [`LinkError::Write`].
    pub async fn receive<T: for<'a> Deserialize<'a>>(&mut self, most: usize) -> Result<T, LinkError> {
        loop {
            let length = protocol::frame_length(&self.received)?;
            if length.is_some_and(|length| length > most) {
                return Err(BadFrame::TooLong.into());
            }
            if let Some(length) = length.filter(|length| self.received.len() >= *length) {
                let frame = self.received.split_to(length);
                return Ok(protocol::decode(&frame)?);
            }
            self.read().await?;
        }
    }

    /// Whether the sandbox has said nothing since its last frame, and nobody has closed the stream. One that
    /// waits for its program is quiet.
    pub fn is_quiet(&mut self) -> bool {
        self.received.is_empty() && self.output.next().now_or_never().is_none()
    }

    /// Waits until the engine ends the stream, which it does once the sandbox is gone.
    pub async fn drain(mut self) {
        while self.read().await.is_ok() {
            self.received.clear();
        }
    }

    async fn read(&mut self) -> Result<(), LinkError> {
        let said = self.output.next().await;
        self.take_in(said)
    }

    fn take_in(&mut self, said: Option<Result<LogOutput, bollard::errors::Error>>) -> Result<(), LinkError> {
        match said {
            Some(Ok(LogOutput::StdOut { message } | LogOutput::Console { message })) => {
                self.received.extend_from_slice(&message);
                Ok(())
            }
            Some(Ok(LogOutput::StdErr { message })) => {
                let room = MAX_DIAGNOSTICS.saturating_sub(self.diagnostics.len());
                self.diagnostics.extend_from_slice(&message[..message.len().min(room)]);
                Ok(())
            }
            Some(Ok(LogOutput::StdIn { .. })) => Ok(()),
            Some(Err(error)) => Err(error.into()),
            None => {
                let diagnostics = String::from_utf8_lossy(&self.diagnostics).trim().to_owned();
                Err(LinkError::Ended { diagnostics })
            }
        }
    }
}
