//! Certificates kept in AWS Secrets Manager: where a function has no files of its own.

use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_secretsmanager::{Client, error::DisplayErrorContext};
use serde::Deserialize;
use tokio::{sync::OnceCell, time::timeout};

use super::certificates::{Bundle, Part, Unusable};

/// How long Secrets Manager may take, its client's own retries included.
const ANSWER: Duration = Duration::from_secs(8);

/// The secret's text.
#[derive(Deserialize)]
struct Secret {
    ca: String,
    cert: String,
    key: String,
}

/// Reads the secret of this name or ARN.
///
/// # Errors
/// [`Unusable`], which never repeats the secret.
pub async fn read(name: &str) -> Result<Bundle, Unusable> {
    static CONFIG: OnceCell<SdkConfig> = OnceCell::const_new();
    let what = format!("the secret `{name}`");
    let unreadable = |why: String| Unusable::Unreadable { what: what.clone(), why };
    let load = || aws_config::defaults(BehaviorVersion::v2026_01_12()).load();
    let asked = async {
        let client = Client::new(CONFIG.get_or_init(load).await);
        client.get_secret_value().secret_id(name).send().await
    };
    let answer =
        timeout(ANSWER, asked).await.map_err(|_| unreadable(format!("no answer within {ANSWER:?}")))?;
    let answer = answer.map_err(|error| unreadable(DisplayErrorContext(&error).to_string()))?;
    let text = answer.secret_string().unwrap_or_default();
    // What the parser says may quote the text.
    let secret: Secret = serde_json::from_str(text).map_err(|error| Unusable::Bad {
        what: what.clone(),
        why: format!("it is no JSON object with the texts `ca`, `cert` and `key` (line {})", error.line()),
    })?;
    let part = |name, text: String| Part { what: format!("`{name}` of {what}"), text: text.into_bytes() };
    Ok(Bundle { ca: part("ca", secret.ca), cert: part("cert", secret.cert), key: part("key", secret.key) })
}
