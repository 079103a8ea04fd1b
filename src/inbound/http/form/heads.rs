//! The heads of a form's parts. The parser of forms keeps one header of a name, the last, and decodes nothing: what it
//! would read otherwise than its sender meant is refused here.

use axum::http::{HeaderMap, header};

use crate::inbound::contract::rejection::{Rejection, shown};

/// Looks at the head of every part.
///
/// # Errors
/// When a part has two `Content-Disposition` headers, or its content is encoded.
pub(super) fn check(headers: &HeaderMap, body: &[u8]) -> Result<(), Rejection> {
    let Some(boundary) = headers.get(header::CONTENT_TYPE).and_then(|value| boundary(value.to_str().ok()?))
    else {
        return Ok(()); // The parser says so.
    };
    for (index, head) in heads(body, &format!("--{boundary}")).enumerate() {
        let (part, mut dispositions) = (index + 1, 0);
        for line in head.split(|byte| *byte == b'\n') {
            let line = String::from_utf8_lossy(line);
            let Some((name, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            match name.trim().to_ascii_lowercase().as_str() {
                "content-disposition" => {
                    dispositions += 1;
                    if let Some(twice) = given_twice(value) {
                        let message = format!(
                            "Part {part} of the form has two `{twice}` in its `Content-Disposition` header."
                        );
                        return Err(Rejection::invalid(message));
                    }
                }
                "content-transfer-encoding"
                    if !["7bit", "8bit", "binary"].iter().any(|plain| value.eq_ignore_ascii_case(plain)) =>
                {
                    return Err(encoded(part, "Content-Transfer-Encoding", value));
                }
                "content-encoding" if !value.eq_ignore_ascii_case("identity") => {
                    return Err(encoded(part, "Content-Encoding", value));
                }
                _ => {}
            }
        }
        if dispositions > 1 {
            let message =
                format!("Part {part} of the form has {dispositions} `Content-Disposition` headers.");
            return Err(Rejection::invalid(message));
        }
    }
    Ok(())
}

/// The parameter among `name` and `filename` that a disposition has twice.
fn given_twice(disposition: &str) -> Option<&'static str> {
    let (mut quoted, mut escaped) = (false, false);
    let parameters = disposition.split(|c: char| {
        let ends = c == ';' && !quoted;
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    let names: Vec<_> = parameters
        .filter_map(|parameter| Some(parameter.split_once('=')?.0.trim().to_ascii_lowercase()))
        .collect();
    ["name", "filename"].into_iter().find(|wanted| names.iter().filter(|name| name == wanted).count() > 1)
}

fn encoded(part: usize, header: &str, value: &str) -> Rejection {
    let value = shown(value);
    Rejection::invalid(format!(
        "Part {part} of the form has the `{header}` `{value}`. Send its content as it is."
    ))
}

/// The heads of all parts, in their order.
fn heads<'a>(body: &'a [u8], delimiter: &str) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = body;
    let delimiter = delimiter.as_bytes().to_vec();
    std::iter::from_fn(move || {
        let after = find(rest, &delimiter)? + delimiter.len();
        let part = &rest[after..];
        let length = find(part, b"\r\n\r\n").unwrap_or(part.len());
        rest = &part[length..];
        Some(&part[..length])
    })
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// The boundary that a content type names (RFC 2046, section 5.1.1).
fn boundary(content_type: &str) -> Option<String> {
    let named = content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim())
    })?;
    let bare = named.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(named);
    (!bare.is_empty()).then(|| bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_parts(parts: &[&str]) -> Result<(), String> {
        let body: String = parts.iter().map(|part| format!("--x y\r\n{part}\r\n")).collect();
        let headers = HeaderMap::from_iter([(
            header::CONTENT_TYPE,
            "multipart/form-data; charset=utf-8; Boundary=\"x y\"".parse().unwrap(),
        )]);
        check(&headers, format!("{body}--x y--\r\n").as_bytes()).map_err(|rejection| rejection.message)
    }

    #[test]
    fn a_part_has_one_disposition_and_says_plainly_what_it_holds() {
        let code = "Content-Disposition: form-data; name=\"code\"";
        for head in [
            "",
            "\r\nContent-Transfer-Encoding: 8BIT",
            "\r\ncontent-encoding: identity",
            "\r\nContent-Type: text/plain",
            "; filename=\"a; name=b; name=c\"",
        ] {
            assert_eq!(check_parts(&[&format!("{code}{head}\r\n\r\nprint(1)")]), Ok(()), "{head}");
        }
        let good = format!("{code}\r\n\r\nprint('Content-Disposition: a\\nContent-Disposition: b')");
        for (head, sentence) in [
            (
                "\r\ncontent-disposition: form-data; name=\"file\"",
                "Part 2 of the form has 2 `Content-Disposition` headers.",
            ),
            ("; name=\"stdin\"", "Part 2 of the form has two `name` in its `Content-Disposition` header."),
            (
                "; filename=\"a\"; FileName = b",
                "Part 2 of the form has two `filename` in its `Content-Disposition` header.",
            ),
            ("\nContent-Disposition : form-data", "Part 2 of the form has 2 `Content-Disposition` headers."),
            (
                "\r\nContent-Transfer-Encoding: base64",
                "Part 2 of the form has the `Content-Transfer-Encoding` `base64`. Send its content as it is.",
            ),
            (
                "\r\nContent-Encoding: gzip",
                "Part 2 of the form has the `Content-Encoding` `gzip`. Send its content as it is.",
            ),
        ] {
            let bad = format!("{code}{head}\r\n\r\nprint(1)");
            assert_eq!(check_parts(&[&good, &bad]), Err(sentence.to_owned()));
        }
    }

    proptest::proptest! {
        #[test]
        fn noise_is_looked_at_without_a_panic(noise in proptest::collection::vec(proptest::num::u8::ANY, 0..200), kind in "[a-z/;= \"]{0,40}") {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, format!("multipart/form-data;boundary=x{kind}").parse().unwrap());
            let _ = check(&headers, &[b"--x\r\n", &noise[..]].concat());
        }
    }
}
