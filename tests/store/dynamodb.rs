//! The store in DynamoDB, against AWS's own engine: DynamoDB Local. Without one these tests fail; they never skip.

mod cost;
mod drills;
mod proxy;
mod table;

use std::{
    env,
    path::Path,
    process::{Command, Stdio},
    sync::OnceLock,
    time::Duration,
};

use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region},
};
use safe_code_executor::outbound::dynamodb::{DynamoConfig, DynamoStore};

use crate::backend::{Backend, ManualClock};

contract_tests!(super::Dynamo);

/// Longer than any record of these tests lives.
const RETENTION: Duration = Duration::from_hours(30 * 24);

/// Where `SCE_TEST_DYNAMODB` says that a DynamoDB Local is, or where `infra/local/dynamodb.sh up` has one. The script asks
/// what answers there: a note of an earlier day may lead to another program's port.
fn endpoint() -> &'static str {
    static ENDPOINT: OnceLock<String> = OnceLock::new();
    ENDPOINT.get_or_init(|| {
        env::var("SCE_TEST_DYNAMODB").unwrap_or_else(|_| {
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("infra/local/dynamodb.sh");
            let done = Command::new(script).arg("up").stderr(Stdio::inherit()).output().expect("a shell");
            assert!(done.status.success(), "DynamoDB Local cannot be had");
            String::from_utf8(done.stdout).expect("an address").trim().to_owned()
        })
    })
}

/// A client of our own, to look behind the store's back.
pub fn raw() -> Client {
    Client::from_conf(
        Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .endpoint_url(endpoint())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "test"))
            .build(),
    )
}

/// A table.
pub struct Dynamo {
    name: String,
    clock: ManualClock,
}

impl Dynamo {
    /// An empty table, whose stores have this clock.
    pub async fn at(clock: ManualClock) -> Self {
        let place = Self { name: format!("test-{}", uuid::Uuid::now_v7()), clock };
        place.open().await.create_table().await.unwrap();
        place
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    fn config(&self) -> DynamoConfig {
        let usual = DynamoConfig::new(&self.name, RETENTION);
        // Patient: two processors run everything here, the engine too.
        let (deadline, attempt_timeout) = (Duration::from_secs(20), Duration::from_secs(10));
        DynamoConfig { endpoint: Some(endpoint().to_owned()), deadline, attempt_timeout, ..usual }
    }

    fn open_with(&self, config: &DynamoConfig) -> DynamoStore {
        DynamoStore::connect(config, self.clock.clock())
    }
}

impl Backend for Dynamo {
    type Store = DynamoStore;

    async fn fresh() -> Self {
        Self::at(ManualClock::new()).await
    }

    async fn open(&self) -> DynamoStore {
        self.open_with(&self.config())
    }

    fn clock(&self) -> &ManualClock {
        &self.clock
    }
}

impl Drop for Dynamo {
    fn drop(&mut self) {
        // The test's own runtime cannot be waited for from here.
        let name = self.name.clone();
        let delete = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let _ = runtime.block_on(raw().delete_table().table_name(name).send());
        };
        let _ = std::thread::spawn(delete).join();
    }
}
