//! What is refused before it is a request at all: paths, types, encodings, sizes.

use axum::{Router, body::Body, http::Request, response::IntoResponse as _, routing};
use serde_json::json;

use super::{super::layered, app, ask, get, post_json, send};
use crate::{
    inbound::{
        contract::rejection::{Fault, Rejection},
        http::error::ApiError,
    },
    testing::House,
};

#[tokio::test]
async fn text_that_is_no_json_is_refused_whatever_it_is() {
    let house = House::new();
    let deep = format!("{}1{}", r#"{"code":"#, "[".repeat(100_000));
    let deeper = "[".repeat(100_000);
    let unknown = format!(r#"{{"x":{}}}"#, "[".repeat(100_000));
    for body in [
        r#"{"code":"x","limits":{"timeout_seconds":NaN}}"#.as_bytes(),
        br#"{"code":"x","limits":{"timeout_seconds":1e999}}"#,
        b"{\"code\":\"\xff\"}",
        b"{\"code\":\"a\nb\"}",
        b"{'code':'x'}",
        b"code=print(1)",
        b"\0",
        deep.as_bytes(),
        deeper.as_bytes(),
        unknown.as_bytes(),
    ] {
        let reply = post_json(&house, body.to_vec()).await;
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]);
        assert_eq!(reply.status, 400, "{shown}");
        assert!(reply.json()["error"].as_str().unwrap().len() < 300, "{shown}");
    }
}

