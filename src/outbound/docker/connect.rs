//! Connects to the Docker host: a Unix socket, or TCP with mutual TLS.
//!
//! TLS is ours, not bollard's: its own trusts public authorities too, reads the key anew at each handshake, and
//! goes on without a certificate when it cannot read one.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use bollard::{API_DEFAULT_VERSION, BollardRequest, Docker};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::{
    client::legacy::{
        Client,
        connect::{Connect, HttpConnector},
    },
    rt::TokioExecutor,
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

/// Seconds that the engine may take for the headers of an answer; each step has a tighter deadline of its own.
const ANSWER_SECONDS: u64 = 60;

/// Where the Docker host is, as `DOCKER_HOST` and `DOCKER_CERT_PATH` say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A Unix socket.
    Unix(PathBuf),
    /// TCP with mutual TLS: `host:port`, and the folder with `ca.pem`, `cert.pem` and `key.pem`.
    Tls(String, PathBuf),
    /// TCP in plain text: `host:port`. Only when it was named insecure on purpose.
    Plain(String),
}

/// Why there is no connection to be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// A file of the certificates cannot be read.
    #[error("cannot read {path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of the certificates is not what it should be.
    #[error("{path} is not usable: {reason}")]
    Certificate {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The client cannot be made.
    #[error("cannot set up the Docker client: {0}")]
    Client(#[from] bollard::errors::Error),
}

/// A client for the Docker host. Nothing is sent yet.
///
/// # Errors
/// When the certificates cannot be used.
pub fn connect(endpoint: &Endpoint) -> Result<Docker, ConnectError> {
    match endpoint {
        Endpoint::Unix(path) => {
            // The path travels as the host of an address, in hexadecimal.
            let host: String =
                path.as_os_str().as_encoded_bytes().iter().map(|b| format!("{b:02x}")).collect();
            keep_alive(hyperlocal::UnixConnector, format!("unix://{host}"))
        }
        Endpoint::Plain(address) => keep_alive(HttpConnector::new(), format!("http://{address}")),
        Endpoint::Tls(address, folder) => {
            let connector = HttpsConnectorBuilder::new().with_tls_config(client_config(folder)?);
            keep_alive(connector.https_only().enable_http1().build(), format!("https://{address}"))
        }
    }
}

/// A client that keeps its connections and uses them again, which bollard's own clients do not: over TLS a
/// handshake costs more than a warm run.
fn keep_alive<C>(connector: C, address: String) -> Result<Docker, ConnectError>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    let client = Arc::new(Client::builder(TokioExecutor::new()).build(connector));
    let transport = move |request: BollardRequest| {
        let client = Arc::clone(&client);
        Box::pin(async move { client.request(request).await.map_err(bollard::errors::Error::from) })
    };
    Ok(Docker::connect_with_custom_transport(transport, Some(address), ANSWER_SECONDS, API_DEFAULT_VERSION)?)
}

/// Trusts the private authority alone, and always shows our certificate.
fn client_config(folder: &Path) -> Result<ClientConfig, ConnectError> {
    let [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map(|name| folder.join(name));
    let bad = |path: &Path, reason: String| ConnectError::Certificate { path: path.to_owned(), reason };
    let mut roots = RootCertStore::empty();
    for authority in certificates(&ca)? {
        roots.add(authority).map_err(|error| bad(&ca, error.to_string()))?;
    }
    let private =
        PrivateKeyDer::from_pem_slice(&read(&key)?).map_err(|error| bad(&key, error.to_string()))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| bad(&ca, error.to_string()))?
        .with_root_certificates(roots)
        .with_client_auth_cert(certificates(&cert)?, private)
        .map_err(|error| bad(&cert, error.to_string()))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, ConnectError> {
    let bad = |reason: String| ConnectError::Certificate { path: path.to_owned(), reason };
    let pem = read(path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match found {
        Ok(found) if found.is_empty() => Err(bad("it holds no certificate".to_owned())),
        Ok(found) => Ok(found),
        Err(error) => Err(bad(error.to_string())),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, ConnectError> {
    fs::read(path).map_err(|source| ConnectError::File { path: path.to_owned(), source })
}
