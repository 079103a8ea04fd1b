//! Texts on the line at which something happens to it.

/// A text in a request.
pub struct Fuse {
    pub text: String,
    /// Whether the request that holds it still reaches the engine.
    pub after: bool,
    /// Whether everything is held back from then on, instead of the line being cut.
    pub holds: bool,
}

/// A text in an answer.
pub struct Scissors {
    pub text: String,
    /// Whether what was read together with the text still reaches the client; else it gets what came before the text.
    pub after: bool,
}

/// What is to be done with bytes that were read.
pub enum Then {
    PassOn,
    /// They have been passed on.
    Done,
    Cut,
}

/// Where the text begins.
pub fn position(bytes: &[u8], text: &str) -> Option<usize> {
    bytes.windows(text.len()).position(|window| window == text.as_bytes())
}
