//! A run as server-sent events.

use std::{convert::Infallible, time::Duration};

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::{
        IntoResponse as _, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;

use super::super::{error::ApiError, live::Watched};
use crate::inbound::contract::live_event::Told;

/// How often a comment is sent while there is nothing to tell: proxies close what is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// Tells nginx, and whoever learned it from nginx, not to hold the events back.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The events of this run. A refusal before the first event is an answer of its own.
pub(super) async fn answer(mut run: Watched) -> Result<Response, ApiError> {
    let first = run.first().await?;
    let replayed = run.is_replayed();
    let rest = stream::unfold((Some(first), run), |(first, mut run)| async move {
        let told = match first {
            Some(first) => first,
            None => run.next().await?,
        };
        Some((Ok::<_, Infallible>(event(told)), (None, run)))
    });
    let mut response = Sse::new(rest).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(ACCEL_BUFFERING, HeaderValue::from_static("no"));
    if replayed {
        headers.insert(super::REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// JSON has no line breaks between its tokens, and none in its strings: one line of data.
fn event(Told { name, data }: Told) -> Event {
    Event::default().event(name).data(data)
}
