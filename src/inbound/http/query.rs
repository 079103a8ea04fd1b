//! Query parameters, read strictly: one unknown or given twice is refused by name.

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};

use crate::inbound::contract::rejection::{Rejection, shown};

/// The parameters of a query, in their order.
pub(super) async fn pairs(parts: &mut Parts) -> Result<Vec<(String, String)>, Rejection> {
    let pairs = Query::<Vec<(String, String)>>::from_request_parts(parts, &()).await;
    pairs.map(|Query(pairs)| pairs).map_err(|_| Rejection::invalid("The query cannot be read."))
}

/// The values of a path's parameters, in the order in which they are `known`.
pub(super) async fn known<const N: usize>(
    parts: &mut Parts,
    known: [&str; N],
) -> Result<[Option<String>; N], Rejection> {
    let mut found = [const { None }; N];
    for (name, value) in pairs(parts).await? {
        let Some(at) = known.iter().position(|known| *known == name) else {
            let known = match known.map(|name| format!("`{name}`")).join(", ") {
                none if none.is_empty() => "There are none here".to_owned(),
                known => format!("Known: {known}"),
            };
            let name = shown(&name);
            return Err(Rejection::invalid(format!("Unknown query parameter `{name}`. {known}.")));
        };
        if found[at].replace(value).is_some() {
            return Err(Rejection::invalid(format!("`{name}` is given twice.")));
        }
    }
    Ok(found)
}
