//! The same program without anything of ours: `python3 main.py` or `node main.js` in the same image, under the
//! same container settings, started by a shell.

use std::{collections::HashMap, time::Duration};

use bollard::{
    container::LogOutput,
    models::{ContainerCreateBody, HostConfig},
    query_parameters::{
        AttachContainerOptionsBuilder, CreateContainerOptions, StartContainerOptions, WaitContainerOptions,
    },
};
use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;

use super::{Server, alone, engine, within};

/// A program: its files, which of them is run, with what.
#[derive(Clone, Debug)]
pub struct Program {
    pub name: String,
    pub language: &'static str,
    pub files: Vec<(String, Vec<u8>)>,
    pub entry: String,
    pub args: Vec<String>,
    pub stdin: Vec<u8>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    /// The program's own, or 128 and the signal's number.
    pub code: i64,
}

/// The settings of a real sandbox, as its engine reports them.
#[derive(Clone, Debug)]
pub struct Bench {
    image: String,
    user: String,
    env: Vec<String>,
    host: HostConfig,
    interpreter: &'static str,
}

impl Bench {
    /// Copies the settings from a sandbox of this server that runs this language.
    pub fn like(server: &Server, language: &str) -> Self {
        let _alone = alone(); // so that the one running sandbox is ours
        let (code, interpreter) = match language {
            "javascript" => ("setTimeout(() => {}, 2000)", "node"),
            _ => ("import time; time.sleep(2)", "python3"),
        };
        std::thread::scope(|scope| {
            let request = serde_json::json!({"language": language, "code": code});
            scope.spawn(move || server.run(&request));
            let ours = || {
                let mut all = engine::running(&server.deployment);
                all.retain(|sandbox| sandbox.labels.get("sce.language").is_some_and(|name| name == language));
                all.pop()
            };
            let sandbox = within(Duration::from_secs(10), ours).expect("a sandbox to copy");
            let seen = engine::inspect(&sandbox.id).expect("it runs");
            let config = seen.config.expect("a configuration");
            let mut host = seen.host_config.expect("host settings");
            host.auto_remove = Some(false); // its end must be waited for
            Self {
                image: config.image.expect("an image"),
                user: config.user.expect("a user"),
                env: config.env.unwrap_or_default(),
                host,
                interpreter,
            }
        })
    }

    /// Runs the program.
    pub fn run(&self, program: &Program) -> Ran {
        engine::RUNTIME.block_on(async {
            let run = self.run_container(program);
            tokio::time::timeout(Duration::from_secs(60), run).await.expect("a plain run ends")
        })
    }

    async fn run_container(&self, program: &Program) -> Ran {
        let archive = packed(&program.files);
        // Not by `exec`: as first process of its namespace an interpreter would be deaf to signals. The shell's
        // own remarks ("Killed") go nowhere, and nothing of it is in the program's environment.
        let script = format!(
            "head -c {} | tar -x -m -C /sandbox; cd /sandbox; exec 3>&2 2>/dev/null; \
             (exec env -u PWD -u OLDPWD {} \"$@\" 2>&3 3>&-); exit $?",
            archive.len(),
            self.interpreter
        );
        let mut command = vec!["-c".to_owned(), script, "sh".to_owned(), program.entry.clone()];
        command.extend(program.args.iter().cloned());
        let body = ContainerCreateBody {
            image: Some(self.image.clone()),
            user: Some(self.user.clone()),
            env: Some(self.env.clone()),
            entrypoint: Some(vec!["/bin/sh".to_owned()]),
            cmd: Some(command),
            hostname: Some("sandbox".to_owned()),
            // With a file of hosts, as an ordinary container has it: ours answers for `localhost` in another way.
            network_disabled: Some(false),
            attach_stdin: Some(true),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            open_stdin: Some(true),
            stdin_once: Some(true),
            labels: Some(HashMap::from([("sce.test".to_owned(), "plain".to_owned())])),
            host_config: Some(self.host.clone()),
            ..Default::default()
        };
        let docker = &*engine::DOCKER;
        let created = docker.create_container(None::<CreateContainerOptions>, body).await.expect("created");
        let options =
            AttachContainerOptionsBuilder::default().stream(true).stdin(true).stdout(true).stderr(true);
        let attached = docker.attach_container(&created.id, Some(options.build())).await.expect("attached");
        docker.start_container(&created.id, None::<StartContainerOptions>).await.expect("started");

        let (mut input, mut output) = (attached.input, attached.output);
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let feed = async move {
            let _ = input.write_all(&[&archive[..], &program.stdin].concat()).await;
            let _ = input.shutdown().await;
            input
        };
        let drain = async {
            while let Some(Ok(chunk)) = output.next().await {
                match chunk {
                    LogOutput::StdErr { message } => stderr.extend_from_slice(&message),
                    other => stdout.extend_from_slice(&other.into_bytes()),
                }
            }
        };
        tokio::join!(feed, drain);
        let mut wait = docker.wait_container(&created.id, None::<WaitContainerOptions>);
        let code = match wait.next().await {
            Some(Ok(end)) => end.status_code,
            Some(Err(bollard::errors::Error::DockerContainerWaitError { code, .. })) => code,
            other => panic!("a plain run's end: {other:?}"),
        };
        let options = bollard::query_parameters::RemoveContainerOptionsBuilder::default().force(true).build();
        docker.remove_container(&created.id, Some(options)).await.expect("removed");
        Ran { stdout, stderr, code }
    }
}

/// A tar archive of these files.
fn packed(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o444);
        archive.append_data(&mut header, name, &content[..]).expect("memory takes it");
    }
    archive.into_inner().expect("memory takes it")
}
