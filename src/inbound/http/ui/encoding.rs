//! What a client says of compressed answers: `Accept-Encoding`, as RFC 9110, 12.5.3 has it.

use axum::http::{HeaderMap, header};

use super::super::list::elements;

/// A way to pack an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Brotli,
    Gzip,
}

impl Coding {
    /// Its name in headers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }
}

/// The coding to send: brotli to those who take it, being the smaller one, else gzip to those who take that. What cannot be
/// read counts as not said.
pub(super) fn wanted(headers: &HeaderMap) -> Option<Coding> {
    let (mut brotli, mut gzip, mut others) = (None, None, None);
    for coding in elements(headers, header::ACCEPT_ENCODING) {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let name = name.trim();
        if name.eq_ignore_ascii_case("br") {
            brotli = Some(is_wanted(weight));
        } else if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
            gzip = Some(is_wanted(weight));
        } else if name == "*" {
            others = Some(is_wanted(weight));
        }
    }
    let takes = |coding: Option<bool>| coding.or(others).unwrap_or(false);
    if takes(brotli) {
        Some(Coding::Brotli)
    } else if takes(gzip) {
        Some(Coding::Gzip)
    } else {
        None
    }
}

/// `q=0` means "not this one"; nothing means "yes".
fn is_wanted(weight: &str) -> bool {
    let weight = weight.trim();
    let value = weight.strip_prefix("q=").or_else(|| weight.strip_prefix("Q="));
    weight.is_empty() || value.is_some_and(|value| value.parse().is_ok_and(|q: f32| q > 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_coding_is_sent_that_a_client_takes() {
        let (brotli, gzip) = (Some(Coding::Brotli), Some(Coding::Gzip));
        for (value, expected) in [
            ("gzip, deflate, br, zstd", brotli),
            ("GZIP", gzip),
            ("x-gzip", gzip),
            ("gzip, BR", brotli),
            ("br;q=0.1, gzip;q=0.8, *;q=0.1", brotli),
            ("br;q=0, *", gzip),
            ("*", brotli),
            ("gzip; q=0.001", gzip),
            ("*;q=0, gzip", gzip),
            ("", None),
            ("identity", None),
            ("br", brotli),
            ("gzip;q=0", None),
            ("gzip;q=0.000, *", brotli),
            ("*;q=0", None),
            ("gzip;q=much", None),
            ("gzipped", None),
        ] {
            let headers = [(header::ACCEPT_ENCODING, value.parse().unwrap())].into_iter().collect();
            assert_eq!(wanted(&headers), expected, "{value:?}");
        }
        assert_eq!(wanted(&HeaderMap::new()), None);
    }
}
