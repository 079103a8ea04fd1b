//! TLS in front of an engine's socket, as the engine's own: it demands a certificate of the private authority.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use rustls::{RootCertStore, ServerConfig, pki_types::PrivateKeyDer, server::WebPkiClientVerifier};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, UnixStream},
    runtime::Runtime,
};
use tokio_rustls::TlsAcceptor;

use super::{
    engine,
    pki::{self, Authority, Certified},
};

/// Counts the handshakes that succeeded.
pub struct Door {
    pub address: SocketAddr,
    handshakes: Arc<AtomicUsize>,
    shown: Arc<Mutex<Vec<u8>>>,
    _runtime: Runtime,
}

impl Door {
    /// In front of the engine that all tests use.
    pub fn open(ca: &Authority) -> Self {
        Self::to(ca, "127.0.0.1:0", &["127.0.0.1"], engine::socket().into())
    }

    /// At this address, for those who come by one of these names, in front of this socket.
    pub fn to(ca: &Authority, address: &str, names: &[&str], socket: PathBuf) -> Self {
        Self::showing(&pki::server(ca, names), ca, address, socket)
    }

    /// A door that shows this certificate, and opens to those that `ca` certifies.
    pub fn showing(own: &Certified, ca: &Authority, address: &str, socket: PathBuf) -> Self {
        let acceptor = TlsAcceptor::from(Arc::new(config(own, ca)));
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind(address)).unwrap();
        let address = listener.local_addr().unwrap();
        let handshakes = Arc::new(AtomicUsize::new(0));
        let shown = Arc::<Mutex<Vec<u8>>>::default();
        let (count, last) = (Arc::clone(&handshakes), Arc::clone(&shown));
        runtime.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (acceptor, count, socket) = (acceptor.clone(), Arc::clone(&count), socket.clone());
                let last = Arc::clone(&last);
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    count.fetch_add(1, Ordering::Relaxed);
                    let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
                    *last.lock().unwrap() = certificates.first().map(|own| own.to_vec()).unwrap_or_default();
                    let Ok(mut engine) = UnixStream::connect(socket).await else { return };
                    let _ = copy_bidirectional(&mut stream, &mut engine).await;
                });
            }
        });
        Self { address, handshakes, shown, _runtime: runtime }
    }

    /// For `DOCKER_HOST`.
    pub fn host(&self) -> String {
        format!("tcp://{}", self.address)
    }

    pub fn handshakes(&self) -> usize {
        self.handshakes.load(Ordering::Relaxed)
    }

    /// The certificate of whoever came in last, in DER.
    pub fn shown(&self) -> Vec<u8> {
        self.shown.lock().unwrap().clone()
    }
}

fn config((cert, key): &Certified, ca: &Authority) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(ca.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(vec![cert.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap()
}
