//! What went wrong between us and a Docker host in TLS, in words for our log.

use std::{error::Error, io};

use rustls::{AlertDescription, CertificateError};

use super::certificates::in_words;

/// What TLS says of a failed request; `None` when it was something else.
#[must_use]
pub fn failure(error: &(dyn Error + 'static)) -> Option<String> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(tls) = of_tls(error) {
            return Some(explained(tls));
        }
        cause = error.source();
    }
    None
}

/// An I/O error holds its cause where `source` does not always lead.
fn of_tls<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    error.downcast_ref().or_else(|| of_tls(inner?))
}

fn explained(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(
            error @ (CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }),
        ) => format!("the Docker host's certificate is for another name: {error}"),
        rustls::Error::InvalidCertificate(error) => {
            format!("the Docker host's certificate is not to be trusted: {}", in_words(error))
        }
        rustls::Error::AlertReceived(AlertDescription::CertificateExpired) => {
            "the Docker host refuses our certificate: it has expired".to_owned()
        }
        rustls::Error::AlertReceived(
            alert @ (AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateRequired
            | AlertDescription::UnknownCA
            | AlertDescription::DecryptError
            | AlertDescription::AccessDenied),
        ) => format!("the Docker host refuses our certificate ({alert:?})"),
        error => format!("TLS with the Docker host fails: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tls_says_is_found_however_deep_it_is() {
        let alert = rustls::Error::AlertReceived(AlertDescription::UnknownCA);
        let deep = io::Error::other(io::Error::other(alert));
        assert_eq!(failure(&deep).unwrap(), "the Docker host refuses our certificate (UnknownCA)");
        assert_eq!(failure(&io::Error::other("reset")), None);
    }
}
