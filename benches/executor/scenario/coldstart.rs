//! The function's first answer, from the beginning of its process, and what it holds then: beside a bare `lambda_http`
//! hello world that was built the same way. Both inside AWS's runtime interface emulator.
//!
//! As in the cloud, the Docker host is reached over mutual TLS and is being opened meanwhile; DynamoDB is AWS's own by
//! address, and nothing here asks it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

use safe_code_executor::outbound::docker::Hosts;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{memory, ms};
use crate::{
    Result,
    emulator::{Function, Tools},
    engine::Engine,
    options::Options,
    report::Report,
    server::deployment,
};

const GREETING: &str = "Safe Code Executor API is running!";
/// Kilobytes of `/proc/<pid>/smaps_rollup`: what is resident, and what of that is the process's own.
const RESIDENT: [&str; 1] = ["Rss"];
const ANONYMOUS: [&str; 1] = ["Anonymous"];
const SETTLING: Duration = Duration::from_mins(1);

/// A round of one of the two.
#[derive(Default)]
struct Measured {
    answered: Vec<f64>,
    resident: Vec<f64>,
    anonymous: Vec<f64>,
}

pub async fn measure(engine: &Engine, options: &Options, report: &mut Report) -> Result<()> {
    let tools = Tools::find()?;
    let programs = [Tools::build("safe-code-executor")?, Tools::build("hello-lambda")?];
    let door = Door::open(&tools, &engine.hosts)?;
    let settings = door.settings();
    let request = event("apigw-rest-get")?;
    let (mut measured, mut opened) = ([Measured::default(), Measured::default()], Vec::new());
    for round in 0..=options.rounds {
        for place in 0..2 {
            let which = (place + round) % 2;
            let function = tools.emulate(&programs[which], &settings)?;
            let (answer, took) = function.first_answer(&request).await?;
            let pid = function.pid()?;
            let (resident, anonymous) = (memory::rollup(pid, &RESIDENT)?, memory::rollup(pid, &ANONYMOUS)?);
            let ours = which == 0;
            if answer["statusCode"] != 200 || ours && answer["body"] != GREETING {
                return Err(format!("unexpected: {answer}\n{}", function.log()).into());
            }
            if ours {
                // Nothing of what it does to the Docker host may be left when the other one is measured.
                opened.push(open(&function, pid).await?);
            }
            drop(function);
            settle(engine, &door.deployment).await?;
            // The first of each brings its file into the page cache.
            if round > 0 {
                let of = &mut measured[which];
                of.answered.push(ms(took));
                of.resident.push(resident);
                of.anonymous.push(anonymous);
            }
        }
    }
    tell(report, &measured);
    report.series("the function when its Docker host is open: resident (RSS)", "MB", &opened);
    for (name, program) in ["the function", "hello world"].iter().zip(&programs) {
        #[expect(clippy::cast_precision_loss, reason = "a program is far below 2^53 bytes")]
        let megabytes = fs::metadata(program)?.len() as f64 / 1e6;
        report.note(format!("coldstart: {name} is a program of {megabytes:.1} MB."));
    }
    Ok(())
}

/// An event of the tests' collection.
fn event(name: &str) -> Result<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/events");
    Ok(serde_json::from_slice(&fs::read(folder.join(name).with_extension("json"))?)?)
}

fn tell(report: &mut Report, [ours, hello]: &[Measured; 2]) {
    for (name, of) in [("the function", ours), ("hello world", hello)] {
        report.series(
            &format!("{name}: from its process's beginning to the first answer"),
            "ms",
            &of.answered,
        );
        report.series(&format!("{name} at its first answer: resident (RSS)"), "MB", &of.resident);
        report.series(&format!("{name} at its first answer: anonymous memory"), "MB", &of.anonymous);
    }
    let what = "first answer of the function / of a bare `lambda_http` hello world";
    report.ratio("cold-start", what, &ours.answered, &hello.answered);
    let what = "resident memory of the function / of a bare `lambda_http` hello world, at the first answer";
    report.ratio("cold-start-memory", what, &ours.resident, &hello.resident);
}

/// Waits until the function has opened its Docker host; what it holds then, in MB. This being the program that is
/// shipped, it is also shown a request at which a library panics: it must live on.
async fn open(function: &Function, pid: u32) -> Result<f64> {
    let refused = function.invoke(&event("apigw-http-bad-host")?).await?;
    if refused["statusCode"] != 400 {
        return Err(format!("not refused: {refused}\n{}", function.log()).into());
    }
    let counts = function.invoke(&json!({ "action": "maintain" })).await?;
    if counts["warm"] != 0 {
        return Err(format!("the Docker host was not opened: {counts}\n{}", function.log()).into());
    }
    memory::rollup(pid, &RESIDENT)
}

/// Waits until no sandbox is left.
async fn settle(engine: &Engine, deployment: &str) -> Result<()> {
    let until = Instant::now() + SETTLING;
    while engine.count(deployment).await? != 0 {
        if Instant::now() > until {
            return Err("sandboxes of a function that has ended do not go".into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// Mutual TLS in front of the engine's socket: `infra/local/engine-door.py`.
struct Door {
    process: Child,
    certificates: TempDir,
    port: String,
    deployment: String,
}

impl Door {
    fn open(tools: &Tools, engine: &Hosts) -> Result<Self> {
        let Hosts::Unix(socket) = engine else { return Err("the engine's own socket is needed".into()) };
        let certificates = tempfile::tempdir()?;
        let script: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("infra/local/engine-door.py");
        let process = Command::new(tools.folder.join("python"))
            .args([script.as_path(), Path::new("127.0.0.1"), socket, certificates.path()])
            .spawn()?;
        let deployment = deployment("coldstart");
        let mut door = Self { process, certificates, port: String::new(), deployment };
        let until = Instant::now() + SETTLING;
        while door.port.is_empty() {
            if Instant::now() > until || door.process.try_wait()?.is_some() {
                return Err("the door to the engine did not open".into());
            }
            std::thread::sleep(Duration::from_millis(20));
            door.port = fs::read_to_string(door.certificates.path().join("port")).unwrap_or_default();
        }
        Ok(door)
    }

    fn settings(&self) -> Vec<(String, String)> {
        let certificates = self.certificates.path().display().to_string();
        let settings = [
            ("DOCKER_HOST", format!("tcp://127.0.0.1:{}", self.port)),
            ("DOCKER_CERT_PATH", certificates),
            ("SCE_DEPLOYMENT", self.deployment.clone()),
            ("SCE_POOL_SIZE", "0".to_owned()),
        ];
        settings.map(|(name, value)| (name.to_owned(), value)).into()
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
