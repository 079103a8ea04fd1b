//! A key that is refused: each contract has its own words for it, in which nothing reads as a run.

use axum::{body::to_bytes, http::StatusCode};
use serde_json::{Value, json};

use super::super::Contract;
use crate::{
    inbound::http::{ApiError, Front, HttpConfig, RequestId},
    testing::{House, rules},
};

#[tokio::test]
async fn a_wrong_key_is_told_in_each_contracts_own_words() {
    let house = House::new();
    let desk = Front::new(house.service.clone(), HttpConfig::new(rules())).desk();
    let sentence = "This key is not known.";
    let error = ApiError::new(StatusCode::UNAUTHORIZED, "unauthorized", sentence);
    for contract in Contract::ALL {
        let (status, wanted) = match contract {
            Contract::Mcp => {
                let error = json!({"code": -32600, "message": sentence});
                (401, json!({"jsonrpc": "2.0", "id": null, "error": error}))
            }
            Contract::Tools => (401, json!({"detail": format!("{sentence} Nothing was run.")})),
            Contract::Piston => (401, json!({"message": sentence})),
            Contract::Dify => (401, json!({"code": -401, "message": sentence, "data": null})),
            // Without a body.
            Contract::Judge0 => (401, Value::Null),
            // Jobe knows no 401.
            Contract::Jobe => (403, json!(sentence)),
            Contract::SandboxFusion => (401, json!({"detail": sentence})),
        };
        let told = (contract.served(&desk).tell)(&error, &RequestId::generate());
        assert_eq!(told.status().as_u16(), status, "{contract:?}");
        let body = to_bytes(told.into_body(), 10_000).await.unwrap();
        let body: Value = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
        assert_eq!(body, wanted, "{contract:?}");
    }
}
