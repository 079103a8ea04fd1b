//! A run as `multipart/mixed` (RFC 2046): the JSON of the plain answer first, without what is in the files, then each file
//! as it is.

use std::fmt::Write as _;

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use uuid::Uuid;

use crate::{
    domain::files::OutFile,
    inbound::contract::{
        answer::{FileAnswer, RunAnswer},
        media_type,
    },
};

/// The answer and the files, part by part.
pub(super) fn answer(mut answer: RunAnswer, files: &[OutFile]) -> Response {
    if let Some(told) = &mut answer.files {
        *told = files.iter().map(FileAnswer::without_content).collect();
    }
    // Nobody can have put into a file what is thrown here.
    let boundary = format!("sce-{}", Uuid::from_u128(rand::random()).simple());
    let json = serde_json::to_vec(&answer).unwrap_or_default();
    let size: usize = files.iter().map(|file| file.content.len() + file.name.len() * 4 + 512).sum();
    let mut body = Vec::with_capacity(json.len() + size + 512);
    part(&mut body, &boundary, "application/json", None, &json);
    for OutFile { name, content } in files {
        part(&mut body, &boundary, media_type::of(name), Some(name), content);
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let mut response = Body::from(body).into_response();
    if let Ok(media) = HeaderValue::try_from(format!("multipart/mixed; boundary={boundary}")) {
        response.headers_mut().insert(header::CONTENT_TYPE, media);
    }
    response
}

fn part(body: &mut Vec<u8>, boundary: &str, media: &str, name: Option<&str>, content: &[u8]) {
    let mut head = format!("--{boundary}\r\ncontent-type: {media}\r\n");
    if let Some(name) = name {
        head += &disposition(name);
    }
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(format!("content-length: {}\r\n\r\n", content.len()).as_bytes());
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n");
}

/// The file's name as RFC 6266 wants it: in ASCII, and beside it in UTF-8 where it has more.
fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|character| match character {
            '"' | '\\' | '%' => '_',
            ' '..='~' => character,
            _ => '_',
        })
        .collect();
    let mut line = format!("content-disposition: attachment; filename=\"{plain}\"");
    if plain != name {
        line += "; filename*=UTF-8''";
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                line.push(char::from(byte));
            } else {
                // A string takes whatever is written.
                write!(line, "%{byte:02X}").ok();
            }
        }
    }
    line + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn names_are_quoted_and_what_is_no_ascii_stands_beside() {
        assert_eq!(
            disposition("out/a b.csv"),
            "content-disposition: attachment; filename=\"out/a b.csv\"\r\n"
        );
        assert_eq!(
            disposition("é\".png"),
            "content-disposition: attachment; filename=\"__.png\"; filename*=UTF-8''%C3%A9%22.png\r\n"
        );
    }
}
