//! The bare Engine calls that our own figures are held against: the same client, the same container body.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use bollard::{
    Docker,
    container::LogOutput,
    errors::Error as EngineError,
    models::{ContainerCreateBody, ContainerSummary, ContainerSummaryStateEnum},
    query_parameters::{
        AttachContainerOptionsBuilder, CreateContainerOptionsBuilder, InspectContainerOptions,
        ListContainersOptionsBuilder, RemoveContainerOptionsBuilder, StartContainerOptions,
        WaitContainerOptionsBuilder,
    },
};
use futures_util::StreamExt;
use safe_code_executor::{
    config::Config,
    outbound::docker::{
        DockerHost, Hosts,
        engine::{
            connect::{Place, connect},
            identity::Identity,
        },
        fleet::discovery,
    },
};
use sandbox_init::protocol::{
    self, Deliver, File, FromInit, Hello, Interpreter, Job, RunLimits, Stdin, Step, Task, ToInit, Workspace,
};
use serde::de::DeserializeOwned;
use tokio::io::AsyncWriteExt;

use crate::{
    Result,
    client::four_in,
    server::{deployment, ours},
};

const LABEL: &str = "sce.deployment";
/// How long a sandbox of ours may wait: no measurement takes this long.
const LEASE: Duration = Duration::from_mins(2);

/// The Docker host, as the servers see it.
pub struct Engine {
    /// The client.
    pub docker: Docker,
    /// Where it is.
    pub hosts: Hosts,
    maker: DockerHost,
}

/// When each step of a run by bare calls was over, counted from its beginning.
#[derive(Clone, Copy, Debug)]
pub struct Steps {
    /// The sandbox's interpreter waits.
    pub ready: Duration,
    /// The report is there: what our own answer waits for.
    pub report: Duration,
    /// The container has ended and is removed.
    pub removed: Duration,
}

impl Engine {
    /// Connects by the servers' own settings, and checks the host as they do.
    pub async fn open() -> Result<Self> {
        let mut config = Config::from_environment()?;
        config.docker.deployment = deployment("bare");
        let docker = connect_to_first(&config.docker.hosts).await?;
        let maker =
            DockerHost::open(docker.clone(), &config.docker, &config.languages, Arc::default()).await?;
        Ok(Self { docker, hosts: config.docker.hosts, maker })
    }

    /// The body our servers make a sandbox with.
    pub fn body(&self, language: &str) -> Result<ContainerCreateBody> {
        self.maker.creation_request(language, LEASE).ok_or_else(|| format!("no language `{language}`").into())
    }

    /// The same body, but for a program that does nothing in the place of ours.
    fn body_of_nothing(&self) -> Result<ContainerCreateBody> {
        let mut body = self.body("python")?;
        body.entrypoint = Some(vec!["/bin/true".to_owned()]);
        body.cmd = None;
        body.open_stdin = Some(false);
        body.stdin_once = Some(false);
        if let Some(host) = &mut body.host_config {
            // Removed by a call, so that the removal is waited for.
            host.auto_remove = Some(false);
        }
        Ok(body)
    }

