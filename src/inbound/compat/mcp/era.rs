//! The two eras of MCP. Since 2026-07-28 every request says its version and the client's capabilities itself, in `_meta`, and
//! headers repeat what proxies want to know. Before, a client began with `initialize`; without a session that is forgotten
//! as soon as it is answered.

use axum::http::{HeaderMap, StatusCode};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};

use super::message::{Failure, HEADER_MISMATCH, INVALID_PARAMS, Request, UNSUPPORTED_VERSION};

/// The versions that are spoken, the newest first.
pub const VERSIONS: [&str; 4] = ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"];
/// Those that begin with `initialize`.
const WITH_INITIALIZE: [&str; 3] = ["2025-11-25", "2025-06-18", "2025-03-26"];

const VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

/// Which era a request is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// Until 2025-11-25.
    Legacy,
    /// Since 2026-07-28.
    Modern,
}

impl Era {
    /// The era of this request.
    ///
    /// # Errors
    /// When its version is not spoken here, or its headers and `_meta` are not as its era wants them.
    pub fn of(headers: &HeaderMap, request: &Request) -> Result<Self, Failure> {
        let meta = request.params.get("_meta").and_then(Value::as_object);
        let in_meta = meta.and_then(|meta| meta.get(VERSION)).and_then(Value::as_str);
        let in_header = headers.get("mcp-protocol-version").map(|value| value.to_str().unwrap_or("?"));
        if let (Some(meta), Some(header)) = (in_meta, in_header)
            && meta != header
        {
            return Err(Failure::new(
                HEADER_MISMATCH,
                "`MCP-Protocol-Version` and the version in `_meta` differ.",
            ));
        }
        let version = in_meta.or(in_header);
        if let Some(version) = version
            && !VERSIONS.contains(&version)
        {
            let message = "This version of MCP is not spoken here.";
            let requested: String = version.chars().take(40).collect();
            let data = Some(json!({"supported": VERSIONS, "requested": requested}));
            return Err(Failure { data, ..Failure::new(UNSUPPORTED_VERSION, message) });
        }
        if in_meta.is_none() && version.is_none_or(|version| WITH_INITIALIZE.contains(&version)) {
            return Ok(Self::Legacy);
        }
        modern(headers, request, meta, in_header.is_some())?;
        Ok(Self::Modern)
    }
}

/// What every request since 2026-07-28 must say.
fn modern(
    headers: &HeaderMap,
    request: &Request,
    meta: Option<&Map<String, Value>>,
    has_header: bool,
) -> Result<(), Failure> {
    let meta = meta.filter(|meta| meta.contains_key(VERSION));
    if !meta.is_some_and(|meta| meta.get(CAPABILITIES).is_some_and(Value::is_object)) {
        let message = format!("`_meta` must have `{VERSION}` and `{CAPABILITIES}`.");
        return Err(Failure::new(INVALID_PARAMS, message));
    }
    let mismatch = |message: &str| Err(Failure::new(HEADER_MISMATCH, message));
    if !has_header {
        return mismatch("The header `MCP-Protocol-Version` is missing.");
    }
    if header(headers, "mcp-method").as_deref() != Some(request.method.as_str()) {
        return mismatch("The header `Mcp-Method` must repeat the method.");
    }
    let name = match request.method.as_str() {
        "tools/call" | "prompts/get" => request.params.get("name"),
        "resources/read" => request.params.get("uri"),
        _ => return Ok(()),
    };
    match name.and_then(Value::as_str) {
        Some(name) if header(headers, "mcp-name").as_deref() != Some(name) => {
            mismatch("The header `Mcp-Name` must repeat the name.")
        }
        _ => Ok(()),
    }
}

/// A header's text; `=?base64?…?=` stands for what a header cannot hold.
fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    let Some(encoded) = text.strip_prefix("=?base64?").and_then(|text| text.strip_suffix("?=")) else {
        return Some(text.to_owned());
    };
    BASE64_STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok())
}

/// The result of a method, as its era has it. Since 2026-07-28 a result says whether it is all, and who gives it.
pub fn dressed(era: Era, mut result: Map<String, Value>) -> Value {
    if era == Era::Modern {
        result.insert("resultType".to_owned(), json!("complete"));
        let meta = json!({"io.modelcontextprotocol/serverInfo": super::server_info()});
        result.insert("_meta".to_owned(), meta);
    }
    Value::Object(result)
}

/// The version that `initialize` settles on: the one that is asked for, where it is known.
pub fn settled(params: &Map<String, Value>) -> &'static str {
    let asked = params.get("protocolVersion").and_then(Value::as_str);
    WITH_INITIALIZE.into_iter().find(|known| Some(*known) == asked).unwrap_or(WITH_INITIALIZE[0])
}

/// A method that is not there.
pub fn unknown_method(era: Era, method: &str) -> Failure {
    let shown: String = method.chars().filter(|c| !c.is_control()).take(40).collect();
    let message = format!("There is no method `{shown}` here.");
    let failure = Failure::new(super::message::METHOD_NOT_FOUND, message);
    let status = if era == Era::Modern { StatusCode::NOT_FOUND } else { StatusCode::OK };
    Failure { status, ..failure }
}
