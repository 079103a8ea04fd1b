//! Patterns of names, as shells have them, matched in time that grows with the product of both lengths alone.
//!
//! A pattern is parts with `/` between them. `**` as a part stands for any number of folders, none too. In a part `*`
//! stands for any characters, `?` for one, `[a-z]` and `[!a-z]` for one of some; none of them for a `/`, all of them for a
//! dot at the beginning too. A pattern that fits a folder fits all that is in it.

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// Any number of folders.
    Folders,
    /// One name.
    Name(Vec<Piece>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Any,
    One,
    Of { ranges: Vec<(char, char)>, not: bool },
    Is(char),
}

impl Pattern {
    /// Reads a pattern. Every text is one: a bracket that is not closed stands for itself.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let parts = text.split('/').filter(|part| !part.is_empty());
        Self(parts.map(|part| if part == "**" { Part::Folders } else { Part::Name(pieces(part)) }).collect())
    }

    /// Whether the pattern fits a name, or a folder that the name is in.
    #[must_use]
    pub fn fits(&self, name: &str) -> bool {
        let names: Vec<Vec<char>> = name.split('/').map(|part| part.chars().collect()).collect();
        // Which beginnings of the name the parts so far fit, by their number of names.
        let mut fitting = vec![false; names.len() + 1];
        fitting[0] = true;
        for part in &self.0 {
            let before = fitting.clone();
            fitting[0] = matches!(part, Part::Folders) && before[0];
            for (index, name) in names.iter().enumerate() {
                fitting[index + 1] = match part {
                    Part::Folders => before[index + 1] || fitting[index],
                    Part::Name(pieces) => before[index] && fits(pieces, name),
                };
            }
        }
        fitting[1..].iter().any(|fitting| *fitting)
    }
}

fn pieces(part: &str) -> Vec<Piece> {
    let characters: Vec<char> = part.chars().collect();
    let (mut pieces, mut at) = (Vec::new(), 0);
    while let Some(character) = characters.get(at) {
        let (piece, length) = match character {
            '*' => (Piece::Any, 1),
            '?' => (Piece::One, 1),
            '[' => bracket(&characters[at..]).unwrap_or((Piece::Is('['), 1)),
            other => (Piece::Is(*other), 1),
        };
        // Two in a row say no more than one.
        if !(piece == Piece::Any && pieces.last() == Some(&Piece::Any)) {
            pieces.push(piece);
        }
        at += length;
    }
    pieces
}

/// What a bracket stands for, and how many characters it has; `None` when it is not closed.
fn bracket(characters: &[char]) -> Option<(Piece, usize)> {
    let not = matches!(characters.get(1), Some('!' | '^'));
    let first = if not { 2 } else { 1 };
    // A bracket that comes first is one of the characters.
    let end = first + 1 + characters.get(first + 1..)?.iter().position(|character| *character == ']')?;
    let (mut ranges, mut at) = (Vec::new(), first);
    while at < end {
        let low = characters[at];
        if at + 2 < end && characters[at + 1] == '-' {
            ranges.push((low, characters[at + 2]));
            at += 3;
        } else {
            ranges.push((low, low));
            at += 1;
        }
    }
    Some((Piece::Of { ranges, not }, end + 1))
}

fn fits(pieces: &[Piece], name: &[char]) -> bool {
    let (mut piece, mut at) = (0, 0);
    // Where to go on when it does not fit: the last `*` stands for one more.
    let mut retry = None;
    loop {
        let fits = match (pieces.get(piece), name.get(at)) {
            (None, None) => return true,
            (Some(Piece::Any), _) => {
                retry = Some((piece, at));
                piece += 1;
                continue;
            }
            (Some(Piece::One), Some(_)) => true,
            (Some(Piece::Is(wanted)), Some(found)) => wanted == found,
            (Some(Piece::Of { ranges, not }), Some(found)) => {
                ranges.iter().any(|(low, high)| (low..=high).contains(&found)) != *not
            }
            _ => false,
        };
        if fits {
            piece += 1;
            at += 1;
            continue;
        }
        match &mut retry {
            Some((any, from)) if *from < name.len() => {
                *from += 1;
                (piece, at) = (*any + 1, *from);
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_what_shells_would_fit() {
        for (pattern, good, bad) in [
            ("*.png", &["a.png", ".png"][..], &["a.pngx", "a/b.png", "png"][..]),
            ("out/**", &["out/a", "out/a/b"], &["outer/a", "a/out/b"]),
            ("**/*.csv", &["a.csv", "x/y/a.csv"], &["a.txt"]),
            ("out", &["out", "out/a/b"], &["out2"]),
            ("a/**/z", &["a/z", "a/b/c/z", "a/b/z/more"], &["a/b", "z"]),
            ("plot-?.png", &["plot-1.png", "plot-é.png"], &["plot-10.png", "plot-.png"]),
            ("[a-c]x[!0-9]", &["axz", "cx-"], &["dxz", "ax1"]),
            ("[]]", &["]"], &["["]),
            ("[ab", &["[ab"], &["a"]),
            ("**", &["a", "a/b"], &[]),
            ("*/*", &["a/b", "a/b/c"], &["a"]),
            ("a*b*c", &["abc", "aXbXbYc"], &["ab", "abcd"]),
        ] {
            let parsed = Pattern::parse(pattern);
            for name in good {
                assert!(parsed.fits(name), "{pattern} {name}");
            }
            for name in bad {
                assert!(!parsed.fits(name), "{pattern} {name}");
            }
        }
    }

    #[test]
    fn no_pattern_takes_long() {
        let pattern = Pattern::parse(&"*a".repeat(120));
        let folders = Pattern::parse(&"**/a*/".repeat(40));
        let name = vec!["a".repeat(250); 16].join("/");
        assert!(pattern.fits(&name));
        assert!(!folders.fits(&"a".repeat(250).replace('a', "b/")));
    }
}
