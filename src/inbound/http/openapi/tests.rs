use std::{fs, path::Path};

use serde_json::Value;

use super::contract;
use crate::testing::rules;

/// `SCE_BLESS=1 cargo test` writes the committed document anew.
#[test]
fn the_committed_contract_is_the_one_that_is_served() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/openapi.json");
    let generated = serde_json::to_string_pretty(&contract(&rules())).unwrap() + "\n";
    if std::env::var_os("SCE_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == generated, "docs/openapi.json is stale: run `SCE_BLESS=1 cargo test openapi`");
}

#[test]
fn every_reference_leads_somewhere() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|value| references(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let contract = contract(&rules());
    let mut found = Vec::new();
    references(&contract, &mut found);
    assert!(found.len() > 10);
    for reference in found {
        assert!(contract.pointer(&reference[1..]).is_some(), "{reference}");
    }
}
