//! The benchmark behind `make bench`: everything in one program, in turn, on one machine, as ratios.
//!
//! `docs/PERFORMANCE.md` says what each figure means. Here is what does what:
//!
//! * [`server`] starts release servers of this crate, [`client`] calls them over HTTP;
//! * [`emulator`] runs the Lambda function, and a bare one beside it;
//! * [`bare`] and [`spawner`] start the images' programs on the bare host, [`toolchain`] knows their commands, [`docker_run`] uses the Docker CLI,
//!   [`engine`] makes bare Engine calls: what we are held against;
//! * [`scenario`] holds one file per question; [`report`], [`stats`] and [`bounds`] make figures of the answers.
//!
//! It never runs as a test: without cargo's `--bench` it does nothing.

mod bare;
mod bounds;
mod client;
mod docker_run;
mod docs;
mod emulator;
mod engine;
mod facts;
mod options;
mod report;
mod scenario;
mod server;
mod spawner;
mod stats;
mod table;
mod toolchain;

use std::{env, fs, path::Path, process::ExitCode};

use engine::Engine;
use facts::Facts;
use options::Options;
use report::Report;

/// Anything that keeps us from measuring.
type Fault = Box<dyn std::error::Error + Send + Sync>;
type Result<T> = std::result::Result<T, Fault>;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let done = match words.as_slice() {
        [word, root] if word == "--spawner" => spawner::serve(Path::new(root)).map(|()| true),
        [word, file, program] if word == "--begin" => emulator::begin(Path::new(file), Path::new(program)),
        words if words.iter().any(|word| word == "--bench" || word == "--help") => bench(words),
        _ => {
            println!("nothing measured: start it with `cargo bench --bench executor`");
            Ok(true)
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("could not measure: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether all is well, as far as anybody asked.
fn bench(words: &[String]) -> Result<bool> {
    let Some(options) = Options::read(words.iter().cloned())? else { return Ok(true) };
    // One thread: the client's work is small, and must not be handed from core to core.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let earlier = |file| Ok::<Report, Fault>(serde_json::from_slice(&fs::read(file)?)?);
    let report = match &options.from {
        None => runtime.block_on(measure(&options))?,
        Some(file) if options.only.is_empty() => earlier(file)?,
        Some(file) => {
            let mut whole = earlier(file)?;
            whole.renew(runtime.block_on(measure(&options))?);
            whole
        }
    };
    if options.from.is_none() || !options.only.is_empty() {
        save(&report, &options)?;
    }
    let tables = table::whole(&report);
    println!("\n{tables}");
    if options.write_docs {
        docs::write(&tables)?;
    }
    Ok(!options.strict || report.passes())
}

async fn measure(options: &Options) -> Result<Report> {
    let in_the_way = server::settings_in_the_way();
    if !in_the_way.is_empty() {
        return Err(format!("unset {}: the servers' settings are ours", in_the_way.join(", ")).into());
    }
    let engine = Engine::open().await?;
    engine.clear_leftovers().await?;
    let mut report = Report::new(Facts::gather(&engine, options).await?);
    scenario::all(&engine, options, &mut report).await?;
    engine.close().await;
    Ok(report)
}

fn save(report: &Report, options: &Options) -> Result<()> {
    let json = serde_json::to_string_pretty(report)?;
    let latest = bare::target_folder().join("latest.json");
    fs::create_dir_all(bare::target_folder())?;
    for file in std::iter::once(&latest).chain(&options.out) {
        fs::write(file, &json)?;
        eprintln!("written: {}", file.display());
    }
    Ok(())
}
