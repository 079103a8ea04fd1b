//! The isolation settings of a sandbox of every language, read back while a program of it runs.

use std::time::Duration;

use safe_code_executor::domain::language::Language;
use serde_json::json;

use super::{Chosen, programs::Programs};
use crate::{
    isolation::{MIB, Own, check_all},
    support::{Server, alone, engine, within},
};

/// What a program of this language may use.
fn own(language: &Language) -> Own {
    Own {
        memory: i64::try_from(language.memory_mb.unwrap_or(0).max(128)).unwrap() * MIB,
        processes: language.processes.unwrap_or(64).into(),
        compiled: language.compiler.is_some(),
    }
}

fn check(server: &Server, language: &Language) {
    let endless = Programs::of(language).unwrap().r#loop;
    let request = json!({"language": language.name, "code": endless, "limits": {"timeout_seconds": 2}});
    std::thread::scope(|scope| {
        let run = scope.spawn(|| server.run(&request));
        // Until the compiler is done its own limits are in force.
        let runs = || {
            let all = engine::running(&server.deployment);
            let sandbox = all.iter().find(|sandbox| sandbox.labels["sce.language"] == language.name)?;
            engine::inspect(&sandbox.id)
                .filter(|seen| seen.host_config.as_ref().unwrap().memory == Some(own(language).memory))
        };
        let seen = within(Duration::from_secs(60), runs)
            .unwrap_or_else(|| panic!("{}: never with its memory", language.name));
        check_all(&seen, &own(language));
        run.join().unwrap().ended("time_limit", -2);
    });
}

#[test]
fn a_sandbox_of_every_language_has_every_setting_while_its_program_runs() {
    let _alone = alone();
    let Chosen { table, server, .. } = Chosen::start();
    for language in table.iter() {
        println!("{}", language.name);
        check(&server, language);
    }
}
