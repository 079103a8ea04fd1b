//! What the contract of another system costs beside `POST /run`: the same program by each of them, in turns, on warm sandboxes of
//! one server.

use serde_json::{Value, json};

use super::ms;
use crate::{
    Result, client::Program, engine::Engine, options::Options, report::Report, server::Server, stats,
};

/// A program that says little, as all are measured with.
const CODE: &str = "print(2+2)";
/// The most that a contract may cost at the median, in milliseconds.
const MOST_MS: f64 = 1.0;

/// Each contract's name, where its runs go, and what is sent there. All but Dify's let a program write among its files.
fn contracts() -> [(&'static str, &'static str, Value); 7] {
    [
        (
            "mcp",
            "/mcp",
            json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
                "name": "run_code", "arguments": {"code": CODE},
            }}),
        ),
        ("tools", "/tools/run_code", json!({"code": CODE})),
        (
            "piston",
            "/api/v2/execute",
            json!({"language": "python", "version": "*", "files": [{"content": CODE}]}),
        ),
        ("judge0", "/judge0/submissions?wait=true", json!({"language_id": 71, "source_code": CODE})),
        ("dify", "/dify/v1/sandbox/run", json!({"language": "python3", "code": CODE})),
        (
            "jobe",
            "/jobe/index.php/restapi/runs",
            json!({"run_spec": {"language_id": "python3", "sourcecode": CODE}}),
        ),
        ("sandboxfusion", "/run_code", json!({"language": "python", "code": CODE})),
    ]
}

pub async fn measure(engine: &Engine, options: &Options, report: &mut Report) -> Result<()> {
    let mut server = Server::start_with_contracts("contracts", "python=2", 2).await?;
    let plain = Program::four("python");
    let writing = Program::of(&json!({"language": "python", "code": CODE, "workspace": "writable"}));
    let contracts = contracts().map(|(name, path, body)| (name, path, Program::of(&body)));
    let mut ours = Vec::new();
    let mut ours_writing = Vec::new();
    let mut theirs = vec![Vec::new(); contracts.len()];
    for round in 0..=options.rounds {
        for (program, took) in [(&plain, &mut ours), (&writing, &mut ours_writing)] {
            server.settle(engine).await?;
            let answer = server.client.run(program).await?.expect_four()?;
            if round > 0 {
                took.push(ms(answer.took));
            }
        }
        for ((name, path, program), took) in contracts.iter().zip(&mut theirs) {
            server.settle(engine).await?;
            let answer = server.client.post(path, program).await?;
            if !answer.status.is_success() || !answer.body.to_string().contains("4\\n") {
                return Err(format!("{name}: {}: {}", answer.status, answer.body).into());
            }
            if round > 0 {
                took.push(ms(answer.took));
            }
        }
    }
    report.series("POST /run beside the contracts", "ms", &ours);
    report.series("POST /run beside the contracts, with a writable workspace", "ms", &ours_writing);
    for ((name, ..), took) in contracts.iter().zip(&theirs) {
        report.series(&format!("the same by {name}"), "ms", took);
        let ours = if *name == "dify" { &ours } else { &ours_writing };
        // Within each round, so that a machine that gets slower meanwhile counts for neither side.
        let more: Vec<f64> = took.iter().zip(ours).map(|(theirs, ours)| theirs - ours).collect();
        let what = format!("{name}: what it adds to the same run by POST /run (median of the rounds) / 1 ms");
        report.figure(&format!("contract-{name}"), &what, stats::median_of(&more) / MOST_MS);
    }
    server.stop()
}
