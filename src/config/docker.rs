//! The Docker hosts, as the Docker CLI's own variables name them, and how much of each we may use.

use std::{collections::HashMap, path::PathBuf, time::Duration};

use hyper::http::uri::Authority;

use super::reader::Reader;
use crate::{
    domain::{
        language::{Compiler, LanguageTable},
        limits::Limits,
    },
    outbound::docker::{Bounds, DockerConfig, Hosts, Landlock, engine::certificates::Source},
};

const DEFAULT_SOCKET: &str = "/var/run/docker.sock";
const TLS_PORT: u16 = 2376;
const PLAIN_PORT: u16 = 2375;
/// Sandboxes that wait for work, per language, unless it is set.
const DEFAULT_POOL: usize = 2;

pub fn read(
    reader: &mut Reader,
    (limits, total): (Limits, Duration),
    languages: Option<&LanguageTable>,
    on_lambda: bool,
) -> Option<DockerConfig> {
    let hosts = hosts(reader);
    let running = count(reader, "SCE_MAX_RUNNING", 1000);
    let sandboxes = count(reader, "SCE_MAX_SANDBOXES", 2000);
    if let (Some(running), Some(sandboxes)) = (running, sandboxes)
        && sandboxes < running
    {
        reader.fault(format!(
            "SCE_MAX_SANDBOXES: {sandboxes} is less than SCE_MAX_RUNNING ({running}): every program has its own"
        ));
    }
    let bounds = Bounds { running, sandboxes };
    let deployment = reader.parsed("SCE_DEPLOYMENT", "local".to_owned(), |text| {
        let ok = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let fits = text.len() <= 64 && text.chars().all(ok);
        if fits { Ok(text.to_owned()) } else { Err("at most 64 letters, digits, `-`, `_` and `.`") }
    });
    let pool = languages.map(|languages| pool(reader, languages, sandboxes));
    let runtime = reader.text("SCE_RUNTIME");
    let landlock = reader.parsed("SCE_LANDLOCK", Landlock::Required, |text| match text {
        "required" => Ok(Landlock::Required),
        "optional" => Ok(Landlock::Optional),
        _ => Err("either `required` or `optional`"),
    });
    let strict_versions = reader.switch("SCE_STRICT_VERSIONS", false);
    // A Lambda environment is frozen between invocations: what it held would be of no use to anybody.
    let pool_shared = reader.switch("SCE_POOL_SHARED", on_lambda);
    let pool_lease = Duration::from_secs(reader.number("SCE_POOL_LEASE_SECONDS", 900, 30..=86_400));
    let compilers =
        languages.into_iter().flat_map(LanguageTable::iter).filter_map(|language| language.compiler.as_ref());
    let compiling = compilers.map(Compiler::longest_wall).max().unwrap_or_default();
    let programs = languages.into_iter().flat_map(LanguageTable::iter);
    let running = programs.map(|language| language.limits(limits).longest_wall()).max().unwrap_or_default();
    // Only now: all faults are told together.
    Some(DockerConfig {
        hosts: hosts?,
        deployment,
        runtime,
        landlock,
        strict_versions,
        bounds,
        pool: pool?,
        pool_shared,
        pool_lease,
        limits,
        longest_wall: running + total + compiling,
    })
}

/// A number of programs or sandboxes on each host, where it is set.
fn count(reader: &mut Reader, name: &'static str, most: usize) -> Option<usize> {
    reader.text(name)?;
    Some(reader.number(name, most, 1..=most))
}

/// `DOCKER_HOST` and where its certificates are. Never plain text over a network unless it is asked for by name.
fn hosts(reader: &mut Reader) -> Option<Hosts> {
    let text = reader.text("DOCKER_HOST").unwrap_or_else(|| format!("unix://{DEFAULT_SOCKET}"));
    let folder = reader.text("DOCKER_CERT_PATH").map(|folder| Source::Folder(folder.into()));
    let secret = reader.text("SCE_DOCKER_CERT_SECRET").map(Source::Secret);
    if folder.is_some() && secret.is_some() {
        reader
            .fault("SCE_DOCKER_CERT_SECRET: DOCKER_CERT_PATH is set as well; which is it to be?".to_owned());
    }
    let certificates = folder.or(secret);
    let insecure = reader.switch("SCE_DOCKER_INSECURE", false);
    if let Some(path) = text.strip_prefix("unix://") {
        return Some(Hosts::Unix(PathBuf::from(path)));
    }
    let port = if certificates.is_some() { TLS_PORT } else { PLAIN_PORT };
    let Some(names) = text.split(',').map(|host| name(host.trim(), port)).collect::<Option<Vec<_>>>() else {
        reader.fault(format!(
            "DOCKER_HOST: `{text}` is neither unix:///path nor tcp://host:port, nor several of these with commas between"
        ));
        return None;
    };
    if certificates.is_none() && !insecure {
        reader.fault(
            "DOCKER_HOST: TCP needs mutual TLS: name the folder of ca.pem, cert.pem and key.pem in \
             DOCKER_CERT_PATH, or a secret in SCE_DOCKER_CERT_SECRET (or set SCE_DOCKER_INSECURE=true for plain text that anybody can take over)"
                .to_owned(),
        );
        return None;
    }
    Some(Hosts::Tcp(names, certificates))
}

/// `host:port` of `tcp://host:port`, the port being the Docker CLI's own where there is none.
fn name(host: &str, port: u16) -> Option<String> {
    let host = ["tcp://", "https://", "http://"].iter().find_map(|scheme| host.strip_prefix(scheme))?;
    let authority: Authority = host.trim_end_matches('/').parse().ok()?;
    let name = authority.host();
    let port = match authority.port_u16() {
        Some(port) => port,
        None if authority.as_str() == name => port,
        None => return None,
    };
    (!name.is_empty()).then(|| format!("{name}:{port}"))
}

/// `2`, or `python=4,javascript=1`. Where it is not set, fewer where all together would not fit into what is allowed.
fn pool(reader: &mut Reader, languages: &LanguageTable, sandboxes: Option<usize>) -> HashMap<String, usize> {
    const NAME: &str = "SCE_POOL_SIZE";
    let all = |size: usize| -> HashMap<String, usize> {
        languages.iter().map(|language| (language.name.clone(), size)).collect()
    };
    let share = sandboxes.map_or(DEFAULT_POOL, |most| most / languages.iter().count().max(1));
    let pool = reader.parsed(NAME, all(DEFAULT_POOL.min(share)), |text| {
        let bad =
            |what: &str| format!("`{what}` is neither a number up to 1000 nor such as python=4,javascript=1");
        let size = |text: &str| text.trim().parse::<usize>().ok().filter(|size| *size <= 1000);
        if let Some(every) = size(text) {
            return Ok(all(every));
        }
        let one = |part: &str| -> Result<(String, usize), String> {
            let (name, count) = part.split_once('=').ok_or_else(|| bad(part))?;
            let language = languages.resolve(name.trim()).map_err(|error| error.to_string())?;
            Ok((language.name.clone(), size(count).ok_or_else(|| bad(part))?))
        };
        text.split(',').map(one).collect::<Result<_, _>>()
    });
    let waiting: usize = pool.values().sum();
    if let Some(most) = sandboxes.filter(|most| waiting > *most) {
        reader.fault(format!(
            "{NAME}: {waiting} sandboxes are to wait in all, and SCE_MAX_SANDBOXES allows {most}"
        ));
    }
    pool
}
