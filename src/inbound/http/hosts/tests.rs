use axum::{
    Router,
    body::Body,
    http::{Request, Version, request::Builder},
};

use super::AllowedHosts;
use crate::{
    inbound::http::{
        HttpConfig, router,
        tests::{Reply, send},
    },
    testing::{House, rules},
};

fn app(house: &House, hosts: AllowedHosts) -> Router {
    router(house.service.clone(), HttpConfig { hosts: Some(hosts), ..HttpConfig::new(rules()) })
}

async fn ask(hosts: AllowedHosts, request: Builder) -> Reply {
    send(app(&House::new(), hosts), request.body(Body::empty()).unwrap()).await
}

async fn addressed_to(host: &str) -> Reply {
    ask(AllowedHosts::default(), Request::get("/").header("host", host)).await
}

#[tokio::test]
async fn loopback_is_taken_however_it_is_written() {
    for host in [
        "localhost",
        "localhost:5000",
        "LOCALHOST",
        "LocalHost.",
        "localhost.:8080",
        "localhost:",
        "127.0.0.1",
        "127.0.0.1:80",
        "127.0.0.1.",
        "127.255.255.254:1",
        "[::1]",
        "[::1]:5000",
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:127.0.0.1]:5000",
        "x",
        "executor:5000",
        "sandbox_host",
    ] {
        assert_eq!(addressed_to(host).await.status, 200, "{host}");
    }
}

#[tokio::test]
async fn every_other_host_is_refused_by_name() {
    for host in [
        "attacker.example",
        "attacker.example:5000",
        "ATTACKER.example.",
        "localhost.attacker.example",
        "127.0.0.1.nip.io",
        "app.localhost",
        "localhost.localdomain",
        "127.0.0.1.attacker.example:5000",
        "10.0.0.1",
        "0.0.0.0",
        "0.0.0.0:5000",
        "128.0.0.1",
        "127.0.0.256",
        "127.1",
        "0177.0.0.1",
        "0x7f.1",
        "[::]",
        "[::2]:5000",
        "[fe80::1]",
        "[::1",
        "[::1]x",
        "[::1]:x",
        "::1",
        "127.0.0.1:x",
        "127.0.0.1:99999",
        "localhost:5000:5000",
        "localhost:-1",
        "user@localhost",
        "localhost@attacker.example",
        "localhost#x",
        "localhost/x",
        "localhost,attacker.example",
        "localhost attacker.example",
        "localhost..",
        ".localhost",
        ".",
        "",
        " ",
        "http://localhost",
        "xn--lcalhost-54a.example",
        "%6cocalhost",
    ] {
        let error = addressed_to(host).await.error(403, "wrong_host");
        assert!(error.contains("SCE_ALLOWED_HOSTS") && error.contains(host.trim()), "{host}: {error}");
    }
    let strange =
        Request::get("/").header("host", axum::http::HeaderValue::from_bytes(b"\xfclocalhost").unwrap());
    ask(AllowedHosts::default(), strange).await.error(403, "wrong_host");
}

