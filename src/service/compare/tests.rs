//! Held against a reference that reads both texts whole, and against cases by hand.

use proptest::prelude::*;

use super::*;

/// The same comparison with both texts whole, as simply as can be.
fn reference(expected: &[u8], got: &[u8], how: &Compare) -> Option<Difference> {
    match how {
        Compare::Exact => by_line(expected, got, |line| line, LineEnd::Counts),
        Compare::Lines => by_line(expected, got, trimmed, LineEnd::DoesNotCount),
        Compare::Tokens => by_token(expected, got, |expected, got| expected == got),
        Compare::Numbers { absolute, relative } => by_token(expected, got, |expected, got| {
            let near = |(expected, got): (f64, f64)| {
                (expected - got).abs() <= absolute.get()
                    || (expected - got).abs() <= relative.get() * expected.abs()
            };
            expected == got || number::number(expected).zip(number::number(got)).is_some_and(near)
        }),
    }
}

fn text_lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').collect()
}

fn trimmed(line: &[u8]) -> &[u8] {
    &line[..line.iter().rposition(|byte| !is_space(*byte)).map_or(0, |last| last + 1)]
}

fn by_line(expected: &[u8], got: &[u8], counts: fn(&[u8]) -> &[u8], end: LineEnd) -> Option<Difference> {
    let (expected, got) = (text_lines(expected), text_lines(got));
    (0..expected.len().max(got.len())).find_map(|index| {
        let line = |lines: &[&[u8]]| lines.get(index).copied().unwrap_or_default().to_vec();
        let (expected, got) = (line(&expected), line(&got));
        (counts(&expected) != counts(&got)).then(|| Difference {
            line: index as u64 + 1,
            expected: cut(&expected, end),
            got: cut(&got, end),
        })
    })
}

fn by_token(expected: &[u8], got: &[u8], equal: impl Fn(&[u8], &[u8]) -> bool) -> Option<Difference> {
    let tokens = |text| {
        let in_line = |(index, line): (usize, &[u8])| {
            let tokens = line.split(|byte| is_space(*byte)).filter(|token| !token.is_empty());
            tokens
                .map(|token| (token.to_vec(), index as u64 + 1, cut(line, LineEnd::DoesNotCount)))
                .collect::<Vec<_>>()
        };
        text_lines(text).into_iter().enumerate().flat_map(in_line).collect::<Vec<_>>()
    };
    let (expected, got) = (tokens(expected), tokens(got));
    (0..expected.len().max(got.len())).find_map(|index| match (expected.get(index), got.get(index)) {
        (Some((expected, ..)), Some((got, ..))) if equal(expected, got) => None,
        (expected, got) => Some(Difference {
            line: expected.or(got).map_or(0, |(_, line, _)| *line),
            expected: expected.map(|(.., line)| line.clone()).unwrap_or_default(),
            got: got.map(|(.., line)| line.clone()).unwrap_or_default(),
        }),
    })
}

/// A line as it is shown. White space at the end of a line longer than 800 bytes is not looked for.
fn cut(line: &[u8], end: LineEnd) -> String {
    let line = if end == LineEnd::DoesNotCount && line.len() <= 800 { trimmed(line) } else { line };
    String::from_utf8_lossy(line).chars().take(200).collect()
}

fn compared(expected: &[u8], pieces: impl IntoIterator<Item = Vec<u8>>, how: &Compare) -> Option<Difference> {
    let mut comparer = Comparer::new(Bytes::copy_from_slice(expected), how);
    pieces.into_iter().for_each(|piece| comparer.feed(&piece));
    comparer.finish()
}

fn ways() -> impl Strategy<Value = Compare> {
    prop_oneof![
        Just(Compare::Exact),
        Just(Compare::Lines),
        Just(Compare::Tokens),
        (
            prop_oneof![Just(0.0), Just(1e-6), Just(0.5), Just(10.0)],
            prop_oneof![Just(0.0), Just(1e-6), Just(0.1)]
        )
            .prop_map(|(absolute, relative)| Compare::numbers(Some(absolute), Some(relative)).unwrap()),
    ]
}

/// Pieces of texts: what tokens, numbers, lines and torn characters are made of.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => prop::sample::select(vec![
            &b" "[..], b"  ", b"\t", b"\n", b"\n", b"\r\n", b"\n\n", b"\x0b", b"\r", b"a", b"b", b"ab", b"1", b"1.0", b"1.00",
            b"1e0", b"2", b"10", b"10.5", b"-0", b"0", b"nan", b"1e400", b".5", b"0.5", b"\xc3\xa9", b"\xf0\x9f\x98\x80",
            b"\xc3", b"\xa9", b"\xff", b"\0",
        ]).prop_map(<[u8]>::to_vec),
        // Longer than what is shown of a line, and than a number may be.
        1 => (prop::sample::select(vec![b'x', b' ', b'0', 0xc3]), 190_usize..1100)
            .prop_map(|(byte, count)| vec![byte; count]),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Two texts that are often equal for a while: one made of the other by a few edits.
fn texts() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let edit = (any::<prop::sample::Index>(), 0_usize..3, text());
    let edited = (text(), prop::collection::vec(edit, 0..3)).prop_map(|(expected, edits)| {
        let mut got = expected.clone();
        for (at, removed, added) in edits {
            let at = at.index(got.len() + 1);
            let end = (at + removed).min(got.len());
            got.splice(at..end, added.into_iter().take(3));
        }
        (expected, got)
    });
    prop_oneof![3 => edited, 1 => (text(), text())]
}

