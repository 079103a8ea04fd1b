//! Files that a client puts here for its runs. `CodeRunner` names a file by the MD5 hash of its content, and what reads as such a hash
//! is checked to be it: otherwise one student could put another content under the id that the next student's run names.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    extract::{Path, Request, State},
    http::{Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use tokio::time::Instant;

use super::Jobe;
use crate::{
    domain::{
        caller::Caller,
        ports::{ExecutionStore, Sandbox},
        project::MAX_PROJECT_BYTES,
    },
    inbound::{
        compat::lenient::{self, Wrong},
        contract::rejection::Rejection,
        http::{ApiError, Asker, Weighs},
    },
};

/// Bytes that all files together may take. Where one more finds no room, those used the longest ago go.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// Files that are kept.
const MOST_FILES: usize = 4096;
/// How long a file is kept after it was last used.
const KEPT_FOR: Duration = Duration::from_hours(2);

/// The files there are.
#[derive(Clone, Debug, Default)]
pub struct Files(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    files: HashMap<(Caller, String), Kept>,
    bytes: usize,
}

#[derive(Debug)]
struct Kept {
    content: Bytes,
    used: Instant,
}

impl Files {
    /// The file of this id, and keeps it longer.
    pub fn get(&self, caller: &Caller, id: &str) -> Option<Bytes> {
        let now = Instant::now();
        let mut inner = self.lock();
        inner.forget_before(now);
        let kept = inner.files.get_mut(&(caller.clone(), id.to_owned()))?;
        kept.used = now;
        Some(kept.content.clone())
    }

    fn put(&self, caller: &Caller, id: String, content: Bytes) {
        let now = Instant::now();
        let mut inner = self.lock();
        inner.forget_before(now);
        inner.bytes += content.len();
        if let Some(before) = inner.files.insert((caller.clone(), id), Kept { content, used: now }) {
            inner.bytes -= before.content.len();
        }
        while inner.bytes > MOST_BYTES || inner.files.len() > MOST_FILES {
            let oldest = inner.files.iter().min_by_key(|(_, kept)| kept.used).map(|(key, _)| key.clone());
            let Some(gone) = oldest.and_then(|key| inner.files.remove(&key)) else { break };
            inner.bytes -= gone.content.len();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn forget_before(&mut self, now: Instant) {
        let bytes = &mut self.bytes;
        self.files.retain(|_, kept| {
            let stays = now.duration_since(kept.used) < KEPT_FOR;
            if !stays {
                *bytes -= kept.content.len();
            }
            stays
        });
    }
}

struct Content(Bytes);

impl Weighs for Content {
    fn bytes(&self) -> usize {
        self.0.len()
    }
}

/// `HEAD files/{id}`: whether it is here.
pub async fn found<S: Sandbox, R: ExecutionStore>(
    State(jobe): State<Jobe<S, R>>,
    asker: Asker,
    method: Method,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    if method != Method::HEAD {
        return Ok((StatusCode::METHOD_NOT_ALLOWED, axum::Json("only HEAD and PUT")).into_response());
    }
    match jobe.files.get(&asker.caller, &id) {
        Some(_) => Ok(StatusCode::NO_CONTENT.into_response()),
        None => Err(ApiError::not_found()),
    }
}

/// `PUT files/{id}`.
pub async fn put<S: Sandbox, R: ExecutionStore>(
    State(jobe): State<Jobe<S, R>>,
    asker: Asker,
    Path(id): Path<String>,
    request: Request,
) -> Result<StatusCode, ApiError> {
    let (parts, body) = request.into_parts();
    let parse = |bytes: Bytes| {
        let mut fields = lenient::object(&bytes)?;
        let text = fields.text("file_contents").map_err(Rejection::from)?;
        let content = text.as_deref().and_then(lenient::base64);
        let content = content.ok_or_else(|| Rejection::from(Wrong::new("file_contents", "base64 text")))?;
        Ok::<_, ApiError>(Content(content))
    };
    let (Content(content), _taken) = jobe.desk.read(&parts.headers, body, parse).await?;
    if content.len() > MAX_PROJECT_BYTES {
        return Err(Rejection::invalid("The file is larger than any run's files may be.").into());
    }
    if !is_id(&id) {
        let sentence = "The file's id must be 8 to 64 letters and digits.";
        return Err(Rejection::invalid(sentence).into());
    }
    if is_hash(&id) && !id.eq_ignore_ascii_case(&md5::hex(&content)) {
        return Err(Rejection::invalid("The file's id is not the MD5 hash of its content.").into());
    }
    jobe.files.put(&asker.caller, id.to_ascii_lowercase(), content);
    Ok(StatusCode::NO_CONTENT)
}

fn is_id(id: &str) -> bool {
    (8..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether this reads as an MD5 hash: 32 hexadecimal digits.
fn is_hash(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// MD5 (RFC 1321), which names files here and guards nothing: whoever makes two contents of one hash deceives himself.
mod md5 {
    use std::fmt::Write as _;

    const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

    /// The hash in hexadecimal digits.
    pub fn hex(content: &[u8]) -> String {
        let mut state: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
        let whole = content.chunks_exact(64);
        let mut rest = whole.remainder().to_vec();
        for block in whole {
            state = mixed(state, block);
        }
        rest.push(0x80);
        while rest.len() % 64 != 56 {
            rest.push(0);
        }
        rest.extend_from_slice(&(content.len() as u64).wrapping_mul(8).to_le_bytes());
        for block in rest.chunks_exact(64) {
            state = mixed(state, block);
        }
        state.iter().flat_map(|word| word.to_le_bytes()).fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    fn mixed(state: [u32; 4], block: &[u8]) -> [u32; 4] {
        let (words, _) = block.as_chunks::<4>();
        let [mut a, mut b, mut c, mut d] = state;
        for round in 0..64_usize {
            let (mix, word) = match round / 16 {
                0 => ((b & c) | (!b & d), round),
                1 => ((d & b) | (!d & c), (5 * round + 1) % 16),
                2 => (b ^ c ^ d, (3 * round + 5) % 16),
                _ => (c ^ (b | !d), (7 * round) % 16),
            };
            let sum = mix
                .wrapping_add(a)
                .wrapping_add(constant(round))
                .wrapping_add(u32::from_le_bytes(words[word]));
            (a, d, c) = (d, c, b);
            b = b.wrapping_add(sum.rotate_left(SHIFTS[round / 16][round % 4]));
        }
        [
            state[0].wrapping_add(a),
            state[1].wrapping_add(b),
            state[2].wrapping_add(c),
            state[3].wrapping_add(d),
        ]
    }

    /// The first 32 bits of the fraction of a sine, as the RFC makes its table.
    fn constant(round: usize) -> u32 {
        #[expect(clippy::cast_precision_loss, reason = "below 64")]
        let sine = ((round + 1) as f64).sin().abs();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 2^32")]
        let bits = (sine * 4_294_967_296.0).floor() as u32;
        bits
    }

    #[cfg(test)]
    mod tests {
        #[test]
        fn the_hashes_of_the_rfc_come_out() {
            for (text, hash) in [
                ("", "d41d8cd98f00b204e9800998ecf8427e"),
                ("abc", "900150983cd24fb0d6963f7d28e17f72"),
                ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
                (
                    "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                    "57edf4a22be3c955ac49da2e2107b67a",
                ),
            ] {
                assert_eq!(super::hex(text.as_bytes()), hash, "{text}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn files_are_each_callers_own_bounded_and_kept_for_a_while() {
        let (files, caller) = (Files::default(), Caller::local());
        let large = Bytes::from(vec![0; MAX_PROJECT_BYTES]);
        for id in 0..8 {
            files.put(&caller, id.to_string(), large.clone());
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        assert!(files.get(&caller, "0").is_some() && files.get(&Caller::anonymous(), "0").is_none());
        tokio::time::advance(Duration::from_secs(1)).await;
        files.put(&caller, "8".to_owned(), large);
        assert!(files.get(&caller, "1").is_none(), "the one used the longest ago has gone");
        assert!(files.get(&caller, "0").is_some() && files.get(&caller, "8").is_some());
        tokio::time::advance(KEPT_FOR).await;
        assert!(files.get(&caller, "8").is_none());
        assert_eq!(files.lock().bytes, 0);
    }
}
