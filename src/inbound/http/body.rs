//! Reading a body: whole, bounded, and in such a way that a refusal reaches a client that is still sending.

mod pace;
#[cfg(test)]
mod tests;

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream},
    http::{HeaderMap, header},
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use tokio::time::timeout;

use self::pace::Pace;
use super::{room::Hold, size::too_large};
use crate::inbound::contract::rejection::Rejection;

/// How much more is read, and thrown away, of a body that is refused for its size. A server that closes while the
/// client still sends makes most clients report a broken connection instead of our answer.
const DRAIN_BYTES: usize = 32 * 1024 * 1024;
/// For how long.
const DRAIN_TIME: Duration = Duration::from_secs(3);

/// The whole body, when it has at most `limit` bytes. `hold` has room for all of it then.
///
/// # Errors
/// When it is larger, breaks off, arrives too slowly (see [`Pace`]), or finds no room in time.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    hold: &mut Hold,
) -> Result<Bytes, Rejection> {
    let mut stream = body.into_data_stream();
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > limit as u64) {
        discard_stream(headers, &mut stream).await;
        return Err(too_large(limit));
    }
    let mut bytes = BytesMut::new();
    let mut pace = Pace::default();
    while let Some(chunk) = pace.next(&mut stream, hold.room()).await? {
        let total = bytes.len() + chunk.len();
        if total > limit {
            drain(&mut stream).await;
            return Err(too_large(limit));
        }
        if let Err(full) = hold.resize(total).await {
            drop(std::mem::take(&mut bytes));
            drain(&mut stream).await;
            return Err(full);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

/// Takes in a body that is refused for another reason than its size.
pub(super) async fn discard(headers: &HeaderMap, body: Body) {
    discard_stream(headers, &mut body.into_data_stream()).await;
}

async fn discard_stream(headers: &HeaderMap, stream: &mut BodyDataStream) {
    // A client that waits for `100 Continue` must get the answer instead: do not touch the stream.
    if !headers.contains_key(header::EXPECT) {
        drain(stream).await;
    }
}

async fn drain(stream: &mut BodyDataStream) {
    let drained = async {
        let mut left = DRAIN_BYTES;
        while let Some(Ok(chunk)) = stream.next().await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                break;
            }
        }
    };
    // Whether it came to its end or not, the answer is the same.
    let _ = timeout(DRAIN_TIME, drained).await;
}
