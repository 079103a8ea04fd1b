//! A function inside AWS's runtime interface emulator, built as it is built for Lambda, and timed from the moment its
//! own process begins.
//!
//! The emulator starts what it is told to at the first invocation. It is told to start this same program, with
//! `--begin <file>`, which notes the time and its pid and becomes the function: what the emulator does before is not
//! counted.

use std::{
    env, fs,
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, client::conn::http1::handshake, header};
use hyper_util::rt::TokioIo;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::{Result, bare};

const START_UP: Duration = Duration::from_secs(20);

/// The programs around functions: from `infra/local/lambda-tools.sh`, which installs them where they are missing.
pub struct Tools {
    /// The folder of cargo-lambda, and of the Python they run with.
    pub folder: PathBuf,
    emulator: PathBuf,
}

/// A function that nobody has asked yet, and so does not run.
pub struct Function {
    emulator: Child,
    address: SocketAddr,
    folder: TempDir,
}

/// Notes the time and the pid in `file`, and becomes `program`.
pub fn begin(file: &Path, program: &Path) -> Result<bool> {
    fs::write(file, format!("{} {}", now()?, std::process::id()))?;
    Err(Command::new(program).exec().into())
}

/// Nanoseconds, comparable between processes.
fn now() -> Result<u128> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos())
}

impl Tools {
    /// Looks for them.
    pub fn find() -> Result<Self> {
        let folder = script("lambda-tools.sh", &[])?.into();
        Ok(Self { folder, emulator: script("lambda-tools.sh", &["rie"])?.into() })
    }

    /// Builds a program of this workspace as it is built for Lambda; says where it is.
    pub fn build(name: &str) -> Result<PathBuf> {
        eprintln!("building {name} as for Lambda …");
        script("lambda-build.sh", &[name])?;
        Ok(bare::target_folder().with_file_name("lambda").join(name).join("bootstrap"))
    }

    /// The emulator around `program`, with these settings beside those that Lambda makes.
    pub fn emulate(&self, program: &Path, settings: &[(String, String)]) -> Result<Function> {
        let folder = tempfile::tempdir()?;
        let log = fs::File::create(folder.path().join("log"))?;
        let (address, runtime) = free_addresses()?;
        let emulator = Command::new(&self.emulator)
            .args(["--runtime-interface-emulator-address", &address.to_string()])
            .args(["--runtime-api-address", &runtime.to_string()])
            .arg(env::current_exe()?)
            .arg("--begin")
            .args([&folder.path().join("began"), program])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .envs([("AWS_LAMBDA_FUNCTION_NAME", "function"), ("AWS_LAMBDA_FUNCTION_TIMEOUT", "60")])
            // As Lambda gives them. Nothing that is measured is sent with them.
            .envs([("AWS_REGION", "eu-central-1"), ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")])
            .envs([("AWS_SECRET_ACCESS_KEY", "none"), ("AWS_SESSION_TOKEN", "none")])
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let function = Function { emulator, address, folder };
        let until = Instant::now() + START_UP;
        while TcpStream::connect(address).is_err() {
            if Instant::now() > until {
                return Err("the emulator does not listen".into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(function)
    }
}

impl Function {
    /// Asks the function, which by that is started; how long that took from the first moment of its process.
    pub async fn first_answer(&self, event: &Value) -> Result<(Value, Duration)> {
        let answer = self.invoke(event).await?;
        let answered = now()?;
        let began: u128 = self.began()?.0.parse()?;
        Ok((answer, Duration::from_nanos(u64::try_from(answered.saturating_sub(began))?)))
    }

    /// What the function makes of an event.
    pub async fn invoke(&self, event: &Value) -> Result<Value> {
        let stream = tokio::net::TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(async move { connection.await.ok() });
        let request = Request::post("/2015-03-31/functions/function/invocations")
            .header(header::HOST, "localhost")
            .body(Full::new(Bytes::from(event.to_string())))?;
        let body = sender.send_request(request).await?.into_body().collect().await?.to_bytes();
        serde_json::from_slice(&body).map_err(|error| format!("{error}: {}", self.log()).into())
    }

    /// The function's own process.
    pub fn pid(&self) -> Result<u32> {
        Ok(self.began()?.1.parse()?)
    }

    fn began(&self) -> Result<(String, String)> {
        let text = fs::read_to_string(self.folder.path().join("began"))?;
        let (time, pid) = text.split_once(' ').ok_or("the function's process did not note its beginning")?;
        Ok((time.to_owned(), pid.to_owned()))
    }

    /// What emulator and function have written.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // Asked to end, it ends the function as well.
        if let Ok(pid) = i32::try_from(self.emulator.id()) {
            kill(Pid::from_raw(pid), Signal::SIGTERM).ok();
        }
        self.emulator.wait().ok();
    }
}

/// Two addresses that are free; taken at once, so that they differ.
fn free_addresses() -> Result<(SocketAddr, SocketAddr)> {
    let (one, other) = (TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?);
    Ok((one.local_addr()?, other.local_addr()?))
}

/// What a script of ours prints.
fn script(name: &str, arguments: &[&str]) -> Result<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("infra/local").join(name);
    let done = Command::new(&path).args(arguments).stderr(Stdio::inherit()).output()?;
    if !done.status.success() {
        return Err(format!("{} failed", path.display()).into());
    }
    Ok(String::from_utf8(done.stdout)?.trim().to_owned())
}
