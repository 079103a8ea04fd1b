//! The configuration: one struct per concern, read from the environment here and nowhere else.
//!
//! Every variable is checked at start, and all faults are told together. The README lists them; a test holds the
//! two together.

mod docker;
mod lambda;
mod languages;
mod reader;
mod records;
mod server;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use languages::built_in as built_in_languages;
use reader::{LookUp, Reader};
pub use records::{RecordsConfig, StoreConfig};
pub use server::ServerConfig;

use crate::{
    domain::{
        caller::Caller,
        language::LanguageTable,
        limits::{DEFAULT_TOTAL, Limits},
        record::MAX_STREAM_BYTES,
        request::{DEFAULT_CODE_CHARS, MAX_CODE_CHARS},
    },
    inbound::lambda::Callers,
    outbound::docker::DockerConfig,
    telemetry::{LogConfig, LogFormat},
};

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Config {
    /// The local server.
    pub server: ServerConfig,
    /// The function.
    pub lambda: LambdaConfig,
    /// The Docker host.
    pub docker: DockerConfig,
    /// Records.
    pub records: RecordsConfig,
    /// The log.
    pub log: LogConfig,
    /// The languages on offer.
    pub languages: LanguageTable,
    /// The most that any run may use.
    pub limits: Limits,
    /// The longest that all test cases of a request may take together.
    pub total: Duration,
    /// Requests that may wait for a place to run in.
    pub queue_length: usize,
    /// How long each may wait.
    pub queue_timeout: Duration,
    /// The most characters (Unicode scalar values) that the code of a request may have.
    pub max_code_chars: usize,
}

/// The Lambda function.
#[derive(Clone, Debug)]
pub struct LambdaConfig {
    /// Whether that is what we are; else we are a local server.
    pub on_lambda: bool,
    /// Messages of one batch that are run at once.
    pub parallel: usize,
    /// Who is told from whom, and who has a history.
    pub callers: Callers,
    /// Whose the records of events are.
    pub events_caller: Option<Caller>,
}

/// Everything that is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
#[error("the configuration is not usable:\n{}", .0.iter().map(|fault| format!("  * {fault}")).collect::<Vec<_>>().join("\n"))]
pub struct InvalidConfig(pub Vec<String>);

impl Config {
    /// The configuration of this process's environment.
    ///
    /// # Errors
    /// [`InvalidConfig`], with every fault.
    pub fn from_environment() -> Result<Self, InvalidConfig> {
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        Self::read(&|name| std::env::var(name).ok(), names)
    }

    fn read(look_up: LookUp, names: impl Iterator<Item = String>) -> Result<Self, InvalidConfig> {
        let mut reader = Reader::new(look_up);
        // Set by Lambda, and by whatever stands in for it.
        let on_lambda = reader.text("AWS_LAMBDA_RUNTIME_API").is_some();
        let limits = limits(&mut reader);
        let total = reader.number("SCE_TOTAL_SECONDS", DEFAULT_TOTAL.as_secs(), 1..=900);
        let total = Duration::from_secs(total);
        let max_code_chars = reader.number("SCE_MAX_CODE_CHARS", DEFAULT_CODE_CHARS, 1..=MAX_CODE_CHARS);
        let queue_length = reader.number("SCE_QUEUE_LENGTH", 32, 0..=10_000);
        let queue_timeout = Duration::from_secs(reader.number("SCE_QUEUE_TIMEOUT_SECONDS", 5, 0..=60));
        let languages = languages::read(&mut reader);
        let docker = docker::read(&mut reader, (limits, total), languages.as_ref(), on_lambda);
        let server = server::read(&mut reader, on_lambda);
        let lambda = lambda::read(&mut reader, on_lambda);
        let records = records::read(&mut reader, on_lambda);
        let log = LogConfig {
            filter: reader.text("SCE_LOG").unwrap_or_else(|| "info".to_owned()),
            format: reader.parsed(
                "SCE_LOG_FORMAT",
                if on_lambda { LogFormat::Json } else { LogFormat::Pretty },
                |text| match text {
                    "pretty" => Ok(LogFormat::Pretty),
                    "json" => Ok(LogFormat::Json),
                    _ => Err("either `pretty` or `json`"),
                },
            ),
            waits: on_lambda,
            metrics_of: reader
                .switch("SCE_METRICS", on_lambda)
                .then(|| docker.as_ref().map(|docker| docker.deployment.clone()))
                .flatten(),
        };
        if let Err(why) = log.check() {
            reader.fault(format!("SCE_LOG: {why}"));
        }
        reader.refuse_unknown(names);
        let faults = reader.into_faults();
        match (docker, languages) {
            (Some(docker), Some(languages)) if faults.is_empty() => Ok(Self {
                server,
                lambda,
                docker,
                records,
                log,
                languages,
                limits,
                total,
                queue_length,
                queue_timeout,
                max_code_chars,
            }),
            _ => Err(InvalidConfig(faults)),
        }
    }
}

fn limits(reader: &mut Reader) -> Limits {
    let seconds = reader.number("SCE_TIMEOUT_SECONDS", 10, 1..=600);
    Limits {
        timeout: Duration::from_secs(seconds),
        memory_mb: reader.number("SCE_MEMORY_MB", 128, 32..=65_536),
        output_bytes: reader.number("SCE_OUTPUT_BYTES", 64 * 1024, 1024..=MAX_STREAM_BYTES as u64),
    }
}
