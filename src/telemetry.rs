//! The log: where it goes, how it looks. One line per execution, whole in itself; never code or output. And the
//! [metrics](metrics).

pub mod metrics;

use std::io::IsTerminal;

use metrics::{Emf, METRICS};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{Targets, filter_fn},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// How the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object a line, for machines.
    Json,
}

/// What is logged, and how.
#[derive(Clone, Debug)]
pub struct LogConfig {
    /// Directives as `tracing-subscriber` takes them, such as `info` or `safe_code_executor=debug`.
    pub filter: String,
    /// How it looks.
    pub format: LogFormat,
    /// The deployment whose metrics are told; `None` tells none.
    pub metrics_of: Option<String>,
}

impl LogConfig {
    /// Whether the filter can be used.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self) -> Result<(), String> {
        EnvFilter::try_new(&self.filter).map(drop).map_err(|error| error.to_string())
    }
}

/// Starts logging to standard error, and telling metrics on standard output. To be called once.
pub fn start(config: &LogConfig) {
    let filter = EnvFilter::try_new(&config.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let log: Box<dyn Layer<Registry> + Send + Sync> = match config.format {
        LogFormat::Pretty => {
            let layer = fmt::layer().with_target(false).with_ansi(std::io::stderr().is_terminal());
            layer.with_writer(std::io::stderr).boxed()
        }
        LogFormat::Json => {
            let layer =
                fmt::layer().json().flatten_event(true).with_current_span(false).with_span_list(false);
            layer.with_writer(std::io::stderr).boxed()
        }
    };
    let log = log.with_filter(filter_fn(|event| event.target() != METRICS)).with_filter(filter);
    let metrics = config.metrics_of.clone().map(|deployment| {
        Emf::new(deployment, std::io::stdout)
            .with_filter(Targets::new().with_target(METRICS, LevelFilter::INFO))
    });
    tracing_subscriber::registry().with(log).with(metrics).init();
}
