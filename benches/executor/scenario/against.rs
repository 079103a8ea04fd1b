//! Another build of the server beside this one, in turn: whether a change is worth having.

use std::path::Path;

use super::{ms, throughput};
use crate::{Result, client::Program, engine::Engine, options::Options, report::Report, server::Server};

const CLIENTS: usize = 8;

/// What a sandbox is like when its run is asked for.
#[derive(Clone, Copy)]
enum Sandbox {
    /// It waits in the pool.
    Warm,
    /// There is none: the run waits until the engine has made it.
    Cold,
}

/// Holds warm runs, then cold ones, of this build beside those of the other.
pub async fn measure(engine: &Engine, other: &Path, options: &Options, report: &mut Report) -> Result<()> {
    one_by_one(engine, other, options, report, Sandbox::Warm).await?;
    one_by_one(engine, other, options, report, Sandbox::Cold).await
}

async fn one_by_one(
    engine: &Engine,
    other: &Path,
    options: &Options,
    report: &mut Report,
    sandbox: Sandbox,
) -> Result<()> {
    let (pool, waiting, word) = match sandbox {
        Sandbox::Warm => ("python=2,javascript=2", 4, "warm"),
        Sandbox::Cold => ("0", 0, "cold"),
    };
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
                let as_asked = matches!(sandbox, Sandbox::Cold) || answer.was_warm();
                if round > 0 && as_asked {
                    took[which].push(ms(answer.took));
                }
            }
        }
        let id = match sandbox {
            Sandbox::Warm => format!("against-{language}"),
            Sandbox::Cold => format!("against-cold-{language}"),
        };
        tell(report, &id, &format!("{word} {name}"), "ms", &took);
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
