//! What one caller's warm run costs while another caller's program misbehaves as much as it is let.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{task::JoinHandle, time::sleep};

use super::ms;
use crate::{
    Result,
    client::{Client, Program},
    engine::Engine,
    options::Options,
    report::Report,
    server::Server,
    stats::median_of,
};

const ABUSERS: [(&str, &str); 4] = [
    ("fork-bomb", "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass"),
    ("cpu-hog", "while True: pass"),
    ("flood", "import sys\nwhile True: sys.stdout.write('x' * 65536)"),
    ("memory-bomb", "held = []\nwhile True: held.append(bytearray(1 << 20))"),
];
/// Seconds that an abuser is let go on; it comes again at once.
const AT_IT: u32 = 5;
/// Runs of the neighbour per round, alone and beside.
const RUNS: usize = 3;

pub async fn measure(engine: &Engine, options: &Options, report: &mut Report) -> Result<()> {
    let mut neighbour = Server::start("neighbour", "python=2", 2).await?;
    let mut abuser = Server::start("abuser", "0", 0).await?;
    let mut alone: [Vec<f64>; 4] = Default::default();
    let mut beside: [Vec<f64>; 4] = Default::default();
    let mut not_warm = 0;
    for _ in 0..options.share(4) {
        for (index, (_, code)) in ABUSERS.into_iter().enumerate() {
            abuser.settle(engine).await?;
            alone[index].push(p50(&mut neighbour, engine, &mut not_warm).await?);
            let abuse = Abuse::begin(&abuser, Program::with_timeout("python", code, AT_IT)).await?;
            beside[index].push(p50(&mut neighbour, engine, &mut not_warm).await?);
            abuse.end().await?;
        }
    }
    for (index, (name, _)) in ABUSERS.into_iter().enumerate() {
        report.series(&format!("warm Python alone (before {name})"), "ms", &alone[index]);
        report.series(&format!("warm Python beside a {name}"), "ms", &beside[index]);
        let what = format!("warm Python beside a {name} / alone, p50 of {RUNS} each");
        report.ratio(&format!("neighbour-{name}"), &what, &beside[index], &alone[index]);
    }
    let runs = RUNS * 2 * ABUSERS.len() * options.share(4);
    report.note(format!("neighbours: {not_warm} of {runs} runs meant to be warm were not."));
    neighbour.stop()?;
    abuser.stop()
}

async fn p50(neighbour: &mut Server, engine: &Engine, not_warm: &mut usize) -> Result<f64> {
    let program = Program::four("python");
    let mut took = Vec::new();
    for _ in 0..RUNS {
        neighbour.settle(engine).await?;
        let answer = neighbour.run(&program).await?.expect_four()?;
        *not_warm += usize::from(!answer.was_warm());
        took.push(ms(answer.took));
    }
    Ok(median_of(&took))
}

/// A program that misbehaves, over and over.
struct Abuse {
    over: Arc<AtomicBool>,
    task: JoinHandle<Result<usize>>,
}

impl Abuse {
    /// Begins, and returns once it is at it.
    async fn begin(server: &Server, program: Program) -> Result<Self> {
        let over = Arc::new(AtomicBool::new(false));
        let mut client = Client::new(server.address);
        let mut asked = Client::new(server.address);
        let task = tokio::spawn({
            let over = Arc::clone(&over);
            async move {
                let mut runs = 0;
                while !over.load(Ordering::Relaxed) {
                    let answer = client.run(&program).await?;
                    if !answer.status.is_success() {
                        return Err(format!("an abuser was not run: {}", answer.body).into());
                    }
                    runs += 1;
                }
                Ok(runs)
            }
        });
        let until = Instant::now() + Duration::from_secs(5);
        while asked.health().await?["docker"]["running"] == 0 && Instant::now() < until {
            sleep(Duration::from_millis(20)).await;
        }
        // A cold sandbox is made first.
        sleep(Duration::from_millis(500)).await;
        Ok(Self { over, task })
    }

    async fn end(self) -> Result<()> {
        self.over.store(true, Ordering::Relaxed);
        self.task.await?.map(drop)
    }
}
