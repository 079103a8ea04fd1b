//! Where records are kept, and for how long.

use std::{path::PathBuf, time::Duration};

use super::reader::Reader;
use crate::outbound::{dynamodb::DynamoConfig, sqlite::SqliteConfig};

/// Records of executions.
#[derive(Clone, Debug)]
pub struct RecordsConfig {
    /// Where they are.
    pub store: StoreConfig,
    /// How long a record is kept.
    pub retention: Duration,
}

/// The stores there are.
#[derive(Clone, Debug)]
pub enum StoreConfig {
    /// A file on this machine.
    Sqlite(SqliteConfig),
    /// A table in DynamoDB.
    DynamoDb(DynamoConfig),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Sqlite,
    DynamoDb,
}

pub fn read(reader: &mut Reader, on_lambda: bool) -> RecordsConfig {
    let retention = Duration::from_hours(24 * reader.number("SCE_RETENTION_DAYS", 30, 1..=3650));
    let default = if on_lambda { Kind::DynamoDb } else { Kind::Sqlite };
    let kind = reader.parsed("SCE_STORE", default, |text| match text {
        "sqlite" => Ok(Kind::Sqlite),
        "dynamodb" => Ok(Kind::DynamoDb),
        _ => Err("either `sqlite` or `dynamodb`"),
    });
    let data_dir = reader.text("SCE_DATA_DIR").map_or_else(|| PathBuf::from("data"), PathBuf::from);
    let table = reader.parsed("SCE_TABLE", "safe-code-executor".to_owned(), |text| {
        // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let fits = (3..=255).contains(&text.len()) && text.chars().all(plain);
        if fits { Ok(text.to_owned()) } else { Err("3 to 255 letters, digits, `-`, `_` and `.`") }
    });
    // The SDK's own variable counts as well.
    let sdks_own = reader.text("AWS_ENDPOINT_URL_DYNAMODB");
    let endpoint = reader.parsed("SCE_DYNAMODB_ENDPOINT", sdks_own, |text| {
        let fits = text.starts_with("http://") || text.starts_with("https://");
        if fits { Ok(Some(text.to_owned())) } else { Err("it must begin with http:// or https://") }
    });
    let store = match kind {
        Kind::Sqlite => StoreConfig::Sqlite(SqliteConfig::at(data_dir.join("executions.sqlite"))),
        Kind::DynamoDb => {
            StoreConfig::DynamoDb(DynamoConfig { endpoint, ..DynamoConfig::new(table, retention) })
        }
    };
    RecordsConfig { store, retention }
}
