//! The table of languages: the one that comes with us, or a file of the operator's.

use serde::Deserialize;

use super::reader::Reader;
use crate::domain::language::{Language, LanguageTable};

const BUILT_IN: &str = include_str!("languages.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    language: Vec<Language>,
}

pub fn read(reader: &mut Reader) -> Option<LanguageTable> {
    const NAME: &str = "SCE_LANGUAGES_FILE";
    let text = match reader.text(NAME) {
        None => BUILT_IN.to_owned(),
        Some(path) => match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => {
                reader.fault(format!("{NAME}: cannot read `{path}`: {error}"));
                return None;
            }
        },
    };
    let table = toml::from_str::<File>(&text).map_err(|error| error.to_string());
    let table = table.and_then(|file| LanguageTable::new(file.language).map_err(|error| error.to_string()));
    table.map_err(|why| reader.fault(format!("{NAME}: {}", why.trim_end()))).ok()
}
