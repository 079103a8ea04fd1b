//! The languages on offer: folders that come with us, and folders of the operator's.

mod fields;
mod folder;
mod manifest;
mod selection;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use folder::Folder;
use selection::Selection;

use super::reader::Reader;
use crate::domain::language::{Language, LanguageTable};

const DIR: &str = "SCE_LANGUAGES_DIR";
const NAMES: &str = "SCE_LANGUAGES";

/// Reads both settings and every folder that they name. Notes all faults of all folders; `None` where there are any.
pub fn read(reader: &mut Reader) -> Option<LanguageTable> {
    let mut faults = Vec::new();
    let own = match reader.text(DIR) {
        Some(path) => folder::own(&path).unwrap_or_else(|why| {
            faults.push(why);
            BTreeMap::new()
        }),
        None => BTreeMap::new(),
    };
    let names = reader.text(NAMES);
    let table = table(own, names.as_deref(), &mut faults);
    let unusable = !faults.is_empty();
    for fault in faults {
        reader.fault(fault);
    }
    table.filter(|_| !unusable)
}

/// The table of the languages that come with us, with these of them: as `SCE_LANGUAGES` has it.
///
/// # Errors
/// Every fault, as told at start.
pub fn built_in(names: Option<&str>) -> Result<LanguageTable, Vec<String>> {
    let mut faults = Vec::new();
    table(BTreeMap::new(), names, &mut faults).filter(|_| faults.is_empty()).ok_or(faults)
}

fn table(
    own: BTreeMap<String, Folder>,
    names: Option<&str>,
    faults: &mut Vec<String>,
) -> Option<LanguageTable> {
    let own_names: Vec<String> = own.keys().cloned().collect();
    let mut folders = folder::built_in();
    folders.extend(own);
    let all: Vec<&str> = folders.keys().map(String::as_str).collect();
    let selection = match names {
        Some(text) => Selection::parse(text, &all),
        None => Ok(Selection::default(&own_names)),
    };
    let selection = selection.map_err(|whys| faults.extend(whys)).ok();
    let mut languages: BTreeMap<&str, Vec<Language>> = BTreeMap::new();
    for (name, folder) in &folders {
        // A folder of the operator's is checked even where nobody asks for its language: it is there to be used.
        let wanted = selection.as_ref().is_some_and(|selection| selection.has(name));
        if wanted || own_names.contains(name) {
            match manifest::languages(name, folder) {
                Ok(versions) => drop(languages.insert(name, versions)),
                Err(whys) => faults.extend(whys),
            }
        }
    }
    let chosen = selection?.choose(&languages).map_err(|whys| faults.extend(whys)).ok()?;
    if !faults.is_empty() {
        return None;
    }
    LanguageTable::new(chosen)
        .map_err(|why| faults.extend(why.0.iter().map(|fault| format!("{NAMES}: {fault}"))))
        .ok()
}
