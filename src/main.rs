//! Puts the house together: configuration → adapters → service → front door.

use std::{error::Error, net::SocketAddr, process::ExitCode, sync::Arc};

use safe_code_executor::{
    config::{Config, StoreConfig},
    domain::clock::Clock,
    inbound::{
        events::Events,
        http::{HttpConfig, router},
        lambda,
        local::{self, LocalConfig},
        run_request::RunRules,
    },
    outbound::{docker::Fleet, dynamodb::DynamoStore, records::Records, sqlite::SqliteStore},
    service::{ExecutionService, ServiceConfig},
    telemetry,
};
use tokio::{net::TcpListener, signal::unix};
use tracing::info;

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    match start().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("safe-code-executor: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn start() -> Result<(), Failure> {
    let config = Config::from_environment()?;
    telemetry::start(&config.log);
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
    let router = router(Arc::clone(&service), http(&config, &rules)?);
    // When we go, the stock stays: it is the host's, and other instances use it.
    lambda::serve(router, Events::new(service, rules, parallel).with_owner(owner), callers).await
}

/// A server does not begin before a Docker host has passed every check.
async fn serve_locally(config: Config, records: Records) -> Result<(), Failure> {
    // Taken first: a second server on this port must not touch the first one's sandboxes.
    let listener = listen(config.server.listen).await?;
    let sandbox = Arc::new(Fleet::open(config.docker.clone(), config.languages.clone()));
    sandbox.ready().await?;
    let service = service(Arc::clone(&sandbox), records, &config);
    let router = router(Arc::clone(&service), http(&config, &rules(&config))?);

    info!("listening on http://{}", listener.local_addr()?);
    let asked = asked_to_stop()?;
    local::serve(listener, router, LocalConfig::default(), async {
        asked.await;
        info!("stopping: running sandboxes are ended, the pool is removed");
        service.shutdown().await;
    })
    .await;
    sandbox.close().await;
    info!("stopped");
    Ok(())
}

fn service(sandbox: Arc<Fleet>, records: Records, config: &Config) -> Arc<ExecutionService<Fleet, Records>> {
    let settings = ServiceConfig { retention: config.records.retention, ..ServiceConfig::default() };
    Arc::new(ExecutionService::new(sandbox, Arc::new(records), settings))
}

fn rules(config: &Config) -> RunRules {
    RunRules { languages: Arc::new(config.languages.clone()), limits: config.limits }
}

fn http(config: &Config, rules: &RunRules) -> Result<HttpConfig, Failure> {
    let origins = config.server.allowed_origins.iter();
    let mut http = HttpConfig::new(rules.clone());
    http.allowed_origins = origins.map(|origin| origin.parse()).collect::<Result<_, _>>()?;
    Ok(http)
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(|error| format!("cannot listen on {address}: {error}").into())
}

/// Resolves at Ctrl-C or SIGTERM.
fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = unix::signal(unix::SignalKind::interrupt())?;
    let mut terminate = unix::signal(unix::SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
