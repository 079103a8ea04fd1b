//! Contracts of other systems, served beside ours: whatever goes wrong below their paths is told in their own words, wherever
//! in this room it went wrong. Knows no contract.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::Response,
};

use super::{ApiError, RequestId};

/// Another system's contract.
#[derive(Clone)]
pub struct Foreign {
    /// The paths that are this contract's, with all that is below them.
    pub paths: &'static [&'static str],
    /// The routes.
    pub routes: Router,
    /// An error in this contract's words. The id of the request is for whoever asks about the error.
    pub tell: fn(&ApiError, &RequestId) -> Response,
}

impl Foreign {
    fn has(&self, path: &str) -> bool {
        self.paths
            .iter()
            .any(|own| path.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }
}

/// Writes the error of a request to another system's contract in that contract's words.
pub(super) async fn translate(
    State(contracts): State<Arc<[Foreign]>>,
    request: Request,
    next: Next,
) -> Response {
    let contract = contracts.iter().find(|contract| contract.has(request.uri().path()));
    let Some(contract) = contract else { return next.run(request).await };
    let id = request.extensions().get::<RequestId>().cloned().unwrap_or_else(RequestId::generate);
    let mut response = next.run(request).await;
    let Some(error) = response.extensions_mut().remove::<ApiError>() else { return response };
    let mut told = (contract.tell)(&error, &id);
    add_missing(told.headers_mut(), response.headers());
    told
}

/// What the layers around the routes have said: `Allow`, and what tells browsers who may read the answer.
fn add_missing(headers: &mut HeaderMap, said: &HeaderMap) {
    for name in said.keys().filter(|name| ![header::CONTENT_TYPE, header::CONTENT_LENGTH].contains(name)) {
        if !headers.contains_key(name) {
            for value in said.get_all(name) {
                headers.append(name.clone(), value.clone());
            }
        }
    }
}
