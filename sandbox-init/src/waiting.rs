//! How long the program wanted a CPU and others had it: time by the clock that does not count against its limit.
//!
//! A span of time counts as waited for as long as something of the sandbox could have run and nothing of it did. What the
//! sandbox's own processes keep from each other is not waiting: it has one CPU, and then it has used that one. A program
//! that sleeps waits for nothing of the kind.
//!
//! Where the kernel counts that time for a cgroup (version 2, pressure information) its own count is taken. Elsewhere each
//! task is asked how long it ran and how long it could have run: the one that wanted the CPU longest in a span wanted it
//! at least that long, and what the whole sandbox used in the span is taken off. That falls short where many short
//! processes follow each other within one span, and never goes beyond what was waited.

use std::{
    fs::File,
    io::Read,
    time::{Duration, Instant},
};

use nix::unistd::Pid;

use crate::{
    gauges::{Gauges, Text},
    reap::INIT,
};

/// Tasks that are followed: as many as a sandbox may have.
const MOST_TASKS: usize = 64;
/// Bytes below the memory limit from which on no file is opened: it would be charged, and could be what goes too far.
const HEADROOM: u64 = 8 * 1024 * 1024;
/// A span in which the sandbox used its CPU but for this share had nothing to wait for.
const NEARLY_ALL: (u64, u64) = (98, 100);

/// Follows one run.
#[derive(Debug)]
pub struct Waiting {
    main: Pid,
    /// Of the main process: open before it begins, so that it can always be asked.
    of_main: Option<Text>,
    /// What each task had wanted when it was last asked.
    tasks: Vec<Task>,
    /// Whether every task that there was had been asked then: one that is new since has lived in this span alone.
    all_known: bool,
    begun: Instant,
    looked: Instant,
    cpu_at_begin: u64,
    cpu: u64,
    pressure: Option<u64>,
    waited_us: u64,
}

#[derive(Clone, Copy, Debug)]
struct Task {
    id: i32,
    wanted_us: u64,
    seen: bool,
}

impl Waiting {
    /// Looks at the interpreter that waits for its program.
    #[must_use]
    pub fn prepare(main: Pid, gauges: &Gauges) -> Self {
        let now = Instant::now();
        let mut waiting = Self {
            main,
            of_main: Text::open(&format!("/proc/{main}/schedstat")),
            tasks: Vec::with_capacity(MOST_TASKS),
            all_known: false,
            begun: now,
            looked: now,
            cpu_at_begin: 0,
            cpu: 0,
            pressure: None,
            waited_us: 0,
        };
        waiting.begin(gauges);
        waiting.ask_all(gauges);
        waiting
    }

    /// The program begins now.
    pub fn begin(&mut self, gauges: &Gauges) {
        self.begun = Instant::now();
        self.looked = self.begun;
        self.cpu_at_begin = gauges.cpu_us().unwrap_or(0);
        self.cpu = self.cpu_at_begin;
        self.pressure = gauges.waiting_us();
    }

    /// What was waited so far, in microseconds, at the last look.
    #[must_use]
    pub const fn waited_us(&self) -> u64 {
        self.waited_us
    }

    /// Looks at the span since the last look.
    pub fn look(&mut self, gauges: &Gauges) {
        let Some(cpu) = gauges.cpu_us() else { return };
        let now = Instant::now();
        let span = micros(now - self.looked);
        let used = cpu.saturating_sub(self.cpu);
        (self.looked, self.cpu) = (now, cpu);
        let waited = match gauges.waiting_us() {
            Some(pressure) => {
                let before = self.pressure.replace(pressure).unwrap_or(pressure);
                pressure.saturating_sub(before)
            }
            None if used * NEARLY_ALL.1 >= span * NEARLY_ALL.0 => {
                self.all_known = false;
                0
            }
            None => self.ask_all(gauges).saturating_sub(used),
        };
        // The kernel tells of a wait when it is over: in sum, then, never more than there was time without a CPU.
        let most = micros(now - self.begun).saturating_sub(cpu.saturating_sub(self.cpu_at_begin));
        self.waited_us = (self.waited_us + waited).min(most).max(self.waited_us);
    }

