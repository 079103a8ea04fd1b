//! What the kernel holds for the sandbox's sockets and pseudo-terminals beside what its memory limit counts.
//!
//! A connection that nobody has accepted yet is charged to nobody, and costs its maker neither a descriptor nor a
//! process: a program could have gigabytes of them. With cgroup version 1 the bytes that wait in TCP and UDP sockets are
//! charged to nobody either. Nor are a pseudo-terminal's buffers, and all containers of a host share one number of
//! pseudo-terminals. So all of these are counted here, and too many end the run.

use std::{
    fs::File,
    net::{Ipv4Addr, Ipv6Addr, TcpListener},
    os::{fd::AsRawFd, unix::fs::FileExt},
    time::{Duration, Instant},
};

use nix::libc;

use crate::{cgroup::Cgroup, protocol::UNCHARGED_BYTES};

/// How often they are counted. A program makes some 200 connections meanwhile, or fills some 6 MB of buffers.
const TICK: Duration = Duration::from_millis(20);
/// What a connection costs: its record, its place in the hash tables, and what it keeps ready to be sent.
const CONNECTION: u64 = 4096;
/// What is left of it for a minute after its end.
const REMNANT: u64 = 320;
/// What a pseudo-terminal costs with full buffers: 59 KiB were measured (Linux 6.18).
const TERMINAL: u64 = 64 * 1024;

/// The files that tell; opened once, since each opening is memory of the sandbox's own.
#[derive(Debug)]
pub struct Uncharged {
    counts: [Option<File>; 2],
    /// TCP, TCP over IPv6, UDP, UDP over IPv6; none where waiting bytes are charged.
    queues: [Option<File>; 4],
    /// The folder in which each pseudo-terminal has a name.
    terminals: Option<File>,
    /// UDP sockets that are init's own, and hold nothing that it does not read: see [`crate::names`].
    own_datagrams: [u64; 2],
    /// Bytes held before the program began, by what the kernel keeps of an earlier step's connections for a minute.
    before: u64,
    next: Instant,
}

/// Sockets of this sandbox, and what waits in all of the host's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    connections: [u64; 2],
    remnants: u64,
    datagrams: [u64; 2],
    host_stream_pages: u64,
}

impl Uncharged {
    /// Opens the files. Where there are none (gVisor) nothing is counted.
    #[must_use]
    pub fn of(cgroup: Cgroup) -> Self {
        let open = |name: &str| File::open(format!("/proc/self/net/{name}")).ok();
        let queue = |name: &str| if cgroup == Cgroup::V1 { open(name) } else { None };
        let counts =
            if cgroup == Cgroup::Unseen { [None, None] } else { ["sockstat", "sockstat6"].map(open) };
        let mut uncharged = Self {
            counts,
            queues: ["tcp", "tcp6", "udp", "udp6"].map(queue),
            terminals: if cgroup == Cgroup::Unseen { None } else { File::open("/dev/pts").ok() },
            own_datagrams: [0; 2],
            before: 0,
            next: Instant::now(),
        };
        // The first reading makes the kernel's buffer for it: now, not at the limit.
        uncharged.own_datagrams = uncharged.count().datagrams;
        uncharged.read_once();
        uncharged
    }

    /// A program begins now. What was there before is none of its own; but it counts beyond one allowance, so that a
    /// sandbox never holds more than two.
    pub fn begin(&mut self) {
        self.before = self.held().min(UNCHARGED_BYTES);
        self.next = Instant::now() + TICK;
    }

    /// When to look next.
    #[must_use]
    pub const fn next(&self) -> Instant {
        self.next
    }

    /// Bytes held, if it is time to look and they are too many.
    pub fn too_many(&mut self, now: Instant) -> Option<u64> {
        if now < self.next {
            return None;
        }
        self.next = now + TICK;
        Some(self.held().saturating_sub(self.before)).filter(|held| *held > UNCHARGED_BYTES)
    }

    /// Reads the least part of each table of sockets. Where nobody listens, the kernel goes through the connections of the
    /// whole host even for that, which takes milliseconds of every sandbox's start: so somebody listens meanwhile.
    fn read_once(&self) {
        if self.queues.iter().all(Option::is_none) {
            return;
        }
        let _listen = [
            TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).ok(),
            TcpListener::bind((Ipv6Addr::UNSPECIFIED, 0)).ok(),
        ];
        for queue in self.queues.iter().flatten() {
            queue.read_at(&mut [0], 0).ok();
        }
    }

    fn held(&self) -> u64 {
        let counts = self.count();
        let [tcp, tcp6] = counts.connections;
        let terminals = self.terminals.as_ref().map_or(0, names_in) * TERMINAL;
        let records = (tcp + tcp6) * CONNECTION + counts.remnants * REMNANT + terminals;
        if records > UNCHARGED_BYTES {
            return records;
        }
        let waiting = |place: usize, any: bool| match &self.queues[place] {
            Some(file) if any => bytes_waiting(file),
            _ => 0,
        };
        // To go through all TCP sockets takes milliseconds: only where it is known that somebody's hold much. Through those of
        // UDP it takes a tenth of one: only where the program has some.
        let much = counts.host_stream_pages * 4096 > UNCHARGED_BYTES;
        let udp = |family: usize| counts.datagrams[family] > self.own_datagrams[family];
        records
            + waiting(0, much && tcp > 0)
            + waiting(1, much && tcp6 > 0)
            + waiting(2, udp(0))
            + waiting(3, udp(1))
    }

    fn count(&self) -> Counts {
        let mut counts = Counts::default();
        for file in self.counts.iter().flatten() {
            let mut text = [0; 1024];
            let length = file.read_at(&mut text, 0).unwrap_or(0);
            counts.take(&String::from_utf8_lossy(&text[..length]));
        }
        counts
    }
}

