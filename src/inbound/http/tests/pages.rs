//! The web page, and what other sites' pages may do.

use std::io::Read as _;

use axum::{body::Body, http::Request};

use super::{HttpConfig, Reply, ask, get, post_json, router, send};
use crate::testing::{House, rules};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

#[tokio::test]
async fn the_page_and_all_it_names_are_served_under_a_strict_policy() {
    let house = House::new();
    let page = get(&house, "/ui").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    let html = String::from_utf8(page.body.clone()).unwrap();
    assert!(!html.contains("<style") && !html.contains(" style=") && !html.contains("<script>"));
    let attributes = html.split([' ', '\n', '<']).filter_map(|word| {
        word.strip_prefix("src=\"").or_else(|| word.strip_prefix("href=\""))?.split('"').next()
    });
    let named: Vec<_> = attributes.filter(|name| name.starts_with("ui/")).collect();
    assert!(named.len() >= 2, "{named:?}");
    for name in named {
        let file = get(&house, &format!("/{name}")).await;
        assert_eq!(file.status, 200, "{name}");
        let kind = file.headers["content-type"].to_str().unwrap();
        assert_ne!(kind, "application/octet-stream", "{name}");
        assert_eq!(file.headers["content-security-policy"], POLICY);
        assert_eq!(file.headers["x-content-type-options"], "nosniff");
        assert_eq!(file.headers["referrer-policy"], "no-referrer");
    }
}

#[tokio::test]
async fn an_unchanged_file_is_not_sent_again() {
    let house = House::new();
    let page = get(&house, "/ui").await;
    let tag = page.headers["etag"].to_str().unwrap().to_owned();
    let asked = async |known: &str| {
        ask(&house, Request::get("/ui").header("if-none-match", known), Body::empty()).await
    };
    for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
        let reply = asked(&known).await;
        assert_eq!((reply.status.as_u16(), reply.body.len()), (304, 0), "{known}");
        assert_eq!(reply.headers["etag"], tag.as_str());
    }
    assert_eq!(asked("\"x\"").await.status, 200);
    assert_eq!(page.headers["cache-control"], "no-cache");
}

#[tokio::test]
async fn the_files_are_sent_compressed_to_those_who_take_it() {
    let house = House::new();
    let coded = async |path: &str, codings: &str, known: &str| {
        let request = Request::get(path).header("accept-encoding", codings).header("if-none-match", known);
        ask(&house, request, Body::empty()).await
    };
    let asked = async |path: &str, known: &str| coded(path, "gzip", known).await;
    for path in ["/ui", "/ui/app.js", "/ui/app.css", "/ui/theme.js", "/ui/icon.svg"] {
        let plain = get(&house, path).await;
        assert!(!plain.headers.contains_key("content-encoding"), "{path}");
        let packed = asked(path, "\"x\"").await;
        assert_eq!(
            (packed.status.as_u16(), &packed.headers["content-encoding"]),
            (200, &"gzip".parse().unwrap())
        );
        assert_eq!(packed.headers["content-type"], plain.headers["content-type"]);
        assert_eq!(unpacked(&packed.body), plain.body, "{path}");
        let smaller = coded(path, "gzip, br", "\"x\"").await;
        assert_eq!(smaller.headers["content-encoding"], "br", "{path}");
        assert!(smaller.body.len() < packed.body.len(), "{path}");
        assert_ne!(smaller.headers["etag"], packed.headers["etag"], "{path}");

        // Two forms of one file: caches keep them apart, and neither stands for the other.
        let tag = packed.headers["etag"].to_str().unwrap();
        assert_ne!(tag, plain.headers["etag"]);
        for reply in [&plain, &packed, &asked(path, tag).await] {
            let vary: Vec<_> = reply.headers.get_all("vary").iter().collect();
            assert!(vary.contains(&&"accept-encoding".parse().unwrap()), "{path}: {vary:?}");
        }
        assert_eq!(asked(path, tag).await.status, 304);
        assert_eq!(asked(path, plain.headers["etag"].to_str().unwrap()).await.status, 200);
    }
}

fn unpacked(gzip: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(gzip).read_to_end(&mut plain).unwrap();
    plain
}

