//! What DynamoDB's refusals and silences mean, in the words of the port.

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

use crate::domain::error::StoreError;

/// Retries are over, or would be in vain: throttled, unreachable, silent, not allowed, no such table.
pub(super) fn unavailable<E, R>(doing: &'static str, error: SdkError<E, R>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let why = match &error {
        SdkError::TimeoutError(_) => "no answer in time".to_owned(),
        SdkError::ServiceError(refusal) => {
            let refusal = refusal.err();
            format!(
                "{}: {}",
                refusal.code().unwrap_or("refused"),
                refusal.message().unwrap_or("no reason given")
            )
        }
        _ => DisplayErrorContext(&error).to_string(),
    };
    StoreError::Unavailable(format!("{doing}: {why}"))
}
