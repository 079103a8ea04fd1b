//! Reads variables one by one and remembers what is wrong with each, so that all faults are told at once.

use std::{collections::BTreeSet, fmt::Display, ops::RangeInclusive, str::FromStr};

/// A look-up by name; the process's environment, or a test's own.
pub type LookUp<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Reads variables.
pub struct Reader<'a> {
    look_up: LookUp<'a>,
    known: BTreeSet<&'static str>,
    faults: Vec<String>,
}

impl<'a> Reader<'a> {
    /// A reader of this environment.
    pub const fn new(look_up: LookUp<'a>) -> Self {
        Self { look_up, known: BTreeSet::new(), faults: Vec::new() }
    }

    /// The variable's text; `None` when it is unset or empty.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        self.known.insert(name);
        (self.look_up)(name).filter(|text| !text.is_empty())
    }

    /// The variable as parsed by `parse`, or `default`.
    pub fn parsed<T, E: Display>(
        &mut self,
        name: &'static str,
        default: T,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> T {
        let Some(text) = self.text(name) else { return default };
        parse(&text).unwrap_or_else(|why| {
            self.fault(format!("{name}: {why}"));
            default
        })
    }

    /// The variable as a number within bounds, or `default`.
    pub fn number<T>(&mut self, name: &'static str, default: T, bounds: RangeInclusive<T>) -> T
    where
        T: FromStr + PartialOrd + Display,
    {
        let (min, max) = (bounds.start(), bounds.end());
        self.parsed(name, default, |text| match text.parse::<T>() {
            Ok(number) if bounds.contains(&number) => Ok(number),
            _ => Err(format!("`{}` is not a number from {min} to {max}", shown(text))),
        })
    }

    /// The variable as a switch, or `default`.
    pub fn switch(&mut self, name: &'static str, default: bool) -> bool {
        self.parsed(name, default, |text| match text {
            "1" | "true" | "on" | "yes" => Ok(true),
            "0" | "false" | "off" | "no" => Ok(false),
            _ => Err(format!("`{}` is neither `true` nor `false`", shown(text))),
        })
    }

    /// Notes a fault.
    pub fn fault(&mut self, fault: String) {
        self.faults.push(fault);
    }

    /// Notes every variable of ours that nobody asked for: most likely a misspelling.
    pub fn refuse_unknown(&mut self, names: impl Iterator<Item = String>) {
        for name in names.filter(|name| name.starts_with("SCE_") && !self.known.contains(name.as_str())) {
            self.faults.push(format!("{}: there is no such setting", shown(&name)));
        }
    }

    /// All faults.
    pub fn into_faults(self) -> Vec<String> {
        self.faults
    }
}

/// A value fit to be shown in a message.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}
