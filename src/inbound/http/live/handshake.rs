//! The opening of a WebSocket (RFC 6455, section 4.2): what must be asked, and what is answered.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use hyper::upgrade::OnUpgrade;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::super::{error::ApiError, list::elements};
use crate::inbound::contract::rejection::Rejection;

const VERSION: &str = "13";

/// An opening that is as it must be.
pub(super) struct Handshake {
    /// Done when the connection is a socket.
    pub upgrade: OnUpgrade,
    accept: String,
    subprotocol: Option<&'static str>,
}

impl Handshake {
    /// What this request asks. It must name this subprotocol, where there is one.
    ///
    /// # Errors
    /// When it opens no socket, or cannot here: the answer.
    pub fn of(
        request: &mut Request,
        goes_on: bool,
        subprotocol: Option<&'static str>,
    ) -> Result<Self, Box<Response>> {
        let headers = request.headers();
        if !goes_on {
            return Err(not_here().into());
        }
        if !has_token(headers, header::CONNECTION, "upgrade")
            || !has_token(headers, header::UPGRADE, "websocket")
        {
            let message = "This path is a WebSocket: open it with `Upgrade: websocket`.";
            return Err(must_upgrade(message, header::UPGRADE, "websocket").into());
        }
        if headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != VERSION) {
            let message = "`Sec-WebSocket-Version` must be 13.";
            return Err(must_upgrade(message, header::SEC_WEBSOCKET_VERSION, VERSION).into());
        }
        let key = headers.get(header::SEC_WEBSOCKET_KEY).map(HeaderValue::as_bytes).unwrap_or_default();
        if BASE64_STANDARD.decode(key).map_or(0, |key| key.len()) != 16 {
            return Err(invalid("`Sec-WebSocket-Key` must be 16 bytes in base64.").into());
        }
        if let Some(name) = subprotocol
            && !has_token(headers, header::SEC_WEBSOCKET_PROTOCOL, name)
        {
            return Err(invalid(&format!("`Sec-WebSocket-Protocol` must name `{name}`.")).into());
        }
        if headers.contains_key("idempotency-key") {
            return Err(invalid("`Idempotency-Key` is not taken here: who types comes only once.").into());
        }
        let accept = derive_accept_key(key);
        let upgrade = request.extensions_mut().remove::<OnUpgrade>().ok_or_else(|| Box::new(not_here()))?;
        Ok(Self { upgrade, accept, subprotocol })
    }

    /// The answer after which the connection is a socket.
    pub fn answer(&self) -> Response {
        let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        if let Some(name) = self.subprotocol {
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(name));
        }
        if let Ok(accept) = HeaderValue::try_from(&self.accept) {
            headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
        }
        response
    }
}

fn has_token(headers: &HeaderMap, name: HeaderName, token: &str) -> bool {
    elements(headers, name).any(|element| element.eq_ignore_ascii_case(token))
}

fn invalid(message: &str) -> Response {
    ApiError::from(Rejection::invalid(message)).into_response()
}

fn must_upgrade(message: &str, name: HeaderName, value: &'static str) -> Response {
    let error = ApiError::new(StatusCode::UPGRADE_REQUIRED, "upgrade_required", message);
    let mut response = error.into_response();
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}

fn not_here() -> Response {
    let message = "A running program is typed into at the local server alone: no socket stays open here. \
                   `POST /run` takes the whole input.";
    ApiError::new(StatusCode::NOT_IMPLEMENTED, "not_available", message).into_response()
}
