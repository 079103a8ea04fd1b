//! What was measured, and what it is judged by.

use serde::{Deserialize, Serialize};

use crate::{bounds, facts::Facts, stats::Summary};

/// Everything one run of the benchmark found out.
#[derive(Debug, Serialize, Deserialize)]
pub struct Report {
    /// Where and when.
    pub facts: Facts,
    /// The judged ratios and those beside them.
    pub figures: Vec<Figure>,
    /// What they are made of.
    pub series: Vec<Series>,
    /// What a reader must know of this run.
    pub notes: Vec<String>,
}

/// Absolute measurements of one variant.
#[derive(Debug, Serialize, Deserialize)]
pub struct Series {
    /// The variant.
    pub name: String,
    /// What the values are: `ms`, `runs/s`, `MB`.
    pub unit: String,
    /// In short.
    pub summary: Summary,
    /// In the order they were measured.
    pub values: Vec<f64>,
}

/// A ratio.
#[derive(Debug, Serialize, Deserialize)]
pub struct Figure {
    /// Its name, by which [`bounds`] knows it.
    pub id: String,
    /// What is divided by what.
    pub what: String,
    /// The value that is judged: the median of the rounds, where there are rounds.
    pub value: f64,
    /// The ratios of the rounds.
    pub rounds: Option<Summary>,
    /// What must be seen.
    pub must: Option<Bound>,
    /// What is aimed at.
    pub aim: Option<Bound>,
}

/// A bound of a ratio.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Not more than this.
    AtMost(f64),
    /// Not less than this.
    AtLeast(f64),
}

impl Bound {
    /// Whether a value keeps to it; what is no number never does.
    pub fn holds(self, value: f64) -> bool {
        match self {
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
        }
    }
}

/// How a figure stands to its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is no bound.
    Told,
    /// What is aimed at is reached.
    Aim,
    /// What must be seen is.
    Pass,
    /// It is not.
    Fail,
}

impl Figure {
    /// The verdict.
    pub fn verdict(&self) -> Verdict {
        match (self.must, self.aim) {
            (None, None) => Verdict::Told,
            (Some(must), _) if !must.holds(self.value) => Verdict::Fail,
            (_, Some(aim)) if aim.holds(self.value) => Verdict::Aim,
            _ => Verdict::Pass,
        }
    }
}

impl Report {
    /// Nothing measured yet.
    pub const fn new(facts: Facts) -> Self {
        Self { facts, figures: Vec::new(), series: Vec::new(), notes: Vec::new() }
    }

    /// Adds a variant's measurements.
    pub fn series(&mut self, name: &str, unit: &str, values: &[f64]) {
        let Some(summary) = Summary::of(values) else { return };
        let values = values.iter().map(|value| (value * 1e4).round() / 1e4).collect();
        self.series.push(Series { name: name.to_owned(), unit: unit.to_owned(), summary, values });
    }

    /// Adds the ratio of two variants, round by round.
    pub fn ratio(&mut self, id: &str, what: &str, over: &[f64], under: &[f64]) {
        let ratios: Vec<f64> = over.iter().zip(under).map(|(over, under)| over / under).collect();
        let rounds = Summary::of(&ratios);
        let value = rounds.map_or(f64::NAN, |summary| summary.p50);
        self.add(id, what, value, rounds);
    }

    /// Adds a ratio that has no rounds.
    pub fn figure(&mut self, id: &str, what: &str, value: f64) {
        self.add(id, what, value, None);
    }

    fn add(&mut self, id: &str, what: &str, value: f64, rounds: Option<Summary>) {
        let (must, aim) = bounds::of(id);
        self.figures.push(Figure { id: id.to_owned(), what: what.to_owned(), value, rounds, must, aim });
    }

    /// Adds a note.
    pub fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Puts later results in the place of those of the same name, and says when and where they were measured.
    pub fn renew(&mut self, later: Self) {
        let Facts { time, commit, rounds, load, .. } = later.facts;
        let ids: Vec<_> = later.figures.iter().map(|figure| format!("`{}`", figure.id)).collect();
        let about = |note: &str| note.split_once(':').map(|(about, _)| about.to_owned());
        self.figures.retain(|old| later.figures.iter().all(|new| new.id != old.id));
        self.series.retain(|old| later.series.iter().all(|new| new.name != old.name));
        self.notes.retain(|old| later.notes.iter().all(|new| about(new) != about(old)));
        self.notes.retain(|old| !old.starts_with(&ids.join(", ")));
        self.figures.extend(later.figures);
        self.series.extend(later.series);
        self.notes.extend(later.notes);
        let ids = ids.join(", ");
        self.note(format!(
            "{ids}: measured at {time}, commit {commit}, {rounds} rounds, load at the start {load}."
        ));
    }

    /// Whether nothing failed.
    pub fn passes(&self) -> bool {
        self.figures.iter().all(|figure| figure.verdict() != Verdict::Fail)
    }
}
