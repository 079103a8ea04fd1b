//! The log: where it goes, how it looks. One line per execution, whole in itself; never code or output. And the
//! [metrics](metrics).

pub mod lines;
pub mod metrics;

use std::io::{self, IsTerminal};

use lines::Lines;
use metrics::{Emf, METRICS};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{Targets, filter_fn},
    fmt::{self, writer::BoxMakeWriter},
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
    /// Whether a line is waited for until it is written. A function may be frozen as soon as it has answered, and must
    /// have said everything by then; a server must not be held up by whoever reads its log. See [`lines`].
    pub waits: bool,
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

/// Lines that may still have to be written. Dropped, it waits for them, for at most a second each stream.
#[derive(Debug)]
#[must_use = "lines are lost that nobody waits for at the end"]
pub struct Unwritten(Vec<Lines>);

impl Drop for Unwritten {
    fn drop(&mut self) {
        self.0.iter().for_each(Lines::flush);
    }
}

/// Starts logging to standard error, and telling metrics on standard output. To be called once.
///
/// # Errors
/// When a thread that writes cannot be started.
pub fn start(config: &LogConfig) -> io::Result<Unwritten> {
    let mut unwritten = Unwritten(Vec::new());
    let mut writer = |stream: Stream, lost| {
        if config.waits {
            return Ok(stream.writer());
        }
        let lines = match stream {
            Stream::Error => Lines::to(io::stderr(), lost)?,
            Stream::Output => Lines::to(io::stdout(), lost)?,
        };
        unwritten.0.push(lines.clone());
        Ok::<_, io::Error>(BoxMakeWriter::new(lines))
    };
    let filter = EnvFilter::try_new(&config.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let log: Box<dyn Layer<Registry> + Send + Sync> = match config.format {
        LogFormat::Pretty => {
            let layer = fmt::layer().with_target(false).with_ansi(io::stderr().is_terminal());
            layer.with_writer(writer(Stream::Error, lost_in_words)?).boxed()
        }
        LogFormat::Json => {
            let layer =
                fmt::layer().json().flatten_event(true).with_current_span(false).with_span_list(false);
            layer.with_writer(writer(Stream::Error, lost_in_json)?).boxed()
        }
    };
    let log = log.with_filter(filter_fn(|event| event.target() != METRICS)).with_filter(filter);
    let metrics = match &config.metrics_of {
        None => None,
        Some(deployment) => {
            let metrics = Emf::new(deployment.clone(), writer(Stream::Output, lost_in_json)?);
            Some(metrics.with_filter(Targets::new().with_target(METRICS, LevelFilter::INFO)))
        }
    };
    tracing_subscriber::registry().with(log).with(metrics).init();
    Ok(unwritten)
}

/// The streams that lines go to.
#[derive(Clone, Copy)]
enum Stream {
    Error,
    Output,
}

impl Stream {
    fn writer(self) -> BoxMakeWriter {
        match self {
            Self::Error => BoxMakeWriter::new(io::stderr),
            Self::Output => BoxMakeWriter::new(io::stdout),
        }
    }
}

fn lost_in_words(count: u64) -> String {
    format!(" WARN {count} lines are missing here: nobody read what was written\n")
}

fn lost_in_json(count: u64) -> String {
    let message = "lines are missing here: nobody read what was written";
    format!("{}\n", serde_json::json!({ "level": "WARN", "message": message, "lost": count }))
}
