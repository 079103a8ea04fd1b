//! Versions of languages, and what a request says about the version that it wants.

use std::{cmp::Ordering, fmt, str::FromStr};

/// The most parts that a version may have.
const MAX_PARTS: usize = 4;
/// The longest text of a version or of a requirement, in bytes.
const MAX_TEXT_BYTES: usize = 64;

/// A version: one to four numbers with dots between, such as `3.11`.
///
/// Versions are ordered by their numbers. A number that is missing counts as 0: `3.11` and `3.11.0` are equal.
#[derive(Clone, Debug)]
pub struct Version(Vec<u32>);

/// A text that is not a version or not a requirement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadVersion {
    /// The text is not a version.
    #[error("is not a version: one to four numbers with dots between, such as 3.11")]
    Version,
    /// The text is not a requirement.
    #[error("is not a version: write `*`, `3.11`, `^3.11`, `~3.11` or `>=3.9 <4`")]
    Requirement,
}

impl FromStr for Version {
    type Err = BadVersion;

    fn from_str(text: &str) -> Result<Self, BadVersion> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(BadVersion::Version);
        }
        // Digits only: `parse` alone would take `+3` too.
        let number =
            |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten();
        let parts: Option<Vec<u32>> = text.split('.').map(number).collect();
        parts.filter(|parts| parts.len() <= MAX_PARTS).map(Self).ok_or(BadVersion::Version)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&parts.join("."))
    }
}

impl Version {
    /// The numbers, with zeros for those that are missing.
    fn filled(&self) -> [u32; MAX_PARTS] {
        let mut parts = [0; MAX_PARTS];
        parts[..self.0.len()].copy_from_slice(&self.0);
        parts
    }

    /// Whether the first `count` numbers of both are equal.
    fn agrees(&self, other: &Self, count: usize) -> bool {
        self.filled()[..count] == other.filled()[..count]
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.filled().cmp(&other.filled())
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

/// Which versions will do. Written as package managers write it:
///
/// * `*`: every version;
/// * `3`, `3.11`, `3.x`, `=3.11`: every version that begins with these numbers;
/// * `^3.11`: 3.11 or newer, with the same first number; `^0.3` keeps the second number too;
/// * `~3.11`: 3.11 or newer, with the same first and second number; `~3` keeps the first alone;
/// * `>=3.9`, `>3.9`, `<=3.9`, `<4`: by the order of versions;
/// * several of these with spaces or commas between: all must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionReq(Vec<Comparator>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Comparator {
    Any,
    /// Begins with the version's first numbers, so many.
    Begins(Version, usize),
    /// Not older than the version, and the first numbers, so many, are the same.
    Within(Version, usize),
    /// Compares with the version in one of these ways.
    Is(&'static [Ordering], Version),
}

impl FromStr for VersionReq {
    type Err = BadVersion;

    fn from_str(text: &str) -> Result<Self, BadVersion> {
        let words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty()).collect();
        if text.len() > MAX_TEXT_BYTES || words.is_empty() {
            return Err(BadVersion::Requirement);
        }
        words.into_iter().map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl FromStr for Comparator {
    type Err = BadVersion;

    fn from_str(word: &str) -> Result<Self, BadVersion> {
        use Ordering::{Equal, Greater, Less};
        const ORDERS: [(&str, &[Ordering]); 4] =
            [(">=", &[Greater, Equal]), ("<=", &[Less, Equal]), (">", &[Greater]), ("<", &[Less])];
        let version = |text: &str| text.parse::<Version>().map_err(|_| BadVersion::Requirement);
        if matches!(word, "*" | "x") {
            return Ok(Self::Any);
        }
        if let Some(text) = word.strip_prefix('^') {
            let version = version(text)?;
            // A leading 0 promises nothing about the number after it.
            let zeros = version.0.iter().take_while(|part| **part == 0).count();
            let kept = (zeros + 1).min(version.0.len());
            return Ok(Self::Within(version, kept));
        }
        if let Some(text) = word.strip_prefix('~') {
            let version = version(text)?;
            let kept = version.0.len().min(2);
            return Ok(Self::Within(version, kept));
        }
        for (sign, orders) in ORDERS {
            if let Some(text) = word.strip_prefix(sign) {
                return Ok(Self::Is(orders, version(text)?));
            }
        }
        let mut text = word.strip_prefix('=').unwrap_or(word);
        while let Some(shorter) = text.strip_suffix(".x").or_else(|| text.strip_suffix(".*")) {
            text = shorter;
        }
        let version = version(text)?;
        let count = version.0.len();
        Ok(Self::Begins(version, count))
    }
}

impl VersionReq {
    /// Whether this version will do.
    #[must_use]
    pub fn matches(&self, version: &Version) -> bool {
        self.0.iter().all(|comparator| match comparator {
            Comparator::Any => true,
            Comparator::Begins(wanted, count) => version.agrees(wanted, *count),
            Comparator::Within(wanted, count) => version >= wanted && version.agrees(wanted, *count),
            Comparator::Is(orders, wanted) => orders.contains(&version.cmp(wanted)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn a_version_is_one_to_four_numbers() {
        for good in ["3", "3.11", "5.36.0", "1.2.3.4"] {
            assert_eq!(version(good).to_string(), good);
        }
        for bad in ["", ".", "3.", "a", "3.11-slim", "+3", "-1", "1.2.3.4.5", "99999999999", "3 "] {
            assert_eq!(bad.parse::<Version>(), Err(BadVersion::Version), "{bad}");
        }
    }

    #[test]
    fn versions_are_ordered_by_number_and_not_by_letter() {
        assert!(version("3.9") < version("3.11"));
        assert!(version("3.11") < version("3.11.1"));
        assert_eq!(version("3.11"), version("3.11.0"));
    }

    #[test]
    fn a_requirement_means_what_it_means_to_package_managers() {
        for (requirement, holds, fails) in [
            ("*", &["0.1", "99"][..], &[][..]),
            ("3", &["3", "3.11", "3.11.2"], &["2.7", "4", "30"]),
            ("3.x", &["3.11"], &["4.0"]),
            ("3.1", &["3.1", "3.1.9"], &["3.11"]),
            ("=3.11", &["3.11", "3.11.7"], &["3.12"]),
            ("^18", &["18", "18.19.1"], &["17.9", "19", "20"]),
            ("^3.9", &["3.9", "3.11"], &["3.8", "4"]),
            ("^0.3", &["0.3", "0.3.9"], &["0.4", "0.2"]),
            ("^0", &["0.3", "0.9"], &["1"]),
            ("~3.9", &["3.9", "3.9.4"], &["3.8", "3.10"]),
            ("~3", &["3.0", "3.11"], &["4"]),
            (">=3.9 <4", &["3.9", "3.13"], &["3.8", "4", "4.1"]),
            (">3.9,<=3.11", &["3.10", "3.11"], &["3.9", "3.12"]),
        ] {
            let parsed: VersionReq = requirement.parse().unwrap();
            for text in holds {
                assert!(parsed.matches(&version(text)), "{text} is {requirement}");
            }
            for text in fails {
                assert!(!parsed.matches(&version(text)), "{text} is not {requirement}");
            }
        }
        for bad in ["", " ", ",", "latest", "^", ">=", "3 ||", "^3.x", "1.2.3.4.5", &"1 ".repeat(40)] {
            assert_eq!(bad.parse::<VersionReq>(), Err(BadVersion::Requirement), "{bad}");
        }
    }
}
