//! A private authority and what it certifies, as `infra/` makes them for real.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use tempfile::TempDir;

pub type Authority = CertifiedIssuer<'static, KeyPair>;

pub fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server's certificate for these names or addresses.
pub fn server(by: &Authority, names: &[&str]) -> (rcgen::Certificate, KeyPair) {
    certified(by, ExtendedKeyUsagePurpose::ServerAuth, names)
}

fn certified(
    by: &Authority,
    usage: ExtendedKeyUsagePurpose,
    names: &[&str],
) -> (rcgen::Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.extended_key_usages = vec![usage];
    (params.signed_by(&key, by).unwrap(), key)
}

/// A folder as `DOCKER_CERT_PATH` names it: trusts `ca`, shows a certificate by `signer`.
pub fn folder(ca: &Authority, signer: &Authority) -> TempDir {
    let folder = TempDir::new().unwrap();
    let (cert, key) = certified(signer, ExtendedKeyUsagePurpose::ClientAuth, &["handler"]);
    std::fs::write(folder.path().join("ca.pem"), ca.pem()).unwrap();
    std::fs::write(folder.path().join("cert.pem"), cert.pem()).unwrap();
    std::fs::write(folder.path().join("key.pem"), key.serialize_pem()).unwrap();
    folder
}
