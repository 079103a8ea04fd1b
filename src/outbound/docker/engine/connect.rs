//! Connects to one Docker host: a Unix socket, or TCP with mutual TLS.
//!
//! TLS is ours, not bollard's: its own trusts public authorities too, reads the key anew at each handshake, and
//! goes on without a certificate when it cannot read one. A host behind a name is dialled at the one address that
//! was found for it; TLS still holds it to the name.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    iter::{Once, once},
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bollard::{API_DEFAULT_VERSION, BollardRequest, Docker};
use futures_util::{FutureExt, future::BoxFuture};
use hyper::{
    Uri,
    rt::{Read, Write},
};
use hyper_rustls::{DefaultServerNameResolver, HttpsConnector};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{Connection, HttpConnector, dns::Name},
    },
    rt::TokioExecutor,
};
use tokio::time::timeout;
use tower::Service;
use tracing::warn;

use super::{gauge::Gauging, identity::Identity, tls_words};

/// Seconds that the engine may take for the headers of an answer; each step has a tighter deadline of its own.
const ANSWER_SECONDS: u64 = 60;
/// How long a host may take to accept a connection: one that is not there must not hold up who could go elsewhere.
const ACCEPT: Duration = Duration::from_secs(2);
/// How long a connection may take in all, its TLS handshake included.
const HANDSHAKE: Duration = Duration::from_secs(4);
/// When the kernel begins to ask whether the other side is still there.
const ALIVE: Duration = Duration::from_secs(15);

/// Where one Docker host is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A Unix socket.
    Unix(PathBuf),
    /// TCP.
    Tcp {
        /// `name:port`, as it was asked for.
        name: String,
        /// One address behind the name.
        address: SocketAddr,
    },
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "{}", path.display()),
            Self::Tcp { name, address } if *name == address.to_string() => write!(f, "{name}"),
            Self::Tcp { name, address } => write!(f, "{name} at {address}"),
        }
    }
}

/// No client can be made for a place.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up the Docker client: {0}")]
pub struct ConnectError(#[from] bollard::errors::Error);

/// A client for the Docker host. Nothing is sent yet. Without an identity TCP is in plain text.
///
/// # Errors
/// When the place cannot be part of an address.
pub fn connect(place: &Place, identity: Option<Arc<Identity>>) -> Result<Docker, ConnectError> {
    match (place, identity) {
        (Place::Unix(path), _) => {
            // The path travels as the host of an address, in hexadecimal.
            let host: String =
                path.as_os_str().as_encoded_bytes().iter().map(|b| format!("{b:02x}")).collect();
            keep_alive(hyperlocal::UnixConnector, format!("unix://{host}"), None)
        }
        (Place::Tcp { name, address }, None) => keep_alive(dial(*address), format!("http://{name}"), None),
        (Place::Tcp { name, address }, Some(identity)) => {
            let tls = MutualTls { tcp: dial(*address), identity: Arc::clone(&identity) };
            let doubted = Doubted { identity, place: place.to_string() };
            keep_alive(tls, format!("https://{name}"), Some(doubted))
        }
    }
}

/// A client that keeps its connections and uses them again, which bollard's own clients do not: over TLS a
/// handshake costs more than a warm run. What the engine says is bounded on the connection: see [`super::gauge`].
fn keep_alive<C, T>(connector: C, address: String, doubted: Option<Doubted>) -> Result<Docker, ConnectError>
where
    C: Service<Uri, Response = T> + Clone + Send + Sync + 'static,
    C::Error: Into<Failure>,
    C::Future: Send + 'static,
    T: Read + Write + Connection + Unpin + Send + 'static,
{
    let client = Client::builder(TokioExecutor::new()).build(Gauging(connector));
    let shared = Arc::new((client, doubted));
    let transport = move |request: BollardRequest| {
        let shared = Arc::clone(&shared);
        Box::pin(async move {
            let (client, doubted) = &*shared;
            let answer = client.request(request).await;
            if let (Err(error), Some(doubted)) = (&answer, doubted) {
                doubted.look_at(error);
            }
            answer.map_err(bollard::errors::Error::from)
        })
    };
    Ok(Docker::connect_with_custom_transport(transport, Some(address), ANSWER_SECONDS, API_DEFAULT_VERSION)?)
}

/// The certificates that are shown to a host. After a request that TLS failed they are read again.
struct Doubted {
    identity: Arc<Identity>,
    place: String,
}

impl Doubted {
    fn look_at(&self, error: &(dyn std::error::Error + 'static)) {
        // By TLS 1.3 a host's refusal of our certificate may come with the first answer, not with the handshake.
        if let Some(why) = tls_words::failure(error)
            && self.identity.doubt()
        {
            warn!(host = self.place, why, "no connection to a Docker host; the certificates are read again");
        }
    }
}

fn dial(address: SocketAddr) -> HttpConnector<Pinned> {
    let mut tcp = HttpConnector::new_with_resolver(Pinned(address));
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(ACCEPT));
    tcp.set_keepalive(Some(ALIVE));
    tcp
}

/// Resolves every name to the one address.
#[derive(Clone)]
struct Pinned(SocketAddr);

impl Service<Name> for Pinned {
    type Response = Once<SocketAddr>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Name) -> Self::Future {
        ready(Ok(once(self.0)))
    }
}

/// TLS by the identity that we have at that moment, and never anything else.
#[derive(Clone)]
struct MutualTls {
    tcp: HttpConnector<Pinned>,
    identity: Arc<Identity>,
}

type Tls = HttpsConnector<HttpConnector<Pinned>>;
type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Service<Uri> for MutualTls {
    type Response = <Tls as Service<Uri>>::Response;
    type Error = Failure;
    type Future = BoxFuture<'static, Result<Self::Response, Failure>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, host: Uri) -> Self::Future {
        let by_name = Arc::new(DefaultServerNameResolver::default());
        let mut tls = Tls::new(self.tcp.clone(), self.identity.current(), true, by_name);
        async move { timeout(HANDSHAKE, tls.call(host)).await? }.boxed()
    }
}
