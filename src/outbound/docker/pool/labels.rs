//! What an engine's list says of our containers: their names, their state, and by when they are over.
//!
//! Times are the engine's own: it wrote when each container was made, and how long it lasts is a duration. Neither our
//! clock nor that of whoever made the container counts.

use bollard::models::{ContainerSummary, ContainerSummaryStateEnum};

use super::overdue::Passing;
use crate::outbound::docker::sandbox::{
    blueprint::{BUSY, NEW},
    spec::{LABEL_ENDS_BY, LABEL_KEY, LABEL_LASTS},
};

/// What the labels of a container say.
#[derive(Debug)]
pub struct Labels<'a> {
    /// What it was made from.
    pub key: &'a str,
    /// The moment (Unix seconds, by the engine's clock) by which it is promised to be gone.
    pub gone_by: i64,
}

impl<'a> Labels<'a> {
    /// Reads them.
    #[must_use]
    pub fn of(container: &'a ContainerSummary) -> Self {
        let label = |name| container.labels.as_ref().and_then(|labels| labels.get(name));
        let number = |name| label(name).and_then(|text| text.parse::<i64>().ok());
        let gone_by = match (container.created, number(LABEL_LASTS)) {
            (Some(created), Some(lasts)) => created.saturating_add(lasts),
            // Of a build that named the moment, by its own clock. Without either nobody promised anything: overdue.
            _ => number(LABEL_ENDS_BY).unwrap_or(0),
        };
        Self { key: label(LABEL_KEY).map_or("", String::as_str), gone_by }
    }
}

/// Whether it runs under a name that begins like this.
#[must_use]
pub fn is_running(container: &ContainerSummary, prefix: &str) -> bool {
    container.state == Some(ContainerSummaryStateEnum::RUNNING) && has_name(container, prefix)
}

/// Whether it was made under a name that begins like this, and has not been started.
#[must_use]
pub fn is_unstarted(container: &ContainerSummary, prefix: &str) -> bool {
    container.state == Some(ContainerSummaryStateEnum::CREATED) && has_name(container, prefix)
}

fn has_name(container: &ContainerSummary, prefix: &str) -> bool {
    let names = container.names.as_deref().unwrap_or_default();
    names.iter().any(|name| name.trim_start_matches('/').starts_with(prefix))
}

/// The state in which it should not stay, with its id; `None` for one that may.
#[must_use]
pub fn passing_through(container: &ContainerSummary) -> Option<(String, Passing)> {
    let state = if container.state == Some(ContainerSummaryStateEnum::CREATED) {
        Passing::Unstarted
    } else if container.state != Some(ContainerSummaryStateEnum::RUNNING) {
        Passing::Leaving
    } else if is_running(container, NEW) {
        Passing::Unready
    } else if is_running(container, BUSY) {
        Passing::Busy
    } else {
        return None;
    };
    Some((container.id.clone()?, state))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn a_moment_is_the_engines_own_where_a_duration_is_known() {
        let gone_by = |created, labels: &[(&str, &str)]| {
            let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            let labels: HashMap<_, _> = labels.iter().map(pair).collect();
            let container = ContainerSummary { created, labels: Some(labels), ..Default::default() };
            Labels::of(&container).gone_by
        };
        // Whoever made it had a clock that was an hour behind.
        assert_eq!(gone_by(Some(10_000), &[(LABEL_LASTS, "90"), (LABEL_ENDS_BY, "6490")]), 10_090);
        assert_eq!(gone_by(Some(10_000), &[(LABEL_ENDS_BY, "10090")]), 10_090);
        assert_eq!(gone_by(Some(10_000), &[]), 0);
        assert_eq!(gone_by(None, &[(LABEL_LASTS, "90")]), 0);
        assert_eq!(gone_by(Some(i64::MAX), &[(LABEL_LASTS, "90")]), i64::MAX);
    }
}
