//! A small process inside an image's own root file system that starts bare interpreters and times them.
//!
//! It is this same program, started with `--spawner <root>`: it enters the root once, so that what it starts finds
//! its libraries as it does in the image, and each start is a plain `posix_spawn` that nothing of ours slows down.

use std::{
    io::{self, BufRead, Write},
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use nix::{
    mount::{MsFlags, mount},
    sched::{CloneFlags, unshare},
    unistd::{chdir, chroot, geteuid},
};
use serde::{Deserialize, Serialize};

use crate::Result;

/// What to start.
#[derive(Debug, Serialize, Deserialize)]
pub struct Order {
    /// Program and arguments; the program by its whole path.
    pub command: Vec<String>,
    /// Its environment, whole.
    pub environment: Vec<(String, String)>,
    /// Its standard input, as much as a pipe takes.
    pub input: String,
    /// Answer once it has written a line, with its pid, and end it at the next line of input.
    pub hold: bool,
}

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Done {
    /// From before the spawn to after the wait, all output read.
    pub nanos: u64,
    /// Its process id.
    pub pid: u32,
    /// What it wrote to standard output.
    pub output: String,
    /// Whether it ended with 0.
    pub success: bool,
}

/// Serves orders, a line each, until the input ends.
pub fn serve(root: &Path) -> Result<()> {
    enter(root).map_err(|error| format!("cannot enter {}: {error}", root.display()))?;
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let mut line = String::new();
    while input.read_line(&mut line)? > 0 {
        let order: Order = serde_json::from_str(&line)?;
        let done = if order.hold { hold(&order, &mut input, &mut output)? } else { run(&order)? };
        writeln!(output, "{}", serde_json::to_string(&done)?)?;
        output.flush()?;
        line.clear();
    }
    Ok(())
}

/// A mount namespace of our own, with the host's `/proc` and `/dev` in the root, and the root as `/`. Without root's
/// rights, a user namespace gives them.
fn enter(root: &Path) -> nix::Result<()> {
    let mut namespaces = CloneFlags::CLONE_NEWNS;
    if !geteuid().is_root() {
        namespaces |= CloneFlags::CLONE_NEWUSER;
    }
    unshare(namespaces)?;
    let none = None::<&str>;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)?;
    for name in ["proc", "dev"] {
        let (from, to) = (Path::new("/").join(name), root.join(name));
        mount(Some(&from), &to, none, MsFlags::MS_BIND | MsFlags::MS_REC, none)?;
    }
    chroot(root)?;
    chdir("/")
}

fn command(order: &Order) -> Result<Command> {
    let [program, arguments @ ..] = order.command.as_slice() else { return Err("nothing to start".into()) };
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(order.environment.iter().map(|(name, value)| (name, value)));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    Ok(command)
}

fn run(order: &Order) -> Result<Done> {
    let mut command = command(order)?;
    let since = Instant::now();
    let mut child = command.spawn()?;
    let pid = child.id();
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(order.input.as_bytes())?;
    }
    let ended = child.wait_with_output()?;
    let nanos = u64::try_from(since.elapsed().as_nanos())?;
    Ok(Done {
        nanos,
        pid,
        output: String::from_utf8_lossy(&ended.stdout).into_owned(),
        success: ended.status.success(),
    })
}

fn hold(order: &Order, input: &mut impl BufRead, output: &mut impl Write) -> Result<Done> {
    let mut child = command(order)?.spawn()?;
    let pid = child.id();
    let mut said = String::new();
    io::BufReader::new(child.stdout.as_mut().ok_or("no output")?).read_line(&mut said)?;
    let waiting = Done { nanos: 0, pid, output: said, success: true };
    writeln!(output, "{}", serde_json::to_string(&waiting)?)?;
    output.flush()?;
    input.read_line(&mut String::new())?;
    drop(child.stdin.take());
    let success = child.wait()?.success();
    Ok(Done { nanos: 0, pid, output: String::new(), success })
}
