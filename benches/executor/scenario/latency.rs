//! How long one run takes: warm, cold, bare, by the CLI, by bare Engine calls; in turn, round by round.

use std::collections::BTreeMap;

use super::ms;
use crate::{
    Result, bare::Bare, client::Program, docker_run::DockerRun, engine::Engine, options::Options,
    report::Report, server::Server,
};

const WARM_PYTHON: &str = "warm Python over HTTP";
const WARM_NODE: &str = "warm JavaScript over HTTP";
const COLD_PYTHON: &str = "cold Python over HTTP";
const COLD_NODE: &str = "cold JavaScript over HTTP";
const BARE_ISOLATED: &str = "bare `python3 -I -S -c`";
const BARE_PYTHON: &str = "bare `python3 -c`";
const BARE_NODE: &str = "bare `node -e`";
const DOCKER_RUN: &str = "`docker run`, same flags";
const ENGINE_PYTHON: &str = "bare Engine calls, Python";
const ENGINE_NODE: &str = "bare Engine calls, JavaScript";
const ENGINE_READY: &str = "bare Engine calls, Python, until the interpreter waits";
const ENGINE_REPORT: &str = "bare Engine calls, Python, until the report";

const VARIANTS: [&str; 10] = [
    WARM_PYTHON,
    BARE_ISOLATED,
    WARM_NODE,
    BARE_NODE,
    COLD_PYTHON,
    ENGINE_PYTHON,
    BARE_PYTHON,
    COLD_NODE,
    ENGINE_NODE,
    DOCKER_RUN,
];

/// Everything that is compared.
struct Stage<'a> {
    engine: &'a Engine,
    warm: Server,
    cold: Server,
    python: Bare,
    node: Bare,
    docker_run: Option<DockerRun>,
    values: BTreeMap<&'static str, Vec<f64>>,
    not_warm: usize,
}

pub async fn measure(engine: &Engine, options: &Options, report: &mut Report) -> Result<()> {
    let body = engine.body("python")?;
    let docker_run =
        options.docker_cli.then(|| DockerRun::new(&body, &["python3", "-c", "print(2+2)"])).transpose()?;
    let mut stage = Stage {
        engine,
        warm: Server::start("warm", "2", 4).await?,
        cold: Server::start("cold", "0", 0).await?,
        python: Bare::open(engine, "python").await?,
        node: Bare::open(engine, "javascript").await?,
        docker_run,
        values: BTreeMap::new(),
        not_warm: 0,
    };
    // The first of everything reads files nobody has read yet: not counted.
    for round in 0..=options.rounds {
        for place in 0..VARIANTS.len() {
            // Another one goes first each time: none always follows the same other.
            stage.measure(VARIANTS[(place + round) % VARIANTS.len()]).await?;
        }
        if round == 0 {
            stage.values.clear();
            stage.not_warm = 0;
        }
    }
    stage.tell(report);
    stage.warm.stop()?;
    stage.cold.stop()
}

impl Stage<'_> {
    async fn measure(&mut self, variant: &'static str) -> Result<()> {
        self.warm.settle(self.engine).await?;
        self.cold.settle(self.engine).await?;
        let took = match variant {
            WARM_PYTHON => self.run_warm("python").await?,
            WARM_NODE => self.run_warm("javascript").await?,
            COLD_PYTHON => ms(self.cold.run(&Program::four("python")).await?.expect_four()?.took),
            COLD_NODE => ms(self.cold.run(&Program::four("javascript")).await?.expect_four()?.took),
            BARE_ISOLATED => ms(self.python.time(&["python3", "-I", "-S", "-c", "print(2+2)"])?),
            BARE_PYTHON => ms(self.python.time(&["python3", "-c", "print(2+2)"])?),
            BARE_NODE => ms(self.node.time(&["node", "-e", "console.log(2+2)"])?),
            ENGINE_PYTHON => {
                let steps = self.engine.run("python").await?;
                self.values.entry(ENGINE_READY).or_default().push(ms(steps.ready));
                self.values.entry(ENGINE_REPORT).or_default().push(ms(steps.report));
                ms(steps.removed)
            }
            ENGINE_NODE => ms(self.engine.run("javascript").await?.removed),
            _ => match &self.docker_run {
                Some(docker_run) => ms(docker_run.time()?),
                None => return Ok(()),
            },
        };
        self.values.entry(variant).or_default().push(took);
        Ok(())
    }

    async fn run_warm(&mut self, language: &str) -> Result<f64> {
        let answer = self.warm.run(&Program::four(language)).await?.expect_four()?;
        self.not_warm += usize::from(!answer.was_warm());
        Ok(ms(answer.took))
    }

    fn tell(&self, report: &mut Report) {
        let of = |name: &str| self.values.get(name).map_or(&[][..], Vec::as_slice);
        for name in VARIANTS.iter().chain(&[ENGINE_READY, ENGINE_REPORT]) {
            report.series(name, "ms", of(name));
        }
        let mut ratio = |id, over, under| {
            if !of(over).is_empty() && !of(under).is_empty() {
                report.ratio(id, &format!("{over} / {under}"), of(over), of(under));
            }
        };
        ratio("warm-python", WARM_PYTHON, BARE_ISOLATED);
        ratio("warm-python-site", WARM_PYTHON, BARE_PYTHON);
        ratio("warm-javascript", WARM_NODE, BARE_NODE);
        ratio("cold-to-warm", COLD_PYTHON, WARM_PYTHON);
        ratio("cold-to-warm-javascript", COLD_NODE, WARM_NODE);
        ratio("docker-run", DOCKER_RUN, WARM_PYTHON);
        ratio("cold-to-engine", COLD_PYTHON, ENGINE_PYTHON);
        ratio("cold-to-engine-javascript", COLD_NODE, ENGINE_NODE);
        ratio("cold-to-report", COLD_PYTHON, ENGINE_REPORT);
        let runs = of(WARM_PYTHON).len() + of(WARM_NODE).len();
        report.note(format!("latency: {} of {runs} runs meant to be warm were not.", self.not_warm));
    }
}
