//! Puts the tables into the documentation: figures there are written by this program, never by hand.

use std::{fs, path::Path};

use crate::Result;

const PAGE: &str = "docs/PERFORMANCE.md";
const BEGIN: &str = "<!-- figures: begin. Written by `make bench`; do not edit. -->";
const END: &str = "<!-- figures: end -->";

/// Replaces what stands between the marks.
pub fn write(tables: &str) -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = fs::read_to_string(&path)?;
    let parts = page.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.ok_or_else(|| format!("{PAGE} has no marks for the figures"))?;
    fs::write(&path, format!("{before}{BEGIN}\n\n{}\n{END}{after}", tables.trim_start()))?;
    println!("written into {}", path.display());
    Ok(())
}
