//! The port's error for a request that DynamoDB refused or did not answer.

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

use crate::domain::error::StoreError;

/// The error of a request whose retries are over, or that no retry helps: throttled, no answer, no permission, no table.
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
