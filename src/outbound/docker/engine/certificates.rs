//! The private authority, our certificate and its key: from PEM text to what TLS uses, and what is wrong with them.

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use rustls::{
    CertificateError, ClientConfig, RootCertStore,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject},
    server::WebPkiClientVerifier,
};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::secret;

/// How long before our certificate expires it is warned about.
const NOTICE: Duration = Duration::from_hours(14 * 24);

/// Where the certificates are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A folder with `ca.pem`, `cert.pem` and `key.pem`.
    Folder(PathBuf),
    /// The name or ARN of a secret in AWS Secrets Manager, a JSON object with `ca`, `cert` and `key`.
    Secret(String),
}

/// Why the certificates will not do, in words for our log. Never holds any part of a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Something cannot be read.
    #[error("cannot read {what}: {why}")]
    Unreadable {
        /// A file, or the secret.
        what: String,
        /// Why not.
        why: String,
    },
    /// Something is not what it should be.
    #[error("{what} is not usable: {why}")]
    Bad {
        /// A file, or a part of the secret.
        what: String,
        /// Why not.
        why: String,
    },
}

/// PEM text, and where it came from.
pub struct Part {
    /// For messages.
    pub what: String,
    /// PEM.
    pub text: Vec<u8>,
}

/// The three parts as they were read.
pub struct Bundle {
    /// The authorities to trust.
    pub ca: Part,
    /// Our certificate, and those between it and the authority.
    pub cert: Part,
    /// Its key.
    pub key: Part,
}

/// Certificates that can be used.
#[derive(Debug)]
pub struct Certificates {
    /// Trusts the private authority alone, and always shows our certificate.
    pub config: Arc<ClientConfig>,
    /// What does not keep us from using them, a sentence each.
    pub warnings: Vec<String>,
}

impl Bundle {
    /// Reads all three.
    ///
    /// # Errors
    /// [`Unusable`] when a file or the secret cannot be read, or a part is missing from the secret.
    pub async fn read(source: &Source) -> Result<Self, Unusable> {
        match source {
            Source::Secret(name) => secret::read(name).await,
            Source::Folder(folder) => {
                let part = |name| {
                    let path = folder.join(name);
                    let what = path.display().to_string();
                    match fs::read(&path) {
                        Ok(text) => Ok(Part { what, text }),
                        Err(error) => Err(Unusable::Unreadable { what, why: error.to_string() }),
                    }
                };
                Ok(Self { ca: part("ca.pem")?, cert: part("cert.pem")?, key: part("key.pem")? })
            }
        }
    }

    /// Stands for exactly this content.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let parts = [&self.ca, &self.cert, &self.key].map(|part| Sha256::digest(&part.text));
        Sha256::digest(parts.concat()).into()
    }

    /// Checks that they can be used now.
    ///
    /// # Errors
    /// [`Unusable::Bad`].
    pub fn parse(&self) -> Result<Certificates, Unusable> {
        let mut roots = RootCertStore::empty();
        for authority in self.ca.certificates()? {
            roots.add(authority).map_err(|error| self.ca.bad(error.to_string()))?;
        }
        let roots = Arc::new(roots);
        let chain = self.cert.certificates()?;
        let key = PrivateKeyDer::from_pem_slice(&self.key.text)
            .map_err(|_| self.key.bad("it holds no private key".to_owned()))?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let warnings = self.judge(&chain, &roots, &provider)?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| self.ca.bad(error.to_string()))?
            .with_root_certificates(roots)
            .with_client_auth_cert(chain, key)
            .map_err(|error| self.cert.bad(error.to_string()))?;
        Ok(Certificates { config: Arc::new(config), warnings })
    }

    /// Our certificate as a host will see it: by TLS 1.3 a host that refuses it may say so too late to be heard.
    fn judge(
        &self,
        chain: &[CertificateDer<'_>],
        roots: &Arc<RootCertStore>,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Vec<String>, Unusable> {
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::clone(roots), Arc::clone(provider)).build();
        let verifier = verifier.map_err(|error| self.ca.bad(error.to_string()))?;
        let Some((own, between)) = chain.split_first() else { return Ok(Vec::new()) };
        let now = UnixTime::now();
        let soon = UnixTime::since_unix_epoch(Duration::from_secs(now.as_secs()) + NOTICE);
        let at = |time| verifier.verify_client_cert(own, between, time).err();
        match at(now) {
            Some(rustls::Error::InvalidCertificate(
                error @ (CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. }),
            )) => Err(self.cert.bad(in_words(&error))),
            // A host that trusts others as well may still take it.
            Some(rustls::Error::InvalidCertificate(error)) => Ok(vec![format!(
                "{} is not certified by {}, and a Docker host that trusts that authority alone refuses it: {}",
                self.cert.what,
                self.ca.what,
                in_words(&error)
            )]),
            Some(error) => Err(self.cert.bad(error.to_string())),
            None => {
                let expires = at(soon).map(|error| match error {
                    rustls::Error::InvalidCertificate(error) => in_words(&error),
                    error => error.to_string(),
                });
                Ok(expires
                    .map(|when| format!("{} will soon be of no use: {when}", self.cert.what))
                    .into_iter()
                    .collect())
            }
        }
    }
}

