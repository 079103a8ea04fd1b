//! The Docker host, as the Docker CLI's own variables name it, and how much of it we may use.

use std::{collections::HashMap, path::PathBuf, time::Duration};

use super::reader::Reader;
use crate::{
    domain::{language::LanguageTable, limits::Limits},
    outbound::docker::{Bounds, DockerConfig, connect::Endpoint},
};

const DEFAULT_SOCKET: &str = "/var/run/docker.sock";
/// Sandboxes that wait for work, per language, unless it is set.
const DEFAULT_POOL: usize = 2;

pub fn read(
    reader: &mut Reader,
    limits: Limits,
    languages: Option<&LanguageTable>,
    on_lambda: bool,
) -> Option<DockerConfig> {
    let endpoint = endpoint(reader);
    let running = reader.number("SCE_MAX_RUNNING", 8, 1..=1000);
    let sandboxes = reader.number("SCE_MAX_SANDBOXES", 2 * running, 1..=2000);
    if sandboxes < running {
        reader.fault(format!(
            "SCE_MAX_SANDBOXES: {sandboxes} is less than SCE_MAX_RUNNING ({running}): every program has its own"
        ));
    }
    let bounds = Bounds {
        running,
        sandboxes,
        queue_length: reader.number("SCE_QUEUE_LENGTH", 32, 0..=10_000),
        queue_timeout: Duration::from_secs(reader.number("SCE_QUEUE_TIMEOUT_SECONDS", 5, 0..=60)),
    };
    let deployment = reader.parsed("SCE_DEPLOYMENT", "local".to_owned(), |text| {
        let ok = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let fits = text.len() <= 64 && text.chars().all(ok);
        if fits { Ok(text.to_owned()) } else { Err("at most 64 letters, digits, `-`, `_` and `.`") }
    });
    let pool = pool(reader, languages?);
    Some(DockerConfig {
        endpoint: endpoint?,
        deployment,
        runtime: reader.text("SCE_RUNTIME"),
        strict_versions: reader.switch("SCE_STRICT_VERSIONS", false),
        bounds,
        pool,
        // A Lambda environment is frozen between invocations: what it held would be of no use to anybody.
        pool_shared: reader.switch("SCE_POOL_SHARED", on_lambda),
        pool_lease: Duration::from_secs(reader.number("SCE_POOL_LEASE_SECONDS", 900, 30..=86_400)),
        limits,
    })
}

/// `DOCKER_HOST` and `DOCKER_CERT_PATH`. Never plain text over a network unless it is asked for by name.
fn endpoint(reader: &mut Reader) -> Option<Endpoint> {
    let host = reader.text("DOCKER_HOST").unwrap_or_else(|| format!("unix://{DEFAULT_SOCKET}"));
    let certificates = reader.text("DOCKER_CERT_PATH").map(PathBuf::from);
    let insecure = reader.switch("SCE_DOCKER_INSECURE", false);
    if let Some(path) = host.strip_prefix("unix://") {
        return Some(Endpoint::Unix(PathBuf::from(path)));
    }
    let address = ["tcp://", "https://", "http://"].iter().find_map(|scheme| host.strip_prefix(scheme));
    let Some(address) = address.map(|address| address.trim_end_matches('/').to_owned()) else {
        reader.fault(format!("DOCKER_HOST: `{host}` is neither unix:///path nor tcp://host:port"));
        return None;
    };
    match certificates {
        Some(folder) => Some(Endpoint::Tls(address, folder)),
        None if insecure => Some(Endpoint::Plain(address)),
        None => {
            reader.fault(
                "DOCKER_HOST: TCP needs mutual TLS: name the folder of ca.pem, cert.pem and key.pem in \
                 DOCKER_CERT_PATH (or set SCE_DOCKER_INSECURE=true for plain text that anybody can take over)"
                    .to_owned(),
            );
            None
        }
    }
}

/// `2`, or `python=4,javascript=1`.
fn pool(reader: &mut Reader, languages: &LanguageTable) -> HashMap<String, usize> {
    let all = |size: usize| languages.iter().map(|language| (language.name.clone(), size)).collect();
    reader.parsed("SCE_POOL_SIZE", all(DEFAULT_POOL), |text| {
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
    })
}
