//! Who asks, from what API Gateway itself wrote into the request context. Headers are the client's own words.
//!
//! Each kind of principal has a prefix of its own, so that nobody can be taken for somebody of another kind. Within a
//! kind two principals never have one name: what separates two parts of a name is escaped within them.
//!
//! | kind | who |
//! |---|---|
//! | `jwt:<issuer>#<subject>` | the subject of a token |
//! | `authorizer:<id>` | whom a Lambda authorizer names |
//! | `cognito:<pool>#<identity>` | an identity of a Cognito identity pool |
//! | `iam:<unique id>` | an IAM user, a role, a federated user, the account's root |
//! | `key:<id>` | an API key, by its id |
//!
//! # Why unique ids and not ARNs
//! The ARN of an assumed role ends in a session name, which whoever assumes the role chooses. Every identity of an
//! identity pool has the same one. Names of sessions made by machines change with each renewal, and the name of a user
//! who was deleted can be given to another. A unique id (`AIDA…`, `AROA…`) is never given twice, and nobody chooses it.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>

use serde_json::Value;

use crate::domain::caller::Caller;

/// What the unique ids of roles begin with.
const ROLE: &str = "AROA";

/// Whether two sessions of one role are one caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sessions {
    /// One role is one caller, however its sessions are named.
    #[default]
    Together,
    /// Each name of a session is a caller. Only right where trust policies pin the names (`sts:RoleSessionName`): else
    /// whoever may assume the role is whom they like.
    Apart,
}

/// The caller of a REST API: an authorizer's claims or principal, an identity of a pool, an IAM identity, an API key.
#[must_use]
pub fn of_rest_api(context: &Value, sessions: Sessions) -> Caller {
    let authorizer = &context["authorizer"];
    let identity = &context["identity"];
    claims(&authorizer["claims"])
        .or_else(|| named("authorizer", &authorizer["principalId"]))
        .or_else(|| cognito(&identity["cognitoIdentityPoolId"], &identity["cognitoIdentityId"]))
        .or_else(|| iam([&identity["user"], &identity["caller"]], sessions))
        .or_else(|| named("key", &identity["apiKeyId"]))
        .unwrap_or_else(Caller::anonymous)
}

/// The caller of an HTTP API or a function URL: a token's claims, an identity of a pool, an IAM identity, a Lambda
/// authorizer's word.
#[must_use]
pub fn of_http_api(context: &Value, sessions: Sessions) -> Caller {
    let authorizer = &context["authorizer"];
    let (user, pool) = (&authorizer["iam"], &authorizer["iam"]["cognitoIdentity"]);
    claims(&authorizer["jwt"]["claims"])
        .or_else(|| cognito(&pool["identityPoolId"], &pool["identityId"]))
        .or_else(|| iam([&user["userId"], &user["callerId"]], sessions))
        .or_else(|| named("authorizer", &authorizer["lambda"]["principalId"]))
        .unwrap_or_else(Caller::anonymous)
}

/// A subject is unique for its issuer only (RFC 7519, section 4.1.2).
fn claims(claims: &Value) -> Option<Caller> {
    let subject = text(&claims["sub"])?;
    let issuer = text(&claims["iss"]).unwrap_or_default();
    Some(pair("jwt", issuer, subject))
}

fn cognito(pool: &Value, identity: &Value) -> Option<Caller> {
    let identity = text(identity)?;
    Some(pair("cognito", text(pool).unwrap_or_default(), identity))
}

/// The first of these that is there. A role's is followed by the name of the session; a federated user's is the
/// account's number and the user's name, which only together tell one from another.
fn iam(ids: [&Value; 2], sessions: Sessions) -> Option<Caller> {
    let id = ids.into_iter().find_map(text)?;
    let who = match id.split_once(':') {
        Some((role, _)) if sessions == Sessions::Together && role.starts_with(ROLE) => role,
        _ => id,
    };
    Some(Caller::principal(&format!("iam:{who}")))
}

/// Two parts, of which the first is escaped so that the first `#` is the one between them.
fn pair(kind: &str, first: &str, second: &str) -> Caller {
    let first = first.replace('%', "%25").replace('#', "%23");
    Caller::principal(&format!("{kind}:{first}#{second}"))
}

fn named(kind: &str, name: &Value) -> Option<Caller> {
    text(name).map(|name| Caller::principal(&format!("{kind}:{name}")))
}

