//! What the host's kernel holds, beside what it charges to a sandbox.

use std::{
    fs,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use crate::support::{Server, engine};

const KIB: i64 = 1024;
/// Numbers that did not last for half a second were somebody else's: the machine is shared.
const PAUSE: Duration = Duration::from_millis(50);
const LASTING: usize = 10;

/// Bytes in the host's kernel, those in sockets that nobody is charged for, and those charged to the sandbox that runs.
#[derive(Clone, Copy, Debug)]
struct Sample {
    kernel: i64,
    sockets: i64,
    charged: i64,
}

/// What comes of `work`, and how many bytes the host's kernel held meanwhile that nobody was charged for: in its slabs
/// and mappings, or in sockets, whichever is more.
pub fn uncharged_during<T>(server: &Server, work: impl FnOnce() -> T) -> (T, i64) {
    let over = AtomicBool::new(false);
    let before = look(None);
    let (done, samples) = std::thread::scope(|scope| {
        let watch = || {
            let (mut samples, mut cgroup) = (Vec::new(), None);
            while !over.load(Ordering::SeqCst) {
                cgroup = cgroup.or_else(|| cgroup_of(server));
                samples.push(look(cgroup.as_deref()));
                std::thread::sleep(PAUSE);
            }
            samples
        };
        let watcher = scope.spawn(watch);
        let done = work();
        over.store(true, Ordering::SeqCst);
        (done, watcher.join().expect("the watcher"))
    });
    std::thread::sleep(Duration::from_millis(500));
    let after = look(None);
    // What was there before, or stays after it, is not the sandbox's.
    let kernel = |sample: &Sample| sample.kernel - before.kernel.max(after.kernel) - sample.charged;
    let sockets = |sample: &Sample| sample.sockets - before.sockets.max(after.sockets);
    (done, lasting(&samples, kernel).max(lasting(&samples, sockets)))
}

/// The most that was reached in every sample of half a second.
fn lasting(samples: &[Sample], of: impl Fn(&Sample) -> i64) -> i64 {
    let least = |window: &[Sample]| window.iter().map(&of).min().unwrap_or(0);
    samples.windows(LASTING).map(least).max().unwrap_or(0)
}

fn look(cgroup: Option<&str>) -> Sample {
    let meminfo = fs::read_to_string("/proc/meminfo").expect("/proc/meminfo");
    let field = |name: &str| number_after(&meminfo, name) * KIB;
    let sockstat = fs::read_to_string("/proc/net/sockstat").expect("/proc/net/sockstat");
    let pages = |protocol: &str| {
        let line = sockstat.lines().find(|line| line.starts_with(protocol)).unwrap_or_default();
        number_after(line, "mem")
    };
    let charged = cgroup.and_then(|path| fs::read_to_string(path).ok()?.trim().parse().ok()).unwrap_or(0);
    // cgroup v2 charges a sandbox with what its sockets hold; v1 does not.
    let charged_sockets = cgroup
        .and_then(|path| path.strip_suffix("memory.current"))
        .and_then(|folder| fs::read_to_string(format!("{folder}memory.stat")).ok())
        .map_or(0, |stat| number_after(&stat, "sock"));
    let sockets = (pages("TCP:") + pages("UDP:")) * 4 * KIB - charged_sockets;
    Sample { kernel: field("SUnreclaim:") + field("VmallocUsed:"), sockets, charged }
}

fn number_after(text: &str, name: &str) -> i64 {
    let mut words = text.split_whitespace().skip_while(|word| *word != name);
    words.nth(1).and_then(|word| word.parse().ok()).unwrap_or(0)
}

/// The file that says what the sandbox is charged; none before it runs.
fn cgroup_of(server: &Server) -> Option<String> {
    let sandbox = engine::running(&server.deployment).pop()?;
    let pid = engine::host_pid(&sandbox.id)?;
    let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
    let path = |line: &str| line.rsplit_once(':').map(|(_, path)| path.to_owned());
    let v1 = groups.lines().find(|line| line.contains(":memory:")).and_then(path);
    let v2 = groups.lines().find(|line| line.starts_with("0::")).and_then(path);
    v1.map(|path| format!("/sys/fs/cgroup/memory{path}/memory.usage_in_bytes"))
        .or_else(|| v2.map(|path| format!("/sys/fs/cgroup{path}/memory.current")))
}
