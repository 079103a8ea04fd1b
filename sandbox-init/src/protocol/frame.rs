//! The one frame codec between the handler and PID 1: a `u32` length (little endian), then that many bytes of
//! [postcard](https://postcard.jamesmunns.com).

use serde::{Deserialize, Serialize};

/// Length of the prefix of a frame in bytes.
pub const PREFIX: usize = 4;
/// The longest body of a frame in bytes: an 8 MiB project, 8 MiB of standard input, names and arguments.
pub const MAX_BODY: usize = 18 * 1024 * 1024;

/// A frame that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadFrame {
    /// Its prefix promises more than [`MAX_BODY`].
    TooLong,
    /// Its body is not the message that is due, or has bytes after it.
    Malformed,
}

impl std::fmt::Display for BadFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TooLong => "frame too long",
            Self::Malformed => "malformed frame",
        })
    }
}

impl std::error::Error for BadFrame {}

/// The frame of a message.
///
/// # Errors
/// When the message is longer than [`MAX_BODY`].
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, BadFrame> {
    encode_in(message, Vec::new())
}

/// The same, in memory that is there already: none is taken where it is enough.
///
/// # Errors
/// As [`encode`].
pub fn encode_in<T: Serialize>(message: &T, mut room: Vec<u8>) -> Result<Vec<u8>, BadFrame> {
    room.clear();
    room.extend_from_slice(&[0; PREFIX]);
    let mut frame = postcard::to_extend(message, room).map_err(|_| BadFrame::Malformed)?;
    let body = frame.len() - PREFIX;
    if body > MAX_BODY {
        return Err(BadFrame::TooLong);
    }
    let length = u32::try_from(body).map_err(|_| BadFrame::TooLong)?;
    frame[..PREFIX].copy_from_slice(&length.to_le_bytes());
    Ok(frame)
}

/// The length of the whole frame that `bytes` begin, once the prefix is there.
///
/// # Errors
/// When the prefix promises more than [`MAX_BODY`].
pub fn frame_length(bytes: &[u8]) -> Result<Option<usize>, BadFrame> {
    let Some(prefix) = bytes.first_chunk::<PREFIX>() else { return Ok(None) };
    let body = u32::from_le_bytes(*prefix) as usize;
    if body > MAX_BODY { Err(BadFrame::TooLong) } else { Ok(Some(PREFIX + body)) }
}

/// The message of a whole frame; it may borrow from it.
///
/// # Errors
/// When the body is anything but exactly this message.
pub fn decode<'a, T: Deserialize<'a>>(frame: &'a [u8]) -> Result<T, BadFrame> {
    let body = frame.get(PREFIX..).ok_or(BadFrame::Malformed)?;
    match postcard::take_from_bytes(body) {
        Ok((message, [])) => Ok(message),
        _ => Err(BadFrame::Malformed),
    }
}

/// The bytes of a message without a frame: as an argument, or where something else tells where it ends.
///
/// # Errors
/// When it cannot be written, which none of our messages brings about.
pub fn to_bytes<T: Serialize>(message: &T) -> Result<Vec<u8>, BadFrame> {
    postcard::to_stdvec(message).map_err(|_| BadFrame::Malformed)
}

/// The message in what [`to_bytes`] gave; it may borrow from it.
///
/// # Errors
/// When the bytes are not that message.
pub fn from_bytes<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, BadFrame> {
    postcard::from_bytes(bytes).map_err(|_| BadFrame::Malformed)
}
