//! How large a body may be, by what it brings: test cases and much standard input may make it larger than a program and its
//! files alone. What it brings is known only when it has been read.

use crate::inbound::contract::rejection::{Fault, Rejection};

/// The largest body of a request with neither test cases nor much standard input. Also what Lambda takes in one
/// synchronous invocation, with whatever it brings.
pub const MAX_BODY_BYTES: usize = 6 * 1024 * 1024;
/// The largest body of any request to a local server: 16 MiB of test cases and a project of 8 MiB, all in base64, and 4 MiB
/// for JSON around them.
pub const LARGEST_BODY_BYTES: usize = 36 * 1024 * 1024;

/// The size of a body that has been read.
#[derive(Clone, Copy, Debug)]
pub(super) struct BodySize {
    is_large: bool,
}

impl BodySize {
    pub const fn of(body: &[u8]) -> Self {
        Self { is_large: body.len() > MAX_BODY_BYTES }
    }

    /// Whether the body is not too large for what it brings.
    ///
    /// # Errors
    /// When it is over [`MAX_BODY_BYTES`] and brings nothing that it may be larger for.
    pub fn fits(self, may_be_large: bool) -> Result<(), Rejection> {
        if self.is_large && !may_be_large { Err(too_large(MAX_BODY_BYTES)) } else { Ok(()) }
    }

    /// Why a body is refused that cannot be read: where it is large and names neither of the fields that it may be large
    /// for, its size comes first.
    pub fn or_too_large(self, body: &[u8], wrong: Rejection) -> Rejection {
        let names = |field: &[u8]| body.windows(field.len()).any(|window| window == field);
        match self.fits(self.is_large && (names(b"\"tests\"") || names(b"\"stdin\""))) {
            Ok(()) => wrong,
            Err(too_large) => too_large,
        }
    }
}

pub(super) fn too_large(limit: usize) -> Rejection {
    Rejection::new(Fault::BodyTooLarge, format!("Body too large. Maximum allowed size is {limit} bytes."))
}
