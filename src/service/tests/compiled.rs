//! Languages that are compiled: the compile step, and what becomes of an execution whose program is not compiled.

use std::{sync::Arc, time::Duration};

use super::submission;
use crate::{
    domain::{
        caller::Caller,
        conversation::{Deliver, Input, StepInput, Task},
        idempotency::Fingerprint,
        judging::Verdict::{Ran, RuntimeError, Skipped},
        limits::Limits,
        outcome::{Captured, Ending, LimitName, Outcome, Signal, Status},
        record::{EndRecord, RecordState},
        request::Stdin,
        tests::{Case, Tests},
    },
    service::{
        Answer, Submission,
        live::{self, LiveEvent},
    },
    testing::{House, Plan, compiled_request, exited, locked, time_limit},
};

fn compiled() -> Submission {
    Submission { request: compiled_request("int main;"), ..submission() }
}

fn with_tests(number: usize) -> Submission {
    let case = Case {
        name: None,
        stdin: Stdin::default(),
        args: crate::domain::request::Args::default(),
        expected_output: None,
        limits: Limits::default(),
    };
    let mut submission = compiled();
    submission.request.tests = Some(Tests::new(vec![case; number]).unwrap());
    submission
}

/// A compiler that said this, and left with this code.
fn said(code: u8, stdout: &str, stderr: &str) -> Outcome {
    Outcome { stderr: Captured::whole(stderr.to_owned()), ..exited(code, stdout) }
}

async fn run(house: &House, steps: Vec<Outcome>, submission: Submission) -> Answer {
    house.sandbox.plan(Plan::Steps(steps));
    house.service.execute(submission).await.unwrap()
}

#[tokio::test]
async fn the_compiler_runs_first_under_its_own_limits_and_then_the_program() {
    let house = House::new();
    let mut submission = compiled();
    submission.request.stdin = Stdin::parse("typed").unwrap();
    submission.request.compile_args =
        submission.request.language.compile_args(vec!["-O2".to_owned()]).unwrap();
    let answer = run(&house, vec![said(0, "", "warned\n"), exited(3, "ran\n")], submission).await;
    assert_eq!(answer.execution.outcome, exited(3, "ran\n"));
    assert_eq!(answer.execution.compile, Some(said(0, "", "warned\n")));
    let steps = locked(&house.sandbox.steps);
    let [compile, program] = &steps[..] else { panic!("{steps:?}") };
    let Task::Compile(task) = &compile.task else { panic!("{compile:?}") };
    assert_eq!(task.line, ["cc", "-o", "/build/main", "-O2", "./main.c", "-lm"]);
    assert_eq!(task.environment["LC_ALL"], "C");
    assert_eq!((compile.limits.memory_mb, compile.limits.timeout.as_secs()), (256, 20));
    assert_eq!(compile.stdin, StepInput::Whole(bytes::Bytes::new()), "what is typed is the program's");
    assert!(compile.another_follows && compile.number == 0);
    assert_eq!((program.number, &program.task, program.limits.memory_mb), (1, &Task::Run, 128));
    assert_eq!(program.stdin, StepInput::Whole(bytes::Bytes::from_static(b"typed")));
    assert!(!program.another_follows);
}

#[tokio::test]
async fn what_is_not_compiled_is_not_run_and_has_the_compilers_words() {
    for (outcome, words) in [
        (said(1, "", "main.c:1: no\n"), "main.c:1: no\n"),
        // Some compilers complain on standard output.
        (said(2, "main.c(1): no\n", " \n"), "main.c(1): no\n"),
        (said(1, "compiling\n", "main.c:1: no\n"), "main.c:1: no\n"),
        (Outcome { ending: Ending::Signaled(Signal(11)), ..said(0, "", "crashed") }, "crashed"),
    ] {
        let house = House::new();
        let answer = run(&house, vec![outcome.clone(), exited(0, "never")], compiled()).await;
        let execution = &answer.execution;
        assert_eq!(execution.outcome.ending.status(), Status::CompileError);
        assert_eq!(execution.outcome.ending.exit_code(), outcome.ending.exit_code());
        assert_eq!(execution.outcome.stderr.bytes(), words);
        assert_eq!(execution.outcome.stdout, Captured::default());
        assert_eq!(execution.compile.as_ref(), Some(&outcome));
        assert_eq!(locked(&house.sandbox.steps).len(), 1);
        let record = house.service.get(&Caller::local(), answer.id).await.unwrap().unwrap();
        let RecordState::Ended(EndRecord::Ran(ran)) = record.state else { panic!("{record:?}") };
        assert_eq!(ran.execution().unwrap().0.outcome, execution.outcome, "word for word");
        assert_eq!(ran.execution().unwrap().0.compile, execution.compile);
    }
}

