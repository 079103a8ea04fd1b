//! What a host that was taken over may say in its engine's place. Each is without end, and each is told in pieces until
//! nobody listens any more, or two gigabytes were taken.

use std::{
    io::Write,
    os::unix::net::UnixStream,
    time::{Duration, Instant},
};

/// The most that is told.
const MOST: usize = 2 << 30;
/// How long a silence lasts.
const SILENCE: Duration = Duration::from_secs(120);

/// One way to lie.
#[derive(Clone, Copy, Debug)]
pub enum Lie {
    /// An answer of this status, whose JSON begins like this and goes on with this.
    Answer(u16, &'static str, &'static str),
    /// A head that does not end.
    Head,
    /// An attached stream that begins with these bytes and goes on with frames of this kind.
    Frames(&'static [u8], u8),
    /// An attached stream with one frame that is longer than any memory.
    Frame,
    /// Nothing.
    Silence,
}

impl Lie {
    /// Tells it to whoever asked.
    pub fn tell(self, to: &mut UnixStream) {
        const UPGRADED: &str = "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\n\
                                Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
        match self {
            Self::Answer(status, begins, goes_on) => {
                let head = format!(
                    "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                );
                let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
                let piece = goes_on.repeat(65_536 / goes_on.len());
                endless(to, format!("{head}{}", chunk(begins)).as_bytes(), chunk(&piece).as_bytes());
            }
            Self::Head => endless(to, b"HTTP/1.1 200 OK\r\n", "X-Header: x\r\n".repeat(4096).as_bytes()),
            Self::Frames(begins, kind) => {
                let frame = |content: &[u8]| {
                    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
                    [&[kind, 0, 0, 0], &length[..], content].concat()
                };
                let begins = if begins.is_empty() { Vec::new() } else { frame(begins) };
                endless(to, &[UPGRADED.as_bytes(), &begins].concat(), &frame(&[b'x'; 32 * 1024]));
            }
            Self::Frame => {
                let header = [2, 0, 0, 0, 0xff, 0xff, 0xff, 0xf0];
                endless(to, &[UPGRADED.as_bytes(), &header].concat(), &[b'x'; 64 * 1024]);
            }
            Self::Silence => {
                let until = Instant::now() + SILENCE;
                let mut gone = [0; 1024];
                to.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
                while Instant::now() < until && !matches!(std::io::Read::read(to, &mut gone), Ok(0)) {}
            }
        }
    }
}

fn endless(to: &mut UnixStream, begins: &[u8], piece: &[u8]) {
    let mut told = begins.len();
    let mut heard = to.write_all(begins);
    while heard.is_ok() && told < MOST {
        heard = to.write_all(piece);
        told += piece.len();
    }
}
