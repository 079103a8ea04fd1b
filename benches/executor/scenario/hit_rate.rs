//! How many requests find a sandbox waiting when they come at 0.7 of the rate at which the pool is refilled.

use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use tokio::time::sleep;

use super::arrivals;
use crate::{
    Result, client::Program, engine::Engine, options::Options, report::Report, server::Server,
    stats::median_of,
};

const POOL: usize = 8;

#[expect(clippy::cast_precision_loss, reason = "counts")]
pub async fn measure(engine: &Engine, options: &Options, report: &mut Report) -> Result<()> {
    let mut server = Server::start("hits", &format!("python={POOL}"), POOL).await?;
    let program = Program::four("python");
    let mut refills = Vec::new();
    for _ in 0..options.share(8) {
        server.settle(engine).await?;
        let mut clients = server.clients(POOL).await?;
        let before = engine.running(&server.deployment).await?;
        let since = Instant::now();
        let burst = clients.iter_mut().map(async |client| client.run(&program).await?.expect_four());
        try_join_all(burst).await?;
        while engine.running(&server.deployment).await?.difference(&before).count() < POOL {
            sleep(Duration::from_millis(5)).await;
        }
        refills.push(POOL as f64 / since.elapsed().as_secs_f64());
    }
    server.settle(engine).await?;
    let refill = median_of(&refills);
    let count = if options.quick { 20 } else { 8 * options.rounds };
    let answers = arrivals::run(&server, &program, 0.7 * refill, count).await?;
    let hits = answers.iter().filter(|answer| answer.was_warm()).count();
    report.series(&format!("refilling an empty pool of {POOL}"), "sandboxes/s", &refills);
    let what = format!("hits / requests at 0.7 of the refill rate, pool of {POOL}");
    report.figure("hit-rate", &what, hits as f64 / count as f64);
    report.note(format!(
        "hit-rate: {hits} of {count} requests, {:.1} a second at random moments.",
        0.7 * refill
    ));
    server.stop()
}