#[tokio::test]
async fn half_of_a_surrogate_pair_is_refused_where_it_stands() {
    let house = House::new();
    for (body, field) in [
        (r#"{"code":"\ud800"}"#, "`code`"),
        (r#"{"code":"a\udc00\ud800"}"#, "`code`"),
        (r#"{"code":"\ud83dx"}"#, "`code`"),
        (r#"{"code":"\ud800\n"}"#, "`code`"),
        (r#"{"code":"\ud800\ud800"}"#, "`code`"),
        (r#"{"code":"x","stdin":"\uDFFF"}"#, "`stdin`"),
        (r#"{"code":"x","language":"\ud800"}"#, "`language`"),
        (r#"{"code":"x","args":["a","\ud800"]}"#, "`args[1]`"),
        (r#"{"code":"x","files":[{"name":"a","content":"\udead"}]}"#, "`files[0].content`"),
        (r#"{"code":"x","files":[{"name":"\udead","content":""}]}"#, "`files[0].name`"),
        (r#"{"\ud800":"x"}"#, "The body"),
        (r#"{"code":"x","limits":{"\ud800":1}}"#, "`limits`"),
    ] {
        let error = post_json(&house, body).await.error(400, "invalid_request");
        let said =
            format!("{field} holds half of a surrogate pair, such as `\\ud800`, which is no character");
        assert!(error.starts_with(&said), "{body}: {error}");
    }
    assert_eq!(post_json(&house, r#"{"code":"\ud83d\ude00"}"#).await.status, 200);
    assert_eq!(house.sandbox.last_seen().program.source(), "😀".as_bytes());
}

#[tokio::test]
async fn a_byte_order_mark_is_skipped_and_other_encodings_are_named() {
    let house = House::new();
    assert_eq!(post_json(&house, "\u{feff}{\"code\":\"print(1)\"}").await.status, 200);
    assert_eq!(house.sandbox.last_seen().program.source(), b"print(1)");
    let twice = post_json(&house, "\u{feff}\u{feff}{\"code\":\"x\"}").await;
    twice.error(400, "invalid_json");
    let units = r#"{"code":"x"}"#.encode_utf16();
    let wide = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
        [mark, &units.clone().flat_map(bytes).collect::<Vec<_>>()[..]].concat()
    };
    let of_four = r#"{"code":"x"}"#.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect::<Vec<u8>>();
    for body in [
        wide(b"\xff\xfe", u16::to_le_bytes),
        wide(b"\xfe\xff", u16::to_be_bytes),
        wide(b"", u16::to_le_bytes),
        wide(b"", u16::to_be_bytes),
        of_four,
    ] {
        let error = post_json(&house, body).await.error(400, "invalid_json");
        assert_eq!(error, "The body is not valid JSON: it is UTF-16 or UTF-32, and must be UTF-8.");
    }
}

#[tokio::test]
async fn a_body_that_is_packed_is_refused_by_its_header() {
    let house = House::new();
    let send = async |kind: &'static str, codings: &[&str]| {
        let request = Request::post("/run").header("content-type", kind);
        let request =
            codings.iter().fold(request, |request, coding| request.header("content-encoding", *coding));
        ask(&house, request, r#"{"code":"x"}"#).await
    };
    for kind in ["application/json", "multipart/form-data; boundary=x", "application/zip"] {
        for codings in
            [&["gzip"][..], &["br"], &["identity, deflate"], &["identity", "zstd"], &["x"], &["GZIP"]]
        {
            let error = send(kind, codings).await.error(415, "unsupported_media_type");
            assert!(error.contains("`Content-Encoding`"), "{error}");
        }
    }
    for codings in [&["identity"][..], &["IDENTITY"], &[""], &["identity", "identity"]] {
        assert_eq!(send("application/json", codings).await.status, 200, "{codings:?}");
    }
}

#[tokio::test]
async fn a_path_that_is_nearly_right_is_told_which_is() {
    let house = House::new();
    for (path, nearest) in [
        ("/run/", "/run"),
        ("//run", "/run"),
        ("/RUN", "/run"),
        ("/Run//", "/run"),
        ("/history/", "/history"),
        ("/History", "/history"),
        ("/history/01997c6e-0000-7000-8000-000000000000/", "/history/{id}"),
        ("/health/", "/health"),
        ("/languages/", "/languages"),
        ("/openapi.json/", "/openapi.json"),
        ("//", "/"),
    ] {
        for request in [Request::get(path), Request::post(path).header("content-type", "application/json")] {
            let error = ask(&house, request, r#"{"code":"x"}"#).await.error(404, "not_found");
            assert_eq!(
                error,
                format!("There is nothing at this path. Its nearest is `{nearest}`."),
                "{path}"
            );
        }
    }
    for path in ["/runs", "/run/x", "/nothing", "/run%2f", "/%72un/", "/history/a/b", "/.env"] {
        let error = get(&house, path).await.error(404, "not_found");
        assert_eq!(error, "There is nothing at this path.", "{path}");
    }
    assert_eq!(house.sandbox.runs(), 0);
}

#[tokio::test]
async fn two_hundred_files_run_beside_code_and_one_more_does_not() {
    let house = House::new();
    let body = |count: usize| {
        let files: Vec<_> = (0..count).map(|n| json!({"name": format!("f{n}"), "content": "x"})).collect();
        json!({"code": "print(1)", "files": files}).to_string()
    };
    assert_eq!(post_json(&house, body(200)).await.status, 200);
    assert_eq!(house.sandbox.last_seen().program.project().len(), 201);
    for count in [201, 202, 1000] {
        let error = post_json(&house, body(count)).await.error(413, "project_too_large");
        assert_eq!(error, "Too many files. Maximum allowed is 200.");
    }
}

#[tokio::test]
async fn arrays_without_end_are_refused_for_their_length_and_not_kept() {
    let house = House::new();
    let many = |element: &str| vec![element; 5_000_000 / (element.len() + 1)].join(",");
    let args = format!(r#"{{"code":"x","args":[{}]}}"#, many(r#""""#));
    let error = post_json(&house, args).await.error(400, "invalid_request");
    assert_eq!(error, "Too many `args`. Maximum allowed is 64.");
    let files = format!(r#"{{"code":"x","files":[{}]}}"#, many(r#"{"name":"a","content":""}"#));
    let error = post_json(&house, files).await.error(400, "invalid_request");
    assert_eq!(error, "The file `a` is there twice.");
    // What is not kept must still be JSON.
    let broken = format!(r#"{{"code":"x","args":[{},]}}"#, many(r#""""#));
    post_json(&house, broken).await.error(400, "invalid_json");
}

#[tokio::test]
async fn what_is_too_much_at_once_is_told_to_come_back() {
    let overloaded =
        || async { ApiError::from(Rejection::new(Fault::Overloaded, "Too much.")).into_response() };
    let app = layered(Router::new().route("/", routing::get(overloaded)), &[], None, Vec::new());
    let reply = send(app, Request::get("/").body(Body::empty()).unwrap()).await;
    reply.error(503, "overloaded");
    assert_eq!(reply.headers["retry-after"], "2");
}

#[tokio::test]
async fn other_content_types_get_a_sentence_that_helps() {
    let house = House::new();
    let json = r#"{"code":"print(1)"}"#;
    for kind in [Some("application/x-www-form-urlencoded"), Some("text/plain"), Some("\u{1}"), None] {
        let request = Request::post("/run");
        let request = match kind {
            Some(kind) => request.header("content-type", kind.as_bytes()),
            None => request,
        };
        let Ok(request) = request.body(Body::from(json)) else { continue };
        let reply = send(app(&house), request).await;
        let error = reply.error(415, "unsupported_media_type");
        assert!(error.contains("-H 'Content-Type: application/json'"), "{error}");
    }
    let twice = Request::post("/run")
        .header("content-type", "application/json")
        .header("content-type", "application/zip");
    let error = ask(&house, twice, json).await.error(415, "unsupported_media_type");
    assert!(error.starts_with("The `Content-Type` header is given twice."), "{error}");
    for kind in ["application/json; charset=utf-8", "Application/JSON"] {
        assert_eq!(ask(&house, Request::post("/run").header("content-type", kind), json).await.status, 200);
    }
}

#[tokio::test]
async fn a_body_over_the_cap_is_refused_by_name_announced_or_not() {
    let house = House::new();
    let error = "Body too large. Maximum allowed size is 6291456 bytes.";
    let announced = vec![b' '; 6_291_457];
    assert_eq!(post_json(&house, announced.clone()).await.error(413, "body_too_large"), error);
    let chunks =
        announced.chunks(100_000).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect::<Vec<_>>();
    let streamed = Body::from_stream(futures_util::stream::iter(chunks));
    assert_eq!(post_json(&house, streamed).await.error(413, "body_too_large"), error);
}

#[tokio::test]
async fn unknown_paths_and_wrong_methods_are_json_errors() {
    let house = House::new();
    get(&house, "/nothing").await.error(404, "not_found");
    let reply = get(&house, "/run").await;
    reply.error(405, "method_not_allowed");
    assert_eq!(reply.headers["allow"], "POST");
    let reply = ask(&house, Request::delete("/"), Body::empty()).await;
    reply.error(405, "method_not_allowed");
    assert_eq!(reply.headers["allow"], "GET,HEAD");
    let reply = ask(&house, Request::options("/run"), Body::empty()).await;
    assert_eq!((reply.status.as_u16(), &reply.headers["allow"]), (204, &"POST".parse().unwrap()));
    let banner = get(&house, "/").await;
    assert_eq!(banner.body, b"Safe Code Executor API is running!");
    assert_eq!(banner.headers["content-type"], "text/plain; charset=utf-8");
}
