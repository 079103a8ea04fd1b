//! Whom we trust on a Docker host, and what we show there: the private authority, our certificate and its key.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

/// Where the certificates are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A folder with `ca.pem`, `cert.pem` and `key.pem`.
    Folder(PathBuf),
}

/// Why the certificates will not do.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// One cannot be read.
    #[error("cannot read {path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// One is not what it should be.
    #[error("{path} is not usable: {reason}")]
    Certificate {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// What we are to Docker hosts. In memory: no file is read for a connection.
#[derive(Debug)]
pub struct Identity {
    config: Arc<ClientConfig>,
}

impl Identity {
    /// Reads it.
    ///
    /// # Errors
    /// [`Unusable`].
    pub fn load(source: &Source) -> Result<Self, Unusable> {
        let Source::Folder(folder) = source;
        Ok(Self { config: Arc::new(client_config(folder)?) })
    }

    /// What the next connection is to use.
    #[must_use]
    pub fn current(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.config)
    }
}

/// Trusts the private authority alone, and always shows our certificate.
fn client_config(folder: &Path) -> Result<ClientConfig, Unusable> {
    let [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map(|name| folder.join(name));
    let bad = |path: &Path, reason: String| Unusable::Certificate { path: path.to_owned(), reason };
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

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Unusable> {
    let bad = |reason: String| Unusable::Certificate { path: path.to_owned(), reason };
    let pem = read(path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match found {
        Ok(found) if found.is_empty() => Err(bad("it holds no certificate".to_owned())),
        Ok(found) => Ok(found),
        Err(error) => Err(bad(error.to_string())),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Unusable> {
    fs::read(path).map_err(|source| Unusable::File { path: path.to_owned(), source })
}
