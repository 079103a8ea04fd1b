//! What an engine or a sandbox said, made fit for one line of a log or a terminal: no control characters, and short.

/// The most characters that are kept of what a stranger said.
pub const MOST: usize = 400;

/// `text` on one line: control characters become blanks, and what is over [`MOST`] characters is cut and marked.
#[must_use]
pub fn shown(text: &str) -> String {
    let plain = |c: char| if c.is_control() || is_layout(c) { ' ' } else { c };
    let mut characters = text.trim().chars();
    let shown: String = characters.by_ref().take(MOST).map(plain).collect();
    match characters.count() {
        0 => shown,
        left => format!("{shown}… ({left} characters more)"),
    }
}

/// An error and everything that caused it, as [`shown`]: a client's own word for a handshake that failed is "cannot
/// connect".
#[must_use]
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    shown(&text)
}

/// Characters that turn the direction of text or break its lines without being control characters.
const fn is_layout(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stranger_said_is_one_short_line() {
        assert_eq!(shown("  plain\n"), "plain");
        assert_eq!(shown("a\nb\u{1b}[31mc\u{202e}d"), "a b [31mc d");
        let long = shown(&"é".repeat(20_000));
        assert_eq!(long.chars().filter(|c| *c == 'é').count(), MOST);
        assert!(long.ends_with("(19600 characters more)"), "{long}");
    }

    #[test]
    fn causes_are_told_once_and_bounded_together() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] std::io::Error);
        assert_eq!(with_causes(&Outer(std::io::Error::other("inner\tcause"))), "outer: inner cause");
        assert!(with_causes(&Outer(std::io::Error::other("x".repeat(1 << 20)))).len() < 500);
    }
}