    /// Asks every task what it wanted since it was last asked; the most that one wanted.
    fn ask_all(&mut self, gauges: &Gauges) -> u64 {
        let news_count = self.all_known;
        let mut most = 0;
        for task in &mut self.tasks {
            task.seen = false;
        }
        let main = self.main.as_raw();
        if let Some(wanted) = self.of_main.as_ref().and_then(|file| file.with(wanted_us)).flatten() {
            most = note(&mut self.tasks, main, wanted, news_count);
        }
        let roomy = gauges.memory_left() >= HEADROOM;
        let tasks = &mut self.tasks;
        let listed = roomy
            && gauges.for_each_task(|id| {
                // Of a task outside, the kernel says 0.
                if id > INIT.as_raw()
                    && id != main
                    && let Some(wanted) = of(id)
                {
                    most = most.max(note(tasks, id, wanted, news_count));
                }
            });
        self.all_known = listed;
        if listed {
            self.tasks.retain(|task| task.seen);
        }
        most
    }
}

/// Notes what a task has wanted in its life; what it wanted since the last time.
fn note(tasks: &mut Vec<Task>, id: i32, wanted_us: u64, news_count: bool) -> u64 {
    if let Some(known) = tasks.iter_mut().find(|task| task.id == id) {
        let since = wanted_us.saturating_sub(known.wanted_us);
        (known.wanted_us, known.seen) = (wanted_us, true);
        return since;
    }
    // The list never grows beyond what was taken for it beforehand.
    if tasks.len() < MOST_TASKS {
        tasks.push(Task { id, wanted_us, seen: true });
    }
    if news_count { wanted_us } else { 0 }
}

/// What a task has wanted in its life, read without any memory but the kernel's for an open file.
fn of(id: i32) -> Option<u64> {
    use std::io::Write;
    let mut path = [0; 32];
    let mut rest = path.as_mut_slice();
    write!(rest, "/proc/{id}/schedstat").ok()?;
    let left = rest.len();
    let mut text = [0; 128];
    let length = File::open(std::str::from_utf8(&path[..32 - left]).ok()?).ok()?.read(&mut text).ok()?;
    wanted_us(std::str::from_utf8(&text[..length]).ok()?)
}

/// Nanoseconds on a CPU and nanoseconds in line for one, in one number of microseconds.
fn wanted_us(schedstat: &str) -> Option<u64> {
    let mut numbers = schedstat.split_whitespace().map_while(|number| number.parse::<u64>().ok());
    Some((numbers.next()? + numbers.next()?) / 1000)
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_task_wanted_is_what_it_got_and_what_it_waited_for() {
        assert_eq!(wanted_us("63557162 205022296 52\n"), Some(268_579));
        assert_eq!(wanted_us("63557162\n"), None);
        assert!(of(i32::try_from(std::process::id()).unwrap()).is_some());
        assert_eq!(of(i32::MAX), None);
    }

    #[test]
    fn a_task_counts_from_the_last_look_and_a_new_one_from_its_birth() {
        let mut tasks = Vec::with_capacity(MOST_TASKS);
        assert_eq!(note(&mut tasks, 7, 1000, false), 0);
        assert_eq!(note(&mut tasks, 7, 1500, true), 500);
        assert_eq!(note(&mut tasks, 8, 40, true), 40);
        assert_eq!(note(&mut tasks, 8, 40, true), 0);
    }

    #[test]
    fn more_tasks_than_there_can_be_take_no_memory() {
        let mut tasks = Vec::with_capacity(MOST_TASKS);
        for id in 0..1000 {
            note(&mut tasks, id, 1, true);
        }
        assert_eq!(tasks.capacity(), MOST_TASKS);
    }
}
