//! Requests that come when they come, whether or not the ones before are answered: as callers do.

use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng, rngs::SmallRng};
use tokio::{sync::Mutex, task::JoinSet, time::sleep_until};

use crate::{
    Result,
    client::{Answer, Client, Program},
    server::Server,
};

/// Sends `count` runs at `rate` a second on average, at random moments; the answers in the order they came.
pub async fn run(server: &Server, program: &Program, rate: f64, count: usize) -> Result<Vec<Answer>> {
    // The same moments each time: two runs of the benchmark must not differ by luck.
    let mut random = SmallRng::seed_from_u64(2);
    let idle = std::sync::Arc::new(Mutex::new(server.clients(16).await?));
    let address = server.address;
    let mut tasks = JoinSet::new();
    let mut at = Instant::now();
    for _ in 0..count {
        // The time between independent arrivals.
        let unit: f64 = random.random_range(f64::EPSILON..1.0);
        at += Duration::from_secs_f64(-unit.ln() / rate);
        sleep_until(at.into()).await;
        let (idle, program) = (std::sync::Arc::clone(&idle), program.clone());
        tasks.spawn(async move {
            let client = idle.lock().await.pop();
            let mut client = client.unwrap_or_else(|| Client::new(address));
            let answer = client.run(&program).await;
            idle.lock().await.push(client);
            answer
        });
    }
    let mut answers = Vec::with_capacity(count);
    while let Some(answer) = tasks.join_next().await {
        answers.push(answer??.expect_four()?);
    }
    Ok(answers)
}
