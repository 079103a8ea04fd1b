//! Takes the fields of a manifest one by one and remembers what is wrong with each, so that all faults are told at once.

use std::collections::BTreeMap;

use toml::{Table, Value};

/// The fields of one table of a manifest.
pub struct Fields {
    table: Table,
    /// Where the table stands in the manifest, such as `versions[1].`; empty at the top.
    place: String,
    /// What is wrong: the field, and the rule.
    faults: Vec<(String, String)>,
}

impl Fields {
    /// The fields of this table.
    pub const fn new(table: Table, place: String) -> Self {
        Self { table, place, faults: Vec::new() }
    }

    /// Notes a fault of a field.
    pub fn fault(&mut self, field: &str, rule: &str) {
        self.faults.push((format!("{}{field}", self.place), rule.to_owned()));
    }

    /// The text of a field; `None` where the field is not there, or is none.
    pub fn text(&mut self, field: &str) -> Option<String> {
        self.take(field, text_of, "must be a text")
    }

    /// The same of a field that must be there.
    pub fn needed_text(&mut self, field: &str) -> Option<String> {
        self.needed(field);
        self.text(field)
    }

    /// The texts of a field that is a list of them.
    pub fn texts(&mut self, field: &str) -> Option<Vec<String>> {
        self.take(field, |value| list_of(value, text_of), "must be a list of texts")
    }

    /// The same of a field that must be there.
    pub fn needed_texts(&mut self, field: &str) -> Option<Vec<String>> {
        self.needed(field);
        self.texts(field)
    }

    /// The whole number of a field, where it is in the range.
    pub fn number(&mut self, field: &str, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let whole = |value| match value {
            Value::Integer(number) => u32::try_from(number).ok().filter(|number| range.contains(number)),
            _ => None,
        };
        self.take(field, whole, &format!("must be a whole number from {} to {}", range.start(), range.end()))
    }

    /// The fields of a field that is a table; `None` where it is not there, or is none.
    pub fn table(&mut self, field: &str) -> Option<Self> {
        let place = format!("{}{field}.", self.place);
        self.take(field, table_of, "must be a table").map(|table| Self::new(table, place))
    }

    /// The texts of a field that is a table of them, by name.
    pub fn named_texts(&mut self, field: &str) -> Option<BTreeMap<String, String>> {
        let texts = |value| {
            let named = table_of(value)?.into_iter().map(|(name, value)| Some((name, text_of(value)?)));
            named.collect()
        };
        self.take(field, texts, "must be a table of texts")
    }

    /// The tables of a field that is a list of them.
    pub fn tables(&mut self, field: &str) -> Option<Vec<Table>> {
        self.take(field, |value| list_of(value, table_of), "must be a list of tables")
    }

    /// What is wrong, fields that nobody asked for included.
    pub fn into_faults(mut self) -> Vec<(String, String)> {
        for field in self.table.keys() {
            self.faults.push((format!("{}{field}", self.place), "is not a field of a manifest".to_owned()));
        }
        self.faults
    }

    fn needed(&mut self, field: &str) {
        if !self.table.contains_key(field) {
            self.fault(field, "is missing");
        }
    }

    /// What a field holds; notes a fault where that is of another kind.
    fn take<T>(&mut self, field: &str, read: impl FnOnce(Value) -> Option<T>, rule: &str) -> Option<T> {
        let read = read(self.table.remove(field)?);
        if read.is_none() {
            self.fault(field, rule);
        }
        read
    }
}

fn text_of(value: Value) -> Option<String> {
    if let Value::String(text) = value { Some(text) } else { None }
}

fn table_of(value: Value) -> Option<Table> {
    if let Value::Table(table) = value { Some(table) } else { None }
}

fn list_of<T>(value: Value, read: impl FnMut(Value) -> Option<T>) -> Option<Vec<T>> {
    if let Value::Array(values) = value { values.into_iter().map(read).collect() } else { None }
}