#[tokio::test]
async fn no_route_answers_another_host_and_none_runs_anything() {
    let house = House::new();
    for (method, path) in [
        ("GET", "/"),
        ("HEAD", "/"),
        ("GET", "/health"),
        ("GET", "/languages"),
        ("GET", "/history"),
        ("GET", "/history/0199aaaa-0000-7000-8000-000000000000"),
        ("POST", "/run"),
        ("GET", "/run"),
        ("OPTIONS", "/run"),
        ("GET", "/ui"),
        ("GET", "/ui/"),
        ("GET", "/ui/app.js"),
        ("GET", "/openapi.json"),
        ("GET", "/nothing"),
        ("DELETE", "/health"),
        ("BREW", "/"),
    ] {
        let request = Request::builder().method(method).uri(path).header("host", "attacker.example:5000");
        let request = request
            .header("origin", "http://attacker.example:5000")
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/json");
        let reply =
            send(app(&house, AllowedHosts::default()), request.body(r#"{"code":"x"}"#.into()).unwrap()).await;
        assert_eq!(reply.status, 403, "{method} {path}");
        assert!(!reply.headers.contains_key("access-control-allow-origin"), "{method} {path}");
    }
    assert_eq!(house.sandbox.runs(), 0);
}

#[tokio::test]
async fn an_allowed_origin_or_a_forwarded_host_does_not_make_up_for_a_wrong_one() {
    let house = House::new();
    for origin in ["*", "http://attacker.example"] {
        let mut config = HttpConfig { hosts: Some(AllowedHosts::default()), ..HttpConfig::new(rules()) };
        config.allowed_origins = vec![origin.parse().unwrap()];
        let request = Request::get("/history")
            .header("host", "attacker.example")
            .header("origin", "http://attacker.example");
        let reply = send(router(house.service.clone(), config), request.body(Body::empty()).unwrap()).await;
        reply.error(403, "wrong_host");
    }
    for header in ["x-forwarded-host", "forwarded", "x-host", "x-original-host"] {
        let request = Request::get("/").header("host", "attacker.example").header(header, "localhost");
        ask(AllowedHosts::default(), request).await.error(403, "wrong_host");
        let request = Request::get("/").header("host", "localhost").header(header, "attacker.example");
        assert_eq!(ask(AllowedHosts::default(), request).await.status, 200);
    }
}

#[tokio::test]
async fn a_name_without_a_dot_is_not_taken_from_a_page() {
    for (header, value) in [
        ("origin", "http://x:5000"),
        ("referer", "http://x:5000/"),
        ("sec-fetch-site", "same-origin"),
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64)"),
    ] {
        let to = |host| Request::get("/").header("host", host).header(header, value);
        ask(AllowedHosts::default(), to("x:5000")).await.error(403, "wrong_host");
        assert_eq!(ask(AllowedHosts::parse("X").unwrap(), to("x:5000")).await.status, 200);
        assert_eq!(ask(AllowedHosts::default(), to("localhost:5000")).await.status, 200);
    }
}

#[tokio::test]
async fn http_1_0_may_leave_the_host_out_and_http_1_1_has_one() {
    let old = Request::get("/").version(Version::HTTP_10);
    assert_eq!(ask(AllowedHosts::default(), old).await.status, 200);
    let old = Request::get("/").version(Version::HTTP_10).header("host", "attacker.example");
    ask(AllowedHosts::default(), old).await.error(403, "wrong_host");
    ask(AllowedHosts::default(), Request::get("/")).await.error(400, "invalid_request");
    for hosts in
        [["localhost", "localhost"], ["localhost", "attacker.example"], ["attacker.example", "localhost"]]
    {
        let twice = Request::get("/").header("host", hosts[0]).header("host", hosts[1]);
        ask(AllowedHosts::default(), twice).await.error(400, "invalid_request");
    }
}

#[tokio::test]
async fn an_absolute_target_counts_as_much_as_the_header() {
    for (target, host, status) in [
        ("http://localhost:5000/", "localhost:5000", 200),
        ("http://127.0.0.1/", "localhost", 200),
        ("http://attacker.example/", "localhost", 403),
        ("http://localhost/", "attacker.example", 403),
        ("http://user@localhost/", "localhost", 403),
    ] {
        let reply = ask(AllowedHosts::default(), Request::get(target).header("host", host)).await;
        assert_eq!(reply.status, status, "{target} {host}");
    }
}

#[tokio::test]
async fn a_list_adds_names_and_addresses_and_nothing_near_them() {
    let hosts = || AllowedHosts::parse("Code.Example.org, 192.168.1.7,[2001:db8::1],fd00::2").unwrap();
    for host in [
        "code.example.org",
        "CODE.example.org.:8443",
        "192.168.1.7:80",
        "[2001:db8::1]:1",
        "[fd00::2]",
        "localhost",
    ] {
        assert_eq!(ask(hosts(), Request::get("/").header("host", host)).await.status, 200, "{host}");
    }
    for host in
        ["example.org", "x.code.example.org", "code.example.org.evil", "192.168.1.70", "[2001:db8::2]"]
    {
        ask(hosts(), Request::get("/").header("host", host)).await.error(403, "wrong_host");
    }
    for bad in ["", "a,,b", "*", "*.example.org", "http://a", "a/b", "a:80", "[::1]:80", "a b", "ü.example"]
    {
        assert!(AllowedHosts::parse(bad).is_err(), "{bad:?}");
    }
}

#[tokio::test]
async fn a_server_for_more_than_loopback_takes_any_address_but_no_other_name() {
    let hosts = || AllowedHosts::parse("code.example.org").unwrap().and_any_address();
    for host in ["10.1.2.3:5000", "[2001:db8::9]", "code.example.org", "localhost"] {
        assert_eq!(ask(hosts(), Request::get("/").header("host", host)).await.status, 200, "{host}");
    }
    ask(hosts(), Request::get("/").header("host", "attacker.example")).await.error(403, "wrong_host");
}

proptest::proptest! {
    #[test]
    fn no_text_passes_for_loopback_that_a_zone_elsewhere_could_hold(zone in "[a-z0-9.:@\\[\\]%-]{0,12}", before in proptest::bool::ANY) {
        let host = if before { format!("localhost{zone}.attacker.example") } else { format!("{zone}.attacker.example:5000") };
        proptest::prop_assert!(!AllowedHosts::default().takes(&host, false), "{}", host);
    }
}
