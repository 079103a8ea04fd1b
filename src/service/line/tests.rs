//! Who is next, on the fake of the sandbox.

use std::sync::Arc;

use tokio::{
    task::JoinHandle,
    time::{Instant, advance},
};

use super::*;
use crate::testing::{FakeSandbox, Plan, languages, locked};

type Order = Arc<Mutex<Vec<String>>>;

fn line(places: usize, length: usize) -> Arc<Line<FakeSandbox>> {
    let config = LineConfig { length, patience: Duration::from_mins(1) };
    let sandbox = Arc::new(FakeSandbox::with_places(places));
    Line::new(sandbox, config, TaskTracker::new(), CancellationToken::new())
}

/// Asks for a place, holds it for a second, and says so at the beginning.
fn ask(line: &Arc<Line<FakeSandbox>>, name: &str, order: &Order) -> JoinHandle<Result<(), SandboxError>> {
    let (line, name, order) = (Arc::clone(line), name.to_owned(), Arc::clone(order));
    tokio::spawn(async move {
        let python = languages().resolve("python").expect("python");
        let place = line.place(&Caller::principal(&name), &python).await?;
        locked(&order).push(name);
        sleep(Duration::from_secs(1)).await;
        drop(place);
        Ok(())
    })
}

async fn settled() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn many_requests_of_one_caller_delay_anothers_by_one_run_at_most() {
    for places in [1, 2, 4] {
        let (line, order) = (line(places, 2000), Order::default());
        for _ in 0..1000 {
            drop(ask(&line, "greedy", &order));
            settled().await;
        }
        let begun = Instant::now();
        let mut asked = Vec::new();
        for n in 0..3 {
            asked.push(ask(&line, &format!("modest {n}"), &order));
        }
        for asked in asked {
            asked.await.unwrap().unwrap();
        }
        // A run takes a second: what is left of the one that is running, the three, one after another, and their own.
        let most = Duration::from_secs(1 + 3_u64.div_ceil(places as u64)) + Duration::from_millis(200);
        assert!(begun.elapsed() <= most, "{places} places: {:?}", begun.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn places_are_given_in_turn_and_in_the_order_of_each_callers_requests() {
    let (line, order) = (line(1, 100), Order::default());
    for name in ["a", "a", "a", "a", "b", "b", "c"] {
        drop(ask(&line, name, &order));
        settled().await;
    }
    sleep(Duration::from_secs(10)).await;
    assert_eq!(*locked(&order), ["a", "b", "c", "a", "b", "a", "a"]);
    assert_eq!(line.waiting(), 0);
    assert!(line.lines.state().is_empty() && line.lines.state().is_forgotten());
}

#[tokio::test(start_paused = true)]
async fn who_has_the_shorter_line_takes_a_place_in_line_of_the_longest() {
    let (line, order) = (line(1, 4), Order::default());
    let mut greedy: Vec<_> = Vec::new();
    for _ in 0..6 {
        greedy.push(ask(&line, "greedy", &order));
        settled().await;
    }
    // One runs, four wait, and the sixth found no room.
    assert!(matches!(greedy.pop().unwrap().await.unwrap(), Err(SandboxError::Busy { .. })));
    let modest: Vec<_> = (0..3).map(|_| ask(&line, "modest", &order)).collect();
    settled().await;
    assert_eq!(line.waiting(), 4);
    let mut refused = [0, 0];
    for (which, asked) in [greedy, modest].into_iter().enumerate() {
        for asked in asked {
            refused[which] += usize::from(asked.await.unwrap().is_err());
        }
    }
    assert_eq!(refused, [2, 1], "each caller has two of the four places in line");
}

#[tokio::test(start_paused = true)]
async fn a_place_that_comes_free_goes_to_who_waits_and_nobody_waits_longer_than_the_bound() {
    let (line, order) = (line(1, 4), Order::default());
    let python = languages().resolve("python").unwrap();
    let first = line.place(&Caller::local(), &python).await.unwrap();
    let (next, last) = (ask(&line, "next", &order), ask(&line, "last", &order));
    sleep(Duration::from_secs(30)).await;
    drop(first);
    next.await.unwrap().unwrap();
    last.await.unwrap().unwrap();
    let _held = line.place(&Caller::local(), &python).await.unwrap();
    let asked = Instant::now();
    let Err(SandboxError::Busy { retry_after }) = ask(&line, "next", &order).await.unwrap() else {
        panic!("a place that is held was given out");
    };
    assert_eq!(asked.elapsed().as_secs(), 60);
    assert_eq!(retry_after, Duration::from_secs(1), "one comes free each second, and nobody waits");
    assert_eq!(line.waiting(), 0);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_where_nobody_may() {
    let line = line(1, 0);
    let python = languages().resolve("python").unwrap();
    let _held = line.place(&Caller::local(), &python).await.unwrap();
    let asked = Instant::now();
    assert!(matches!(line.place(&Caller::local(), &python).await, Err(SandboxError::Busy { .. })));
    assert_eq!(asked.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_place_given_to_who_has_just_left_is_free_again() {
    let (line, order) = (line(1, 100), Order::default());
    drop(ask(&line, "holds", &order));
    settled().await;
    for _ in 0..50 {
        let asked = ask(&line, "leaves", &order);
        settled().await;
        advance(Duration::from_millis(19)).await;
        asked.abort();
    }
    ask(&line, "stays", &order).await.unwrap().unwrap();
    assert_eq!(locked(&order).last().map(String::as_str), Some("stays"));
    settled().await;
    assert!(line.lines.state().is_forgotten(), "somebody who has left counts");
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_a_language_is_told_to_who_waits_for_it() {
    let (line, order) = (line(1, 100), Order::default());
    line.sandbox.plan(Plan::Queue);
    let asked = ask(&line, "a", &order);
    settled().await;
    line.sandbox.plan(Plan::Busy(Duration::from_mins(5)));
    sleep(Duration::from_secs(1)).await;
    assert_eq!(line.waiting(), 1);
    let Err(SandboxError::Busy { retry_after }) = asked.await.unwrap() else { panic!("there is no place") };
    assert_eq!(retry_after, Duration::from_mins(1), "nobody is sent away for longer than a minute");
}
