//! Puts the house together: configuration → adapters → service → front door.

use std::{error::Error, process::ExitCode, sync::Arc};

use safe_code_executor::{
    config::Config,
    domain::clock::Clock,
    inbound::{
        http::{HttpConfig, router},
        local::{self, LocalConfig},
        run_request::RunRules,
    },
    outbound::{
        docker::DockerSandbox,
        sqlite::{SqliteConfig, SqliteStore},
    },
    service::{ExecutionService, ServiceConfig},
    telemetry,
};
use tokio::{net::TcpListener, signal::unix};
use tokio_util::sync::CancellationToken;
use tracing::info;

#[tokio::main]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("safe-code-executor: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let config = Config::from_environment()?;
    telemetry::start(&config.log);
    let listener = TcpListener::bind(config.server.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", config.server.listen))?;
    let store = SqliteConfig::at(config.records.data_dir.join("executions.sqlite"));
    let store = Arc::new(SqliteStore::open(&store, Clock::system())?);
    let sandbox = Arc::new(DockerSandbox::open(config.docker, &config.languages).await?);

    let settings = ServiceConfig { retention: config.records.retention, ..ServiceConfig::default() };
    let service = Arc::new(ExecutionService::new(Arc::clone(&sandbox), store, settings));
    let rules = RunRules { languages: Arc::new(config.languages), limits: config.limits };
    let mut http = HttpConfig::new(rules);
    http.allowed_origins =
        config.server.allowed_origins.iter().map(|origin| origin.parse()).collect::<Result<_, _>>()?;

    let stop = CancellationToken::new();
    let pool = tokio::spawn({
        let (sandbox, stop) = (Arc::clone(&sandbox), stop.clone());
        async move { sandbox.look_after_pool(stop).await }
    });
    info!("listening on http://{}", listener.local_addr()?);
    let asked = asked_to_stop()?;
    local::serve(listener, router(Arc::clone(&service), http), LocalConfig::default(), async {
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
