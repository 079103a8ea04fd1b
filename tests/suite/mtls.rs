//! A Docker host behind mutual TLS, on loopback: the real engine, and in front of it a door that demands a
//! certificate of the private authority.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use rustls::{RootCertStore, ServerConfig, pki_types::PrivateKeyDer, server::WebPkiClientVerifier};
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, UnixStream},
    runtime::Runtime,
};
use tokio_rustls::TlsAcceptor;

use super::support::Server;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn certified(by: &Authority, usage: ExtendedKeyUsagePurpose) -> (rcgen::Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.extended_key_usages = vec![usage];
    (params.signed_by(&key, by).unwrap(), key)
}

/// A folder as `DOCKER_CERT_PATH` names it: trusts `ca`, shows a certificate by `signer`.
fn folder(ca: &Authority, signer: &Authority) -> TempDir {
    let folder = TempDir::new().unwrap();
    let (cert, key) = certified(signer, ExtendedKeyUsagePurpose::ClientAuth);
    std::fs::write(folder.path().join("ca.pem"), ca.pem()).unwrap();
    std::fs::write(folder.path().join("cert.pem"), cert.pem()).unwrap();
    std::fs::write(folder.path().join("key.pem"), key.serialize_pem()).unwrap();
    folder
}

/// TLS in front of the engine's socket; counts the handshakes that succeeded.
struct Door {
    address: SocketAddr,
    handshakes: Arc<AtomicUsize>,
    _runtime: Runtime,
}

impl Door {
    fn open(ca: &Authority) -> Self {
        let (cert, key) = certified(ca, ExtendedKeyUsagePurpose::ServerAuth);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(ca.der().clone()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(vec![cert.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let handshakes = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&handshakes);
        runtime.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (acceptor, count) = (acceptor.clone(), Arc::clone(&count));
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    count.fetch_add(1, Ordering::Relaxed);
                    let mut engine = UnixStream::connect("/var/run/docker.sock").await.unwrap();
                    let _ = copy_bidirectional(&mut stream, &mut engine).await;
                });
            }
        });
        Self { address, handshakes, _runtime: runtime }
    }

    fn host(&self) -> String {
        format!("tcp://{}", self.address)
    }
}

fn refusal(host: &str, certificates: &Path) -> String {
    let settings = [("DOCKER_HOST", host), ("DOCKER_CERT_PATH", certificates.to_str().unwrap())];
    match Server::try_start(&settings) {
        Ok(_) => panic!("it serves"),
        Err((status, log)) => {
            assert!(!status.success());
            log
        }
    }
}

#[test]
fn programs_run_on_a_docker_host_behind_mutual_tls_and_connections_are_kept() {
    let ca = authority();
    let (door, certificates) = (Door::open(&ca), folder(&ca, &ca));
    let server = Server::start(&[
        ("DOCKER_HOST", &door.host()),
        ("DOCKER_CERT_PATH", certificates.path().to_str().unwrap()),
        ("SCE_POOL_SIZE", "0"),
    ]);
    let before = door.handshakes.load(Ordering::Relaxed);
    for n in 0..5 {
        let outcome = server.run(&json!({"code": format!("print({n})")}));
        assert_eq!((outcome.output(), outcome.status()), (format!("{n}\n").as_str(), "completed"));
    }
    let outcome = server.run(&json!({"code": "while True: pass", "limits": {"timeout_seconds": 1}}));
    assert_eq!(outcome.status(), "time_limit");
    // An attached stream takes its connection with it; every other call can use one that is there.
    let handshakes = door.handshakes.load(Ordering::Relaxed) - before;
    assert!(handshakes <= 6 * 3, "{handshakes} handshakes for 6 runs of some 7 calls each");
}

#[test]
fn a_host_of_another_authority_is_not_believed() {
    let (ours, theirs) = (authority(), authority());
    let log = refusal(&Door::open(&theirs).host(), folder(&ours, &ours).path());
    assert!(log.contains("no Docker Engine answers") && log.contains("certificate"), "{log}");
}

#[test]
fn a_certificate_of_another_authority_opens_no_door() {
    let (ours, theirs) = (authority(), authority());
    let log = refusal(&Door::open(&ours).host(), folder(&ours, &theirs).path());
    assert!(log.contains("no Docker Engine answers"), "{log}");
}

#[test]
fn missing_and_broken_certificates_are_named() {
    let ca = authority();
    let door = Door::open(&ca);
    for (file, content) in [("key.pem", None), ("cert.pem", Some("rubbish")), ("ca.pem", Some(""))] {
        let certificates = folder(&ca, &ca);
        let path = certificates.path().join(file);
        match content {
            None => std::fs::remove_file(path).unwrap(),
            Some(text) => std::fs::write(path, text).unwrap(),
        }
        let log = refusal(&door.host(), certificates.path());
        assert!(log.contains(file), "{file}: {log}");
    }
    assert_eq!(door.handshakes.load(Ordering::Relaxed), 0, "it never goes on without a certificate");
}

#[test]
fn a_tcp_host_without_certificates_is_refused_before_anything_is_sent() {
    let log = match Server::try_start(&[("DOCKER_HOST", "tcp://127.0.0.1:1")]) {
        Ok(_) => panic!("it serves"),
        Err((_, log)) => log,
    };
    assert!(log.contains("DOCKER_CERT_PATH") && log.contains("SCE_DOCKER_INSECURE"), "{log}");
}
