//! One file per question. Each starts the servers it needs, and leaves nothing running.

mod against;
mod arrivals;
mod burst;
mod coldstart;
mod contracts;
mod gvisor;
mod half_capacity;
mod hit_rate;
mod languages;
mod latency;
mod live_lines;
mod memory;
mod neighbours;
mod packages;
mod stream_end;
mod test_cases;
mod throughput;

use std::time::{Duration, Instant};

use crate::{Result, engine::Engine, options::Options, report::Report};

/// The scenarios, in the order they are measured.
pub const NAMES: [&str; 15] = [
    "latency",
    "stream-end",
    "test-cases",
    "live-lines",
    "contracts",
    "throughput",
    "half-capacity",
    "hit-rate",
    "neighbours",
    "burst",
    "memory",
    "packages",
    "languages",
    "coldstart",
    "gvisor",
];

/// Measures what was asked for.
pub async fn all(engine: &Engine, options: &Options, report: &mut Report) -> Result<()> {
    if let Some(other) = &options.against {
        against::measure(engine, other, options, report).await?;
        return against::rates(engine, other, options, report).await;
    }
    for name in NAMES {
        if !options.only.is_empty() && !options.only.iter().any(|only| only == name) {
            continue;
        }
        let since = Instant::now();
        eprintln!("{name} …");
        match name {
            "latency" => latency::measure(engine, options, report).await,
            "stream-end" => stream_end::measure(engine, options, report).await,
            "test-cases" => test_cases::measure(engine, options, report).await,
            "live-lines" => live_lines::measure(engine, options, report).await,
            "contracts" => contracts::measure(engine, options, report).await,
            "throughput" => throughput::measure(engine, options, report).await,
            "half-capacity" => half_capacity::measure(engine, options, report).await,
            "hit-rate" => hit_rate::measure(engine, options, report).await,
            "neighbours" => neighbours::measure(engine, options, report).await,
            "burst" => burst::measure(engine, options, report).await,
            "packages" => packages::measure(engine, options, report).await,
            "languages" => languages::measure(engine, options, report).await,
            "coldstart" => coldstart::measure(engine, options, report).await,
            "gvisor" => gvisor::measure(engine, options, report).await,
            _ => memory::measure(engine, options, report).await,
        }
        .map_err(|error| format!("{name}: {error}"))?;
        eprintln!("{name}: done in {:.0} s", since.elapsed().as_secs_f64());
    }
    Ok(())
}

/// Milliseconds, with everything behind the point.
fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
