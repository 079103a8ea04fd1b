//! The local front door: the router on a TCP port of our own, safe against clients that dawdle or vanish.
//!
//! A caller who hangs up drops the handler's future, and with it a run without an idempotency key; see
//! [`crate::service`].

mod answered;
mod seats;
#[cfg(test)]
mod tests;

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioTimer;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;
use tracing::{debug, warn};

use self::{
    answered::Answered,
    seats::{Seat, Seats},
};
use super::http::Held;

/// What is read of a connection before it is understood: the largest head of a request, and the pieces in which a body
/// comes in. At 512 connections at most 64 MiB.
const READ_BUFFER: usize = 128 * 1024;

/// Bytes that the kernel keeps of each connection and direction. By itself it would keep up to 6 MiB that a client sends
/// and nobody reads yet, and 4 MiB that nobody reads any more: 5 GiB at 512 connections.
const SOCKET_BUFFER: u32 = 256 * 1024;
/// Connections that the kernel may take before we do.
const BACKLOG: u32 = 1024;

/// How a local server treats its connections.
#[derive(Clone, Copy, Debug)]
pub struct LocalConfig {
    /// Connections at once. More wait until one ends, or has been idle for a second and is closed for them.
    pub max_connections: usize,
    /// The longest that the head of a request may take, and that a kept-alive connection may be idle. Load balancers
    /// keep connections for 60 s and must be the first to close one, or a request of theirs meets a closed door.
    pub header_timeout: Duration,
    /// The longest that a client may take nothing, or next to nothing, of an answer that is being written.
    pub write_timeout: Duration,
    /// How long open connections may take to finish once we stop.
    pub grace: Duration,
}

impl Default for LocalConfig {
    fn default() -> Self {
        Self {
            max_connections: 512,
            header_timeout: Duration::from_secs(75),
            write_timeout: Duration::from_secs(20),
            grace: Duration::from_secs(5),
        }
    }
}

/// Listens at this address.
///
/// # Errors
/// When the address is taken, not this machine's, or not ours to take.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A server that is started again must not wait for the last one's connections to be forgotten.
    socket.set_reuseaddr(true)?;
    // Every connection accepted here inherits these.
    socket.set_send_buffer_size(SOCKET_BUFFER)?;
    socket.set_recv_buffer_size(SOCKET_BUFFER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
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
    let connections = Connections::default();
    let seats = Seats::new(config.max_connections);
    let accepting = async {
        loop {
            let stream = accept(&listener).await;
            let seat = seats.take().await;
            tokio::spawn(serve_one(stream, seat, router.clone(), config, connections.clone()));
        }
    };
    tokio::select! {
        () = accepting => {}
        () = shutdown => {}
    }
    drop(listener);
    connections.stopping.cancel();
    connections.open.close();
    if timeout(config.grace, connections.open.wait()).await.is_err() {
        warn!("some connections did not finish in time");
    }
}

/// All connections, sockets that a connection became included.
#[derive(Clone, Default)]
struct Connections {
    /// Has a token for each.
    open: TaskTracker,
    /// Cancelled when each is to end as soon as its answer is given.
    stopping: CancellationToken,
}

/// Serves one connection to its end.
async fn serve_one(
    stream: TcpStream,
    seat: Seat,
    router: Router,
    config: LocalConfig,
    connections: Connections,
) {
    let leave = seat.asked_to_leave();
    let Connections { open, stopping } = connections;
    let seat = Arc::new(seat);
    let _open = open.token();
    let service = service_fn(move |request: Request<Incoming>| {
        // A client that looks on at a run is at work until the run is over, also where the connection became a socket.
        let held = Held::on((seat.handling(), Arc::clone(&seat), open.token()));
        let router = router.clone();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(held.clone());
        async move {
            let answer = router.oneshot(request).await;
            drop(held);
            answer
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(config.header_timeout)
        .max_buf_size(READ_BUFFER)
        .serve_connection(Answered::new(stream, config.write_timeout), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = leave => return,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        debug!(%error, "a connection ended early");
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
