//! Lines written without waiting for whoever reads them. A pipe that nobody empties (a log driver that is stuck, `less`)
//! would otherwise stop the threads that serve requests, one after the other, at their next line.
//!
//! Lines go to a thread of their own through a bounded queue. What finds no room in it is lost, is counted, and the
//! count is written as soon as somebody reads again.

use std::{
    io::{self, Write},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tracing_subscriber::fmt::MakeWriter;

/// Bytes of lines that may wait.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// How long the end of the program waits for lines that are not written yet.
const AT_THE_END: Duration = Duration::from_secs(1);

/// The way to a stream. Clones lead to the same.
#[derive(Clone, Debug)]
pub struct Lines(Arc<Queue>);

#[derive(Debug)]
struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    lost: AtomicU64,
    most: usize,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// Whether the thread is writing what it took.
    writing: bool,
}

impl Lines {
    /// Begins to write to this stream. `lost` is the line that tells how many were lost.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn to(stream: impl Write + Send + 'static, lost: fn(u64) -> String) -> io::Result<Self> {
        Self::bounded(stream, lost, MOST_BYTES)
    }

    fn bounded(
        mut stream: impl Write + Send + 'static,
        lost: fn(u64) -> String,
        most: usize,
    ) -> io::Result<Self> {
        let queue = Arc::new(Queue {
            waiting: Mutex::default(),
            changed: Condvar::new(),
            lost: AtomicU64::new(0),
            most,
        });
        let taken_from = Arc::clone(&queue);
        let write = move || {
            loop {
                let bytes = taken_from.next();
                // The stream may be closed; that is no reason to stop working.
                let _ = stream.write_all(&bytes);
                let missed = taken_from.lost.swap(0, Ordering::Relaxed);
                if missed > 0 {
                    let _ = stream.write_all(lost(missed).as_bytes());
                }
                let _ = stream.flush();
                taken_from.written();
            }
        };
        std::thread::Builder::new().name("lines".to_owned()).spawn(write)?;
        Ok(Self(queue))
    }

    /// Waits, for at most a second, until everything is written.
    pub fn flush(&self) {
        let waiting = self.0.waiting();
        let unwritten = |waiting: &mut Waiting| waiting.writing || !waiting.bytes.is_empty();
        drop(self.0.changed.wait_timeout_while(waiting, AT_THE_END, unwritten));
    }
}

impl Queue {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, line: &[u8]) {
        let mut waiting = self.waiting();
        if waiting.bytes.len() + line.len() > self.most {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        waiting.bytes.extend_from_slice(line);
        drop(waiting);
        self.changed.notify_all();
    }

    /// Everything that waits, as soon as something does.
    fn next(&self) -> Vec<u8> {
        let waiting = self.changed.wait_while(self.waiting(), |waiting| waiting.bytes.is_empty());
        let mut waiting = waiting.unwrap_or_else(PoisonError::into_inner);
        waiting.writing = true;
        std::mem::take(&mut waiting.bytes)
    }

    fn written(&self) {
        self.waiting().writing = false;
        self.changed.notify_all();
    }
}

/// Takes whole lines: one call, one line.
impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.add(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self::Writer {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Instant};

    use super::*;

    /// A stream that nobody reads until it is told that somebody does.
    struct Stuck {
        reader: mpsc::Receiver<()>,
        seen: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.reader.recv(); // An error is a reader, too: one that reads all from now on.
            self.seen.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_stream_that_nobody_reads_holds_up_nobody_and_what_is_lost_is_told() {
        let (somebody, reader) = mpsc::channel();
        let seen = Arc::<Mutex<Vec<u8>>>::default();
        let stream = Stuck { reader, seen: Arc::clone(&seen) };
        let mut lines = Lines::bounded(stream, |lost| format!("{lost} lost\n"), 1000).unwrap();
        lines.write_all(b"first\n").unwrap();
        let begun = Instant::now();
        while !lines.0.waiting().writing {
            assert!(begun.elapsed().as_secs() < 5);
            std::thread::yield_now();
        }
        for _ in 0..500 {
            lines.write_all(b"123456789\n").unwrap();
        }
        assert!(begun.elapsed().as_secs() < 5, "nobody waited");
        drop(somebody);
        lines.flush();
        let text = String::from_utf8(seen.lock().unwrap().clone()).unwrap();
        assert!(text.starts_with("first\n"), "{text}");
        assert_eq!(text.matches("123456789\n").count(), 100);
        assert!(text.contains("400 lost\n"), "{text}");
    }

    #[test]
    fn all_lines_are_there_at_the_end_in_their_order() {
        let seen = Arc::<Mutex<Vec<u8>>>::default();
        let (somebody, reader) = mpsc::channel();
        drop(somebody);
        let mut lines = Lines::to(Stuck { reader, seen: Arc::clone(&seen) }, |_| String::new()).unwrap();
        let sent: Vec<String> = (0..1000).map(|n| format!("line {n}\n")).collect();
        for line in &sent {
            lines.write_all(line.as_bytes()).unwrap();
        }
        lines.flush();
        assert_eq!(String::from_utf8(seen.lock().unwrap().clone()).unwrap(), sent.concat());
    }
}
