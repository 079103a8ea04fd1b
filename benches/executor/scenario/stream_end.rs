//! The answer beside the end of the attach stream, which others wait for: both of the same run, from the same start.

use std::time::Instant;

use futures_util::future::select_all;

use super::ms;
use crate::{Result, client::Program, engine::Engine, options::Options, report::Report, server::Server};

pub async fn measure(engine: &Engine, options: &Options, report: &mut Report) -> Result<()> {
    let mut server = Server::start("ends", "python=2", 2).await?;
    let program = Program::four("python");
    let (mut answers, mut ends) = (Vec::new(), Vec::new());
    for round in 0..=options.rounds {
        server.settle(engine).await?;
        let mut watched = Vec::new();
        for id in engine.ids(&server.deployment, "python").await? {
            watched.push(tokio::spawn(engine.watch_end(&id).await?));
        }
        let since = Instant::now();
        let answer = server.run(&program).await?.expect_four()?;
        // The first to end is the one that ran.
        let (end, _, others) = select_all(watched).await;
        let end = end?.duration_since(since);
        others.iter().for_each(tokio::task::JoinHandle::abort);
        if round > 0 && answer.was_warm() {
            answers.push(ms(answer.took));
            ends.push(ms(end));
        }
    }
    report.series("answer of a watched warm run", "ms", &answers);
    report.series("end of its attach stream", "ms", &ends);
    report.ratio("stream-end", "answer / end of the attach stream, warm Python", &answers, &ends);
    server.stop()
}
