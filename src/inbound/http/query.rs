//! Query parameters, read strictly: one unknown or given twice is refused by name.

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};

use crate::inbound::rejection::{Rejection, shown};

/// The parameters of a query, in their order.
pub(super) async fn pairs(parts: &mut Parts) -> Result<Vec<(String, String)>, Rejection> {
    let pairs = Query::<Vec<(String, String)>>::from_request_parts(parts, &()).await;
    pairs.map(|Query(pairs)| pairs).map_err(|_| Rejection::invalid("The query cannot be read."))
}

/// The value of the only parameter a path has.
pub(super) async fn only(parts: &mut Parts, known: &str) -> Result<Option<String>, Rejection> {
    let mut found = None;
    for (name, value) in pairs(parts).await? {
        if name != known {
            let text = format!("Unknown query parameter `{}`. Known: `{known}`.", shown(&name));
            return Err(Rejection::invalid(text));
        }
        if found.replace(value).is_some() {
            return Err(Rejection::invalid(format!("`{known}` is given twice.")));
        }
    }
    Ok(found)
}