fn in_pieces(text: &[u8], sizes: &[usize]) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, left) = rest.split_at((*size).min(rest.len()));
        pieces.push(piece.to_vec());
        rest = left;
    }
    pieces
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn in_whatever_pieces_it_comes_an_output_compares_as_both_texts_whole(
        (expected, got) in texts(),
        how in ways(),
        sizes in prop::collection::vec(1_usize..40, 1..8),
    ) {
        let whole = reference(&expected, &got, &how);
        prop_assert_eq!(&compared(&expected, in_pieces(&got, &sizes), &how), &whole);
        prop_assert_eq!(&compared(&expected, [got], &how), &whole);
    }

    #[test]
    fn every_text_is_equal_to_itself(text in text(), how in ways()) {
        prop_assert_eq!(compared(&text, in_pieces(&text, &[1]), &how), None);
    }
}

#[track_caller]
fn differ(how: &Compare, expected: &str, got: &str, line: u64, shown: [&str; 2]) {
    let difference = compared(expected.as_bytes(), in_pieces(got.as_bytes(), &[1]), how);
    let [expected, got] = shown.map(str::to_owned);
    assert_eq!(difference, Some(Difference { line, expected, got }));
}

#[track_caller]
fn equal(how: &Compare, expected: &str, got: &str) {
    assert_eq!(compared(expected.as_bytes(), in_pieces(got.as_bytes(), &[1]), how), None);
}

#[test]
fn exact_counts_every_byte_and_shows_line_feeds() {
    let how = Compare::Exact;
    equal(&how, "", "");
    differ(&how, "4\n", "4", 1, ["4\n", "4"]);
    differ(&how, "4", "4\n", 1, ["4", "4\n"]);
    differ(&how, "4\n", "4\r\n", 1, ["4\n", "4\r\n"]);
    differ(&how, "a\nb\n", "a\n", 2, ["b\n", ""]);
    differ(&how, "a\n", "a\nb\n", 2, ["", "b\n"]);
}

#[test]
fn lines_leave_out_what_stands_at_their_ends_and_at_the_end() {
    let how = Compare::Lines;
    equal(&how, "a b\nc\n", "a b  \r\nc\t\n\n \n");
    equal(&how, "a\n\n\n", "a");
    equal(&how, "", " \n\n");
    differ(&how, "a b", "a  b", 1, ["a b", "a  b"]);
    differ(&how, " a", "a", 1, [" a", "a"]);
    differ(&how, "a\nb", "a\n\nb", 2, ["b", ""]);
    differ(&how, "a\n\nb", "a", 3, ["b", ""]);
    differ(&how, "a", "a\n\nb", 3, ["", "b"]);
    differ(&how, "é😀", "é😁", 1, ["é😀", "é😁"]);
}

#[test]
fn tokens_do_not_mind_where_they_stand() {
    let how = Compare::Tokens;
    equal(&how, "1 2 3\n", "\n1\n\n2\t3");
    equal(&how, " \n", "");
    differ(&how, "1 2 3", "1\n2\n4\n", 1, ["1 2 3", "4"]);
    differ(&how, "1\n2\n", "1\n", 2, ["2", ""]);
    differ(&how, "1", "1\n\n2", 3, ["", "2"]);
    differ(&how, "12", "1 2", 1, ["12", "1 2"]);
    differ(&how, "1.0", "1.00", 1, ["1.0", "1.00"]);
    differ(&how, "a", "a\u{a0}", 1, ["a", "a\u{a0}"]);
}

#[test]
fn numbers_are_near_and_everything_else_is_text() {
    let how = Compare::numbers(Some(1e-6), Some(1e-6)).unwrap();
    equal(&how, "pi 3.14159265\n", "pi 3.1415926535");
    equal(&how, "1 nan 1e400 x1", "1.0000001 nan 1e400 x1");
    differ(&how, "1\nnan", "1\nNaN", 2, ["nan", "NaN"]);
    differ(&how, "1e400", "1.0e400", 1, ["1e400", "1.0e400"]);
    differ(&how, "0x10", "16", 1, ["0x10", "16"]);
    differ(&how, "x1", "x1.0", 1, ["x1", "x1.0"]);
    differ(&how, "1 2", "1 2.1", 1, ["1 2", "1 2.1"]);
    differ(&how, "1 2", "1", 1, ["1 2", ""]);
    differ(&how, "1", "1 1", 1, ["", "1 1"]);
}

#[test]
fn each_line_is_cut_at_200_characters_and_none_is_torn() {
    let (expected, got) = ("😀".repeat(300), "é".repeat(300));
    let shown = ["😀".repeat(200), "é".repeat(200)];
    for how in [Compare::Exact, Compare::Lines, Compare::Tokens] {
        differ(&how, &expected, &got, 1, [&shown[0], &shown[1]]);
    }
}

#[test]
fn ten_megabytes_in_small_pieces_are_compared_without_keeping_them() {
    let line = b"123456789 0.25 word\n";
    let count = 10 * 1024 * 1024 / line.len();
    let expected = Bytes::from(line.repeat(count));
    for how in [Compare::Exact, Compare::Lines, Compare::Tokens, Compare::numbers(Some(1e-6), None).unwrap()]
    {
        let mut comparer = Comparer::new(expected.clone(), &how);
        for piece in expected.chunks(977) {
            comparer.feed(piece);
            assert!(comparer.line.bytes() <= 801, "no more than a line is kept");
        }
        comparer.feed(b"0.5\n");
        let difference = comparer.finish().expect("a token too many");
        assert_eq!((difference.line, difference.got.trim_end()), (count as u64 + 1, "0.5"), "{how:?}");
    }
}
