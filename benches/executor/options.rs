//! The command line.

use std::path::PathBuf;

use crate::{Result, scenario::NAMES};

const HELP: &str = "\
cargo bench --bench executor -- [options]

  --rounds N            rounds of each comparison (default 40)
  --quick               4 rounds and short spans: to see that it works, not to learn from
  --only NAME           one scenario; may be repeated
  --against FILE        measure nothing but warm, cold and sustained runs of another build of the server beside this one's
  --without-docker-cli  leave `docker run` out, where there is no Docker CLI
  --out FILE            write the results there too (always: target/bench/latest.json)
  --from FILE           measure nothing; show the results in FILE. With --only: measure that anew, beside the rest of FILE
  --write-docs          put the table into docs/PERFORMANCE.md
  --strict              exit with 1 when a ratio is out of its bound";

/// What was asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Rounds of each comparison.
    pub rounds: usize,
    /// Short spans.
    pub quick: bool,
    /// The scenarios to measure; all, when there are none.
    pub only: Vec<String>,
    /// Another build of the server.
    pub against: Option<PathBuf>,
    /// Whether `docker run` is measured.
    pub docker_cli: bool,
    /// Where the results go, besides their usual place.
    pub out: Option<PathBuf>,
    /// Results to show in the place of new ones.
    pub from: Option<PathBuf>,
    /// Whether the documentation's table is written.
    pub write_docs: bool,
    /// Whether a ratio out of its bound is a failure.
    pub strict: bool,
}

impl Options {
    /// The options of this process; `None` when it was asked for help.
    pub fn read(mut words: impl Iterator<Item = String>) -> Result<Option<Self>> {
        let mut rounds = None;
        let mut options = Self {
            rounds: 40,
            quick: false,
            only: Vec::new(),
            against: None,
            docker_cli: true,
            out: None,
            from: None,
            write_docs: false,
            strict: false,
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match word.as_str() {
                // Cargo says so to every benchmark.
                "--bench" => {}
                "--rounds" => rounds = Some(value()?.parse().map_err(|_| "--rounds needs a number")?),
                "--quick" => options.quick = true,
                "--only" => {
                    let name = value()?;
                    if !NAMES.contains(&name.as_str()) {
                        return Err(format!("no scenario `{name}`; there are: {}", NAMES.join(", ")).into());
                    }
                    options.only.push(name);
                }
                "--against" => options.against = Some(value()?.into()),
                "--without-docker-cli" => options.docker_cli = false,
                "--out" => options.out = Some(value()?.into()),
                "--from" => options.from = Some(value()?.into()),
                "--write-docs" => options.write_docs = true,
                "--strict" => options.strict = true,
                "--help" | "-h" => {
                    println!("{HELP}\n\nscenarios: {}", NAMES.join(", "));
                    return Ok(None);
                }
                other => return Err(format!("unknown option `{other}`\n\n{HELP}").into()),
            }
        }
        options.rounds = rounds.unwrap_or(if options.quick { 4 } else { 40 }).max(1);
        Ok(Some(options))
    }

    /// A share of the rounds, for what takes long; at least two.
    pub fn share(&self, of: usize) -> usize {
        self.rounds.div_ceil(of).max(2)
    }
}
