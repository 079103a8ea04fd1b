//! Languages stand beside each other: one that cannot be run is named, with its reason, the others serve, and it comes
//! back by itself.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    Server, alone, images::Image, languages::LanguagesDir, private_engine::PrivateEngine, within,
};

/// A server with these folders of languages beside ours.
fn serving(languages: &LanguagesDir, settings: &[(&str, &str)]) -> Server {
    let own = [("SCE_LANGUAGES_DIR", languages.path())];
    Server::start(&own.iter().chain(settings).copied().collect::<Vec<_>>())
}

/// What `/languages` and `/health` say of a language; they must agree.
fn told(server: &Server, name: &str) -> (bool, Option<String>) {
    let find = |all: &Value| {
        let all = all.as_array().unwrap();
        all.iter().find(|one| one["name"] == name).cloned().unwrap_or_else(|| panic!("{name} in {all:?}"))
    };
    // What `/health` says may be a second old.
    let agreed = within(Duration::from_secs(3), || {
        let listed = find(&server.get("/languages").json());
        let health = server.get("/health");
        assert_eq!(health.status, 200, "{}", health.text());
        let healthy = find(&health.json()["languages"]);
        ((&listed["available"], &listed["problem"]) == (&healthy["ok"], &healthy["problem"]))
            .then_some(listed)
    });
    let listed = agreed.unwrap_or_else(|| panic!("{}", server.get("/health").text()));
    (listed["available"].as_bool().unwrap(), listed["problem"].as_str().map(str::to_owned))
}

#[track_caller]
fn is_unavailable(server: &Server, language: &str, code: &str, word: &str) {
    let refusal = server.post(&json!({"language": language, "code": code})).refusal(503);
    assert_eq!(refusal.code, "language_unavailable", "{}", refusal.error);
    assert!(refusal.error.contains(&format!("`{language}`")), "{}", refusal.error);
    let (available, problem) = told(server, language);
    assert!(!available && problem.as_ref().is_some_and(|why| why.contains(word)), "{problem:?}");
    let health = server.get("/health").json();
    assert_eq!(health["docker"]["hosts"], json!({"up": 1, "total": 1}), "{health}");
    assert!(!server.log().contains("a Docker host failed"), "{}", server.log());
}

#[test]
fn a_language_without_an_image_is_named_and_the_others_serve() {
    let languages = LanguagesDir::javascript_in("no.such/image:1");
    let server = serving(&languages, &[("SCE_POOL_SIZE", "1")]);
    is_unavailable(&server, "javascript", "console.log(1)", "no.such/image:1");
    server.python("print(1)").printed("1\n");
    assert_eq!(told(&server, "python"), (true, None));
}

#[test]
fn a_language_whose_first_program_does_not_run_is_named_and_the_others_serve() {
    let languages = LanguagesDir::javascript_in("python:3.11-slim");
    let server = serving(&languages, &[("SCE_POOL_SIZE", "0")]);
    is_unavailable(&server, "javascript", "console.log(1)", "first program");
    assert!(server.log().contains("javascript"), "{}", server.log());
    server.python("print(1)").printed("1\n");
}

#[test]
fn an_image_that_goes_away_takes_its_language_along_and_brings_it_back() {
    let _alone = alone();
    let image = Image::make();
    let server = serving(&LanguagesDir::python_in(&image.name()), &[("SCE_POOL_SIZE", "0")]);
    server.python("print('there')").printed("there\n");
    image.remove();
    for _ in 0..3 {
        is_unavailable(&server, "python", "print(1)", &image.name());
        server.javascript("console.log('other')").printed("other\n");
    }
    image.make_again();
    let back = || (server.post(&json!({"code": "print(2)"})).status == 200).then_some(());
    assert!(within(Duration::from_secs(90), back).is_some(), "{}", server.log());
    assert_eq!(told(&server, "python"), (true, None));
    // Nobody asks: it is noticed all the same.
    image.remove();
    let noticed = || (!told(&server, "python").0).then_some(());
    assert!(within(Duration::from_secs(90), noticed).is_some(), "{}", server.log());
}

#[test]
fn a_volume_that_goes_away_is_made_anew_before_anybody_notices() {
    // On an engine of its own: elsewhere all servers of one build have the same volume.
    let engine = PrivateEngine::start();
    let server = Server::start(&[
        ("SCE_POOL_SIZE", "0"),
        ("DOCKER_HOST", &engine.host()),
        ("SCE_LANGUAGES", "python"),
    ]);
    server.python("print('before')").printed("before\n");
    let volume = engine.docker(&["volume", "ls", "--quiet"]).unwrap();
    assert!(volume.starts_with("sce-init-") && !volume.contains('\n'), "{volume}");
    let remove = || engine.docker(&["volume", "rm", &volume]).map(drop);
    std::thread::scope(|scope| {
        let running = scope.spawn(|| server.python("import time; time.sleep(3); print('ran')"));
        let up = || engine.docker(&["ps", "--quiet"]).filter(|ids| !ids.is_empty());
        assert!(within(Duration::from_secs(30), up).is_some());
        assert!(remove().is_none(), "it is in use");
        running.join().unwrap().printed("ran\n");
    });
    for _ in 0..2 {
        assert!(within(Duration::from_secs(30), remove).is_some(), "who uses it?");
        let reply = server.post(&json!({"code": "print('as before')"}));
        assert_eq!(reply.status, 200, "{}\n{}", reply.text(), server.log());
        reply.outcome().printed("as before\n");
    }
    assert_eq!(told(&server, "python"), (true, None));
}

#[test]
fn an_image_can_be_pinned_by_its_content_and_a_tag_that_was_moved_is_not_it() {
    let image = Image::make();
    let id = image.id();
    // Under another name of its own: what is pinned is found without the tag.
    image.tag("other");
    let pinned = format!("{}@{id}", image.name());
    let server = serving(&LanguagesDir::python_in(&pinned), &[("SCE_POOL_SIZE", "0")]);
    let outcome = server.python("print('pinned')");
    outcome.printed("pinned\n");
    let sandbox = &outcome.0["sandbox"];
    assert_eq!((sandbox["image"].as_str(), sandbox["digest"].as_str()), (Some(&*pinned), Some(&*id)));
    drop(server);
    // The tag leads to something else now.
    image.make_again();
    let server = serving(&LanguagesDir::python_in(&pinned), &[("SCE_POOL_SIZE", "0")]);
    server.python("print('still the same')").printed("still the same\n");
    let other = format!("{}@sha256:{}", image.name(), "0".repeat(64));
    let elsewhere = serving(&LanguagesDir::python_in(&other), &[("SCE_POOL_SIZE", "0")]);
    is_unavailable(&elsewhere, "python", "print(1)", &other);
}
