//! Many requests at once on an empty pool: each is answered, and not much later than bare Engine calls would.

use std::time::Instant;

use futures_util::future::try_join_all;

use super::ms;
use crate::{
    Result, client::Program, engine::Engine, options::Options, report::Report, server::Server,
    stats::median_of,
};

const POOL: usize = 2;
const BURST: usize = 8;

pub async fn measure(engine: &Engine, options: &Options, report: &mut Report) -> Result<()> {
    let mut server = Server::start("burst", &format!("python={POOL}"), POOL).await?;
    let program = Program::four("python");
    let (mut halves, mut lasts, mut bare, mut warm) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for _ in 0..options.share(4) {
        server.settle(engine).await?;
        let since = Instant::now();
        try_join_all((0..BURST).map(|_| engine.run("python"))).await?;
        bare.push(ms(since.elapsed()));

        server.settle(engine).await?;
        let mut clients = server.clients(POOL).await?;
        try_join_all(clients.iter_mut().map(async |client| client.run(&program).await?.expect_four()))
            .await?;
        let mut clients = server.clients(BURST).await?;
        let since = Instant::now();
        let answers =
            try_join_all(clients.iter_mut().map(async |client| client.run(&program).await?.expect_four()));
        let answers = answers.await?;
        lasts.push(ms(since.elapsed()));
        halves.push(median_of(&answers.iter().map(|answer| ms(answer.took)).collect::<Vec<_>>()));
        warm += answers.iter().filter(|answer| answer.was_warm()).count();
    }
    report.series(&format!("{BURST} at once on an empty pool: the median answer"), "ms", &halves);
    report.series(&format!("{BURST} at once on an empty pool: the last answer"), "ms", &lasts);
    report.series(&format!("{BURST} at once by bare Engine calls: the last one removed"), "ms", &bare);
    let what = format!("last of {BURST} at once on an empty pool / by bare Engine calls");
    report.ratio("burst", &what, &lasts, &bare);
    report.note(format!(
        "burst: every one of {} requests was answered; {warm} found a sandbox that had been refilled meanwhile.",
        BURST * lasts.len()
    ));
    server.stop()
}
