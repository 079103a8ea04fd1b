//! Test cases: 100 of them in one submission, beside bare interpreters and beside single runs, in turn.

use std::time::{Duration, Instant};

use serde_json::json;

use super::ms;
use crate::{
    Result, bare::Bare, client::Program, docker_run::DockerRun, engine::Engine, options::Options,
    report::Report, server::Server,
};

/// Test cases of one submission.
const CASES: u32 = 100;
/// Single runs that follow one another without a pause, so that each uses up what the pool has.
const SINGLES: u32 = 10;
/// Bare starts that follow one another without a pause, as the test cases of a submission do.
const BARE_IN_A_ROW: u32 = 20;

const PYTHON: &str = "print(int(input())**2)";
const JAVASCRIPT: &str = "console.log(Number(require('fs').readFileSync(0, 'utf8'))**2)";

/// A language, a program that squares its input, how a bare interpreter runs the same program, and one that prints the same
/// without any input.
const LANGUAGES: [(&str, &str, &[&str], &[&str]); 2] = [
    ("python", PYTHON, &["python3", "-I", "-S", "-c", PYTHON], &["python3", "-c", "print(2**2)"]),
    ("javascript", JAVASCRIPT, &["node", "-e", JAVASCRIPT], &["node", "-e", "console.log(2**2)"]),
];

pub async fn measure(engine: &Engine, options: &Options, report: &mut Report) -> Result<()> {
    let mut server = Server::start("tests", "2", 4).await?;
    for (language, code, command, four) in LANGUAGES {
        let mut bare = Bare::open(engine, language).await?;
        let cases = vec![json!({ "stdin": "2", "expected_output": "4" }); CASES as usize];
        let submission = Program::of(&json!({ "language": language, "code": code, "tests": cases }));
        let single = Program::of(&json!({ "language": language, "code": code, "stdin": "2" }));
        let docker_run = options.docker_cli.then(|| DockerRun::new(&engine.body(language)?, four));
        let docker_run = docker_run.transpose()?;
        let (mut each, mut bares, mut in_a_row, mut singles, mut dockers) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for round in 0..=options.share(4) {
            server.settle(engine).await?;
            let answer = server.run(&submission).await?;
            if answer.body["summary"]["passed"] != CASES {
                return Err(format!("not every test passed: {}", answer.body["summary"]).into());
            }
            // At rest: what the engine still does for the sandbox before would be counted against the bare run.
            server.settle(engine).await?;
            let bare_run = bare.time_with(command, "2")?;
            let mut row = Duration::ZERO;
            for _ in 0..BARE_IN_A_ROW {
                row += bare.time_with(command, "2")?;
            }
            server.settle(engine).await?;
            let since = Instant::now();
            for _ in 0..SINGLES {
                server.run(&single).await?.expect_four()?;
            }
            let alone = since.elapsed() / SINGLES;
            server.settle(engine).await?;
            let docker = docker_run.as_ref().map(DockerRun::time).transpose()?;
            if round > 0 {
                each.push(ms(answer.took / CASES));
                bares.push(ms(bare_run));
                in_a_row.push(ms(row / BARE_IN_A_ROW));
                singles.push(ms(alone));
                dockers.extend(docker.map(ms));
            }
        }
        let (test, run) = (format!("a test of {CASES}, {language}"), format!("a single run, {language}"));
        report.series(&test, "ms", &each);
        report.series(&format!("a bare run, {language}"), "ms", &bares);
        report.series(&format!("a bare run of {BARE_IN_A_ROW} in a row, {language}"), "ms", &in_a_row);
        report.series(&run, "ms", &singles);
        report.ratio(&format!("tests-{language}"), &format!("{test} / bare"), &each, &bares);
        let beside_a_row = format!("{test} / a bare run of {BARE_IN_A_ROW} in a row");
        report.ratio(&format!("tests-in-a-row-{language}"), &beside_a_row, &each, &in_a_row);
        report.ratio(&format!("tests-per-run-{language}"), &format!("{run} / {test}"), &singles, &each);
        if !dockers.is_empty() {
            let docker = format!("`docker run` with our flags, {language}");
            report.series(&docker, "ms", &dockers);
            let what = format!("{docker} / {test}");
            report.ratio(&format!("tests-per-docker-run-{language}"), &what, &dockers, &each);
        }
    }
    server.stop()
}
