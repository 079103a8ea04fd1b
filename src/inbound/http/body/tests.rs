use std::{io, time::Duration};

use axum::{body::Body, http::HeaderMap};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use tokio::time::{Instant, sleep};

use super::{
    super::room::{FREE, Room},
    read,
};
use crate::inbound::contract::rejection::{Fault, Rejection};

const LIMIT: usize = 6 * 1024 * 1024;

/// A sender: so many bytes each time, after such a pause.
fn sender(
    bytes: usize,
    times: usize,
    pause: Duration,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    stream::iter(0..times).then(move |_| async move {
        sleep(pause).await;
        Ok(Bytes::from(vec![b' '; bytes]))
    })
}

fn and_then_nothing() -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    stream::pending()
}

async fn of(
    room: &Room,
    sender: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
) -> Result<usize, Rejection> {
    let mut hold = room.hold();
    read(&HeaderMap::new(), Body::from_stream(sender), LIMIT, &mut hold).await.map(|bytes| bytes.len())
}

#[track_caller]
fn too_slow(result: &Result<usize, Rejection>, words: &str) {
    let refused = result.as_ref().unwrap_err();
    assert_eq!(refused.fault, Fault::BodyTooSlow);
    assert!(refused.message.contains(words), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_sender_has_thirty_seconds_and_a_silent_one_ten() {
    let (room, begun) = (Room::default(), Instant::now());
    assert_eq!(of(&room, sender(1000, 28, Duration::from_secs(1))).await.unwrap(), 28_000);
    let begun_again = Instant::now();
    too_slow(&of(&room, sender(1000, 40, Duration::from_secs(1))).await, "30 seconds");
    assert_eq!(begun_again.elapsed().as_secs(), 30);
    let silent = Instant::now();
    too_slow(&of(&room, sender(300_000, 1, Duration::ZERO).chain(and_then_nothing())).await, "10 seconds");
    assert!((10..=11).contains(&silent.elapsed().as_secs()), "{:?}", silent.elapsed());
    assert!(begun.elapsed().as_secs() < 70);
}

#[tokio::test(start_paused = true)]
async fn who_stops_is_cut_off_as_soon_as_somebody_wants_the_room() {
    let room = Room::of(1024 * 1024);
    let stopped: Vec<_> = (0..4)
        .map(|_| {
            let room = room.clone();
            tokio::spawn(async move {
                of(&room, sender(300_000, 1, Duration::ZERO).chain(and_then_nothing())).await
            })
        })
        .collect();
    sleep(Duration::from_secs(1)).await;
    let asked = Instant::now();
    // As fast as a line of 4 Mbit/s.
    assert_eq!(of(&room, sender(50_000, 18, Duration::from_millis(100))).await.unwrap(), 900_000);
    assert!(asked.elapsed() < Duration::from_secs(6), "{:?}", asked.elapsed());
    for one in stopped {
        too_slow(&one.await.unwrap(), "16 KiB a second");
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_waits_for_us_is_not_called_slow() {
    let room = Room::of(200 * 1024);
    let mut others = room.hold();
    others.resize(FREE + 200 * 1024).await.unwrap();
    let asked = Instant::now();
    let refused = of(&room, sender(100_000, 2, Duration::ZERO)).await.unwrap_err();
    assert_eq!(refused.fault, Fault::Overloaded, "{refused}");
    assert!(asked.elapsed() < Duration::from_secs(10));
    // Small ones need no room, and one that gets room late is served.
    assert_eq!(of(&room, sender(FREE / 4, 4, Duration::ZERO)).await.unwrap(), FREE);
    let late = tokio::spawn({
        let room = room.clone();
        async move { of(&room, sender(50_000, 4, Duration::from_millis(10))).await }
    });
    sleep(Duration::from_secs(3)).await;
    drop(others);
    assert_eq!(late.await.unwrap().unwrap(), 200_000);
}

#[tokio::test(start_paused = true)]
async fn the_room_of_a_body_is_free_when_it_is_refused_or_its_sender_is_gone() {
    let room = Room::of(LIMIT);
    let broken = sender(300_000, 2, Duration::ZERO).chain(stream::iter([Err(io::Error::other("gone"))]));
    assert_eq!(of(&room, broken).await.unwrap_err().message, "The body broke off before its end.");
    assert_eq!(of(&room, sender(LIMIT, 2, Duration::ZERO)).await.unwrap_err().fault, Fault::BodyTooLarge);
    let gone = tokio::time::timeout(
        Duration::from_secs(1),
        of(&room, sender(LIMIT - 1, 1, Duration::ZERO).chain(and_then_nothing())),
    );
    assert!(gone.await.is_err());
    room.hold().resize(FREE + LIMIT).await.unwrap();
}
