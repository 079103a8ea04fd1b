//! The ids by which Judge0's clients know languages. Apps have them written into their code, so each id that any of its releases
//! gave to a language of ours is taken; one of them is listed.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::{Value, json};

use super::{Flavour, Judge0};
use crate::{
    domain::{
        language::Language,
        ports::{ExecutionStore, Sandbox},
    },
    inbound::{
        compat::offer::{self, Offered},
        contract::run_request::RunRules,
        http::ApiError,
    },
};

/// The ids of a language, the one that is listed first.
const IDS: [(&str, &[u32]); 28] = [
    ("python", &[71, 92, 100, 109, 113]),
    ("javascript", &[63, 93, 97, 102]),
    ("c", &[50, 48, 49, 75, 103, 104, 110]),
    ("cpp", &[54, 52, 53, 76, 105]),
    ("java", &[62, 91]),
    ("go", &[60, 95, 106, 107]),
    ("rust", &[73, 108]),
    ("ruby", &[72]),
    ("php", &[68, 98]),
    ("perl", &[85]),
    ("lua", &[64]),
    ("bash", &[46]),
    ("sql", &[82]),
    ("typescript", &[74, 94, 101]),
    ("csharp", &[51]),
    ("kotlin", &[78, 111]),
    ("r", &[80, 99]),
    ("haskell", &[61]),
    ("fortran", &[59]),
    ("pascal", &[67]),
    ("octave", &[66]),
    ("ocaml", &[65]),
    ("erlang", &[58]),
    ("elixir", &[57]),
    ("prolog", &[69]),
    ("d", &[56]),
    ("scala", &[81, 112]),
    ("swift", &[83]),
];
/// In the flavour "extra": Python for machine learning, which its SDK takes where a call names no language.
const EXTRA: u32 = 10;

/// A language of that id in its newest version.
pub fn resolve(flavour: Flavour, id: u32, rules: &RunRules) -> Option<Arc<Language>> {
    let family = match (flavour, id) {
        (Flavour::Extra, EXTRA) => "python",
        _ => IDS.iter().find(|(_, ids)| ids.contains(&id)).map(|(family, _)| *family)?,
    };
    rules.languages.iter().find(|language| language.family == family).cloned()
}

/// The id that is listed for this language, by its name with or without a version.
pub fn id_of(flavour: Flavour, name: &str) -> Option<u32> {
    let family = name.split('@').next().unwrap_or_default();
    if flavour == Flavour::Extra && family == "python" {
        return Some(EXTRA);
    }
    IDS.iter().find(|(known, _)| *known == family).and_then(|(_, ids)| ids.first().copied())
}

/// What a list says of each language that can be run.
async fn listed<S: Sandbox, R: ExecutionStore>(judge: &Judge0<S, R>) -> Vec<Value> {
    let mut listed: Vec<(u32, Value)> = Vec::new();
    for Offered { language, version, .. } in offer::languages(&judge.desk).await {
        let Some(id) = id_of(judge.flavour, &language.family) else { continue };
        // Of several versions the newest comes first.
        if listed.iter().all(|(known, _)| *known != id) {
            listed.push((id, json!({"id": id, "name": format!("{} ({version})", language.title)})));
        }
    }
    listed.sort_by_key(|(id, _)| *id);
    listed.into_iter().map(|(_, language)| language).collect()
}

/// `GET /languages`.
pub async fn list<S: Sandbox, R: ExecutionStore>(State(judge): State<Judge0<S, R>>) -> Json<Vec<Value>> {
    Json(listed(&judge).await)
}

/// `GET /languages/all`.
pub async fn all<S: Sandbox, R: ExecutionStore>(State(judge): State<Judge0<S, R>>) -> Json<Vec<Value>> {
    let archived = |mut language: Value| {
        language["is_archived"] = json!(false);
        language
    };
    Json(listed(&judge).await.into_iter().map(archived).collect())
}

/// `GET /languages/{id}`: also by an id that is not listed.
pub async fn one<S: Sandbox, R: ExecutionStore>(
    State(judge): State<Judge0<S, R>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let language = id.parse().ok().and_then(|id| Some((id, resolve(judge.flavour, id, judge.desk.rules())?)));
    let Some((id, language)) = language else { return Err(ApiError::not_found()) };
    let offered = offer::languages(&judge.desk).await;
    let version = offered.iter().find(|offered| offered.language.name == language.name);
    let version = version.map(|offered| offered.version.clone()).unwrap_or_default();
    let file = language.default_file();
    Ok(Json(json!({
        "id": id, "name": format!("{} ({version})", language.title), "is_archived": false, "source_file": file,
        "compile_cmd": null, "run_cmd": null,
    })))
}
