//! What is counted, in CloudWatch's embedded metric format on standard output.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Outcome, Server, alone, engine, in_parallel, within};

/// All values of a metric so far.
fn told(server: &Server, metric: &str) -> Vec<f64> {
    let log = server.log();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let metrics =
        lines.filter(|line| line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "SafeCodeExecutor");
    metrics
        .inspect(|line| assert_eq!(line["Deployment"], server.deployment.as_str(), "{line}"))
        .filter_map(|line| line[metric].as_f64())
        .collect()
}

fn sum(server: &Server, metric: &str) -> usize {
    told(server, metric).iter().map(|value| *value as usize).sum()
}

#[test]
fn runs_and_misses_of_the_pool_are_counted() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "python=1"), ("SCE_METRICS", "true")]);
    server.fills(1);
    let outcomes = in_parallel(3, &[(); 3], |()| server.python("print(1)"));
    let cold = outcomes.iter().filter(|outcome: &&Outcome| outcome.start() == "cold").count();
    assert!(cold > 0, "one waited, three came at once");
    // No pool is wanted for JavaScript here: a cold start is no miss.
    server.javascript("console.log(1)");
    let all = within(Duration::from_secs(5), || (sum(&server, "Executions") == 4).then_some(()));
    assert!(all.is_some(), "{}", server.log());
    // The first programs, by which the languages were tried, are nobody's and are not counted.
    assert_eq!(sum(&server, "PoolMisses"), cold);
    assert_eq!(sum(&server, "Errors5xx"), 0);
    let durations = told(&server, "DurationMs");
    assert!(durations.len() == 4 && durations.iter().all(|ms| *ms > 0.0), "{durations:?}");
}

#[test]
fn a_lost_sandbox_and_one_past_its_lease_are_counted() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "0"), ("SCE_METRICS", "true")]);
    engine::leave_overdue(&server.deployment);
    std::thread::scope(|scope| {
        let lost = scope.spawn(|| server.post(&json!({"code": "import time; time.sleep(9)"})));
        let sandbox = engine::running_come_to(&server.deployment, 1).remove(0);
        std::thread::sleep(Duration::from_millis(800));
        engine::remove(&sandbox.id);
        lost.join().unwrap().refusal(502);
    });
    let counted =
        || (sum(&server, "Errors5xx") == 1 && sum(&server, "SandboxesPastLease") == 1).then_some(());
    assert!(within(Duration::from_secs(30), counted).is_some(), "{}", server.log());
}
