//! The fields of an object, each taken out by its name.

use std::fmt;

use serde_json::{Map, Value};

use crate::inbound::contract::rejection::Rejection;

/// A field that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The field's name.
    pub field: String,
    /// The rule: what it must be.
    pub rule: String,
}

impl Wrong {
    /// This field must be this.
    pub fn new(field: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { field: field.into(), rule: rule.into() }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` must be {}.", self.field, self.rule)
    }
}

impl From<Wrong> for Rejection {
    fn from(wrong: Wrong) -> Self {
        Self::invalid(wrong.to_string())
    }
}

/// The fields of an object. Each is taken out by its name; null is absent.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    map: Map<String, Value>,
    /// What stands before each name in sentences.
    prefix: String,
}

impl Fields {
    pub(super) const fn new(map: Map<String, Value>) -> Self {
        Self { map, prefix: String::new() }
    }

    /// The fields of this value; `None` where it is no object.
    pub fn of(value: Value) -> Option<Self> {
        match value {
            Value::Object(map) => Some(Self::new(map)),
            _ => None,
        }
    }

    /// The same, of an element of a list: sentences name its fields `prefix.name`.
    pub fn within(self, prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into() + ".", ..self }
    }

    /// The field, whatever it is.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.map.remove(name).filter(|value| !value.is_null())
    }

    fn wrong(&self, name: &str, rule: &str) -> Wrong {
        Wrong::new(format!("{}{name}", self.prefix), rule)
    }

    /// A string.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, Wrong> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(name, "a string")),
        }
    }

    /// A number, or a string of one.
    pub fn number(&mut self, name: &str) -> Result<Option<f64>, Wrong> {
        let number = match self.take(name) {
            None => return Ok(None),
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(_) => None,
        };
        number.filter(|number| number.is_finite()).map(Some).ok_or_else(|| self.wrong(name, "a number"))
    }

    /// True or false, also in words.
    pub fn switch(&mut self, name: &str) -> Result<Option<bool>, Wrong> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(on)) => Ok(Some(on)),
            Some(Value::String(text)) if text == "true" => Ok(Some(true)),
            Some(Value::String(text)) if text == "false" || text.is_empty() => Ok(Some(false)),
            Some(_) => Err(self.wrong(name, "true or false")),
        }
    }

    /// An array.
    pub fn list(&mut self, name: &str) -> Result<Option<Vec<Value>>, Wrong> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Array(list)) => Ok(Some(list)),
            Some(_) => Err(self.wrong(name, "an array")),
        }
    }

    /// An array of strings.
    pub fn texts(&mut self, name: &str) -> Result<Option<Vec<String>>, Wrong> {
        let Some(list) = self.list(name)? else { return Ok(None) };
        let text = |value| match value {
            Value::String(text) => Ok(text),
            _ => Err(self.wrong(name, "an array of strings")),
        };
        list.into_iter().map(text).collect::<Result<_, _>>().map(Some)
    }

    /// An array of objects.
    pub fn objects(&mut self, name: &str) -> Result<Option<Vec<Self>>, Wrong> {
        let Some(list) = self.list(name)? else { return Ok(None) };
        let prefix = &self.prefix;
        let object = |(index, value)| match Self::of(value) {
            Some(fields) => Ok(fields.within(format!("{prefix}{name}[{index}]"))),
            None => Err(self.wrong(name, "an array of objects")),
        };
        list.into_iter().enumerate().map(object).collect::<Result<_, _>>().map(Some)
    }

    /// An object.
    pub fn object(&mut self, name: &str) -> Result<Option<Self>, Wrong> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => match Self::of(value) {
                Some(fields) => Ok(Some(fields.within(format!("{}{name}", self.prefix)))),
                None => Err(self.wrong(name, "an object")),
            },
        }
    }

    /// All fields that are left, each as `read` makes it.
    pub fn all<T>(self, read: impl Fn(&str, &Value) -> Result<T, Wrong>) -> Result<Vec<(String, T)>, Wrong> {
        let one = |(name, value): (String, Value)| read(&name, &value).map(|read| (name, read));
        self.map.into_iter().filter(|(_, value)| !value.is_null()).map(one).collect()
    }

    /// A name that nobody took.
    pub fn left(&self) -> Option<&str> {
        self.map.iter().find(|(_, value)| !value.is_null()).map(|(name, _)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn null_is_absent_and_a_wrong_type_is_named() {
        let mut fields =
            Fields::of(json!({"a": null, "b": 3, "c": ["x", 1], "d": "1.5", "e": {"f": 1}})).unwrap();
        assert_eq!(fields.text("a"), Ok(None));
        assert_eq!(fields.text("b").unwrap_err().to_string(), "`b` must be a string.");
        assert_eq!(fields.texts("c").unwrap_err().to_string(), "`c` must be an array of strings.");
        assert_eq!(fields.number("d"), Ok(Some(1.5)));
        let mut inner = fields.object("e").unwrap().unwrap();
        assert_eq!(inner.text("f").unwrap_err().to_string(), "`e.f` must be a string.");
        assert_eq!(fields.left(), None);
        assert!(Fields::of(json!([])).is_none());
    }
}
