//! How long a line is on its way from a program that writes it to a listener, and that this does not depend on how many
//! programs are listened to.

use std::time::{SystemTime, UNIX_EPOCH};

use super::ms;
use crate::{
    Result,
    client::{Client, Program},
    engine::Engine,
    options::Options,
    report::Report,
    server::Server,
    stats::Summary,
};

/// Programs at once.
const PROGRAMS: usize = 4;
/// Lines of each.
const LINES: usize = 20;
/// A line each fifth of a second, with the moment at which it is written, in nanoseconds since 1970. Sandboxes have the
/// host's clock.
const CODE: &str =
    "import time\nfor _ in range(20):\n    time.sleep(0.2)\n    print(time.time_ns(), flush=True)";

pub async fn measure(engine: &Engine, options: &Options, report: &mut Report) -> Result<()> {
    let mut server = Server::start("live", "python=4", 4).await?;
    let program = Program::new("python", CODE);
    let mut took = Vec::new();
    for _ in 0..options.share(10) {
        server.settle(engine).await?;
        let listeners = (0..PROGRAMS).map(|_| tokio::spawn(listen(server.address, program.clone())));
        for listener in listeners.collect::<Vec<_>>() {
            took.extend(listener.await??);
        }
    }
    server.stop()?;
    let name = format!("a line on its way to a listener, {PROGRAMS} programs at once");
    report.series(&name, "ms", &took);
    let p95 = Summary::of(&took).map_or(f64::NAN, |summary| summary.p95);
    report.figure("live-lines", &format!("{name}: p95 / 50 ms"), p95 / 50.0);
    Ok(())
}

/// Milliseconds that each line of one program took.
async fn listen(address: std::net::SocketAddr, program: Program) -> Result<Vec<f64>> {
    let mut client = Client::new(address);
    let (mut took, mut text) = (Vec::new(), String::new());
    let mut events = client.listen(&program).await?;
    while let Some(part) = events.next().await? {
        let arrived = SystemTime::now().duration_since(UNIX_EPOCH)?;
        text.push_str(std::str::from_utf8(&part)?);
        while let Some((event, rest)) = text.split_once("\n\n") {
            if event.starts_with("event: output\n") {
                let data = event.split_once("data: ").ok_or("an event without data")?.1;
                let data: serde_json::Value = serde_json::from_str(data)?;
                let line = data["text"].as_str().unwrap_or_default().trim();
                let written = std::time::Duration::from_nanos(line.parse()?);
                took.push(ms(arrived.saturating_sub(written)));
            }
            text = rest.to_owned();
        }
    }
    if took.len() == LINES {
        return Ok(took);
    }
    Err(format!("{} events of output instead of {LINES}: {text}", took.len()).into())
}
