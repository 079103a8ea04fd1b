//! An item's attributes as values of the domain. What is missing or of another kind is an error that names it.

use std::{fmt::Display, str::FromStr};

use bytes::Bytes;
use time::OffsetDateTime;

use super::{item::Item, key};
use crate::domain::{clock::from_millis, error::StoreError};

/// An item's attributes, read by kind.
pub(super) struct Attributes<'a>(pub &'a Item);

impl<'a> Attributes<'a> {
    /// The error that names the item and this attribute.
    pub fn broken(&self, name: &str) -> StoreError {
        self.because(name, "cannot be understood")
    }

    /// The error that says why the attribute's text cannot be read.
    pub fn because(&self, name: &str, why: impl Display) -> StoreError {
        let key = self.0.get(key::SORT_KEY).and_then(|key| key.as_s().ok());
        let key = key.map_or("without a key", String::as_str);
        StoreError::Corrupt(format!("item {key}: `{name}` {why}"))
    }

    pub fn text(&self, name: &str) -> Result<&'a str, StoreError> {
        let value = self.0.get(name).and_then(|value| value.as_s().ok());
        value.map(String::as_str).ok_or_else(|| self.broken(name))
    }

    pub fn optional(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.0.get(name).map(|_| self.text(name).map(str::to_owned)).transpose()
    }

    pub fn named<T>(&self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
        parse(self.text(name)?).ok_or_else(|| self.broken(name))
    }

    pub fn number<T: FromStr>(&self, name: &str) -> Result<T, StoreError> {
        let value = self.0.get(name).and_then(|value| value.as_n().ok());
        value.and_then(|digits| digits.parse().ok()).ok_or_else(|| self.broken(name))
    }

    pub fn bytes(&self, name: &str) -> Result<Bytes, StoreError> {
        let value = self.0.get(name).and_then(|value| value.as_b().ok());
        value.map(|blob| Bytes::copy_from_slice(blob.as_ref())).ok_or_else(|| self.broken(name))
    }

    pub fn time(&self, name: &str) -> Result<OffsetDateTime, StoreError> {
        from_millis(self.number(name)?).ok_or_else(|| self.broken(name))
    }
}
