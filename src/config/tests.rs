use super::*;
use crate::{
    inbound::{http::AllowedHosts, lambda::principal::Sessions},
    outbound::docker::{Hosts, Landlock, engine::certificates::Source},
};

fn read(variables: &[(&str, &str)]) -> Result<Config, InvalidConfig> {
    let look_up =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Config::read(&look_up, variables.iter().map(|(name, _)| (*name).to_owned()))
}

#[test]
fn nothing_set_is_a_working_configuration() {
    let config = read(&[]).unwrap();
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:5000");
    assert_eq!(config.limits, Limits::default());
    assert_eq!(config.max_code_chars, 5000);
    assert_eq!(config.languages.iter().count(), 2);
    assert_eq!(config.docker.pool["python"], 2);
}

#[test]
fn a_kernel_without_landlock_is_put_up_with_by_the_operators_word_alone() {
    let landlock = |variables: &[(&str, &str)]| read(variables).unwrap().docker.landlock;
    assert_eq!(landlock(&[]), Landlock::Required);
    assert_eq!(landlock(&[("SCE_LANDLOCK", "required")]), Landlock::Required);
    assert_eq!(landlock(&[("SCE_LANDLOCK", "optional")]), Landlock::Optional);
}

#[test]
fn all_faults_are_told_at_once() {
    let InvalidConfig(faults) = read(&[
        ("SCE_LISTEN", "here"),
        ("SCE_TIMEOUT_SECONDS", "0"),
        ("SCE_MEMORY_MB", "lots"),
        ("SCE_POOL_SIZE", "cobol=1"),
        ("SCE_MAX_RUNNING", "8"),
        ("SCE_MAX_SANDBOXES", "2"),
        ("SCE_LOG_FORMAT", "xml"),
        ("SCE_LOG", "a=b=c"),
        ("SCE_ALLOWED_ORIGINS", "example.org"),
        ("SCE_DEPLOYMENT", "no spaces"),
        ("SCE_LANGUAGES_DIR", "/proc/self/no-such-folder"),
        ("SCE_LANGUAGES", "cobol"),
        ("SCE_STRICT_VERSIONS", "maybe"),
        ("SCE_LANDLOCK", "true"),
        ("SCE_IAM_SESSIONS", "both"),
        ("SCE_EVENTS_CALLER", "ann"),
        ("SCE_ANONYMOUS_HISTORY", "perhaps"),
        ("SCE_OUTPUT_BYTES", "524289"),
        ("SCE_MAX_CODE_CHARS", "1048577"),
        ("SCE_POOLSIZE", "2"),
        ("DOCKER_HOST", "tcp://127.0.0.1:2376"),
    ])
    .unwrap_err();
    for name in [
        "SCE_LISTEN",
        "SCE_TIMEOUT_SECONDS",
        "SCE_MEMORY_MB",
        "SCE_MAX_SANDBOXES",
        "SCE_LOG_FORMAT",
        "SCE_LOG:",
        "SCE_ALLOWED_ORIGINS",
        "SCE_DEPLOYMENT",
        "SCE_LANGUAGES_DIR",
        "SCE_LANGUAGES:",
        "SCE_POOLSIZE",
        "SCE_LANDLOCK:",
        "SCE_IAM_SESSIONS",
        "SCE_EVENTS_CALLER",
        "SCE_ANONYMOUS_HISTORY",
        "SCE_OUTPUT_BYTES",
        "SCE_MAX_CODE_CHARS",
        "DOCKER_HOST",
    ] {
        assert!(faults.iter().any(|fault| fault.starts_with(name)), "{name}: {faults:#?}");
    }
}

#[test]
fn nobody_in_particular_has_a_history_but_under_an_emulator_or_by_the_operators_word() {
    let callers = |variables: &[(&str, &str)]| read(variables).unwrap().lambda.callers;
    assert_eq!(callers(&[]).sessions, Sessions::Together);
    assert_eq!(callers(&[("SCE_IAM_SESSIONS", "apart")]).sessions, Sessions::Apart);
    assert!(!callers(&[]).anonymous_history);
    assert!(callers(&[("SCE_ANONYMOUS_HISTORY", "true")]).anonymous_history);
    assert!(callers(&[("AWS_SAM_LOCAL", "true")]).anonymous_history);
}

