//! Which hosts a request may be addressed to (`Host`): the wall against pages that had a name of their own pointed at
//! this machine (DNS rebinding). To a browser such a page and this server are one site, so nothing that compares
//! `Origin` with `Host` stops it; only the name that the browser was told tells the two apart.
//!
//! Taken are `localhost`, loopback addresses and the names of `SCE_ALLOWED_HOSTS`, with any port. A name without a dot
//! is taken, too, from what is no browser: such a name lies in no zone that somebody elsewhere could own, it resolves
//! by this machine's own files and search domain only, and scripts do send `Host: x`. HTTP/1.0 may leave `Host` out,
//! which no browser does.

#[cfg(test)]
mod tests;

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::Arc,
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, Version, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{body, error::ApiError};
use crate::inbound::contract::rejection::shown;

const LOCALHOST: &str = "localhost";
/// Headers that pages' requests carry and that no script on a page can take off.
const OF_PAGES: [&str; 6] =
    ["origin", "referer", "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest", "upgrade-insecure-requests"];

/// The hosts that requests may be addressed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedHosts {
    others: Vec<Host>,
    any_address: bool,
}

/// A host as a URL names it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Address(IpAddr),
    /// In lower case, without the dot at its end.
    Name(String),
}

impl AllowedHosts {
    /// `localhost`, loopback addresses, and these names or addresses (comma-separated, without ports).
    ///
    /// # Errors
    /// The first of them that is neither a name nor an address.
    pub fn parse(list: &str) -> Result<Self, String> {
        let host = |text: &str| {
            // An IPv6 address may come as it stands in a URL, or bare.
            let bare = text.parse::<Ipv6Addr>().ok().map(|address| Host::Address(IpAddr::V6(address)));
            let host = bare.or_else(|| Host::parse(text).filter(|_| !has_port(text)));
            host.ok_or_else(|| format!("`{}` is not a host such as code.example.org", shown(text)))
        };
        let others = list.split(',').map(|text| host(text.trim())).collect::<Result<_, _>>()?;
        Ok(Self { others, any_address: false })
    }

    /// The same, and every address: no name, so nothing that can be pointed elsewhere. For a server that listens on
    /// more than loopback.
    #[must_use]
    pub fn and_any_address(self) -> Self {
        Self { any_address: true, ..self }
    }

    fn takes(&self, authority: &str, of_a_page: bool) -> bool {
        let Some(host) = Host::parse(authority) else { return false };
        let known = match &host {
            Host::Address(address) => address.is_loopback() || self.any_address,
            Host::Name(name) => name == LOCALHOST || !(name.contains('.') || of_a_page),
        };
        known || self.others.contains(&host)
    }

    /// Looks at every host that a request names: in its `Host` header, and in an absolute request target.
    fn check(&self, request: &Request) -> Result<(), ApiError> {
        let headers = request.headers();
        let of_a_page = is_of_a_page(headers);
        let mut named = headers.get_all(header::HOST).iter();
        match (named.next(), named.next()) {
            (None, _) if request.version() < Version::HTTP_11 => {}
            (Some(host), None) => {
                let text = host.to_str().unwrap_or("(not ASCII)");
                if !self.takes(text, of_a_page) {
                    return Err(wrong(text));
                }
            }
            _ => {
                let message = "A request must have one `Host` header (RFC 9112, section 3.2).";
                return Err(ApiError::new(StatusCode::BAD_REQUEST, "invalid_request", message));
            }
        }
        match request.uri().authority() {
            Some(authority) if !self.takes(authority.as_str(), of_a_page) => Err(wrong(authority.as_str())),
            _ => Ok(()),
        }
    }
}

fn is_of_a_page(headers: &HeaderMap) -> bool {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    agent.starts_with("Mozilla/") || OF_PAGES.iter().any(|name| headers.contains_key(*name))
}

fn wrong(host: &str) -> ApiError {
    let message = format!(
        "The `Host` header must name `localhost`, a loopback address or one of `SCE_ALLOWED_HOSTS`, not `{}`.",
        shown(host)
    );
    ApiError::new(StatusCode::FORBIDDEN, "wrong_host", message)
}

impl Host {
    /// The host of `host[:port]` (RFC 3986, section 3.2); anything else, user information too, is none.
    fn parse(authority: &str) -> Option<Self> {
        if let Some(rest) = authority.strip_prefix('[') {
            let (address, port) = rest.split_once(']')?;
            let address: Ipv6Addr = address.parse().ok()?;
            return is_port(port).then(|| Self::Address(IpAddr::V6(address).to_canonical()));
        }
        let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
        let host = host.strip_suffix('.').unwrap_or(host);
        let is_label = |label: &str| {
            !label.is_empty()
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        if !is_port(port) || !host.split('.').all(is_label) {
            return None;
        }
        match host.parse::<Ipv4Addr>() {
            Ok(address) => Some(Self::Address(address.into())),
            Err(_) => Some(Self::Name(host.to_ascii_lowercase())),
        }
    }
}

/// Nothing, or a colon and the digits of a port; RFC 3986 lets there be none.
fn is_port(text: &str) -> bool {
    text.is_empty()
        || text.strip_prefix(':').is_some_and(|port| {
            port.bytes().all(|byte| byte.is_ascii_digit()) && (port.is_empty() || port.parse::<u16>().is_ok())
        })
}

fn has_port(authority: &str) -> bool {
    authority.rsplit(']').next().is_some_and(|rest| rest.contains(':'))
}

/// Refuses what is addressed to another host, on every route there is and on those there are not.
pub(super) async fn guard(State(hosts): State<Arc<AllowedHosts>>, request: Request, next: Next) -> Response {
    match hosts.check(&request) {
        Ok(()) => next.run(request).await,
        Err(error) => {
            let (parts, body) = request.into_parts();
            body::discard(&parts.headers, body).await;
            error.into_response()
        }
    }
}
