//! Settings of the local server: where it listens, and for whom.

use std::net::SocketAddr;

use super::reader::Reader;
use crate::inbound::{compat::Contract, http::AllowedHosts};

/// The local server.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Origins whose pages may call it.
    pub allowed_origins: Vec<String>,
    /// The hosts that requests may be addressed to; `None` for any.
    pub hosts: Option<AllowedHosts>,
    /// The contracts of other systems that are served beside our own, on Lambda too.
    pub contracts: Vec<Contract>,
}

impl ServerConfig {
    /// Whether other machines can reach it. It has no authentication: whoever reaches it may run code.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !is_loopback(self.listen)
    }
}

fn is_loopback(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

/// On Lambda there is no such server, and nothing of this is a fault.
pub fn read(reader: &mut Reader, on_lambda: bool) -> ServerConfig {
    let listen = reader.parsed("SCE_LISTEN", SocketAddr::from(([127, 0, 0, 1], 5000)), |text| {
        text.parse().map_err(|_| format!("`{text}` is not an address such as 127.0.0.1:5000"))
    });
    let open = reader.switch("SCE_OPEN", false);
    if !open && !is_loopback(listen) && !on_lambda {
        reader.fault(format!(
            "SCE_LISTEN: other machines can reach {listen}, and there is no authentication: whoever reaches it may run \
             code. Listen on a loopback address such as 127.0.0.1:{}, or set SCE_OPEN=true",
            listen.port()
        ));
    }
    let named = reader.parsed("SCE_ALLOWED_HOSTS", None, |text| AllowedHosts::parse(text).map(Some));
    let hosts = match (is_loopback(listen), named) {
        (true, named) => Some(named.unwrap_or_default()),
        // Who opens the server knows its names, or does not care. Where names are given they hold.
        (false, named) => named.map(AllowedHosts::and_any_address),
    };
    let allowed_origins = reader.parsed("SCE_ALLOWED_ORIGINS", Vec::new(), origins);
    let contracts = reader.parsed("SCE_COMPAT", Contract::DEFAULT.to_vec(), contracts);
    ServerConfig { listen, allowed_origins, hosts, contracts }
}

fn contracts(text: &str) -> Result<Vec<Contract>, String> {
    if text == "none" {
        return Ok(Vec::new());
    }
    let known = || Contract::ALL.map(Contract::as_str).join(", ");
    let contract = |name: &str| {
        let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
        Contract::from_name(name).ok_or_else(|| format!("`{shown}` is none of {}, and not `none`", known()))
    };
    let mut contracts: Vec<Contract> =
        text.split(',').map(|name| contract(name.trim())).collect::<Result<_, _>>()?;
    let mut seen = Vec::new();
    contracts.retain(|contract| {
        !seen.contains(contract) && {
            seen.push(*contract);
            true
        }
    });
    Ok(contracts)
}

fn origins(text: &str) -> Result<Vec<String>, String> {
    let origin = |origin: &str| {
        let origin = origin.trim();
        let rest = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        let fits = rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(['/', ' ']) && rest.is_ascii());
        if origin == "*" || fits {
            Ok(origin.to_owned())
        } else {
            Err(format!("`{origin}` is not an origin such as https://example.org"))
        }
    };
    text.split(',').map(origin).collect()
}
