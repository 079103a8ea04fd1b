//! gVisor beside the engine's default runtime: what a kernel of its own costs a sandbox, on the same engine, in turn.

use super::ms;
use crate::{Result, client::Program, engine::Engine, options::Options, report::Report, server::Server};

/// What `infra/local/own-engine.sh --gvisor` and `infra/host/start.sh` call it.
const RUNTIME: &str = "runsc";

/// One language, warm or cold, on one runtime.
struct Variant {
    language: &'static str,
    name: &'static str,
    /// Which of the servers.
    server: usize,
}

const VARIANTS: [Variant; 8] = [
    Variant { language: "python", name: "warm Python", server: 0 },
    Variant { language: "python", name: "warm Python on gVisor", server: 1 },
    Variant { language: "javascript", name: "warm JavaScript", server: 0 },
    Variant { language: "javascript", name: "warm JavaScript on gVisor", server: 1 },
    Variant { language: "python", name: "cold Python", server: 2 },
    Variant { language: "python", name: "cold Python on gVisor", server: 3 },
    Variant { language: "javascript", name: "cold JavaScript", server: 2 },
    Variant { language: "javascript", name: "cold JavaScript on gVisor", server: 3 },
];

pub async fn measure(engine: &Engine, options: &Options, report: &mut Report) -> Result<()> {
    let known = engine.docker.info().await?.runtimes.unwrap_or_default();
    if !known.contains_key(RUNTIME) {
        report.note(format!("gvisor: not measured, for this engine knows no runtime `{RUNTIME}`."));
        return Ok(());
    }
    let mut servers = [
        Server::start("warm", "1", 2).await?,
        Server::start_on(RUNTIME, "warm-gvisor", "1", 2).await?,
        Server::start("cold", "0", 0).await?,
        Server::start_on(RUNTIME, "cold-gvisor", "0", 0).await?,
    ];
    let mut took: [Vec<f64>; VARIANTS.len()] = Default::default();
    for round in 0..=options.rounds {
        for place in 0..VARIANTS.len() {
            let which = (place + round) % VARIANTS.len();
            for server in &mut servers {
                server.settle(engine).await?;
            }
            let Variant { language, server, .. } = VARIANTS[which];
            let answer = servers[server].run(&Program::four(language)).await?.expect_four()?;
            if round > 0 {
                took[which].push(ms(answer.took));
            }
        }
    }
    for (variant, took) in VARIANTS.iter().zip(&took) {
        report.series(&format!("{} (gvisor)", variant.name), "ms", took);
    }
    for ((shared, own), took) in
        VARIANTS.iter().step_by(2).zip(VARIANTS.iter().skip(1).step_by(2)).zip(took.chunks(2))
    {
        let id = format!("gvisor-{}", shared.name.to_lowercase().replace(' ', "-"));
        report.ratio(&id, &format!("{} / the engine's default runtime", own.name), &took[1], &took[0]);
    }
    for server in servers {
        server.stop()?;
    }
    Ok(())
}
