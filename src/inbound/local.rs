//! The local front door: the router on a TCP port of our own, safe against clients that dawdle or vanish.
//!
//! A caller who hangs up drops the handler's future, and with it a run without an idempotency key; see
//! [`crate::service`].

#[cfg(test)]
mod tests;

use std::{io, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tracing::{debug, warn};

/// How a local server treats its connections.
#[derive(Clone, Copy, Debug)]
pub struct LocalConfig {
    /// Connections at once; more wait in the kernel's queue. Bounds the memory that bodies can take.
    pub max_connections: usize,
    /// The longest that the head of a request may take, and that a kept-alive connection may be idle.
    pub header_timeout: Duration,
    /// How long open connections may take to finish once we stop.
    pub grace: Duration,
}

impl Default for LocalConfig {
    fn default() -> Self {
        Self { max_connections: 512, header_timeout: Duration::from_secs(30), grace: Duration::from_secs(5) }
    }
}

/// Serves until `shutdown` is done. Then nothing more is accepted, answers under way are finished (within the
/// grace), and the connections are closed.
///
/// To end cleanly let `shutdown` be "the signal, then [`ExecutionService::shutdown`]": while the service winds
/// up, callers are still answered, with 503.
///
/// [`ExecutionService::shutdown`]: crate::service::ExecutionService::shutdown
pub async fn serve(
    listener: TcpListener,
    router: Router,
    config: LocalConfig,
    shutdown: impl Future<Output = ()>,
) {
    let connections = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(config.max_connections));
    let accepting = async {
        loop {
            // The semaphore is never closed.
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let stream = accept(&listener).await;
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(config.header_timeout)
                .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router.clone()));
            let connection = connections.watch(connection);
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    debug!(%error, "a connection ended early");
                }
                drop(place);
            });
        }
    };
    tokio::select! {
        () = accepting => {}
        () = shutdown => {}
    }
    drop(listener);
    if timeout(config.grace, connections.shutdown()).await.is_err() {
        warn!("some connections did not finish in time");
    }
}

/// The next connection. An error of one connection, or of want of descriptors, must not end the server.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Answers are small and written at once: never hold them back for more.
                if let Err(error) = stream.set_nodelay(true) {
                    debug!(%error, "TCP_NODELAY is not set");
                }
                return stream;
            }
            Err(error) if is_of_one_connection(&error) => debug!(%error, "a connection was lost"),
            Err(error) => {
                warn!(%error, "cannot accept connections now");
                sleep(Duration::from_millis(200)).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