impl Counts {
    fn take(&mut self, sockstat: &str) {
        for line in sockstat.lines() {
            let mut words = line.split_ascii_whitespace();
            let protocol = words.next().unwrap_or_default();
            let words: Vec<&str> = words.collect();
            let number = |name: &str| {
                let pair = words.chunks_exact(2).find(|pair| pair[0] == name);
                pair.and_then(|pair| pair[1].parse().ok()).unwrap_or(0)
            };
            match protocol {
                "TCP:" => {
                    self.connections[0] = number("inuse");
                    self.remnants = number("tw");
                    self.host_stream_pages = number("mem");
                }
                "TCP6:" => self.connections[1] = number("inuse"),
                "UDP:" => self.datagrams[0] = number("inuse"),
                "UDP6:" => self.datagrams[1] = number("inuse"),
                _ => {}
            }
        }
    }
}

/// Names in `/dev/pts`, but for `ptmx`; no more than fit into one reading, which are more than may be.
fn names_in(folder: &File) -> u64 {
    let mut entries = [0_u8; 8192];
    // SAFETY: the descriptor is open, and the kernel writes at most as many bytes as the buffer has.
    let length = unsafe {
        libc::lseek(folder.as_raw_fd(), 0, libc::SEEK_SET);
        libc::syscall(libc::SYS_getdents64, folder.as_raw_fd(), entries.as_mut_ptr(), entries.len())
    };
    let mut rest = entries.get(..usize::try_from(length).unwrap_or(0)).unwrap_or_default();
    let mut names = 0;
    // `struct linux_dirent64`: inode and offset of 8 bytes each, the entry's length of 2, its type of 1, its name.
    while let Some(&[low, high]) = rest.get(16..18) {
        names += u64::from(rest.get(19).is_some_and(u8::is_ascii_digit));
        let size = usize::from(u16::from_ne_bytes([low, high]));
        if size == 0 {
            break;
        }
        rest = rest.get(size..).unwrap_or_default();
    }
    names
}

/// Bytes that wait in all sockets of a table, to be sent and to be read; no more than is needed to know that they are
/// too many.
fn bytes_waiting(table: &File) -> u64 {
    let (mut chunk, mut line, mut offset, mut sum) = ([0; 4096], Vec::with_capacity(256), 0, 0);
    while sum <= UNCHARGED_BYTES
        && let Ok(length @ 1..) = table.read_at(&mut chunk, offset)
    {
        offset += length as u64;
        for byte in &chunk[..length] {
            if *byte == b'\n' {
                sum += waiting_in(&line);
                line.clear();
            } else if line.len() < 256 {
                line.push(*byte);
            }
        }
    }
    sum
}

/// The fifth column: both queues in hexadecimal.
fn waiting_in(line: &[u8]) -> u64 {
    let line = String::from_utf8_lossy(line);
    let queues = line.split_ascii_whitespace().nth(4).and_then(|column| column.split_once(':'));
    let hex = |text: &str| u64::from_str_radix(text, 16).unwrap_or(0);
    queues.map_or(0, |(sent, read)| hex(sent) + hex(read))
}

#[cfg(test)]
mod tests {
    use std::net::{TcpStream, UdpSocket};

    use super::*;

    #[test]
    fn counts_are_this_namespaces_and_pages_the_hosts() {
        let mut counts = Counts::default();
        counts.take("sockets: used 290\nTCP: inuse 9 orphan 1 tw 8 alloc 20 mem 4000\nUDP: inuse 7 mem 3\nRAW: inuse 0\n");
        counts.take("TCP6: inuse 5\nUDP6: inuse 2\n");
        let seen = Counts { connections: [9, 5], remnants: 8, datagrams: [7, 2], host_stream_pages: 4000 };
        assert_eq!(counts, seen);
    }

    #[test]
    fn bytes_that_wait_are_both_queues_and_headings_are_none() {
        let line = b"   1: 0100007F:1F90 00000000:0000 07 00000010:00000100 00:00000000 00000000 0 0 1 2 0 0";
        assert_eq!(waiting_in(line), 0x110);
        assert_eq!(waiting_in(b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when"), 0);
        assert_eq!(waiting_in(b""), 0);
    }

    #[test]
    fn pseudo_terminals_are_counted_one_by_one() {
        let folder = File::open("/dev/pts").unwrap();
        let before = names_in(&folder);
        // Each opening of this file makes one.
        let terminals: Vec<_> = (0..30).map(|_| File::open("/dev/pts/ptmx").unwrap()).collect();
        // Others on this machine open and close their own meanwhile, a few at most.
        let seen = names_in(&folder);
        assert!((before + 20..=before + 40).contains(&seen), "{before} {seen}");
        drop(terminals);
        let after = names_in(&folder);
        assert!(after < before + 15, "{before} {after}");
    }

    #[test]
    fn connections_and_what_waits_in_them_are_seen() {
        // None is init's own: other tests' sockets come and go.
        let uncharged = Uncharged { own_datagrams: [0; 2], ..Uncharged::of(Cgroup::V1) };
        let before = uncharged.held();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connections: Vec<_> = (0..20).map(|_| TcpStream::connect(address).unwrap()).collect();
        let (sender, receiver) =
            (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
        for _ in 0..3 {
            sender.send_to(&[0; 30_000], receiver.local_addr().unwrap()).unwrap();
        }
        // Both ends of twenty, and 90 kB; other tests' connections come and go meanwhile.
        let held = uncharged.held();
        assert!(held > before + 30 * CONNECTION + 90_000 || held > 500_000, "{before} {held}");
        drop(connections);
    }
}
