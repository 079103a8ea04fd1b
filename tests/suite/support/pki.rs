//! A private authority and what it certifies, as `infra/` makes them for real.

use std::path::Path;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, date_time_ymd,
};
use serde_json::{Value, json};
use tempfile::TempDir;

pub type Authority = CertifiedIssuer<'static, KeyPair>;

/// A certificate and its key.
pub type Certified = (Certificate, KeyPair);

pub fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server's certificate for these names or addresses.
pub fn server(by: &Authority, names: &[&str]) -> Certified {
    certified(by, ExtendedKeyUsagePurpose::ServerAuth, names, false)
}

/// The same, but it has expired.
pub fn expired_server(by: &Authority, names: &[&str]) -> Certified {
    certified(by, ExtendedKeyUsagePurpose::ServerAuth, names, true)
}

/// A handler's certificate.
pub fn client(by: &Authority) -> Certified {
    certified(by, ExtendedKeyUsagePurpose::ClientAuth, &["handler"], false)
}

/// The same, but it has expired.
pub fn expired_client(by: &Authority) -> Certified {
    certified(by, ExtendedKeyUsagePurpose::ClientAuth, &["handler"], true)
}

fn certified(by: &Authority, usage: ExtendedKeyUsagePurpose, names: &[&str], expired: bool) -> Certified {
    let key = KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.extended_key_usages = vec![usage];
    if expired {
        params.not_after = date_time_ymd(2024, 2, 29);
    }
    (params.signed_by(&key, by).unwrap(), key)
}

/// A folder as `DOCKER_CERT_PATH` names it: trusts `ca`, shows a certificate by `signer`.
pub fn folder(ca: &Authority, signer: &Authority) -> TempDir {
    let folder = TempDir::new().unwrap();
    fill(folder.path(), ca, &client(signer));
    folder
}

/// Writes such a folder's files anew.
pub fn fill(folder: &Path, ca: &Authority, (cert, key): &Certified) {
    std::fs::write(folder.join("ca.pem"), ca.pem()).unwrap();
    std::fs::write(folder.join("cert.pem"), cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
}

/// The same as a secret.
pub fn secret(ca: &Authority, (cert, key): &Certified) -> Value {
    json!({"ca": ca.pem(), "cert": cert.pem(), "key": key.serialize_pem()})
}
