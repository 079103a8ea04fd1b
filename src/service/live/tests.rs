use super::*;
use crate::testing::exited;

fn output(live: &Live, at: u64, text: &'static str) {
    let bytes = Bytes::from_static(text.as_bytes());
    live.event(0, &Event::Output { stream: StreamName::Stdout, at, bytes });
}

fn told(at: u64, text: &'static str) -> LiveEvent {
    let bytes = Bytes::from_static(text.as_bytes());
    LiveEvent::Output { step: 0, stream: StreamName::Stdout, at, bytes }
}

#[tokio::test]
async fn output_that_waits_is_joined_and_comes_in_order() {
    let (live, mut listener) = listened();
    live.began(0, false);
    output(&live, 0, "a");
    output(&live, 1, "b");
    live.event(0, &Event::Ended(exited(0, "ab")));
    drop(live.over_when_dropped());
    assert_eq!(listener.next().await, Some(LiveEvent::Began { step: 0, compiles: false }));
    assert_eq!(listener.next().await, Some(told(0, "ab")));
    assert!(matches!(listener.next().await, Some(LiveEvent::Ended { step: 0, .. })));
    assert_eq!(listener.next().await, None);
}

#[tokio::test]
async fn what_is_left_out_is_told_before_what_comes_next() {
    let (live, mut listener) = listened();
    output(&live, 0, "abc");
    output(&live, 10, "k");
    live.event(0, &Event::Ended(exited(0, "abcdefghijklm")));
    let gap = |bytes| LiveEvent::Gap { step: 0, stream: StreamName::Stdout, bytes };
    assert_eq!(listener.next().await, Some(told(0, "abc")));
    assert_eq!(listener.next().await, Some(gap(7)));
    assert_eq!(listener.next().await, Some(told(10, "k")));
    assert_eq!(listener.next().await, Some(gap(2)));
    assert!(matches!(listener.next().await, Some(LiveEvent::Ended { .. })));
}

#[tokio::test]
async fn a_listener_that_takes_nothing_costs_no_more_than_the_buffer() {
    let (live, mut listener) = listened();
    let piece = Bytes::from(vec![b'x'; 1000]);
    for number in 0..10_000_u64 {
        // Every second piece is left out before it comes here, so that nothing can be joined.
        let event = Event::Output { stream: StreamName::Stdout, at: number * 2000, bytes: piece.clone() };
        live.event(0, &event);
    }
    assert!(live.buffer.lock().bytes <= BUFFER_BYTES);
    let mut bytes = 0;
    drop(live.over_when_dropped());
    while let Some(event) = listener.next().await {
        if let LiveEvent::Output { bytes: more, .. } = event {
            assert!(more.len() <= PIECE_BYTES);
            bytes += more.len();
        }
    }
    assert!((BUFFER_BYTES * 3 / 4..=BUFFER_BYTES).contains(&bytes), "{bytes}");
    assert_eq!(listener.buffer.lock().bytes, 0);
}

#[tokio::test]
async fn an_interrupt_overtakes_input_that_nobody_takes() {
    let (live, _listener, typist) = typed_into();
    let byte = || Input::Bytes(Bytes::from_static(b"x"));
    for _ in 0..INPUT_PIECES {
        assert!(typist.send(byte()).await);
    }
    {
        let one_more = std::pin::pin!(typist.send(byte()));
        assert!(futures_util::poll!(one_more).is_pending());
    }
    assert!(typist.send(Input::Interrupt).await);
    assert_eq!(live.input(false).await, Input::Interrupt);
    assert!(futures_util::poll!(std::pin::pin!(live.input(false))).is_pending());
    assert_eq!(live.input(true).await, byte());
    drop(live);
    assert!(!typist.send(Input::Interrupt).await && !typist.send(byte()).await, "nobody is there");
}

#[tokio::test]
async fn many_single_bytes_are_joined_and_told_in_pieces() {
    let (live, mut listener) = listened();
    for at in 0..200_000 {
        output(&live, at, "x");
    }
    drop(live.over_when_dropped());
    let mut sizes = Vec::new();
    while let Some(LiveEvent::Output { at, bytes, .. }) = listener.next().await {
        assert_eq!(at, sizes.iter().sum::<usize>() as u64);
        sizes.push(bytes.len());
    }
    assert_eq!(sizes, [PIECE_BYTES, PIECE_BYTES, PIECE_BYTES, PIECE_BYTES, PIECE_BYTES, PIECE_BYTES, 3392]);
    assert_eq!(listener.buffer.lock().bytes, 0);
}