#[test]
fn records_of_events_are_a_callers_whose_kind_an_api_authenticates() {
    let owner = |name: &str| read(&[("SCE_EVENTS_CALLER", name)]).map(|config| config.lambda.events_caller);
    assert_eq!(owner("").unwrap(), None);
    for good in ["iam:AROA1", "jwt:https://issuer#subject", "cognito:pool#id", "key:k", "authorizer:p"] {
        assert_eq!(owner(good).unwrap().unwrap().as_str(), good);
    }
    for bad in
        ["ann", "anonymous", "local", "iam:", "sqs:arn:aws:sqs:eu-central-1:1:q", "arn:aws:iam::1:user/a"]
    {
        assert!(owner(bad).is_err(), "{bad}");
    }
}

#[test]
fn other_machines_are_let_in_on_purpose_only() {
    for listen in ["0.0.0.0:5000", "[::]:5000", "192.168.1.7:80", "[2001:db8::1]:80", "[::ffff:10.0.0.1]:80"]
    {
        let InvalidConfig(faults) = read(&[("SCE_LISTEN", listen)]).unwrap_err();
        assert!(
            faults.iter().any(|fault| fault.starts_with("SCE_LISTEN") && fault.contains("SCE_OPEN=true")),
            "{faults:?}"
        );
        assert!(read(&[("SCE_LISTEN", listen), ("SCE_OPEN", "false")]).is_err());
        let server = read(&[("SCE_LISTEN", listen), ("SCE_OPEN", "true")]).unwrap().server;
        assert!(server.is_open() && server.hosts.is_none());
        let named = read(&[("SCE_LISTEN", listen), ("SCE_OPEN", "true"), ("SCE_ALLOWED_HOSTS", "a.example")]);
        assert_eq!(
            named.unwrap().server.hosts,
            Some(AllowedHosts::parse("a.example").unwrap().and_any_address())
        );
        // A function listens on nothing.
        assert!(read(&[("SCE_LISTEN", listen), ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1")]).is_ok());
    }
    for listen in ["127.0.0.1:5000", "127.9.9.9:1", "[::1]:5000", "[::ffff:127.0.0.1]:5000"] {
        let server = read(&[("SCE_LISTEN", listen)]).unwrap().server;
        assert!(!server.is_open());
        assert_eq!(server.hosts, Some(AllowedHosts::default()), "{listen}");
    }
    let server = read(&[("SCE_ALLOWED_HOSTS", "code.example.org")]).unwrap().server;
    assert_eq!(server.hosts, Some(AllowedHosts::parse("code.example.org").unwrap()));
    let InvalidConfig(faults) = read(&[("SCE_ALLOWED_HOSTS", "a.example,http://b.example")]).unwrap_err();
    assert!(
        faults[0].starts_with("SCE_ALLOWED_HOSTS") && faults[0].contains("http://b.example"),
        "{faults:?}"
    );
}

#[test]
fn the_pool_can_be_sized_for_all_or_for_each() {
    assert_eq!(read(&[("SCE_POOL_SIZE", "0")]).unwrap().docker.pool["javascript"], 0);
    let pool = read(&[("SCE_POOL_SIZE", "py=4, js=1")]).unwrap().docker.pool;
    assert_eq!((pool["python"], pool["javascript"]), (4, 1));
    assert!(read(&[("SCE_POOL_SIZE", "cobol=1")]).is_err());
    assert!(read(&[("SCE_POOL_SIZE", "python")]).is_err());
}

#[test]
fn all_that_are_to_wait_must_fit_into_what_is_allowed() {
    let pool = |variables: &[(&str, &str)]| read(variables).map(|config| config.docker.pool["python"]);
    let InvalidConfig(faults) = read(&[
        ("SCE_POOL_SIZE", "python=4,javascript=3"),
        ("SCE_MAX_SANDBOXES", "6"),
        ("SCE_LISTEN", "here"),
    ])
    .unwrap_err();
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(
        faults[0].starts_with("SCE_POOL_SIZE: 7 ") && faults[0].contains("SCE_MAX_SANDBOXES"),
        "{faults:?}"
    );
    assert_eq!(pool(&[("SCE_POOL_SIZE", "3"), ("SCE_MAX_SANDBOXES", "6")]).unwrap(), 3);
    // What is not set gives way, to each language the same.
    assert_eq!(pool(&[("SCE_MAX_SANDBOXES", "3")]).unwrap(), 1);
    assert_eq!(pool(&[("SCE_MAX_SANDBOXES", "1")]).unwrap(), 0);
}

#[test]
fn twenty_languages_with_the_default_stock_are_a_good_configuration() {
    let folder = tempfile::TempDir::new().unwrap();
    for n in 0..20 {
        let place = folder.path().join(format!("l{n}"));
        std::fs::create_dir(&place).unwrap();
        let manifest = format!(
            "title = \"L\"\nrun = [\"l\", \"{{entry}}\"]\nentry_points = [\"main.l\"]\nextensions = [\"l{n}\"]\n\
             [[versions]]\nversion = \"1\"\nimage = \"l:{n}\"\n"
        );
        let example = format!("example.l{n}");
        let version = format!("version.l{n}");
        for (name, text) in [("language.toml", &*manifest), (&example, "e"), (&version, "v")] {
            std::fs::write(place.join(name), text).unwrap();
        }
    }
    let path = folder.path().to_str().unwrap();
    let names = (0..20).map(|n| format!("l{n}")).collect::<Vec<_>>().join(",");
    let languages = [("SCE_LANGUAGES_DIR", path), ("SCE_LANGUAGES", &*names)];
    let docker = read(&languages).unwrap().docker;
    let waiting: usize = docker.pool.values().sum();
    assert_eq!(waiting, 40);
    let places = docker.bounds.on(2, waiting);
    assert!(places.sandboxes >= places.running + waiting, "{places:?}");
    let docker = read(&[languages[0], languages[1], ("SCE_MAX_SANDBOXES", "16")]).unwrap().docker;
    assert!(docker.pool.values().all(|size| *size == 0), "{:?}", docker.pool);
}

#[test]
fn plain_text_over_a_network_must_be_asked_for_by_name() {
    let hosts = |variables: &[(&str, &str)]| read(variables).map(|config| config.docker.hosts);
    let host = ("DOCKER_HOST", "tcp://docker:2376");
    assert!(hosts(&[host]).is_err());
    assert_eq!(
        hosts(&[host, ("DOCKER_CERT_PATH", "/certs")]).unwrap(),
        Hosts::Tcp(vec!["docker:2376".into()], Some(Source::Folder("/certs".into())))
    );
    assert_eq!(
        hosts(&[host, ("SCE_DOCKER_CERT_SECRET", "docker/client")]).unwrap(),
        Hosts::Tcp(vec!["docker:2376".into()], Some(Source::Secret("docker/client".into())))
    );
    assert!(hosts(&[host, ("DOCKER_CERT_PATH", "/certs"), ("SCE_DOCKER_CERT_SECRET", "x")]).is_err());
    assert_eq!(
        hosts(&[host, ("SCE_DOCKER_INSECURE", "true")]).unwrap(),
        Hosts::Tcp(vec!["docker:2376".into()], None)
    );
    assert_eq!(
        hosts(&[("DOCKER_HOST", "unix:///run/user/1000/docker.sock")]).unwrap(),
        Hosts::Unix("/run/user/1000/docker.sock".into())
    );
}

#[test]
fn several_docker_hosts_stand_with_commas_between_and_get_the_usual_port() {
    let names = |text: &str| {
        let read = read(&[("DOCKER_HOST", text), ("DOCKER_CERT_PATH", "/certs")]);
        read.map(|config| match config.docker.hosts {
            Hosts::Tcp(names, _) => names,
            Hosts::Unix(path) => panic!("{}", path.display()),
        })
    };
    assert_eq!(names("tcp://a:1, https://b/,tcp://[::1]:3").unwrap(), ["a:1", "b:2376", "[::1]:3"]);
    for bad in ["tcp://a:1,", "tcp://a:1,unix:///b", "tcp://", "tcp://a b", "a:1", "tcp://a:99999"] {
        assert!(names(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_readme_lists_every_setting_and_no_other() {
    let asked = std::cell::RefCell::new(std::collections::BTreeSet::new());
    let look_up = |name: &str| {
        asked.borrow_mut().insert(name.to_owned());
        // One is only looked at where the other is set.
        match name {
            "DOCKER_HOST" => Some("tcp://127.0.0.1:1".to_owned()),
            "SCE_DOCKER_INSECURE" => Some("true".to_owned()),
            _ => None,
        }
    };
    Config::read(&look_up, std::iter::empty()).unwrap();
    let asked: Vec<String> = asked.into_inner().into_iter().filter(|name| name.starts_with("SCE_")).collect();
    let rows = include_str!("../../README.md").lines().filter_map(|line| line.strip_prefix("| `SCE_"));
    let mut listed: Vec<String> =
        rows.filter_map(|row| row.split('`').next()).map(|name| format!("SCE_{name}")).collect();
    listed.sort();
    assert_eq!(asked, listed);
}