impl Part {
    fn bad(&self, why: String) -> Unusable {
        Unusable::Bad { what: self.what.clone(), why }
    }

    fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, Unusable> {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.text).collect();
        match found {
            Ok(found) if found.is_empty() => Err(self.bad("it holds no certificate".to_owned())),
            Ok(found) => Ok(found),
            Err(error) => Err(self.bad(error.to_string())),
        }
    }
}

/// What is wrong with a certificate, with days instead of seconds since 1970.
#[must_use]
pub fn in_words(error: &CertificateError) -> String {
    let day = |time: &UnixTime| {
        let time = OffsetDateTime::from_unix_timestamp(time.as_secs().cast_signed());
        time.map_or_else(|_| "?".to_owned(), |time| time.date().to_string())
    };
    match error {
        CertificateError::Expired => "it has expired".to_owned(),
        CertificateError::ExpiredContext { not_after, .. } => format!("it expires on {}", day(not_after)),
        CertificateError::NotValidYet => "it is not valid yet".to_owned(),
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("it is not valid before {}", day(not_before))
        }
        // By one of another name, or of the same name with another key.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "it is by another authority".to_owned()
        }
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

    use super::*;

    type Authority = CertifiedIssuer<'static, KeyPair>;

    fn authority(name: &str) -> Authority {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    }

    /// Valid for so many days from now on, by `signer`.
    fn bundle(ca: &Authority, signer: &Authority, from: i64, to: i64) -> Bundle {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["handler".to_owned()]).unwrap();
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
        params.not_before = OffsetDateTime::now_utc() + time::Duration::days(from);
        params.not_after = OffsetDateTime::now_utc() + time::Duration::days(to);
        let cert = params.signed_by(&key, signer).unwrap();
        let part = |what: &str, text: String| Part { what: what.to_owned(), text: text.into_bytes() };
        Bundle {
            ca: part("ca.pem", ca.pem()),
            cert: part("cert.pem", cert.pem()),
            key: part("key.pem", key.serialize_pem()),
        }
    }

    #[test]
    fn a_certificate_is_judged_by_its_days_before_it_is_shown() {
        let ca = authority("ours");
        let judged = |from, to| bundle(&ca, &ca, from, to).parse().map(|good| good.warnings);
        assert_eq!(judged(-1, 30), Ok(Vec::new()));
        let soon = judged(-1, 13).unwrap();
        assert!(
            soon.len() == 1 && soon[0].starts_with("cert.pem will soon be of no use: it expires on 20"),
            "{soon:?}"
        );
        for (from, to, words) in [(-9, -1, "it expires on 20"), (1, 30, "it is not valid before 20")] {
            let refused = judged(from, to).unwrap_err().to_string();
            assert!(refused.starts_with("cert.pem is not usable") && refused.contains(words), "{refused}");
        }
    }

    #[test]
    fn one_that_another_authority_certified_can_be_used_and_is_warned_about() {
        let warnings = bundle(&authority("ours"), &authority("theirs"), -1, 30).parse().unwrap().warnings;
        assert!(
            warnings.len() == 1 && warnings[0].contains("cert.pem is not certified by ca.pem"),
            "{warnings:?}"
        );
    }

    #[test]
    fn a_key_of_another_certificate_is_refused_and_no_part_of_it_is_told() {
        let ca = authority("ours");
        let mut mixed = bundle(&ca, &ca, -1, 30);
        mixed.key = bundle(&ca, &ca, -1, 30).key;
        let refused = mixed.parse().unwrap_err().to_string();
        assert!(refused.starts_with("cert.pem is not usable"), "{refused}");
        let text = String::from_utf8(mixed.key.text.clone()).unwrap();
        assert!(text.lines().all(|line| line.starts_with('-') || !refused.contains(line)), "{refused}");
        assert_ne!(mixed.digest(), bundle(&ca, &ca, -1, 30).digest());
    }
}