    /// Whether the engine has this image.
    pub async fn has_image(&self, name: &str) -> Result<bool> {
        match self.docker.inspect_image(name).await {
            Ok(_) => Ok(true),
            Err(EngineError::DockerResponseServerError { status_code: 404, .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes a container.
    pub async fn create(&self, body: ContainerCreateBody) -> Result<String> {
        let name = format!("sce-bench-{}", uuid::Uuid::now_v7());
        let options = CreateContainerOptionsBuilder::default().name(&name).build();
        Ok(self.docker.create_container(Some(options), body).await?.id)
    }

    /// Starts a container.
    pub async fn start(&self, id: &str) -> Result<()> {
        Ok(self.docker.start_container(id, None::<StartContainerOptions>).await?)
    }

    /// Removes a container, whatever it does.
    pub async fn remove(&self, id: &str) -> Result<()> {
        let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
        match self.docker.remove_container(id, Some(options)).await {
            // Gone, or about to be: the engine removes it by itself.
            Ok(()) | Err(EngineError::DockerResponseServerError { status_code: 404 | 409, .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// A whole run by bare calls, one after the other: create, attach, start, the program's end, remove.
    pub async fn run(&self, language: &str) -> Result<Steps> {
        let body = self.body(language)?;
        let since = Instant::now();
        let id = self.create(body).await?;
        let options =
            AttachContainerOptionsBuilder::default().stream(true).stdin(true).stdout(true).stderr(true);
        let mut link = self.docker.attach_container(&id, Some(options.build())).await?;
        self.start(&id).await?;
        let mut received = Vec::new();
        let hello: Hello = receive(&mut link.output, &mut received).await?;
        if hello.interpreter != Interpreter::Ready {
            return Err(format!("the interpreter is not ready: {hello:?}").into());
        }
        let ready = since.elapsed();
        let entry = if language == "javascript" { "main.js" } else { "main.py" };
        link.input.write_all(&four(entry, four_in(language))?).await?;
        link.input.flush().await?;
        let FromInit::Ended(report) = receive(&mut link.output, &mut received).await? else {
            return Err("sandbox-init speaks of something else than the end".into());
        };
        let reported = since.elapsed();
        if report.stdout.head != b"4\n" {
            return Err(format!("a bare run went wrong: {report:?}").into());
        }
        while link.output.next().await.is_some() {}
        self.remove(&id).await?;
        while self.exists(&id).await? {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(Steps { ready, report: reported, removed: since.elapsed() })
    }

    /// The least a container can cost: create, start, `true`, remove.
    pub async fn run_nothing(&self) -> Result<()> {
        let id = self.create(self.body_of_nothing()?).await?;
        self.start(&id).await?;
        let options = WaitContainerOptionsBuilder::default().condition("not-running").build();
        let mut end = self.docker.wait_container(&id, Some(options));
        end.next().await.ok_or("no answer to `wait`")??;
        self.remove(&id).await
    }

    async fn exists(&self, id: &str) -> Result<bool> {
        match self.docker.inspect_container(id, None::<InspectContainerOptions>).await {
            Ok(_) => Ok(true),
            Err(EngineError::DockerResponseServerError { status_code: 404, .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn list(&self, label: &str) -> Result<Vec<ContainerSummary>> {
        let filters = HashMap::from([("label", vec![label.to_owned()])]);
        let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        Ok(self.docker.list_containers(Some(options)).await?)
    }

    /// How many containers a deployment has.
    pub async fn count(&self, deployment: &str) -> Result<usize> {
        Ok(self.list(&format!("{LABEL}={deployment}")).await?.len())
    }

    /// The containers of a deployment that run: neither those that are still being made, nor those that have ended.
    pub async fn running(&self, deployment: &str) -> Result<BTreeSet<String>> {
        let all = self.list(&format!("{LABEL}={deployment}")).await?;
        let running =
            |container: &ContainerSummary| container.state == Some(ContainerSummaryStateEnum::RUNNING);
        Ok(all.into_iter().filter(running).filter_map(|container| container.id).collect())
    }

    /// The containers of a deployment, for one language.
    pub async fn ids(&self, deployment: &str, language: &str) -> Result<Vec<String>> {
        let all = self.list(&format!("{LABEL}={deployment}")).await?;
        let of_language = |container: &ContainerSummary| {
            container
                .labels
                .as_ref()
                .and_then(|labels| labels.get("sce.language"))
                .is_some_and(|l| l == language)
        };
        Ok(all.into_iter().filter(of_language).filter_map(|container| container.id).collect())
    }

    /// A second pair of eyes on a sandbox's output: the moment its stream ends.
    pub async fn watch_end(&self, id: &str) -> Result<impl Future<Output = Instant> + use<>> {
        let options = AttachContainerOptionsBuilder::default().stream(true).stdout(true);
        let mut output = self.docker.attach_container(id, Some(options.build())).await?.output;
        Ok(async move {
            while output.next().await.is_some() {}
            Instant::now()
        })
    }

    /// Removes what benchmark processes left that were killed.
    pub async fn clear_leftovers(&self) -> Result<()> {
        let ours = ours();
        for container in self.list(LABEL).await? {
            let (Some(id), Some(labels)) = (container.id, container.labels) else { continue };
            let pid = labels.get(LABEL).and_then(|name| name.strip_prefix(&ours)?.split('-').next());
            let alive = |pid: &str| std::path::Path::new("/proc").join(pid).exists();
            if pid.is_some_and(|pid| !alive(pid)) {
                self.remove(&id).await?;
            }
        }
        Ok(())
    }

    /// Waits for what the engine still removes for us.
    pub async fn close(&self) {
        self.maker.close().await;
    }
}

fn four(entry: &str, code: &str) -> Result<Vec<u8>> {
    let step = Step {
        number: 0,
        task: Task::Run,
        args: Vec::new(),
        stdin: Stdin::Whole(b""),
        cgroup: None,
        deliver: Deliver::Nothing,
        another_follows: false,
        files_follow: false,
        limits: RunLimits {
            wall_us: 10_000_000,
            clock_us: 40_000_000,
            cpu_us: 10_000_000,
            head_bytes: 49_152,
            tail_bytes: 16_384,
            flood_bytes: 8 << 20,
            memory_bytes: None,
        },
    };
    let files = vec![File { name: entry, content: code.as_bytes() }];
    let job = ToInit::Job(Job { nonce: rand::random(), entry, files, workspace: Workspace::ReadOnly, step });
    protocol::encode(&job).map_err(|error| error.to_string().into())
}

async fn receive<T: DeserializeOwned>(
    output: &mut (impl futures_util::Stream<Item = std::result::Result<LogOutput, EngineError>> + Unpin),
    received: &mut Vec<u8>,
) -> Result<T> {
    loop {
        let length = protocol::frame_length(received).map_err(|error| error.to_string())?;
        if let Some(length) = length.filter(|length| received.len() >= *length) {
            let frame: Vec<u8> = received.drain(..length).collect();
            return protocol::decode(&frame).map_err(|error| error.to_string().into());
        }
        match output.next().await.ok_or("the stream ended early")?? {
            LogOutput::StdOut { message } => received.extend_from_slice(&message),
            other => return Err(format!("sandbox-init says: {other}").into()),
        }
    }
}

/// A client of the first host that there is: the measurements are of one.
async fn connect_to_first(hosts: &Hosts) -> Result<Docker> {
    let (place, identity) = match hosts {
        Hosts::Unix(path) => (Place::Unix(path.clone()), None),
        Hosts::Tcp(names, source) => {
            let name = names.first().ok_or("no host is named")?.clone();
            let address = discovery::system()(name.clone()).await?.into_iter().next().ok_or("no address")?;
            let identity = match source {
                Some(source) => Some(Arc::new(Identity::load(source.clone()).await?)),
                None => None,
            };
            (Place::Tcp { name, address }, identity)
        }
    };
    Ok(connect(&place, identity)?)
}
