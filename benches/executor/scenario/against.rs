//! Another build of the server beside this one, in turn: whether a change is worth having.

use std::path::Path;

use super::{ms, throughput};
use crate::{Result, client::Program, engine::Engine, options::Options, report::Report, server::Server};

const CLIENTS: usize = 8;

/// Runs that find a sandbox waiting, then runs that wait until the engine has made one: the word for them, the name of their
/// ratio, and the servers' pools.
const KINDS: [(&str, &str, &str, usize); 2] =
    [("warm", "against", "python=2,javascript=2", 4), ("cold", "against-cold", "0", 0)];

pub async fn measure(engine: &Engine, other: &Path, options: &Options, report: &mut Report) -> Result<()> {
    for kind in KINDS {
        one_by_one(engine, other, options, report, kind).await?;
    }
    Ok(())
}

async fn one_by_one(
    engine: &Engine,
    other: &Path,
    options: &Options,
    report: &mut Report,
    (word, id, pool, waiting): (&str, &str, &str, usize),
) -> Result<()> {
    let mut servers = [
        Server::start("this", pool, waiting).await?,
        Server::start_program(other, "other", pool, waiting).await?,
    ];
    for (language, name) in [("python", "Python"), ("javascript", "JavaScript")] {
        let program = Program::four(language);
        let mut took = [Vec::new(), Vec::new()];
        for round in 0..=options.rounds {
            for place in 0..2 {
                let which = (place + round) % 2;
                servers[0].settle(engine).await?;
                servers[1].settle(engine).await?;
                let answer = servers[which].run(&program).await?.expect_four()?;
                if round > 0 && answer.was_warm() == (waiting > 0) {
                    took[which].push(ms(answer.took));
                }
            }
        }
        tell(report, &format!("{id}-{language}"), &format!("{word} {name}"), "ms", &took);
    }
    let [this, other] = servers;
    this.stop()?;
    other.stop()
}

pub async fn rates(engine: &Engine, other: &Path, options: &Options, report: &mut Report) -> Result<()> {
    let mut servers = [
        Server::start("this", "python=4", 4).await?,
        Server::start_program(other, "other", "python=4", 4).await?,
    ];
    let mut rates = [Vec::new(), Vec::new()];
    for round in 0..options.share(4) {
        for place in 0..2 {
            let which = (place + round) % 2;
            servers[0].settle(engine).await?;
            servers[1].settle(engine).await?;
            let span = throughput::Span::of(options);
            rates[which].push(throughput::of_server(&servers[which], CLIENTS, span).await?);
        }
    }
    tell(report, "against-rate", &format!("sustained runs, {CLIENTS} clients"), "runs/s", &rates);
    let [this, other] = servers;
    this.stop()?;
    other.stop()
}

fn tell(report: &mut Report, id: &str, what: &str, unit: &str, [this, other]: &[Vec<f64>; 2]) {
    report.series(&format!("{what}, this build"), unit, this);
    report.series(&format!("{what}, the other build"), unit, other);
    report.ratio(id, &format!("{what}: this build / the other"), this, other);
}
