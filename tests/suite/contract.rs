//! The contract of a sandbox, held by a Docker engine: on runc, and with `make test-gvisor` on runsc.

use std::{sync::Arc, time::Duration};

use safe_code_executor::{
    domain::{
        language::{CompileArgs, Language, LanguageTable},
        limits::Limits,
        ports::Sandbox as _,
        project::Project,
        request::{Args, Code, ExecutionRequest, Program, Stdin},
    },
    outbound::docker::{Bounds, DockerConfig, Fleet, Hosts, Landlock},
};
use tokio::task::spawn_blocking;

use self::promises::Subject;
use crate::support::{docker_config, engine, server};

#[macro_use]
#[path = "../../src/testing/contract/mod.rs"]
mod promises;

sandbox_contract!(Docker);

/// Does what its first argument says.
const PROGRAM: &str = r#"
import sys, time

does, *rest = sys.argv[1:]
if does == "four":
    print(4)
elif does == "three":
    sys.exit(3)
elif does == "echo":
    sys.stdout.write("".join(rest))
    sys.stdout.flush()
    while piece := sys.stdin.buffer.read1():
        sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
elif does == "lines":
    for _ in range(2):
        print(sys.stdin.readline(), end="", flush=True)
elif does == "much":
    sys.stdout.write(("abcdefghijklmnopqrstuvw" * 8696)[:200_000])
elif does == "compute":
    until = time.process_time() + COMPUTED
    while time.process_time() < until:
        pass
elif does == "loop":
    try:
        print("looping", flush=True)
        while True:
            pass
    except KeyboardInterrupt:
        sys.exit(130)
else:
    sys.exit(f"what is {does!r}?")
"#;

/// An engine, and a deployment of its own with one place and nothing that waits.
struct Docker {
    fleet: Fleet,
    python: Arc<Language>,
    deployment: String,
}

impl Subject for Docker {
    type Sandbox = Fleet;

    async fn fresh() -> Self {
        let all = safe_code_executor::config::built_in_languages(None).unwrap();
        // Each language that is on offer is tried first.
        let languages = LanguageTable::new(vec![(*all.resolve("python").unwrap()).clone()]).unwrap();
        let python = languages.resolve("python").unwrap();
        let config = DockerConfig {
            runtime: server::other_runtime(),
            landlock: if server::without_landlock() { Landlock::Optional } else { Landlock::Required },
            bounds: Bounds { running: Some(1), sandboxes: Some(1) },
            ..docker_config(Hosts::Unix(engine::socket().into()))
        };
        let deployment = config.deployment.clone();
        let fleet = Fleet::open(config, languages);
        fleet.ready().await.unwrap();
        assert_eq!(fleet.health().await.runtime, Some(server::runtime()));
        let docker = Self { fleet, python, deployment };
        // The program by which the language was tried may still be on its way out.
        while !docker.left().await.is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        docker
    }

    fn sandbox(&self) -> &Fleet {
        &self.fleet
    }

    fn request(&self) -> ExecutionRequest {
        let code = PROGRAM.replace("COMPUTED", &promises::COMPUTED.as_secs_f64().to_string());
        let code = Code::parse(code).unwrap();
        ExecutionRequest {
            program: Program::assemble(&self.python, Some(code), Project::default(), None).unwrap(),
            language: Arc::clone(&self.python),
            tests: None,
            compile_args: CompileArgs::default(),
            workspace: safe_code_executor::domain::files::Workspace::default(),
            stdin: Stdin::default(),
            args: Args::default(),
            limits: Limits::default(),
        }
    }

    async fn left(&self) -> Vec<String> {
        let deployment = self.deployment.clone();
        let all = spawn_blocking(move || engine::sandboxes(&deployment)).await.unwrap();
        all.into_iter().map(|one| format!("{} ({})", one.name, one.state)).collect()
    }

    async fn close(self) {
        self.fleet.close().await;
        // Whatever was on its way when a conversation was given up has come, and gone.
        assert_eq!(self.left().await, Vec::<String>::new());
    }
}
