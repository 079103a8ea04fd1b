//! How even warm answers are when the host has half of what it can bear to do.

use super::{arrivals, ms, throughput};
use crate::{
    Result, client::Program, engine::Engine, options::Options, report::Report, server::Server, stats::Summary,
};

const CLIENTS: usize = 4;

pub async fn measure(engine: &Engine, options: &Options, report: &mut Report) -> Result<()> {
    let mut server = Server::start("half", "python=8", 8).await?;
    let capacity = throughput::capacity(&mut server, engine, CLIENTS, options).await?;
    let count = if options.quick { 20 } else { 8 * options.rounds };
    let answers = arrivals::run(&server, &Program::four("python"), capacity / 2.0, count).await?;
    let warm: Vec<f64> = answers.iter().filter(|answer| answer.was_warm()).map(|a| ms(a.took)).collect();
    report.series("warm Python at half capacity", "ms", &warm);
    if let Some(summary) = Summary::of(&warm) {
        let what = "p99 / p50 of warm Python at half capacity";
        report.figure("half-capacity", what, summary.p99 / summary.p50);
    }
    report.note(format!(
        "half-capacity: {:.1} runs a second, half of what {CLIENTS} clients sustain, at random moments; {} of \
         {count} were warm.",
        capacity / 2.0,
        warm.len()
    ));
    server.stop()
}
