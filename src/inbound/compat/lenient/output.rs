//! Streams, with a line where output was left out.

use bytes::Bytes;

use crate::domain::outcome::Captured;

/// A stream as text. Where some of it was left out, a line of its own says so.
pub fn text(stream: &Captured) -> String {
    String::from_utf8_lossy(&marked(stream)).into_owned()
}

/// A stream as bytes. Where some of it was left out, a line of its own says so.
pub fn marked(stream: &Captured) -> Bytes {
    if !stream.truncated() {
        return stream.bytes();
    }
    let (head, tail) = (stream.kept_head(), stream.kept_tail());
    let missing = stream.total - (head.len() + tail.len()) as u64;
    [head, Bytes::from(left_out(missing)), tail].concat().into()
}

/// The line that stands where so many bytes of output were left out.
pub fn left_out(bytes: u64) -> String {
    format!("\n[... {bytes} bytes of output were left out here ...]\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_out_is_told_in_a_line() {
        let cut = Captured { head: "ab".into(), tail: "yz".into(), total: 10 };
        assert_eq!(text(&cut), "ab\n[... 6 bytes of output were left out here ...]\nyz");
        assert_eq!(text(&Captured::whole("ab")), "ab");
    }
}
