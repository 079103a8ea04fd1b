//! Puts the house together: configuration → adapters → service → front door.

use std::{error::Error, net::SocketAddr, process::ExitCode, sync::Arc};

use safe_code_executor::{
    config::{Config, StoreConfig},
    domain::{clock::Clock, ports::ExecutionStore},
    inbound::{
        events::Events,
        http::{HttpConfig, router},
        lambda,
        local::{self, LocalConfig},
        run_request::RunRules,
    },
    outbound::{docker::DockerSandbox, dynamodb::DynamoStore, sqlite::SqliteStore},
    service::{ExecutionService, ServiceConfig},
    telemetry,
};
use tokio::{net::TcpListener, signal::unix};
use tokio_util::sync::CancellationToken;
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
    match config.records.store.clone() {
        StoreConfig::Sqlite(file) => serve(config, SqliteStore::open(&file, Clock::system())?).await,
        StoreConfig::DynamoDb(table) => {
            let store = DynamoStore::connect(&table, Clock::system()).await;
            if table.is_local() {
                store.create_table().await?;
            }
            serve(config, store).await
        }
    }
}

async fn serve<R: ExecutionStore>(config: Config, store: R) -> Result<(), Failure> {
    let Config { server, lambda: function, docker, records, languages, limits, .. } = config;
    let listener = if function.on_lambda { None } else { Some(listen(server.listen).await?) };
    let sandbox = Arc::new(DockerSandbox::open(docker, &languages).await?);
    let settings = ServiceConfig { retention: records.retention, ..ServiceConfig::default() };
    let service = Arc::new(ExecutionService::new(Arc::clone(&sandbox), Arc::new(store), settings));
    let rules = RunRules { languages: Arc::new(languages), limits };
    let mut http = HttpConfig::new(rules.clone());
    http.allowed_origins =
        server.allowed_origins.iter().map(|origin| origin.parse()).collect::<Result<_, _>>()?;
    let router = router(Arc::clone(&service), http);

    let stop = CancellationToken::new();
    let pool = tokio::spawn({
        let (sandbox, stop) = (Arc::clone(&sandbox), stop.clone());
        async move { sandbox.look_after_pool(stop).await }
    });
    let Some(listener) = listener else {
        // The stock stays when we go: it is the host's, and other instances use it.
        return lambda::serve(router, Events::new(service, rules, function.parallel)).await;
    };
    info!("listening on http://{}", listener.local_addr()?);
    let asked = asked_to_stop()?;
    local::serve(listener, router, LocalConfig::default(), async {
        asked.await;
        info!("stopping: running sandboxes are ended, the pool is removed");
        service.shutdown().await;
    })
    .await;
    stop.cancel();
    pool.await?;
    sandbox.close().await;
    info!("stopped");
    Ok(())
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
