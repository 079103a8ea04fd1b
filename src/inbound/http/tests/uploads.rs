//! `POST /run` with files: forms and bare zip files.

use axum::{body::Body, http::Request};

use super::{Reply, app, ask, send};
use crate::testing::{
    House,
    zip::{Entry, build, zip_of},
};

const BOUNDARY: &str = "----x";

/// A part of a form: its name, its file name if it is a file, its content.
pub(super) type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

pub(super) async fn post_form(house: &House, parts: &[Part<'_>]) -> Reply {
    send(app(house), form(parts)).await
}

/// A request with these parts.
pub(super) fn form(parts: &[Part<'_>]) -> Request<Body> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        body.extend([head.as_bytes(), content, b"\r\n"].concat());
    }
    body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    Request::post("/run").header("content-type", kind).body(body.into()).unwrap()
}

async fn post_zip(house: &House, query: &str, body: impl Into<Body>) -> Reply {
    let request = Request::post(format!("/run{query}")).header("content-type", "application/zip");
    ask(house, request, body).await
}

/// What reached the sandbox: the language, the entry point, the files.
fn seen(house: &House) -> (String, String, Vec<String>) {
    let seen = house.sandbox.last_seen();
    let files = seen.program.project().iter().map(|(name, _)| name.to_string()).collect();
    (seen.language.name.clone(), seen.program.entrypoint().to_string(), files)
}

fn told(language: &str, entrypoint: &str, files: &[&str]) -> (String, String, Vec<String>) {
    (language.into(), entrypoint.into(), files.iter().map(ToString::to_string).collect())
}

fn project() -> Vec<u8> {
    zip_of(&[("main.py", b"import helper"), ("helper.py", b"x = 1"), ("data.txt", b"hi")])
}

#[tokio::test]
async fn a_zip_in_a_form_runs_as_a_project_with_every_field() {
    let house = House::new();
    let zip = project();
    let reply = post_form(
        &house,
        &[
            ("language", None, b"python"),
            ("version", None, b"1.x"),
            ("file", Some("project.zip"), &zip),
            ("stdin", None, b"a\nb\xff"),
            ("args", None, b"-v"),
            ("args", None, b"[1]"),
            ("limits", None, br#"{"memory_mb":64}"#),
            ("entrypoint", None, b"helper.py"),
        ],
    )
    .await;
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    assert_eq!(seen(&house), told("python", "helper.py", &["data.txt", "helper.py", "main.py"]));
    let seen = house.sandbox.last_seen();
    assert_eq!(seen.stdin.as_bytes(), b"a\nb\xff");
    assert_eq!(seen.args.as_slice(), ["-v", "[1]"]);
    assert_eq!(seen.limits.memory_mb, 64);
}

#[tokio::test]
async fn a_bare_zip_runs_with_its_fields_in_the_query() {
    let house = House::new();
    let query = "?language=py&args=%5B%22a%22,%22b%20c%22%5D&stdin=x%0A&entrypoint=main.py";
    assert_eq!(post_zip(&house, query, project()).await.status, 200);
    assert_eq!(seen(&house).1, "main.py");
    assert_eq!(house.sandbox.last_seen().args.as_slice(), ["a", "b c"]);
    assert_eq!(house.sandbox.last_seen().stdin.as_bytes(), b"x\n");
    for kind in ["application/x-zip-compressed", "application/octet-stream"] {
        let request = Request::post("/run").header("content-type", kind);
        assert_eq!(ask(&house, request, project()).await.status, 200, "{kind}");
    }
    let request = Request::post("/run").header("content-type", "application/octet-stream");
    ask(&house, request, "no zip").await.error(415, "unsupported_media_type");
}

#[tokio::test]
async fn a_source_file_runs_by_its_ending_or_by_the_language_it_came_with() {
    let house = House::new();
    for (parts, expected) in [
        (vec![("file", Some("a.js"), &b"1"[..])], told("javascript", "a.js", &["a.js"])),
        (vec![("file", Some("a.py"), b"1")], told("python", "a.py", &["a.py"])),
        (vec![("file", Some("a.txt"), b"1")], told("python", "a.txt", &["a.txt"])),
        (
            vec![("file", Some("a.txt"), b"1"), ("language", None, b"js")],
            told("javascript", "a.txt", &["a.txt"]),
        ),
        (vec![("code", None, b"1")], told("python", "main.py", &["main.py"])),
        (
            vec![("files", Some("index.js"), b"1"), ("files", Some("b.js"), b"2")],
            told("javascript", "index.js", &["b.js", "index.js"]),
        ),
        (
            vec![("files", Some("a.js"), b"1"), ("files", Some("b.js"), b"2"), ("entrypoint", None, b"b.js")],
            told("javascript", "b.js", &["a.js", "b.js"]),
        ),
        (
            vec![("code", None, b"1"), ("language", None, b"js"), ("file", Some("b.js"), b"2")],
            told("javascript", "main.js", &["b.js", "main.js"]),
        ),
        // A file field in which a browser's user chose nothing.
        (vec![("code", None, b"1"), ("file", Some(""), b"")], told("python", "main.py", &["main.py"])),
    ] {
        let reply = post_form(&house, &parts).await;
        assert_eq!(reply.status, 200, "{parts:?} {}", String::from_utf8_lossy(&reply.body));
        assert_eq!(seen(&house), expected, "{parts:?}");
    }
}

#[tokio::test]
async fn the_folder_that_was_zipped_is_taken_off() {
    let house = House::new();
    let zip = zip_of(&[("proj/main.js", b"1"), ("proj/lib/a.js", b"2"), ("__MACOSX/proj/._main.js", b"x")]);
    assert_eq!(post_zip(&house, "", zip.clone()).await.status, 200);
    assert_eq!(seen(&house), told("javascript", "main.js", &["lib/a.js", "main.js"]));
    // Unless the caller knows it by its whole name.
    assert_eq!(post_zip(&house, "?entrypoint=proj/lib/a.js", zip.clone()).await.status, 200);
    assert_eq!(seen(&house), told("javascript", "proj/lib/a.js", &["proj/lib/a.js", "proj/main.js"]));
    assert_eq!(post_zip(&house, "?entrypoint=lib/a.js", zip).await.status, 200);
    assert_eq!(seen(&house).1, "lib/a.js");
    let two = zip_of(&[("a/main.py", b"1"), ("b/x.py", b"2")]);
    let error = post_zip(&house, "", two).await.error(400, "invalid_request");
    assert!(error.starts_with("No entry point"), "{error}");
}

#[tokio::test]
async fn each_bad_form_is_told_what_is_wrong() {
    let house = House::new();
    let zip = project();
    for (parts, error) in [
        (vec![], "`code` is required unless `files` are given."),
        (vec![("file", None, &b"print(1)"[..])], "An uploaded file needs a file name."),
        (vec![("language", None, b"py"), ("language", None, b"py")], "`language` is given twice."),
        (vec![("code", None, b"1"), ("stdin", None, b""), ("stdin", None, b"")], "`stdin` is given twice."),
        (vec![("code", None, b"\xff")], "`code` must be UTF-8 text."),
        (
            vec![("code", None, b"1"), ("args", None, b"[1]")],
            "`args` must be a JSON array of strings, or one argument a field.",
        ),
        (vec![("code", None, b"1"), ("limits", None, b"5")], "`limits` must be an object."),
        (
            vec![("code", None, b"1"), ("limits", None, br#"{"memory_mb":"a"}"#)],
            "`limits.memory_mb` must be a number.",
        ),
        (
            vec![("file", Some("a.zip"), &zip), ("file", Some("b.zip"), &zip)],
            "Send one zip file, or source files, not both.",
        ),
        (
            vec![("file", Some("a.zip"), &zip), ("file", Some("b.py"), b"1")],
            "Send one zip file, or source files, not both.",
        ),
        (vec![("file", Some("../a.py"), b"1")], "The file name `../a.py` leaves the project (`..`)."),
        (vec![("file", Some("a.py"), b"1"), ("file", Some("a.py"), b"1")], "The file `a.py` is there twice."),
        (
            vec![("source", None, b"1")],
            "Unknown field `source`. Known fields: `file`, `files`, `code`, `language`, `version`, `stdin`, `args`, \
             `entrypoint`, `limits`, `compile`, `tests`, `compare`, `stop_at_first_failure`, `reveal`, `workspace`, \
             `collect`.",
        ),
    ] {
        assert_eq!(post_form(&house, &parts).await.error(400, "invalid_request"), error, "{parts:?}");
    }
    let many: Vec<Part<'_>> = (0..100).map(|_| ("args", None, &b"a"[..])).collect();
    let error = post_form(&house, &many).await.error(400, "invalid_request");
    assert_eq!(error, "`code` is required unless `files` are given.");
    let names: Vec<String> = (0..201).map(|n| format!("{n}.py")).collect();
    let many: Vec<Part<'_>> = names.iter().map(|name| ("files", Some(name.as_str()), &b"a"[..])).collect();
    let error = post_form(&house, &many).await.error(413, "project_too_large");
    assert_eq!(error, "Too many files. Maximum allowed is 200.");
    let form = |kind: &str, body: &'static str| {
        ask(&house, Request::post("/run").header("content-type", kind), body)
    };
    let error = form("multipart/form-data", "").await.error(400, "invalid_request");
    assert_eq!(error, "The `Content-Type` header has no usable `boundary`.");
    let broken = "The form cannot be read: it is not valid multipart/form-data.";
    for body in ["", "junk", "--x", "--x\r\nContent-Disposition: form-data; name=\"code\"\r\n\r\nprint(1)"] {
        assert_eq!(form("multipart/form-data; boundary=x", body).await.error(400, "invalid_request"), broken);
    }
}

#[tokio::test]
async fn a_part_that_says_two_things_is_refused() {
    let house = House::new();
    let form = async |head: &str| {
        let body = format!(
            "--x\r\nContent-Disposition: form-data; name=\"code\"\r\n{head}\r\nprint(1)\r\n--x--\r\n"
        );
        ask(&house, Request::post("/run").header("content-type", "multipart/form-data; boundary=x"), body)
            .await
    };
    assert_eq!(form("Content-Type: text/plain; charset=utf-8\r\n").await.status, 200);
    let error =
        form("Content-Disposition: form-data; name=\"stdin\"\r\n").await.error(400, "invalid_request");
    assert_eq!(error, "Part 1 of the form has 2 `Content-Disposition` headers.");
    let error = form("Content-Transfer-Encoding: base64\r\n").await.error(400, "invalid_request");
    assert!(error.contains("`Content-Transfer-Encoding` `base64`"), "{error}");
    assert_eq!(house.sandbox.runs(), 1);
}

#[tokio::test]
async fn the_largest_project_runs_beside_code() {
    let house = House::new();
    let names: Vec<String> = (0..199).map(|n| format!("{n}.txt")).collect();
    let mut files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let zeros = vec![0; 8 * 1024 * 1024];
    files.push(("big", &zeros));
    let reply =
        post_form(&house, &[("file", Some("a.zip"), &zip_of(&files)), ("code", None, b"print(1)")]).await;
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    assert_eq!(house.sandbox.last_seen().program.project().len(), 201);
}

#[tokio::test]
async fn each_cap_of_an_archive_is_named() {
    let house = House::new();
    let noise: Vec<u8> = (0..1_100_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[2]).collect();
    let mut fat = project();
    fat.splice(0..0, noise);
    for (zip, code, error) in [
        (fat, "archive_too_large", "Archive too large. Maximum allowed size is 1048576 bytes."),
        (
            zip_of(&[("main.py", &vec![b' '; 8 * 1024 * 1024 + 1])]),
            "project_too_large",
            "Project too large. Maximum allowed size is 8388608 bytes unpacked.",
        ),
        (
            build(&(0..201).map(|n| Entry::file(&format!("{n}.py"), b"")).collect::<Vec<_>>()),
            "project_too_large",
            "Too many files. Maximum allowed is 200.",
        ),
    ] {
        assert_eq!(post_zip(&house, "", zip.clone()).await.error(413, code), error);
        let reply = post_form(&house, &[("file", Some("a.zip"), &zip)]).await;
        assert_eq!(reply.error(413, code), error);
    }
}

#[tokio::test]
async fn bad_archives_and_queries_are_refused_by_name() {
    let house = House::new();
    let error = post_zip(&house, "", "no zip at all").await.error(400, "invalid_archive");
    assert!(error.starts_with("The archive is broken, or no zip file: "), "{error}");
    let slip = build(&[Entry::file("../../etc/cron.d/x", b"x")]);
    let error = post_zip(&house, "", slip).await.error(400, "invalid_archive");
    assert_eq!(error, "The file name `../../etc/cron.d/x` leaves the project (`..`).");
    for (query, error) in [
        ("?language=py&language=py", "`language` is given twice."),
        ("?file=x", "Unknown field `file`."),
        (
            "?limits=%7B%22timeout_seconds%22:0%7D",
            "`limits.timeout_seconds` must be a number of seconds from 0.01 to 10.",
        ),
    ] {
        let said = post_zip(&house, query, project()).await.error(400, "invalid_request");
        assert!(said.starts_with(error), "{said}");
    }
    let request = Request::post("/run?language=python").header("content-type", "application/json");
    let error = ask(&house, request, r#"{"code":"x"}"#).await.error(400, "invalid_request");
    assert_eq!(
        error,
        "Unknown query parameter `language`. With this content type everything but `wait` stands in the body."
    );
}
