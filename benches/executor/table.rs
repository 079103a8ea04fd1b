//! The results as tables, in Markdown: good to read in a terminal and in the documentation alike.

use std::fmt::Write;

use crate::{
    facts::Facts,
    report::{Bound, Figure, Report, Series, Verdict},
};

/// Everything.
pub fn whole(report: &Report) -> String {
    let mut text = facts(&report.facts);
    text.push_str("\n\n");
    text.push_str(&figures(&report.figures));
    text.push('\n');
    text.push_str(&series(&report.series));
    for note in &report.notes {
        let _ = write!(text, "\n* {note}");
    }
    text.push('\n');
    text
}

fn facts(facts: &Facts) -> String {
    let Facts { time, commit, rounds, load, cpu, cores, memory_mb, kernel, engine, .. } = facts;
    let Facts { cgroup, storage, transport, docker_cli, images, .. } = facts;
    format!(
        "Measured at {time}, commit {commit}, {rounds} rounds. {cores} cores of {cpu}, {memory_mb} MB, Linux {kernel}, \
         load at the start {load}. Engine {engine}, cgroup {cgroup}, {storage}, reached by {transport}. \
         {docker_cli}. Images: {}.",
        images.join("; ")
    )
}

fn figures(figures: &[Figure]) -> String {
    let mut rows = vec![
        ["ratio", "p50", "95 % of p50", "p95", "p99", "n", "must", "aim", "verdict"].map(ToOwned::to_owned),
    ];
    for figure in figures {
        let of = |value: fn(&crate::stats::Summary) -> f64| {
            figure.rounds.as_ref().map_or_else(String::new, |rounds| number(value(rounds)))
        };
        let spread = figure.rounds.as_ref().map_or_else(String::new, |rounds| {
            format!("{} – {}", number(rounds.p50_low), number(rounds.p50_high))
        });
        rows.push([
            format!("{} (`{}`)", figure.what, figure.id),
            format!("**{}**", number(figure.value)),
            spread,
            of(|rounds| rounds.p95),
            of(|rounds| rounds.p99),
            figure.rounds.as_ref().map_or_else(String::new, |rounds| rounds.count.to_string()),
            bound(figure.must),
            bound(figure.aim),
            verdict(figure.verdict()).to_owned(),
        ]);
    }
    aligned(&rows)
}

fn series(all: &[Series]) -> String {
    let mut rows = vec![
        ["measured", "unit", "p50", "95 % of p50", "p95", "p99", "least", "most", "n"].map(ToOwned::to_owned),
    ];
    for series in all {
        let summary = &series.summary;
        rows.push([
            series.name.clone(),
            series.unit.clone(),
            number(summary.p50),
            format!("{} – {}", number(summary.p50_low), number(summary.p50_high)),
            number(summary.p95),
            number(summary.p99),
            number(summary.min),
            number(summary.max),
            summary.count.to_string(),
        ]);
    }
    aligned(&rows)
}

/// A Markdown table whose columns line up.
fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(text, "| {cell}{} ", " ".repeat(width - cell.chars().count()));
        }
        text.push_str("|\n");
        if index == 0 {
            for width in widths {
                let _ = write!(text, "|{}", "-".repeat(width + 2));
            }
            text.push_str("|\n");
        }
    }
    text
}

fn bound(bound: Option<Bound>) -> String {
    match bound {
        None => String::new(),
        Some(Bound::AtMost(value)) => format!("≤ {value}"),
        Some(Bound::AtLeast(value)) => format!("≥ {value}"),
    }
}

const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Told => "",
        Verdict::Aim => "aim",
        Verdict::Pass => "pass",
        Verdict::Fail => "FAIL",
    }
}

/// Three digits that count.
fn number(value: f64) -> String {
    let places = match value.abs() {
        ..1.0 => 3,
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{value:.places$}")
}
