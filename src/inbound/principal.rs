//! Who asks, from what API Gateway itself wrote into the request context. Headers are the client's own words.
//!
//! Each kind of principal has a prefix of its own, so that nobody can be taken for somebody of another kind.

use serde_json::Value;

use crate::domain::caller::Caller;

/// The caller of a REST API: an authorizer's claims or principal, an IAM user or role, an API key's id.
#[must_use]
pub fn of_rest_api(context: &Value) -> Caller {
    let authorizer = &context["authorizer"];
    let identity = &context["identity"];
    claims(&authorizer["claims"])
        .or_else(|| named("authorizer", &authorizer["principalId"]))
        .or_else(|| named("iam", &identity["userArn"]))
        .or_else(|| named("key", &identity["apiKeyId"]))
        .unwrap_or_else(Caller::anonymous)
}

/// The caller of an HTTP API or a function URL: a token's claims, an IAM user or role, a Lambda authorizer's word.
#[must_use]
pub fn of_http_api(context: &Value) -> Caller {
    let authorizer = &context["authorizer"];
    claims(&authorizer["jwt"]["claims"])
        .or_else(|| named("iam", &authorizer["iam"]["userArn"]))
        .or_else(|| named("authorizer", &authorizer["lambda"]["principalId"]))
        .unwrap_or_else(Caller::anonymous)
}

/// A subject is unique for its issuer only (RFC 7519, section 4.1.2).
fn claims(claims: &Value) -> Option<Caller> {
    let subject = text(&claims["sub"])?;
    let issuer = text(&claims["iss"]).unwrap_or_default();
    Some(Caller::principal(&format!("jwt:{issuer}#{subject}")))
}

fn named(kind: &str, name: &Value) -> Option<Caller> {
    text(name).map(|name| Caller::principal(&format!("{kind}:{name}")))
}

fn text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_strongest_word_counts() {
        let iam = "arn:aws:iam::123456789012:user/ann";
        for (context, expected) in [
            (json!({}), "anonymous"),
            (json!({ "authorizer": null, "identity": { "apiKeyId": null, "userArn": "" } }), "anonymous"),
            (json!({ "identity": { "apiKeyId": "k1" } }), "key:k1"),
            (
                json!({ "identity": { "apiKeyId": "k1", "userArn": iam } }),
                "iam:arn:aws:iam::123456789012:user/ann",
            ),
            (json!({ "authorizer": { "principalId": "p" }, "identity": { "userArn": iam } }), "authorizer:p"),
            (
                json!({ "authorizer": { "claims": { "sub": "s", "iss": "i" }, "principalId": "p" } }),
                "jwt:i#s",
            ),
        ] {
            assert_eq!(of_rest_api(&context).as_str(), expected, "{context}");
        }
        for (context, expected) in [
            (json!({}), "anonymous"),
            (json!({ "authorizer": { "jwt": { "claims": { "sub": "s", "iss": "i" } } } }), "jwt:i#s"),
            (
                json!({ "authorizer": { "iam": { "userArn": iam } } }),
                "iam:arn:aws:iam::123456789012:user/ann",
            ),
            (json!({ "authorizer": { "lambda": { "principalId": "p" } } }), "authorizer:p"),
            (json!({ "authorizer": { "jwt": { "claims": { "sub": 7 } } } }), "anonymous"),
        ] {
            assert_eq!(of_http_api(&context).as_str(), expected, "{context}");
        }
    }
}