#[tokio::test]
async fn nothing_but_the_page_is_to_be_had_there() {
    let house = House::new();
    for path in ["/ui/nothing.js", "/ui/../Cargo.toml", "/ui/%2e%2e/Cargo.toml", "/ui/%ff", "/ui//etc/passwd"]
    {
        get(&house, path).await.error(404, "not_found");
    }
    let reply = get(&house, "/ui/").await;
    assert_eq!((reply.status.as_u16(), &reply.headers["location"]), (308, &"../ui".parse().unwrap()));
    ask(&house, Request::post("/ui"), Body::empty()).await.error(405, "method_not_allowed");
    let without = router(house.service.clone(), HttpConfig { ui: false, ..HttpConfig::new(rules()) });
    send(without, Request::get("/ui").body(Body::empty()).unwrap()).await.error(404, "not_found");
}

async fn from_page(house: &House, allowed: &[&str], request: Request<Body>) -> Reply {
    let allowed_origins = allowed.iter().map(|origin| origin.parse().unwrap()).collect();
    let config = HttpConfig { allowed_origins, ..HttpConfig::new(rules()) };
    send(router(house.service.clone(), config), request).await
}

fn form_of(origin: &str, site: Option<&str>) -> Request<Body> {
    let body = "--x\r\nContent-Disposition: form-data; name=\"code\"\r\n\r\nprint(1)\r\n--x--\r\n";
    let request = Request::post("/run").header("host", "127.0.0.1:5000").header("origin", origin);
    let request = site.into_iter().fold(request, |request, site| request.header("sec-fetch-site", site));
    request.header("content-type", "multipart/form-data; boundary=x").body(Body::from(body)).unwrap()
}

#[tokio::test]
async fn another_sites_page_cannot_have_code_run() {
    let house = House::new();
    for site in [Some("cross-site"), Some("same-site"), None] {
        let reply = from_page(&house, &[], form_of("https://evil.example", site)).await;
        reply.error(403, "cross_site");
        let reply = from_page(&house, &["https://good.example"], form_of("https://evil.example", site)).await;
        reply.error(403, "cross_site");
        assert!(!reply.headers.contains_key("access-control-allow-origin"));
    }
    assert_eq!(house.store.len(), 0);
    let own = form_of("http://127.0.0.1:5000", Some("same-origin"));
    assert_eq!(from_page(&house, &[], own).await.status, 200);
    // What is no browser sends neither header.
    assert_eq!(post_json(&house, r#"{"code":"x"}"#).await.status, 200);
}

#[tokio::test]
async fn an_origin_on_the_list_may_ask_and_read() {
    let house = House::new();
    let allowed = ["https://good.example", "http://localhost:3000"];
    let reply = from_page(&house, &allowed, form_of("https://good.example", Some("cross-site"))).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.headers["access-control-allow-origin"], "https://good.example");
    let preflight = Request::options("/run")
        .header("origin", "http://localhost:3000")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type");
    let reply = from_page(&house, &allowed, preflight.body(Body::empty()).unwrap()).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.headers["access-control-allow-origin"], "http://localhost:3000");
    assert_eq!(
        reply.headers["access-control-allow-headers"],
        "content-type,authorization,idempotency-key,prefer,mcp-protocol-version,mcp-method,mcp-name,\
         mcp-session-id,x-api-key,x-auth-token,x-rapidapi-key,x-rapidapi-host"
    );
    // Errors can be read, too.
    let nothing = Request::get("/nothing").header("origin", "https://good.example");
    let reply = from_page(&house, &allowed, nothing.body(Body::empty()).unwrap()).await;
    reply.error(404, "not_found");
    assert_eq!(reply.headers["access-control-allow-origin"], "https://good.example");
    let reply = from_page(&house, &["*"], form_of("https://any.example", Some("cross-site"))).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.headers["access-control-allow-origin"]),
        (200, &"*".parse().unwrap())
    );
}

#[tokio::test]
async fn by_default_no_page_elsewhere_reads_anything() {
    let house = House::new();
    let reply = get(&house, "/languages").await;
    assert!(!reply.headers.contains_key("access-control-allow-origin"));
    let preflight = Request::options("/run").header("origin", "https://evil.example");
    let reply = ask(&house, preflight, Body::empty()).await;
    assert!(!reply.headers.contains_key("access-control-allow-origin"));
}
