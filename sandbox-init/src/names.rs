//! Answers programs that ask for the address of `localhost`.
//!
//! A container without a network has an empty `/etc/hosts`: the engine puts one over the image's. Its `/etc/resolv.conf` is
//! empty too, and then every C library asks the name server at 127.0.0.1, port 53 (resolv.conf(5)). Here is one that knows
//! the names of this machine, and refuses all other questions, by which programs are told what
//! they are told where nobody answers.
//!
//! What is asked is written by the program: nothing here trusts a length in it, takes memory for it or waits for it.

use std::{
    fs,
    net::{Ipv4Addr, Ipv6Addr, UdpSocket},
    os::fd::{AsFd, BorrowedFd},
};

/// Where name servers listen.
const PORT: u16 = 53;
/// Bytes of a question or an answer (RFC 1035, 4.2.1).
const LONGEST: usize = 512;
const HEADER: usize = 12;
/// Questions that are answered in one go: a program that floods us must not keep us from the clock.
const AT_ONCE: usize = 16;
/// Seconds that an answer may be remembered. Nothing changes, but nothing needs to be remembered either.
const LIFE: u32 = 0;
/// Types of records, and the class of the Internet (RFC 1035, 3.2; RFC 3596, 2.1).
const A: u16 = 1;
const PTR: u16 = 12;
const AAAA: u16 = 28;
const ANY: u16 = 255;
const INTERNET: u16 = 1;
/// The longest name, as it is sent.
const LONGEST_NAME: usize = 255;
/// The name of `::1` where addresses are looked up: 32 digits in reverse order.
const ONE_OF_IPV6: &[u8] = b"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa";

/// The name server. Where it cannot be, names do not resolve.
#[derive(Debug)]
pub struct Names {
    socket: Option<UdpSocket>,
    hostname: Vec<u8>,
    /// Whether `::1` is there.
    ipv6: bool,
}

