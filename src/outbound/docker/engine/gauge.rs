//! Bounds what an engine may say, on the connection itself: nothing that comes after it (hyper, bollard, serde) holds
//! more of an answer than passed here.
//!
//! One handler speaks to every host behind a name. A host that was taken over must cost the handler neither its memory
//! nor its other hosts.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_util::future::BoxFuture;
use hyper::{
    Uri,
    rt::{Read, ReadBuf, ReadBufCursor, Write},
};
use hyper_util::client::legacy::connect::{Connected, Connection};
use tower::Service;

/// Bytes of an answer's head, those of interim answers before it included.
const MAX_HEAD: usize = 64 * 1024;
/// Bytes of an answer's body: a list of two thousand containers is about as long.
const MAX_BODY: usize = 4 * 1024 * 1024;
/// Bytes of the body of an answer that is an error: a sentence.
const MAX_ERROR: usize = 64 * 1024;
/// Commas, braces and brackets in an answer's body. Each may become a value of some 600 bytes once it is parsed, so
/// that four megabytes of `[{},{},…` would take a gigabyte. A container in a list has about fifty.
const MAX_PARTS: usize = 64 * 1024;
/// Bytes of one frame of an attached stream, which bollard holds whole. Engines copy in pieces of 32 KiB.
const MAX_FRAME: u32 = 64 * 1024;
/// How each request that we make begins.
const METHODS: [&[u8]; 5] = [b"GET /", b"POST /", b"PUT /", b"HEAD /", b"DELETE /"];
/// Bytes that are read at once.
const PIECE: usize = 16 * 1024;

/// Follows what comes over one HTTP/1 connection. Where it and hyper disagree about what a byte means, the smaller
/// bound holds.
#[derive(Debug)]
enum Gauge {
    /// In the head of an answer.
    Head { seen: usize, start: Vec<u8>, tail: [u8; 4] },
    /// In a body.
    Body { bytes: usize, parts: usize },
    /// In a multiplexed stream: the bytes of a frame's header that are there, and what is left of its content.
    Frames { header: Vec<u8>, left: u32 },
}

impl Default for Gauge {
    fn default() -> Self {
        Self::Head { seen: 0, start: Vec::new(), tail: [0; 4] }
    }
}

impl Gauge {
    /// We wrote this: where it begins a request, the next bytes are the head of its answer.
    fn wrote(&mut self, bytes: &[u8]) {
        let begins = METHODS.iter().any(|method| bytes.starts_with(method));
        if begins && !matches!(self, Self::Frames { .. }) {
            *self = Self::default();
        }
    }

    /// The engine said this.
    fn read(&mut self, mut bytes: &[u8]) -> Result<(), &'static str> {
        while let [first, rest @ ..] = bytes {
            match self {
                Self::Head { .. } => {
                    self.head(*first)?;
                    bytes = rest;
                }
                Self::Body { bytes: left, parts } => {
                    let marks = bytes.iter().filter(|byte| matches!(byte, b',' | b'{' | b'[')).count();
                    *left = left.checked_sub(bytes.len()).ok_or("its answer is too long")?;
                    *parts = parts.checked_sub(marks).ok_or("its answer has too many parts")?;
                    return Ok(());
                }
                Self::Frames { header, left: 0 } => {
                    header.push(*first);
                    bytes = rest;
                    if let Ok([stream, _, _, _, length @ ..]) = <[u8; 8]>::try_from(header.as_slice()) {
                        let length = u32::from_be_bytes(length);
                        if stream > 2 || length > MAX_FRAME {
                            return Err("a frame of its stream is too long, or none");
                        }
                        *self = Self::Frames { header: Vec::new(), left: length };
                    }
                }
                Self::Frames { left, .. } => {
                    let step = bytes.len().min(*left as usize);
                    *left -= u32::try_from(step).unwrap_or(*left);
                    bytes = &bytes[step..];
                }
            }
        }
        Ok(())
    }

    fn head(&mut self, byte: u8) -> Result<(), &'static str> {
        let Self::Head { seen, start, tail } = self else { return Ok(()) };
        *seen += 1;
        if *seen > MAX_HEAD {
            return Err("the head of its answer is too long");
        }
        if start.len() < b"HTTP/1.1 200".len() {
            start.push(byte);
        }
        tail.rotate_left(1);
        tail[3] = byte;
        if tail == b"\r\n\r\n" {
            *self = match start.get(9..12) {
                Some(b"101") => Self::Frames { header: Vec::new(), left: 0 },
                // An interim answer: the head of the real one follows.
                Some([b'1', _, _]) => Self::Head { seen: *seen, start: Vec::new(), tail: [0; 4] },
                Some([b'2', _, _]) => Self::Body { bytes: MAX_BODY, parts: MAX_PARTS },
                _ => Self::Body { bytes: MAX_ERROR, parts: MAX_PARTS },
            };
        }
        Ok(())
    }
}

/// A connection that passes on no more than an engine may say.
#[derive(Debug)]
pub struct Gauged<T> {
    inner: T,
    gauge: Gauge,
}

