//! Which Docker hosts there are: every address behind every name is one. Knows names and answers, not hosts.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use tokio::{net::lookup_host, time::timeout};

use crate::outbound::docker::engine::connect::Place;

/// How long a name may take to be resolved.
const LOOK_UP: Duration = Duration::from_secs(5);
/// Answers in a row that an address may be missing from. Some name servers give a few addresses of many, at random.
const MISSING: u32 = 3;

/// Finds all addresses of `name:port`.
pub type Resolver = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// The machine's own resolver: its hosts file, its name servers.
#[must_use]
pub fn system() -> Resolver {
    Arc::new(|name| {
        async move {
            let found = timeout(LOOK_UP, lookup_host(name)).await?;
            Ok(found?.collect())
        }
        .boxed()
    })
}

/// What is kept for each host.
#[derive(Debug)]
pub struct Discovered<H>(Vec<Entry<H>>);

#[derive(Debug)]
struct Entry<H> {
    place: Place,
    missing: u32,
    host: H,
}

impl<H> Default for Discovered<H> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<H> Discovered<H> {
    /// All that are known.
    pub fn iter(&self) -> impl Iterator<Item = &H> {
        self.0.iter().map(|entry| &entry.host)
    }

    /// Adds a host for a place that is not known.
    pub fn add(&mut self, place: Place, begin: impl FnOnce(Place) -> H) {
        let known = self.0.iter().any(|entry| match (&entry.place, &place) {
            // Two names for one address are one host.
            (Place::Tcp { address: one, .. }, Place::Tcp { address: other, .. }) => one == other,
            (one, other) => one == other,
        });
        if !known {
            self.0.push(Entry { place: place.clone(), missing: 0, host: begin(place) });
        }
    }

    /// Takes in what was found behind a name: a host is begun for each new address, and those that have been missing
    /// for long enough are given back. No address at all is no answer: a name server's bad moment ends nothing.
    pub fn update(&mut self, name: &str, found: &[SocketAddr], begin: impl Fn(Place) -> H) -> Vec<H> {
        if found.is_empty() {
            return Vec::new();
        }
        for entry in &mut self.0 {
            match &entry.place {
                Place::Tcp { name: own, address } if own == name => {
                    entry.missing = if found.contains(address) { 0 } else { entry.missing + 1 };
                }
                _ => {}
            }
        }
        for &address in found {
            self.add(Place::Tcp { name: name.to_owned(), address }, &begin);
        }
        let gone = self.0.extract_if(.., |entry| entry.missing >= MISSING);
        gone.map(|entry| entry.host).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "docker.test:2376";

    fn address(last: u8) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, last], 2376))
    }

    fn known(discovered: &Discovered<String>) -> Vec<&str> {
        discovered.iter().map(String::as_str).collect()
    }

    fn update(discovered: &mut Discovered<String>, name: &str, found: &[SocketAddr]) -> Vec<String> {
        discovered.update(name, found, |place| place.to_string())
    }

    #[test]
    fn every_address_behind_a_name_is_a_host_and_stays_the_same_one() {
        let mut discovered = Discovered::default();
        update(&mut discovered, NAME, &[address(1), address(2)]);
        assert_eq!(
            known(&discovered),
            ["docker.test:2376 at 10.0.0.1:2376", "docker.test:2376 at 10.0.0.2:2376"]
        );
        discovered.update(NAME, &[address(2), address(3)], |place| format!("new {place}"));
        assert_eq!(
            known(&discovered)[1..],
            ["docker.test:2376 at 10.0.0.2:2376", "new docker.test:2376 at 10.0.0.3:2376"]
        );
    }

    #[test]
    fn an_address_is_given_up_only_when_it_is_missing_three_times_in_a_row() {
        let mut discovered = Discovered::default();
        update(&mut discovered, NAME, &[address(1), address(2)]);
        for answer in
            [&[address(2)][..], &[address(2)], &[address(1), address(2)], &[address(2)], &[address(2)]]
        {
            assert!(update(&mut discovered, NAME, answer).is_empty());
        }
        assert_eq!(known(&discovered).len(), 2);
        assert_eq!(update(&mut discovered, NAME, &[address(2)]), ["docker.test:2376 at 10.0.0.1:2376"]);
        assert_eq!(known(&discovered), ["docker.test:2376 at 10.0.0.2:2376"]);
    }

    #[test]
    fn an_answer_without_addresses_changes_nothing() {
        let mut discovered = Discovered::default();
        update(&mut discovered, NAME, &[address(1)]);
        for _ in 0..5 {
            assert!(update(&mut discovered, NAME, &[]).is_empty());
        }
        assert_eq!(known(&discovered).len(), 1);
    }

    #[test]
    fn names_do_not_touch_each_others_hosts_and_share_an_address() {
        let mut discovered = Discovered::default();
        update(&mut discovered, NAME, &[address(1)]);
        for _ in 0..5 {
            assert!(update(&mut discovered, "other.test:2376", &[address(1), address(2)]).is_empty());
        }
        assert_eq!(
            known(&discovered),
            ["docker.test:2376 at 10.0.0.1:2376", "other.test:2376 at 10.0.0.2:2376"]
        );
    }
}
