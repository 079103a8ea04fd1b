//! Reading a body: whole, bounded, and in such a way that a refusal reaches a client that is still sending.

use std::time::Duration;

use axum::{
    body::{Body, BodyDataStream},
    http::{HeaderMap, header},
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use tokio::time::timeout;

use super::heavy::Claim;
use crate::inbound::rejection::{Fault, Rejection};

/// A body over this size waits for one of the places that bound how much memory bodies take together.
const LARGE: usize = 256 * 1024;
/// How long a whole body may take: a client that dawdles must not hold a connection for ever.
const READ_TIME: Duration = Duration::from_secs(30);
/// How much more is read, and thrown away, of a body that is refused for its size. A server that closes while the
/// client still sends makes most clients report a broken connection instead of our answer.
const DRAIN_BYTES: usize = 32 * 1024 * 1024;
/// For how long.
const DRAIN_TIME: Duration = Duration::from_secs(3);

/// The whole body, when it has at most `limit` bytes.
///
/// # Errors
/// When it is larger, breaks off, or takes more than 30 seconds.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    claim: &mut Claim,
) -> Result<Bytes, Rejection> {
    let late = |_| Rejection::new(Fault::BodyTooSlow, "The body did not arrive within 30 seconds.");
    timeout(READ_TIME, read_whole(headers, body, limit, claim)).await.map_err(late)?
}

async fn read_whole(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    claim: &mut Claim,
) -> Result<Bytes, Rejection> {
    let mut stream = body.into_data_stream();
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > limit as u64) {
        discard_stream(headers, &mut stream).await;
        return Err(too_large(limit));
    }
    let mut bytes = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Rejection::invalid("The body broke off before its end."))?;
        if bytes.len() + chunk.len() > limit {
            drain(&mut stream).await;
            return Err(too_large(limit));
        }
        if bytes.len() + chunk.len() > LARGE {
            claim.take().await;
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

fn too_large(limit: usize) -> Rejection {
    Rejection::new(Fault::BodyTooLarge, format!("Body too large. Maximum allowed size is {limit} bytes."))
}
