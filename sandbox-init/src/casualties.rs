//! Whom the kernel killed for memory: the program itself, or another process of the sandbox.
//!
//! The cgroup counts kills, not the killed, and a signal does not tell who sent it. So the count is looked at while the
//! program lives: a kill that it outlives was another's. What is left open is decided when the program dies of SIGKILL,
//! by what has died beside it.

use nix::unistd::Pid;

use crate::gauges::{Gauges, Text};

/// `PF_EXITING` of the kernel's `sched.h`: the process is on its way out.
const EXITING: u64 = 4;
/// The bit of SIGKILL among pending signals.
const KILL_PENDING: u64 = 1 << 8;
/// Bytes of a page, on every machine that this is built for.
const PAGE: u64 = 4096;

/// How a program that died of SIGKILL came to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The kernel killed it for memory.
    Memory,
    /// Somebody sent the signal.
    Signal,
    /// The kernel's count cannot be read.
    Unknown,
}

/// Follows the kills of one run.
#[derive(Debug)]
pub struct Casualties {
    stat: Option<Text>,
    before: Option<u64>,
    /// Kills that the program is known to have outlived.
    others: u64,
    /// Kills at the last look.
    seen: u64,
    /// The program when it was last seen alive.
    vitals: Vitals,
    /// The program when it was seen dead.
    last: Vitals,
}

/// What the kernel shows of the program's main process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Vitals {
    /// Killed, and not yet gone.
    dying: bool,
    /// Bytes of memory that it holds.
    memory: u64,
    /// Page faults of the children that it has waited for: grows with each that it has seen end.
    faults_of_children: u64,
}

impl Casualties {
    /// Looks before the program begins.
    #[must_use]
    pub fn prepare(main: Pid, gauges: &Gauges) -> Self {
        let stat = Text::open(&format!("/proc/{main}/stat"));
        let vitals = stat.as_ref().and_then(|stat| stat.with(vitals)).flatten().unwrap_or_default();
        Self { stat, before: gauges.oom_kills(), others: 0, seen: 0, vitals, last: vitals }
    }

    /// Processes killed for memory since then; `None` when it cannot be known.
    #[must_use]
    pub fn kills(&self, gauges: &Gauges) -> Option<u64> {
        Some(gauges.oom_kills()?.saturating_sub(self.before?))
    }

    /// Looks while the program lives. True when there is a kill of which it does not know yet whose it was.
    pub fn look(&mut self, gauges: &Gauges) -> bool {
        let Some(vitals) = self.vitals_now() else { return false };
        if !vitals.dying {
            // The kernel counts a moment before it kills: only what was counted at the last look is outlived by now.
            self.others = self.seen;
            self.vitals = vitals;
            if let Some(kills) = self.kills(gauges) {
                self.seen = kills;
            }
        }
        self.seen > self.others
    }

    /// Looks at a program that may be dead, before anybody waits for it.
    pub fn look_at_the_dead(&mut self) {
        self.last = self.vitals_now().unwrap_or(self.last);
    }

    /// Judges the program's death by SIGKILL. `beside` tells that init has found another process dead of SIGKILL.
    #[must_use]
    pub fn judge(&self, gauges: &Gauges, beside: bool) -> Cause {
        let Some(kills) = self.kills(gauges) else { return Cause::Unknown };
        if kills <= self.others {
            return Cause::Signal;
        }
        // Its parent is told of a child's end, and may well send itself a signal for it: all between two looks.
        let child_ended = beside || self.last.faults_of_children > self.vitals.faults_of_children;
        // Of processes that are equal otherwise the kernel takes the largest.
        let was_large = gauges.memory_limit().is_some_and(|limit| self.vitals.memory >= limit / 2);
        if child_ended && !was_large { Cause::Signal } else { Cause::Memory }
    }

    fn vitals_now(&self) -> Option<Vitals> {
        self.stat.as_ref()?.with(vitals)?
    }
}

/// Reads `/proc/PID/stat`; the fields are numbered as in proc(5). A process that is dead and not yet waited for still has one.
fn vitals(stat: &str) -> Option<Vitals> {
    // The name, field 2, may hold anything, brackets and spaces too.
    let (_, rest) = stat.rsplit_once(") ")?;
    let field = |number: usize| rest.split(' ').nth(number - 3);
    let number = |at: usize| field(at)?.parse::<u64>().ok();
    let state = field(3)?;
    let dying = matches!(state, "Z" | "X") || number(9)? & EXITING != 0 || number(31)? & KILL_PENDING != 0;
    Some(Vitals { dying, memory: number(24)? * PAGE, faults_of_children: number(11)? + number(13)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALIVE: &str = "7 (a) b) S 1 7 7 0 -1 4194560 2010 31 1 2 5 1 0 0 20 0 1 0 84374 16000000 2500 18446744073709551615 \
                         1 1 0 0 0 0 0 16781312 2 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0";

    #[test]
    fn the_living_and_the_dying_are_told_apart() {
        let alive = Vitals { dying: false, memory: 2500 * PAGE, faults_of_children: 33 };
        assert_eq!(vitals(ALIVE), Some(alive));
        assert!(vitals(&ALIVE.replace(") S", ") Z")).unwrap().dying);
        assert!(vitals(&ALIVE.replace("4194560", "4194564")).unwrap().dying);
        assert!(vitals(&ALIVE.replace("1 1 0 0 0 0 0 16", "1 1 0 0 0 256 0 16")).unwrap().dying);
        assert_eq!(vitals("7 (a) S 1 7"), None);
    }

    #[test]
    fn this_very_process_can_be_read() {
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
        let seen = vitals(&stat).unwrap();
        assert!(!seen.dying && seen.memory > 0, "{seen:?}");
    }
}