#[tokio::test]
async fn a_compiler_that_meets_a_limit_is_a_compile_error_with_that_limit() {
    let timed_out = Outcome { ending: time_limit(), ..said(0, "", "") };
    let house = House::new();
    let answer = run(&house, vec![timed_out], compiled()).await;
    let ending = &answer.execution.outcome.ending;
    assert_eq!((ending.status(), ending.exit_code()), (Status::CompileError, -2));
    assert_eq!(ending.limit().unwrap().name, LimitName::WallTime);

    // A driver outlives the compiler proper, and leaves with a code of its own.
    let mut killed = said(1, "", "cc: fatal error: Killed signal terminated program cc1\n");
    killed.usage.oom_kills = 1;
    let answer = run(&House::new(), vec![killed], compiled()).await;
    let ending = &answer.execution.outcome.ending;
    assert_eq!((ending.status(), ending.exit_code()), (Status::CompileError, 137));
    let limit = ending.limit().unwrap();
    assert_eq!((limit.name, limit.value), (LimitName::Memory, 256.0 * 1024.0 * 1024.0));
    assert_eq!(answer.execution.compile.unwrap().ending.limit(), Some(limit));
}

#[tokio::test]
async fn one_compilation_serves_all_test_cases_and_without_it_none_is_run() {
    let house = House::new();
    let answer = run(&house, vec![exited(0, ""), exited(0, "1"), exited(4, "2")], with_tests(3)).await;
    let verdicts = |answer: &Answer| {
        let tests = answer.execution.tests.as_ref().unwrap();
        tests.cases.iter().map(|case| case.verdict).collect::<Vec<_>>()
    };
    assert_eq!(verdicts(&answer), [Ran, RuntimeError, RuntimeError]);
    {
        let steps = locked(&house.sandbox.steps);
        assert_eq!(steps.iter().map(|step| step.number).collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert_eq!(steps.iter().filter(|step| step.compiles()).count(), 1);
        assert_eq!(
            steps.iter().map(|step| step.another_follows).collect::<Vec<_>>(),
            [true, true, true, false]
        );
    }
    let answer = run(&House::new(), vec![said(1, "", "no")], with_tests(2)).await;
    assert_eq!(verdicts(&answer), [Skipped, Skipped]);
    let tests = answer.execution.tests.unwrap();
    assert_eq!(tests.cases[1].why_skipped.as_deref(), Some("The program was not compiled."));
    assert_eq!(answer.execution.outcome.ending.status(), Status::CompileError);
}

#[tokio::test]
async fn who_looks_on_is_told_of_the_compile_step_and_what_it_writes() {
    let house = House::new();
    house.sandbox.plan(Plan::Steps(vec![said(0, "compiling\n", ""), exited(0, "ran\n")]));
    let (live, mut listener) = live::listened();
    let service = Arc::clone(&house.service);
    let running =
        tokio::spawn(
            async move { service.execute(Submission { live: Some(live), ..compiled() }).await.unwrap() },
        );
    let mut told = Vec::new();
    while let Some(event) = listener.next().await {
        told.push(match event {
            LiveEvent::Accepted(_) => "accepted".to_owned(),
            LiveEvent::Began { step, compiles } => format!("began {step} {compiles}"),
            LiveEvent::Output { step, bytes, .. } => {
                format!("output {step} {}", String::from_utf8_lossy(&bytes))
            }
            LiveEvent::Ended { step, .. } => format!("ended {step}"),
            LiveEvent::Gap { step, .. } => format!("gap {step}"),
            LiveEvent::File(file) => format!("file {}", file.name),
        });
    }
    let expected = [
        "accepted",
        "began 0 true",
        "output 0 compiling\n",
        "ended 0",
        "began 1 false",
        "output 1 ran\n",
        "ended 1",
    ];
    assert_eq!(told, expected);
    running.await.unwrap();
    assert!(locked(&house.sandbox.steps).iter().all(|step| step.deliver == Deliver::Live));
}

#[tokio::test(start_paused = true)]
async fn what_is_typed_while_the_compiler_runs_waits_for_the_program() {
    let house = House::new();
    house.sandbox.plan(Plan::CompilesThenEchoes(Duration::from_secs(5)));
    let (live, mut listener, typist) = live::typed_into();
    let service = Arc::clone(&house.service);
    let running =
        tokio::spawn(
            async move { service.execute(Submission { live: Some(live), ..compiled() }).await.unwrap() },
        );
    assert!(typist.send(Input::Bytes("early".into())).await);
    assert!(typist.send(Input::End).await);
    while listener.next().await.is_some() {}
    let answer = running.await.unwrap();
    assert_eq!(answer.execution.outcome.stdout.bytes(), "early");
    assert_eq!(answer.execution.compile.unwrap().ending, Ending::Exited(0));
}

#[test]
fn other_arguments_for_the_compiler_make_another_request() {
    let mut requests = [compiled().request, compiled().request, compiled().request];
    let language = Arc::clone(&requests[0].language);
    requests[1].compile_args = language.compile_args(vec!["-O2".to_owned()]).unwrap();
    requests[2].compile_args = language.compile_args(vec!["-O2".to_owned(), "-Wall".to_owned()]).unwrap();
    let fingerprints = requests.each_ref().map(Fingerprint::of);
    assert!(fingerprints[0] != fingerprints[1] && fingerprints[1] != fingerprints[2]);
    assert_eq!(fingerprints[0], Fingerprint::of(&compiled().request));
    // What the compiler may take is beside what the program may.
    let total = Duration::from_mins(1);
    assert_eq!(requests[0].longest_wall(total), Duration::from_mins(2));
}
