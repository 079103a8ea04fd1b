//! Where the servers of these tests keep their records: in files of their own, or in tables of DynamoDB Local.

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Stdio},
    sync::OnceLock,
};

/// The settings of a server with this deployment. `SCE_TEST_STORE=dynamodb cargo test --test suite` keeps all
/// records in DynamoDB.
pub fn settings(deployment: &str) -> BTreeMap<String, String> {
    let settings = match std::env::var("SCE_TEST_STORE").as_deref() {
        Err(_) | Ok("sqlite") => vec![],
        Ok("dynamodb") => {
            vec![("SCE_STORE", "dynamodb"), ("SCE_TABLE", deployment), ("SCE_DYNAMODB_ENDPOINT", endpoint())]
        }
        Ok(other) => panic!("SCE_TEST_STORE is {other:?}, and must be sqlite or dynamodb"),
    };
    settings.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn endpoint() -> &'static str {
    static ENDPOINT: OnceLock<String> = OnceLock::new();
    ENDPOINT.get_or_init(|| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("infra/local/dynamodb.sh");
        let done = Command::new(script).arg("up").stderr(Stdio::inherit()).output().expect("a shell");
        assert!(done.status.success(), "DynamoDB Local cannot be had");
        String::from_utf8(done.stdout).expect("an address").trim().to_owned()
    })
}
