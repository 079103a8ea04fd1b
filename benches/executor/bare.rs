//! Bare interpreters: the images' own binaries, started on the host without any container.
//!
//! An image's file system is exported once, by the engine; see [`crate::spawner`] for how its programs are started.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Seek, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use bollard::{Docker, models::ContainerCreateBody};
use futures_util::StreamExt;

use crate::{
    Result,
    engine::Engine,
    spawner::{Done, Order},
};

/// Starts programs of one image on the host.
pub struct Bare {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    root: PathBuf,
    environment: Vec<(String, String)>,
}

/// An interpreter that waits; it ends when [`Bare::release`] is called.
pub struct Held(pub u32);

impl Bare {
    /// A spawner in the root of this language's image.
    pub async fn open(engine: &Engine, language: &str) -> Result<Self> {
        Self::open_image(engine, &engine.body(language)?.image.unwrap_or_default()).await
    }

    /// A spawner in the root of this image, by its id or its name.
    pub async fn open_image(engine: &Engine, name: &str) -> Result<Self> {
        let found = engine.docker.inspect_image(name).await?;
        let image = found.id.ok_or("an image without an id")?;
        let config = found.config.unwrap_or_default();
        let environment = config.env.unwrap_or_default();
        let environment = environment
            .iter()
            .filter_map(|pair| pair.split_once('='))
            .map(|(n, v)| (n.to_owned(), v.to_owned()));
        let root = root_of(engine, &image).await?;
        let mut process = Command::new(std::env::current_exe()?)
            .arg("--spawner")
            .arg(&root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = process.stdin.take().ok_or("no input")?;
        let output = BufReader::new(process.stdout.take().ok_or("no output")?);
        Ok(Self { process, input, output, root, environment: environment.collect() })
    }

    /// How long the program takes, from spawn to wait. It has to print `4`.
    pub fn time(&mut self, command: &[&str]) -> Result<Duration> {
        self.time_with(command, "")
    }

    /// The same of a program with this standard input.
    pub fn time_with(&mut self, command: &[&str], input: &str) -> Result<Duration> {
        self.time_printing(command, input, "4\n")
    }

    /// How long a program takes that prints nothing, such as a compiler.
    pub fn time_silent(&mut self, command: &[&str]) -> Result<Duration> {
        self.time_printing(command, "", "")
    }

    fn time_printing(&mut self, command: &[&str], input: &str, output: &str) -> Result<Duration> {
        let done = self.order(command, input, false)?;
        if !done.success || done.output != output {
            return Err(format!("{command:?} on the bare host failed, or printed {:?}", done.output).into());
        }
        Ok(Duration::from_nanos(done.nanos))
    }

    /// The folder that the programs see as their root.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What the program prints.
    pub fn output_of(&mut self, command: &[&str]) -> Result<String> {
        Ok(self.order(command, "", false)?.output.trim().to_owned())
    }

    /// Starts a program that writes a line and then waits for its input to end.
    pub fn hold(&mut self, command: &[&str]) -> Result<Held> {
        Ok(Held(self.order(command, "", true)?.pid))
    }

    /// Ends what waits.
    pub fn release(&mut self, _held: Held) -> Result<()> {
        writeln!(self.input)?;
        self.answer().map(drop)
    }

    fn order(&mut self, command: &[&str], input: &str, hold: bool) -> Result<Done> {
        let mut command: Vec<String> = command.iter().map(ToString::to_string).collect();
        command[0] = self.find(&command[0])?;
        let order = Order { command, environment: self.environment.clone(), input: input.to_owned(), hold };
        writeln!(self.input, "{}", serde_json::to_string(&order)?)?;
        self.answer()
    }

    fn answer(&mut self) -> Result<Done> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Err(format!("the spawner ended: {}", self.process.wait()?).into());
        }
        Ok(serde_json::from_str(&line)?)
    }

    /// The program's path inside the root, by the image's own `PATH`.
    fn find(&self, name: &str) -> Result<String> {
        if name.starts_with('/') {
            return Ok(name.to_owned());
        }
        let path = self.environment.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value.as_str());
        let found = path.unwrap_or("/usr/local/bin:/usr/bin:/bin").split(':').find_map(|folder| {
            let inside = format!("{folder}/{name}");
            // Links are looked at, not followed: an absolute one leads out of the root.
            fs::symlink_metadata(self.root.join(inside.trim_start_matches('/'))).is_ok().then_some(inside)
        });
        found.ok_or_else(|| format!("`{name}` is not in {}", self.root.display()).into())
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// The image's file system in a folder, exported where it is not there yet.
async fn root_of(engine: &Engine, image: &str) -> Result<PathBuf> {
    let short: String = image.trim_start_matches("sha256:").chars().take(16).collect();
    let root = target_folder().join("roots").join(short);
    if root.join("complete").exists() {
        return Ok(root);
    }
    fs::remove_dir_all(&root).or_else(|error| if root.exists() { Err(error) } else { Ok(()) })?;
    fs::create_dir_all(&root)?;
    let body = ContainerCreateBody {
        image: Some(image.to_owned()),
        cmd: Some(vec!["never-started".to_owned()]),
        labels: engine.body("python")?.labels,
        ..Default::default()
    };
    let id = engine.create(body).await?;
    let unpacked = unpack(&id, &root).await;
    engine.remove(&id).await?;
    unpacked?;
    File::create(root.join("complete"))?;
    Ok(root)
}

/// An image is longer than anything that our own client takes from an engine: so a plain one fetches it, from where
/// `DOCKER_HOST` says.
async fn unpack(id: &str, root: &Path) -> Result<()> {
    let mut archive = tempfile::tempfile()?;
    let engine = Docker::connect_with_defaults()?;
    let mut export = engine.export_container(id);
    while let Some(chunk) = export.next().await {
        archive.write_all(&chunk?)?;
    }
    archive.rewind()?;
    let mut archive = tar::Archive::new(archive);
    archive.set_preserve_permissions(true);
    Ok(archive.unpack(root)?)
}

/// Where the benchmark keeps its files.
pub fn target_folder() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let target = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists());
    target.map_or_else(|| PathBuf::from("target"), Path::to_owned).join("bench")
}
