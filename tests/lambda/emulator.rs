//! The function inside AWS's own runtime interface emulator, with its records in DynamoDB Local.

use std::{
    env, fs,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// A function that answers. Dropped, it is stopped; its waiting sandboxes end with their short leases.
pub struct Function {
    emulator: Child,
    address: String,
    /// The table of its records.
    pub table: String,
    log: PathBuf,
}

/// What a script of ours prints; it installs what it needs.
pub fn script(name: &str, argument: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("infra/local").join(name);
    let done = Command::new(&path).arg(argument).stderr(Stdio::inherit()).output().unwrap();
    assert!(done.status.success(), "{} {argument} failed", path.display());
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

/// Two addresses that are free; taken at once, so that they differ.
fn free_addresses() -> [String; 2] {
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().to_string())
}

/// A name that no table has yet, and no deployment.
pub fn new_table() -> String {
    format!("test-lambda-{}", uuid::Uuid::now_v7())
}

impl Function {
    /// The function as Lambda starts it, with these settings on top.
    pub fn start(settings: &[(&str, &str)]) -> Self {
        let setting = |wanted| settings.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
        let table = setting("SCE_TABLE").map_or_else(new_table, ToOwned::to_owned);
        let emulator = PathBuf::from(script("lambda-tools.sh", "rie"));
        let [address, runtime] = free_addresses();
        let log =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{table}-{}.log", address.replace(':', "-")));
        let output = fs::File::create(&log).unwrap();
        let emulator = Command::new(emulator)
            .args(["--runtime-interface-emulator-address", &address, "--runtime-api-address", &runtime])
            .arg(env!("CARGO_BIN_EXE_safe-code-executor"))
            .env_clear()
            .envs(
                ["PATH", "HOME", "DOCKER_HOST", "DOCKER_CERT_PATH"]
                    .map(|name| (name, env::var(name).unwrap_or_default())),
            )
            .env("AWS_LAMBDA_FUNCTION_NAME", "safe-code-executor")
            .env("AWS_LAMBDA_FUNCTION_TIMEOUT", "120")
            .env("SCE_DYNAMODB_ENDPOINT", script("dynamodb.sh", "up"))
            .env("SCE_TABLE", &table)
            .env("SCE_DEPLOYMENT", new_table())
            .env("SCE_POOL_SIZE", "0")
            .env("SCE_POOL_LEASE_SECONDS", "60")
            .envs(settings.iter().copied())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap();
        let function = Self { emulator, address, table, log };
        function.wait();
        function
    }

    fn wait(&self) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while TcpStream::connect(&self.address).is_err() {
            assert!(Instant::now() < deadline, "the emulator does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What the function makes of this event. An error is an object with `errorType` and `errorMessage`.
    pub fn invoke(&self, event: &Value) -> Value {
        let url = format!("http://{}/2015-03-31/functions/function/invocations", self.address);
        let mut reply = ureq::post(url)
            .config()
            .timeout_global(Some(Duration::from_mins(2)))
            .build()
            .send(event.to_string())
            .unwrap();
        let text = reply.body_mut().read_to_string().unwrap();
        serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{error} in {text}; the log is {}", self.log.display()))
    }

    /// The HTTP answer to this event: status and body.
    pub fn ask(&self, event: &Value) -> (u64, Value) {
        let answer = self.invoke(event);
        let status = answer["statusCode"].as_u64();
        let status =
            status.unwrap_or_else(|| panic!("no HTTP answer: {answer}; the log is {}", self.log.display()));
        let body = answer["body"].as_str().unwrap_or_default();
        (status, serde_json::from_str(body).unwrap_or_else(|_| body.into()))
    }

    /// The answer to a `POST /run` of this code, by a caller nobody authenticated.
    pub fn run(&self, code: &str) -> (u64, Value) {
        let mut event = fixture("function-url-run");
        event["body"] = serde_json::json!({ "code": code }).to_string().into();
        event["isBase64Encoded"] = false.into();
        event["requestContext"]["authorizer"] = Value::Null;
        self.ask(&event)
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // Asked to end, it ends the function as well.
        if let Some(pid) = Pid::from_raw(self.emulator.id().cast_signed()) {
            let _ = kill_process(pid, Signal::TERM);
        }
        let _ = self.emulator.wait();
        if !std::thread::panicking() {
            let _ = fs::remove_file(&self.log);
        }
    }
}

/// An event of the collection. Every function has a table of its own, so nobody has seen it before.
pub fn fixture(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/events").join(name);
    serde_json::from_slice(&fs::read(path.with_extension("json")).unwrap()).unwrap()
}
