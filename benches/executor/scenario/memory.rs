//! What a warm Python sandbox holds while it waits, beside a bare interpreter that waits.
//!
//! Files that are mapped or cached are left out on both sides: every sandbox shares those of its image with all
//! others. A sandbox is what its cgroup is charged for (processes, tmpfs, and the kernel's own memory for them)
//! less the page cache; a bare interpreter is its anonymous memory, without what the kernel holds for it.

use std::fs;

use bollard::query_parameters::{StatsOptionsBuilder, TopOptionsBuilder};
use futures_util::StreamExt;

use crate::{Result, bare::Bare, engine::Engine, options::Options, report::Report, server::Server};

const WAITS: &str = "import sys; print('here', flush=True); sys.stdin.read()";

pub async fn measure(engine: &Engine, options: &Options, report: &mut Report) -> Result<()> {
    const POOL: usize = 4;
    let mut server = Server::start("memory", &format!("python={POOL}"), POOL).await?;
    let mut host = Bare::open(engine, "python").await?;
    let (mut sandboxes, mut interpreters, mut shares) = (Vec::new(), Vec::new(), Vec::new());
    let mut residents = Vec::new();
    for _ in 0..options.share(20) {
        server.settle(engine).await?;
        let held = host.hold(&["python3", "-c", WAITS])?;
        let anonymous = rollup(held.0, &["Anonymous"])?;
        for id in engine.ids(&server.deployment, "python").await? {
            sandboxes.push(charged(engine, &id).await?);
            interpreters.push(anonymous);
            if let Ok(proportional) = proportional(engine, &id).await {
                shares.push(proportional);
            }
        }
        residents.push(rollup(held.0, &["Rss"])?);
        host.release(held)?;
    }
    report.series("idle warm Python: charged to its cgroup, less page cache", "MB", &sandboxes);
    report.series("idle warm Python: its processes' proportional share (PSS)", "MB", &shares);
    report.series("bare `python3 -c` that waits: anonymous memory", "MB", &interpreters);
    report.series("bare `python3 -c` that waits: resident (RSS)", "MB", &residents);
    let what = "memory of an idle warm Python sandbox / of a bare interpreter";
    report.ratio("idle-memory", what, &sandboxes, &interpreters);
    server.stop()
}

/// What the cgroup is charged for, less the page cache, in MB.
pub(super) async fn charged(engine: &Engine, id: &str) -> Result<f64> {
    let options = StatsOptionsBuilder::default().stream(false).one_shot(true).build();
    let stats = engine.docker.stats(id, Some(options)).next().await.ok_or("no statistics")??;
    let memory = stats.memory_stats.unwrap_or_default();
    let parts = memory.stats.unwrap_or_default();
    // cgroup v1 counts the tmpfs as cache as well; v2 has it beside.
    let part = |names: &[&str]| names.iter().find_map(|name| parts.get(*name)).copied().unwrap_or(0);
    let cache = part(&["total_cache", "file"]).saturating_sub(part(&["total_shmem", "shmem"]));
    Ok(megabytes(memory.usage.ok_or("no memory statistics")?.saturating_sub(cache)))
}

/// The proportional share of all processes, in MB; where the engine's processes are this machine's.
pub(super) async fn proportional(engine: &Engine, id: &str) -> Result<f64> {
    let options = TopOptionsBuilder::default().ps_args("-o pid").build();
    let top = engine.docker.top_processes(id, Some(options)).await?;
    let mut sum = 0.0;
    for process in top.processes.unwrap_or_default() {
        sum += rollup(process.first().ok_or("no pid")?.trim().parse()?, &["Pss"])?;
    }
    Ok(sum)
}

/// Fields of `/proc/<pid>/smaps_rollup`, in MB.
pub(super) fn rollup(pid: u32, fields: &[&str]) -> Result<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    let kilobytes = |name: &str| -> Option<u64> {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        line.trim().trim_end_matches(" kB").parse().ok()
    };
    let sum: Option<u64> = fields.iter().map(|name| kilobytes(name)).sum();
    Ok(megabytes(sum.ok_or("the kernel does not tell what a process holds")? * 1024))
}

#[expect(clippy::cast_precision_loss, reason = "bytes of memory are far below 2^53")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