fn text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::json;

    use super::*;

    fn rest(identity: &Value) -> String {
        of_rest_api(&json!({ "identity": identity }), Sessions::Together).to_string()
    }

    fn http(iam: &Value) -> String {
        of_http_api(&json!({ "authorizer": { "iam": iam } }), Sessions::Together).to_string()
    }

    /// An assumed role, as both kinds of API tell of it.
    fn session(id: &str, role: &str, name: &str) -> [Value; 2] {
        let arn = format!("arn:aws:sts::123456789012:assumed-role/{role}/{name}");
        let unique = format!("{id}:{name}");
        [
            json!({ "userArn": arn, "user": unique, "caller": unique, "cognitoIdentityId": null }),
            json!({ "userArn": arn, "userId": unique, "callerId": unique, "cognitoIdentity": null }),
        ]
    }

    #[test]
    fn the_strongest_word_counts() {
        let arn = "arn:aws:iam::123456789012:user/ann";
        for (context, expected) in [
            (json!({}), "anonymous"),
            (json!({ "authorizer": null, "identity": { "apiKeyId": null, "user": "" } }), "anonymous"),
            (json!({ "identity": { "apiKeyId": "k1" } }), "key:k1"),
            (json!({ "identity": { "apiKeyId": "k1", "user": "AIDA1", "userArn": arn } }), "iam:AIDA1"),
            (json!({ "identity": { "caller": "AIDA1", "userArn": arn } }), "iam:AIDA1"),
            // A name alone is nobody's.
            (json!({ "identity": { "userArn": arn } }), "anonymous"),
            (
                json!({ "authorizer": { "principalId": "p" }, "identity": { "user": "AIDA1" } }),
                "authorizer:p",
            ),
            (
                json!({ "authorizer": { "claims": { "sub": "s", "iss": "i" }, "principalId": "p" } }),
                "jwt:i#s",
            ),
        ] {
            assert_eq!(of_rest_api(&context, Sessions::Together).as_str(), expected, "{context}");
        }
        for (context, expected) in [
            (json!({}), "anonymous"),
            (json!({ "authorizer": { "jwt": { "claims": { "sub": "s", "iss": "i" } } } }), "jwt:i#s"),
            (json!({ "authorizer": { "iam": { "userArn": arn, "userId": "AIDA1" } } }), "iam:AIDA1"),
            (json!({ "authorizer": { "iam": { "userArn": arn } } }), "anonymous"),
            (json!({ "authorizer": { "lambda": { "principalId": "p" } } }), "authorizer:p"),
            (json!({ "authorizer": { "jwt": { "claims": { "sub": 7 } } } }), "anonymous"),
        ] {
            assert_eq!(of_http_api(&context, Sessions::Together).as_str(), expected, "{context}");
        }
    }

    #[test]
    fn a_role_is_one_caller_whatever_its_sessions_are_called() {
        let ([rest_1, http_1], [rest_2, http_2]) =
            (session("AROA1", "Dev", "botocore-1"), session("AROA1", "Dev", "botocore-2"));
        assert_eq!([rest(&rest_1), http(&http_1)], ["iam:AROA1"; 2]);
        assert_eq!([rest(&rest_2), http(&http_2)], ["iam:AROA1"; 2]);
    }

    #[test]
    fn sessions_are_told_apart_where_the_operator_says_so() {
        let names = ["ann", "bob"].map(|name| {
            let [identity, iam] = session("AROA1", "Dev", name);
            let rest = of_rest_api(&json!({ "identity": identity }), Sessions::Apart);
            assert_eq!(of_http_api(&json!({ "authorizer": { "iam": iam } }), Sessions::Apart), rest);
            rest.to_string()
        });
        assert_eq!(names, ["iam:AROA1:ann", "iam:AROA1:bob"]);
    }

    #[test]
    fn one_name_with_another_unique_id_is_another_caller() {
        for (first, second) in [
            (session("AROA1", "Dev", "x"), session("AROA2", "Dev", "x")),
            (
                ["user", "userId"].map(|field| json!({ field: "AIDA1", "userArn": "arn:…:user/ann" })),
                ["user", "userId"].map(|field| json!({ field: "AIDA2", "userArn": "arn:…:user/ann" })),
            ),
        ] {
            assert_ne!(rest(&first[0]), rest(&second[0]));
            assert_ne!(http(&first[1]), http(&second[1]));
        }
    }

    #[test]
    fn identities_of_one_pool_are_callers_of_their_own() {
        let unique = "AROA1:CognitoIdentityCredentials";
        let names: HashSet<String> = [("eu:pool", "eu:a"), ("eu:pool", "eu:b"), ("eu:other", "eu:a")]
            .into_iter()
            .map(|(pool, id)| {
                let rest = rest(&json!({
                    "user": unique, "cognitoIdentityPoolId": pool, "cognitoIdentityId": id,
                }));
                let iam = json!({
                    "userId": unique, "cognitoIdentity": { "identityPoolId": pool, "identityId": id },
                });
                assert_eq!(http(&iam), rest);
                rest
            })
            .collect();
        assert!(names.contains("cognito:eu:pool#eu:a"), "{names:?}");
        assert_eq!(names.len(), 3);
    }

    #[test]
    fn federated_users_and_the_root_of_one_account_are_not_one() {
        let ids = ["123456789012", "123456789012:ann", "123456789012:bob"];
        let names: HashSet<String> = ids.iter().map(|id| rest(&json!({ "user": id }))).collect();
        assert_eq!(names.len(), 3);
    }

    #[test]
    fn no_two_issuers_and_subjects_read_the_same() {
        let parts = ["", "a", "#", "a#", "#a", "%23", "a%23", "%", "%2523", "##"];
        let mut names = HashSet::new();
        for issuer in parts {
            for subject in parts.iter().filter(|subject| !subject.is_empty()) {
                let claims = json!({ "authorizer": { "claims": { "iss": issuer, "sub": subject } } });
                let name = of_rest_api(&claims, Sessions::Together).to_string();
                assert!(names.insert(name.clone()), "{name}");
            }
        }
    }
}
