//! Every language: a small program, and 30 test cases of it, beside the bare toolchain of the same image, in turn.
//!
//! The program is the one of `tests/languages/` that sums the numbers of its input. A language whose image is not on this
//! machine is left out, and the report says so: `make languages` makes the images.

use std::time::{Duration, Instant};

use serde_json::json;

use super::ms;
use crate::{
    Result,
    client::Program,
    engine::Engine,
    options::Options,
    report::Report,
    server::Server,
    toolchain::{TOOLCHAINS, Toolchain, image_of},
};

/// Test cases of one submission.
const CASES: u32 = 30;
const INPUT: &str = "1\n3\n";

pub async fn measure(engine: &Engine, options: &Options, report: &mut Report) -> Result<()> {
    let mut missing = Vec::new();
    for toolchain in &TOOLCHAINS {
        if engine.has_image(&image_of(toolchain.language)?).await? {
            one(engine, toolchain, options.share(4), report).await?;
        } else {
            missing.push(toolchain.language);
        }
    }
    if !missing.is_empty() {
        report.note(format!("languages: not measured for want of their images: {}", missing.join(", ")));
    }
    Ok(())
}

async fn one(engine: &Engine, toolchain: &Toolchain, rounds: usize, report: &mut Report) -> Result<()> {
    let language = toolchain.language;
    // As many as by default: a server fills its pool up after a program then, and not beside it.
    let mut server = Server::start_serving(language, "languages", "2", 2).await?;
    let mut bare = toolchain.open(engine).await?;
    let code = toolchain.program()?;
    let single = Program::of(&json!({"language": language, "code": code, "stdin": INPUT}));
    let cases = vec![json!({"stdin": INPUT, "expected_output": "4"}); CASES as usize];
    let submission = Program::of(&json!({"language": language, "code": code, "tests": cases}));
    let (mut warm, mut alone, mut tests, mut starts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    // The first of everything reads files nobody has read yet: not counted.
    for round in 0..=rounds {
        server.settle(engine).await?;
        let answer = server.run(&single).await?.expect_four()?;
        if !answer.was_warm() {
            return Err(format!("{language}: the sandbox had not been waiting").into());
        }
        server.settle(engine).await?;
        let compiled = toolchain.compile(&mut bare)?;
        let ran = toolchain.run(&mut bare, INPUT)?;
        server.settle(engine).await?;
        let submitted = server.run(&submission).await?;
        if submitted.body["summary"]["passed"] != CASES {
            return Err(format!("{language}: not every test passed: {}", submitted.body).into());
        }
        server.settle(engine).await?;
        let since = Instant::now();
        toolchain.compile(&mut bare)?;
        for _ in 0..CASES {
            toolchain.run(&mut bare, INPUT)?;
        }
        let row = since.elapsed();
        if round > 0 {
            warm.push(ms(answer.took));
            alone.push(ms(compiled.unwrap_or(Duration::ZERO) + ran));
            tests.push(ms(submitted.took));
            starts.push(ms(row));
        }
    }
    let bare_work = if toolchain.compile.is_empty() { "bare run" } else { "bare compile and run" };
    report.series(&format!("a small program, warm, over HTTP, {language}"), "ms", &warm);
    report.series(&format!("{bare_work}, {language}"), "ms", &alone);
    report.series(&format!("{CASES} tests of it, warm, over HTTP, {language}"), "ms", &tests);
    report.series(&format!("{bare_work}, and {} runs more, {language}", CASES - 1), "ms", &starts);
    let compiled = if toolchain.compile.is_empty() { "" } else { "compiled-" };
    let what = format!("a small program, warm / {bare_work}, {language}");
    report.ratio(&format!("language-{compiled}{language}"), &what, &warm, &alone);
    let what = format!("{CASES} tests / {bare_work}, and {} runs more, {language}", CASES - 1);
    report.ratio(&format!("language-tests-{language}"), &what, &tests, &starts);
    server.stop()
}