impl<T: Read + Unpin> Read for Gauged<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let mut piece = [0; PIECE];
        let room = buffer.remaining().min(PIECE);
        let mut read = ReadBuf::new(&mut piece[..room]);
        ready!(Pin::new(&mut self.inner).poll_read(cx, read.unfilled()))?;
        if let Err(why) = self.gauge.read(read.filled()) {
            let refused = format!("the Docker host says more than it may: {why}");
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, refused)));
        }
        buffer.put_slice(read.filled());
        Poll::Ready(Ok(()))
    }
}

impl<T: Write + Unpin> Write for Gauged<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.gauge.wrote(bytes);
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let Some(first) = slices.iter().find(|slice| !slice.is_empty()) {
            self.gauge.wrote(first);
        }
        Pin::new(&mut self.inner).poll_write_vectored(cx, slices)
    }
}

impl<T: Connection> Connection for Gauged<T> {
    fn connected(&self) -> Connected {
        self.inner.connected()
    }
}

/// A connector whose connections are [`Gauged`].
#[derive(Clone, Debug)]
pub struct Gauging<C>(pub C);

impl<C, T> Service<Uri> for Gauging<C>
where
    C: Service<Uri, Response = T>,
    C::Future: Send + 'static,
    T: 'static,
{
    type Response = Gauged<T>;
    type Error = C::Error;
    type Future = BoxFuture<'static, Result<Self::Response, C::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), C::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.0.call(uri);
        Box::pin(async move { Ok(Gauged { inner: connecting.await?, gauge: Gauge::default() }) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";
    const UPGRADED: &[u8] = b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n";

    /// How far a stream of `piece` after `head` comes, in bytes, and the word that ends it.
    fn passes(head: &[u8], piece: &[u8]) -> (usize, &'static str) {
        let mut gauge = Gauge::default();
        gauge.read(head).unwrap();
        let mut passed = 0;
        loop {
            if let Err(why) = gauge.read(piece) {
                return (passed, why);
            }
            passed += piece.len();
            assert!(passed < 1 << 30, "nothing ends it");
        }
    }

    #[test]
    fn an_answer_is_bounded_in_bytes_and_in_what_it_becomes() {
        assert_eq!(passes(OK, &[b' '; 4096]), (MAX_BODY, "its answer is too long"));
        assert_eq!(passes(OK, b"{},"), (3 * MAX_PARTS / 2, "its answer has too many parts"));
    }

    #[test]
    fn an_error_and_a_head_are_bounded_more_tightly() {
        assert_eq!(passes(b"HTTP/1.1 500 X\r\n\r\n", &[b' '; 1024]), (MAX_ERROR, "its answer is too long"));
        assert_eq!(passes(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n").1, "the head of its answer is too long");
        assert_eq!(passes(b"", b"HTTP/1.1 100 Go\r\n\r\n").1, "the head of its answer is too long");
        // What hyper takes for the end of a head and this does not, and the other way round: the smaller bound holds.
        assert!(passes(b"HTTP/1.1 200 OK\n\n", &[b' '; 1024]).0 <= MAX_HEAD);
        assert!(passes(b"\r\n\r\nHTTP/1.1 101 X\r\n\r\n", &[0; 1024]).0 <= MAX_ERROR);
    }

    #[test]
    fn a_stream_may_be_endless_and_its_frames_not() {
        let frame =
            |length: u32| [&[1, 0, 0, 0], &length.to_be_bytes()[..], &vec![b'{'; length as usize]].concat();
        let mut gauge = Gauge::default();
        gauge.read(UPGRADED).unwrap();
        for _ in 0..1000 {
            gauge.read(&frame(MAX_FRAME)).unwrap();
        }
        for byte in frame(300) {
            gauge.read(&[byte]).unwrap();
        }
        gauge.read(&frame(0)).unwrap();
        // What we write is code, whatever it looks like, and begins nothing.
        gauge.wrote(b"GET / HTTP/1.1");
        gauge.read(&frame(1)).unwrap();
        assert!(gauge.read(&[2, 0, 0, 0, 0xff, 0xff, 0xff, 0xf0]).is_err());
        for bad in [[1, 0, 0, 0, 0, 1, 0, 1], [3, 0, 0, 0, 0, 0, 0, 1], *b"a consol"] {
            let mut gauge = Gauge::default();
            gauge.read(UPGRADED).unwrap();
            assert!(gauge.read(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn each_request_has_an_answer_of_its_own_and_its_body_does_not_begin_another() {
        let mut gauge = Gauge::default();
        for _ in 0..4 {
            gauge.wrote(b"GET /containers/json HTTP/1.1\r\n\r\n");
            gauge.read(OK).unwrap();
            gauge.read(&vec![b' '; MAX_BODY]).unwrap();
        }
        gauge.wrote(b"{\"Image\":\"GET /\"}");
        assert!(gauge.read(b" ").is_err(), "a piece of a body made room for more");
    }
}
