//! Puts the house together: configuration → adapters → service → front door.

use std::{error::Error, process::ExitCode, sync::Arc, time::Duration};

use axum::Router;
use safe_code_executor::{
    config::{Config, StoreConfig},
    domain::clock::Clock,
    inbound::{
        compat,
        contract::run_request::RunRules,
        http::{Front, HttpConfig, LARGEST_BODY_BYTES},
        lambda::{self, events::Events},
        local::{self, LocalConfig},
    },
    outbound::{docker::Fleet, dynamodb::DynamoStore, records::Records, sqlite::SqliteStore},
    service::{ExecutionService, LineConfig, ServiceConfig},
    telemetry,
};
use tokio::{runtime, signal::unix, time::timeout};
use tracing::{info, warn};

type Failure = Box<dyn Error + Send + Sync>;

/// How long the Docker hosts may take to give up what we hold there. What is left ends by itself: its connections close
/// with us, and its lease is over soon.
const FAREWELL: Duration = Duration::from_secs(10);
/// How long work on threads of its own may go on when everything else is over.
const AFTERWARDS: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let told = |result: Result<(), Failure>| match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("safe-code-executor: {error}");
            ExitCode::FAILURE
        }
    };
    match runtime::Builder::new_multi_thread().enable_all().build() {
        Err(error) => told(Err(error.into())),
        Ok(runtime) => {
            let code = told(runtime.block_on(start()));
            // Dropped, it would wait for a name server that does not answer.
            runtime.shutdown_timeout(AFTERWARDS);
            code
        }
    }
}

async fn start() -> Result<(), Failure> {
    let config = Config::from_environment()?;
    let _unwritten = telemetry::start(&config.log)?;
    let records = records(&config.records.store).await?;
    if config.lambda.on_lambda {
        serve_lambda(config, records).await
    } else {
        serve_locally(config, records).await
    }
}

async fn records(config: &StoreConfig) -> Result<Records, Failure> {
    match config {
        StoreConfig::Sqlite(file) => Ok(Records::Sqlite(SqliteStore::open(file, Clock::system())?)),
        StoreConfig::DynamoDb(table) => {
            let store = DynamoStore::connect(table, Clock::system());
            if table.is_local() {
                store.create_table().await?;
            }
            Ok(Records::DynamoDb(store))
        }
    }
}

/// A function answers from its first moment on, whatever its Docker hosts do; see [`Fleet`].
async fn serve_lambda(config: Config, records: Records) -> Result<(), Failure> {
    let sandbox = Arc::new(Fleet::open(config.docker.clone(), config.languages.clone()));
    let service = service(sandbox, records, &config);
    let (parallel, callers) = (config.lambda.parallel, config.lambda.callers);
    let owner = config.lambda.events_caller.clone();
    let rules = rules(&config);
    let router = router(Arc::clone(&service), &config, &rules)?;
    // When this instance ends, the shared sandboxes stay on the host: other instances use them.
    lambda::serve(router, Events::new(service, rules, parallel).with_owner(owner), callers).await
}

/// A server does not begin before a Docker host has passed every check.
async fn serve_locally(config: Config, records: Records) -> Result<(), Failure> {
    // Taken first: a second server on this port must not touch the first one's sandboxes.
    let address = config.server.listen;
    let listener = local::listen(address).map_err(|error| format!("cannot listen on {address}: {error}"))?;
    if config.server.is_open() {
        let address = listener.local_addr()?;
        warn!(%address, "SCE_OPEN: other machines can reach this server, which has no authentication: whoever does may run code and read the history");
    }
    let sandbox = Arc::new(Fleet::open(config.docker.clone(), config.languages.clone()));
    sandbox.ready().await?;
    let service = service(Arc::clone(&sandbox), records, &config);
    let router = router(Arc::clone(&service), &config, &rules(&config))?;

    info!("listening on http://{}", listener.local_addr()?);
    let asked = asked_to_stop()?;
    local::serve(listener, router, LocalConfig::default(), async {
        asked.await;
        info!("stopping: running sandboxes are ended, the pool is removed; once more to stop at once");
        service.shutdown().await;
    })
    .await;
    if timeout(FAREWELL, sandbox.close()).await.is_err() {
        warn!("the Docker hosts did not answer in time; what is left there ends by itself");
    }
    info!("stopped");
    Ok(())
}

fn service(sandbox: Arc<Fleet>, records: Records, config: &Config) -> Arc<ExecutionService<Fleet, Records>> {
    let settings = ServiceConfig {
        retention: config.records.retention,
        total: config.total,
        line: LineConfig { length: config.queue_length, patience: config.queue_timeout },
        ..ServiceConfig::default()
    };
    Arc::new(ExecutionService::new(sandbox, Arc::new(records), settings))
}

fn rules(config: &Config) -> RunRules {
    RunRules {
        languages: Arc::new(config.languages.clone()),
        limits: config.limits,
        max_code_chars: config.max_code_chars,
    }
}

/// Our own routes, and those of the other systems' contracts that are to be served.
fn router(
    service: Arc<ExecutionService<Fleet, Records>>,
    config: &Config,
    rules: &RunRules,
) -> Result<Router, Failure> {
    let front = Front::new(service, http(config, rules)?);
    let contracts = compat::served(&config.server.contracts, &front.desk());
    Ok(front.router(contracts))
}

fn http(config: &Config, rules: &RunRules) -> Result<HttpConfig, Failure> {
    let origins = config.server.allowed_origins.iter();
    // Behind Lambda's doors the names are the API's own.
    let hosts = config.server.hosts.clone().filter(|_| !config.lambda.on_lambda);
    let goes_on = !config.lambda.on_lambda;
    let mut http = HttpConfig { hosts, goes_on, ..HttpConfig::new(rules.clone()) };
    // Lambda itself takes no more than the default.
    if goes_on {
        http.max_body_bytes = LARGEST_BODY_BYTES;
    }
    http.allowed_origins = origins.map(|origin| origin.parse()).collect::<Result<_, _>>()?;
    Ok(http)
}

/// Resolves at Ctrl-C or SIGTERM. From then on another one ends the process at once, whatever it waits for.
fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    let mut signals = Signals {
        interrupt: unix::signal(unix::SignalKind::interrupt())?,
        terminate: unix::signal(unix::SignalKind::terminate())?,
    };
    Ok(async move {
        signals.next().await;
        tokio::spawn(async move {
            let number = signals.next().await;
            std::process::exit(128 + number);
        });
    })
}

/// The signals that ask us to stop.
struct Signals {
    interrupt: unix::Signal,
    terminate: unix::Signal,
}

impl Signals {
    /// The number of the next one.
    async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.interrupt.recv() => unix::SignalKind::interrupt().as_raw_value(),
            _ = self.terminate.recv() => unix::SignalKind::terminate().as_raw_value(),
        }
    }
}
