//! The log: where it goes, how it looks. One line per execution, whole in itself; never code or output.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

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

/// Starts logging to standard error. To be called once.
pub fn start(config: &LogConfig) {
    let filter = EnvFilter::try_new(&config.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    match config.format {
        LogFormat::Pretty => {
            let layer = fmt::layer().with_target(false).with_ansi(std::io::stderr().is_terminal());
            registry.with(layer.with_writer(std::io::stderr)).init();
        }
        LogFormat::Json => {
            let layer =
                fmt::layer().json().flatten_event(true).with_current_span(false).with_span_list(false);
            registry.with(layer.with_writer(std::io::stderr)).init();
        }
    }
}
