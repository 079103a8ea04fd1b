//! Metrics, in CloudWatch's embedded metric format: a line of JSON on standard output, which Lambda's log already
//! carries, and out of which CloudWatch makes metrics by itself. No call is made for it, and none can fail.
//!
//! Whoever has something to count says so where it happens:
//! `tracing::info!(target: METRICS, PoolMisses = 1)`. The field is the metric's name; its unit is milliseconds where the
//! name ends in `Ms`, and a count elsewhere. `template.yaml` has an alarm for each that calls for somebody.

use std::{
    io::Write,
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::{Map, Value, json};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, fmt::MakeWriter, layer::Context};

/// The target of events that are metrics, and nothing else.
pub const METRICS: &str = "metrics";

/// Their namespace in CloudWatch.
const NAMESPACE: &str = "SafeCodeExecutor";
/// Their only dimension.
const DIMENSION: &str = "Deployment";

/// Writes each event as a line of the embedded metric format.
#[derive(Debug)]
pub struct Emf<W> {
    deployment: String,
    writer: W,
}

impl<W> Emf<W> {
    /// Metrics of this deployment, to this writer.
    pub const fn new(deployment: String, writer: W) -> Self {
        Self { deployment, writer }
    }
}

impl<S: Subscriber, W: for<'a> MakeWriter<'a> + 'static> Layer<S> for Emf<W> {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut values = Values(Map::new());
        event.record(&mut values);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let line = format!("{}\n", line(&self.deployment, now.as_millis(), values.0));
        // Standard output may be closed; that is no reason to stop working.
        let _ = self.writer.make_writer().write_all(line.as_bytes());
    }
}

fn line(deployment: &str, milliseconds: u128, values: Map<String, Value>) -> Value {
    let unit = |name: &str| if name.ends_with("Ms") { "Milliseconds" } else { "Count" };
    let metrics: Vec<Value> = values.keys().map(|name| json!({ "Name": name, "Unit": unit(name) })).collect();
    let about = json!({ "Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": metrics });
    let mut line = values;
    line.insert(DIMENSION.to_owned(), deployment.into());
    line.insert(
        "_aws".to_owned(),
        json!({ "Timestamp": u64::try_from(milliseconds).unwrap_or_default(), "CloudWatchMetrics": [about] }),
    );
    Value::Object(line)
}

/// The numbers of an event; whatever else it has is not a metric.
struct Values(Map<String, Value>);

impl Visit for Values {
    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_event_becomes_a_line_that_cloudwatch_takes_for_metrics() {
        let lines = Lines::default();
        let writer = lines.clone();
        let layer = Emf::new("prod".to_owned(), move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::info!(target: METRICS, Executions = 1_u64, DurationMs = 6.25, "and a message");
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let line: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(text.matches('\n').count(), 1, "one line: {text}");
        assert_eq!(
            (&line["Executions"], &line["DurationMs"], &line["Deployment"]),
            (&json!(1), &json!(6.25), &json!("prod"))
        );
        let about = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(about["Namespace"], "SafeCodeExecutor");
        assert_eq!(about["Dimensions"], json!([["Deployment"]]));
        let mut metrics: Vec<_> = about["Metrics"].as_array().unwrap().clone();
        metrics.sort_by_key(ToString::to_string);
        let duration = json!({ "Name": "DurationMs", "Unit": "Milliseconds" });
        assert_eq!(metrics, [duration, json!({ "Name": "Executions", "Unit": "Count" })]);
        assert!(line["_aws"]["Timestamp"].as_u64().unwrap() > 1_700_000_000_000);
    }
}