impl Names {
    /// Listens, if that is allowed: ports below 1024 are where the engine says so, as Docker does for containers.
    #[must_use]
    pub fn open() -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, PORT)).ok();
        let socket = socket.filter(|socket| socket.set_nonblocking(true).is_ok());
        let hostname = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        Self {
            socket,
            hostname: hostname.trim().to_ascii_lowercase().into_bytes(),
            ipv6: UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_ok(),
        }
    }

    /// What to wait on for questions.
    #[must_use]
    pub fn socket(&self) -> Option<BorrowedFd<'_>> {
        self.socket.as_ref().map(AsFd::as_fd)
    }

    /// Answers what has been asked.
    pub fn answer(&self) {
        let Some(socket) = &self.socket else { return };
        let (mut question, mut answer) = ([0; LONGEST], [0; LONGEST]);
        for _ in 0..AT_ONCE {
            let Ok((length, from)) = socket.recv_from(&mut question) else { return };
            if let Some(length) = self.reply(&question[..length], &mut answer) {
                // Who has no room for the answer asks again.
                socket.send_to(&answer[..length], from).ok();
            }
        }
    }

    /// Writes the answer to a question; how long it is. None where the question is none.
    fn reply(&self, question: &[u8], answer: &mut [u8; LONGEST]) -> Option<usize> {
        /// Of the flags: an answer, by who is the authority, who would ask others too.
        const ANSWERED: u16 = 0x8480;
        /// What the questioner wants done, which the answer repeats.
        const RECURSION: u16 = 0x0100;
        const REFUSED: u16 = 5;
        let word = |at: usize| Some(u16::from_be_bytes([*question.get(at)?, *question.get(at + 1)?]));
        let flags = word(2)?;
        // A standard question (the highest five bits are 0), one at a time.
        if flags & 0xf800 != 0 || word(4)? != 1 {
            return None;
        }
        let (mut name, mut length) = ([0; LONGEST_NAME], 0);
        let mut at = HEADER;
        loop {
            let label = usize::from(*question.get(at)?);
            at += 1;
            if label == 0 {
                break;
            }
            // Longer ones are pointers, which no question has.
            if label > 63 || length + label + 1 > LONGEST_NAME {
                return None;
            }
            for byte in question.get(at..at + label)? {
                name[length] = byte.to_ascii_lowercase();
                length += 1;
            }
            name[length] = b'.';
            length += 1;
            at += label;
        }
        let name = &name[..length.saturating_sub(1)];
        let (kind, class) = (word(at)?, word(at + 2)?);
        let asked = question.get(HEADER..at + 4)?;
        let known = if class == INTERNET { self.known(name) } else { None };
        let mut out = Writer { bytes: answer, length: 0 };
        out.word(word(0)?)?;
        out.word(ANSWERED | flags & RECURSION | if known.is_some() { 0 } else { REFUSED })?;
        out.words(&[1, 0, 0, 0])?;
        out.put(asked)?;
        let mut count = 0;
        for record in known.into_iter().flatten().flatten() {
            let (of, data): (u16, &[u8]) = match &record {
                Record::V4 => (A, &Ipv4Addr::LOCALHOST.octets()),
                Record::V6 => (AAAA, &Ipv6Addr::LOCALHOST.octets()),
                Record::Name => (PTR, b"\x09localhost\0"),
            };
            if kind == of || kind == ANY {
                /// The name of the question: a pointer to just behind the header.
                const THE_NAME: u16 = 0xc00c;
                out.words(&[THE_NAME, of, INTERNET])?;
                out.put(&LIFE.to_be_bytes())?;
                out.word(u16::try_from(data.len()).ok()?)?;
                out.put(data)?;
                count += 1;
            }
        }
        out.bytes[6..8].copy_from_slice(&u16::to_be_bytes(count));
        Some(out.length)
    }

    /// The records of a name, in lower case and without a dot at its end; `None` where it is not known.
    fn known(&self, name: &[u8]) -> Option<[Option<Record>; 2]> {
        let v6 = self.ipv6.then_some(Record::V6);
        match name {
            // RFC 6761, 6.3.
            b"localhost" => Some([Some(Record::V4), v6]),
            _ if name.ends_with(b".localhost") => Some([Some(Record::V4), v6]),
            b"ip6-localhost" | b"ip6-loopback" => Some([None, v6]),
            _ if !name.is_empty() && name == self.hostname => Some([Some(Record::V4), None]),
            b"1.0.0.127.in-addr.arpa" => Some([Some(Record::Name), None]),
            ONE_OF_IPV6 if self.ipv6 => Some([Some(Record::Name), None]),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Record {
    V4,
    V6,
    Name,
}

/// Writes into memory that is there.
struct Writer<'a> {
    bytes: &'a mut [u8; LONGEST],
    length: usize,
}

impl Writer<'_> {
    fn put(&mut self, bytes: &[u8]) -> Option<()> {
        let end = self.length + bytes.len();
        self.bytes.get_mut(self.length..end)?.copy_from_slice(bytes);
        self.length = end;
        Some(())
    }

    fn word(&mut self, word: u16) -> Option<()> {
        self.put(&word.to_be_bytes())
    }

    fn words(&mut self, words: &[u16]) -> Option<()> {
        words.iter().try_for_each(|word| self.word(*word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names { socket: None, hostname: b"sandbox".to_vec(), ipv6: true }
    }

    fn question(name: &str, kind: u16) -> Vec<u8> {
        let mut bytes = vec![0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in name.split('.') {
            bytes.push(u8::try_from(label.len()).unwrap());
            bytes.extend_from_slice(label.as_bytes());
        }
        bytes.extend_from_slice(&[
            0,
            u8::try_from(kind >> 8).unwrap(),
            u8::try_from(kind & 255).unwrap(),
            0,
            1,
        ]);
        bytes
    }

    /// What came: the answer's code, and the data of its records.
    fn ask(bytes: &[u8]) -> Option<(u8, Vec<Vec<u8>>)> {
        let mut answer = [0; LONGEST];
        let length = names().reply(bytes, &mut answer)?;
        let answer = &answer[..length];
        assert_eq!(answer[..2], bytes[..2], "another question's number");
        assert_eq!(answer[2..4], [0x85, 0x80 | answer[3] & 15]);
        let mut rest = &answer[bytes.len()..];
        assert_eq!(answer[HEADER..bytes.len()], bytes[HEADER..]);
        let mut records = Vec::new();
        for _ in 0..answer[7] {
            let length = usize::from(rest[11]);
            records.push(rest[12..12 + length].to_vec());
            rest = &rest[12 + length..];
        }
        assert!(rest.is_empty());
        Some((answer[3] & 15, records))
    }

    #[test]
    fn the_names_of_this_machine_are_known_and_no_others() {
        let (v4, v6) = (vec![127, 0, 0, 1], Ipv6Addr::LOCALHOST.octets().to_vec());
        for (name, kind, records) in [
            ("localhost", A, vec![v4.clone()]),
            ("LocalHost", A, vec![v4.clone()]),
            ("localhost", AAAA, vec![v6.clone()]),
            ("localhost", ANY, vec![v4.clone(), v6.clone()]),
            ("app.localhost", A, vec![v4.clone()]),
            ("ip6-localhost", AAAA, vec![v6]),
            ("ip6-localhost", A, vec![]),
            ("sandbox", A, vec![v4]),
            ("sandbox", AAAA, vec![]),
            ("localhost", 16, vec![]),
            ("1.0.0.127.in-addr.arpa", PTR, vec![b"\x09localhost\0".to_vec()]),
            (std::str::from_utf8(ONE_OF_IPV6).unwrap(), PTR, vec![b"\x09localhost\0".to_vec()]),
        ] {
            assert_eq!(ask(&question(name, kind)), Some((0, records)), "{name} {kind}");
        }
        for name in
            ["example.com", "localhost.example", "notlocalhost", "sandbox2", "metadata.google.internal"]
        {
            assert_eq!(ask(&question(name, A)), Some((5, vec![])), "{name}");
        }
    }

    #[test]
    fn what_is_no_question_gets_no_answer_and_does_no_harm() {
        let good = question("localhost", A);
        for cut in 0..good.len() {
            assert_eq!(ask(&good[..cut]), None, "{cut}");
        }
        for (at, byte) in [(2, 0x81), (2, 0x29), (5, 2), (5, 0), (HEADER, 0xc0), (HEADER, 64)] {
            let mut bad = good.clone();
            bad[at] = byte;
            assert_eq!(ask(&bad), None, "{at}");
        }
        let long = vec!["a".repeat(63); 4].join(".");
        assert_eq!(ask(&question(&long, A)), None, "256 bytes with the last dot");
        let longest = [vec!["a".repeat(63); 3].join("."), "a".repeat(61)].join(".");
        assert_eq!(ask(&question(&longest, A)), Some((5, vec![])));
        // Anything at all.
        let mut seed = 7_u32;
        for _ in 0..20_000 {
            let bytes: Vec<u8> = (0..seed % 512)
                .map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (seed >> 24) as u8
                })
                .collect();
            seed = seed.wrapping_add(1);
            names().reply(&bytes, &mut [0; LONGEST]);
        }
    }
}
