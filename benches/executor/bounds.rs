//! What must be seen and what is aimed at: the project's own promises, in one table.

use crate::report::Bound::{self, AtLeast, AtMost};

/// The id of a figure, or how its ids begin; what must be seen; what is aimed at.
const BOUNDS: [(&str, Bound, Option<Bound>); 23] = [
    ("warm-python", AtMost(1.0), Some(AtMost(0.6))),
    ("warm-javascript", AtMost(0.6), Some(AtMost(0.3))),
    ("cold-to-warm", AtLeast(10.0), Some(AtLeast(20.0))),
    ("docker-run", AtLeast(15.0), Some(AtLeast(30.0))),
    ("cold-to-engine", AtMost(1.15), None),
    ("half-capacity", AtMost(4.0), Some(AtMost(2.5))),
    ("stream-end", AtMost(0.4), Some(AtMost(0.25))),
    ("tests-python", AtMost(0.6), Some(AtMost(0.25))),
    ("tests-javascript", AtMost(1.0), Some(AtMost(0.5))),
    ("tests-in-a-row-python", AtMost(0.6), None),
    ("tests-in-a-row-javascript", AtMost(1.0), None),
    ("tests-per-run-python", AtLeast(10.0), None),
    ("contract-", AtMost(1.0), None),
    ("live-lines", AtMost(1.0), None),
    ("sustained-", AtLeast(0.8), Some(AtLeast(1.0))),
    ("neighbour-", AtMost(3.0), Some(AtMost(2.0))),
    ("hit-rate", AtLeast(0.95), Some(AtLeast(0.99))),
    ("idle-memory", AtMost(4.0), Some(AtMost(2.0))),
    ("packages-plot", AtMost(0.3), Some(AtMost(0.15))),
    ("language-compiled-", AtMost(1.0), Some(AtMost(0.7))),
    ("language-tests-", AtMost(1.2), None),
    ("cold-start", AtMost(3.0), Some(AtMost(2.0))),
    ("cold-start-memory", AtMost(3.0), Some(AtMost(2.0))),
];

/// The bounds of a figure.
pub fn of(id: &str) -> (Option<Bound>, Option<Bound>) {
    let found =
        BOUNDS.iter().find(|(name, ..)| if name.ends_with('-') { id.starts_with(name) } else { *name == id });
    found.map_or((None, None), |(_, must, aim)| (Some(*must), *aim))
}
