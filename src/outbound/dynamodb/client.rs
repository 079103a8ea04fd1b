//! The client: where DynamoDB is, how long it is waited for, how often it is asked again.

use std::{sync::Arc, time::Duration};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::{
    Client,
    config::{
        Credentials,
        retry::{RetryConfig, RetryPartition},
        timeout::TimeoutConfig,
    },
};
use tokio::{runtime::Handle, sync::OnceCell, time::sleep};

use super::DynamoConfig;

/// How often a request is made at most. What it costs in time is bounded by the deadlines, not by this.
const MAX_ATTEMPTS: u32 = 5;
/// The wait before attempt n + 1 is random, up to this times 2^n: many handlers that were throttled together do not
/// come back together.
const FIRST_BACKOFF: Duration = Duration::from_millis(50);
/// The longest of these waits.
const MAX_BACKOFF: Duration = Duration::from_secs(1);

/// The delay before the client is made, so that a cold function first answers requests that need no record (`/`, `/ui`).
const HEAD_START: Duration = Duration::from_millis(20);

/// The region of a DynamoDB Local, which does not care.
const ANY_REGION: &str = "us-east-1";

/// A client that is being made. Reading the machine's certificate authorities takes longer than all else before a
/// function's first answer, and what needs no record need not wait for it.
#[derive(Clone, Debug)]
pub(super) struct Making {
    config: Arc<DynamoConfig>,
    made: Arc<OnceCell<Client>>,
}

impl Making {
    /// Makes the client after [`HEAD_START`], or at once when [`get`](Self::get) asks for it before. Must be called within a
    /// Tokio runtime.
    pub fn begin(config: &DynamoConfig) -> Self {
        let making = Self { config: Arc::new(config.clone()), made: Arc::default() };
        let task = making.clone();
        // On a thread of its own: it computes, and those of the runtime have a first request to answer.
        let runtime = Handle::current();
        tokio::spawn(async move {
            sleep(HEAD_START).await;
            tokio::task::spawn_blocking(move || drop(runtime.block_on(task.get())));
        });
        making
    }

    /// The client, once it is made.
    pub async fn get(&self) -> Client {
        // On the heap: who awaits it has it within their own future.
        self.made.get_or_init(|| Box::pin(client(&self.config))).await.clone()
    }
}

/// A client for this table's home. Nothing is sent yet.
async fn client(config: &DynamoConfig) -> Client {
    let shared = shared(config).await;
    // No limit for an operation: a call may need several, and the store bounds it as a whole.
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(config.attempt_timeout)
        .operation_attempt_timeout(config.attempt_timeout)
        .build();
    // The SDK retries throttling, 5xx, timeouts and broken connections, and stops doing so while most requests fail.
    let retries = RetryConfig::standard()
        .with_max_attempts(MAX_ATTEMPTS)
        .with_initial_backoff(FIRST_BACKOFF)
        .with_max_backoff(MAX_BACKOFF);
    let mut builder = aws_sdk_dynamodb::config::Builder::from(&shared)
        .timeout_config(timeouts)
        .retry_config(retries)
        // Else all clients of the process share one allowance of retries, and one table's trouble uses it up for all.
        .retry_partition(RetryPartition::new(config.table.clone()));
    builder.set_endpoint_url(config.endpoint.clone());
    Client::from_conf(builder.build())
}

async fn shared(config: &DynamoConfig) -> SdkConfig {
    // Pinned: an update of the SDK must not change how it behaves.
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12());
    if config.is_local() {
        // DynamoDB Local takes any key. Real ones are never sent in the clear, nor waited for where there are none.
        let anything = Credentials::new("local", "local", None, None, "DynamoDB Local takes any");
        loader = loader.credentials_provider(anything).region(Region::from_static(ANY_REGION));
    }
    if let Some(region) = &config.region {
        loader = loader.region(Region::new(region.clone()));
    }
    loader.load().await
}
