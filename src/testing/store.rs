//! A store in memory that fails when told to.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};

use time::OffsetDateTime;
use tokio::time::sleep;

use super::locked;
use crate::domain::{
    caller::Caller,
    error::StoreError,
    id::ExecutionId,
    idempotency::{Holder, IdempotencyKey, Reservation, Reserved},
    ports::ExecutionStore,
    record::{EndRecord, ExecutionRecord, HistoryLimit, RecordState, StartRecord},
};

/// How the fake store fails.
#[derive(Default)]
pub struct Faults {
    pub start: bool,
    /// How many attempts to write an end fail.
    pub finish: u32,
    /// How long each attempt to write an end takes.
    pub slow_end: Duration,
    pub reads: bool,
    /// How late a key that is asked for is taken. Later than the time limit: whoever asked is told that it was not.
    pub slow_key: Duration,
}

/// The longest that a call takes.
pub const TIME_LIMIT: Duration = Duration::from_secs(3);

type Records = BTreeMap<ExecutionId, (StartRecord, Option<EndRecord>)>;
type Keys = HashMap<(Caller, [u8; 32]), (Holder, OffsetDateTime)>;

#[derive(Default)]
pub struct FakeStore {
    pub faults: Mutex<Faults>,
    pub records: Arc<Mutex<Records>>,
    keys: Arc<Mutex<Keys>>,
}

impl FakeStore {
    /// The end of the only execution there is.
    pub fn only_end(&self) -> Option<EndRecord> {
        let records = locked(&self.records);
        assert_eq!(records.len(), 1);
        records.values().next().and_then(|(_, end)| end.clone())
    }

    /// When this key of the local caller's may be forgotten.
    pub fn key_expires(&self, key: &IdempotencyKey) -> Option<OffsetDateTime> {
        locked(&self.keys).get(&(Caller::local(), *key.digest())).map(|(_, expires)| *expires)
    }

    pub fn len(&self) -> usize {
        locked(&self.records).len()
    }

    fn reads(&self) -> Result<(), StoreError> {
        if locked(&self.faults).reads {
            Err(StoreError::Unavailable("10.0.0.7:8000".to_owned()))
        } else {
            Ok(())
        }
    }

    fn read((start, end): &(StartRecord, Option<EndRecord>)) -> ExecutionRecord {
        let state = end.clone().map_or(RecordState::Running, RecordState::Ended);
        ExecutionRecord { start: start.clone(), code_bytes: start.code.len() as u64, state }
    }
}

/// Takes a key and writes the start, both or neither.
fn take(
    records: &Mutex<Records>,
    keys: &Mutex<Keys>,
    record: &StartRecord,
    wish: &Reservation,
) -> Result<Reserved, StoreError> {
    let (mut keys, mut records) = (locked(keys), locked(records));
    let key = (record.caller.clone(), *wish.key.digest());
    match keys.get(&key) {
        Some((holder, _)) if Some(holder.id) != wish.instead_of => return Ok(Reserved::Held(*holder)),
        _ if records.contains_key(&record.id) => {
            return Err(StoreError::Corrupt("another has begun before".to_owned()));
        }
        _ => keys.insert(key, (Holder { id: record.id, fingerprint: wish.fingerprint }, wish.expires_at)),
    };
    records.insert(record.id, (record.clone(), None));
    Ok(Reserved::Ours)
}

impl ExecutionStore for FakeStore {
    fn time_limit(&self) -> Duration {
        TIME_LIMIT
    }

    async fn start(&self, record: &StartRecord) -> Result<(), StoreError> {
        if locked(&self.faults).start {
            return Err(StoreError::Unavailable("10.0.0.7:8000".to_owned()));
        }
        locked(&self.records).insert(record.id, (record.clone(), None));
        Ok(())
    }

    async fn reserve(&self, record: &StartRecord, wish: &Reservation) -> Result<Reserved, StoreError> {
        if locked(&self.faults).start {
            return Err(StoreError::Unavailable("10.0.0.7:8000".to_owned()));
        }
        let slow = locked(&self.faults).slow_key;
        if slow <= TIME_LIMIT {
            sleep(slow).await;
            return take(&self.records, &self.keys, record, wish);
        }
        let (records, keys) = (Arc::clone(&self.records), Arc::clone(&self.keys));
        let (record, wish) = (record.clone(), *wish);
        tokio::spawn(async move {
            sleep(slow).await;
            take(&records, &keys, &record, &wish).ok();
        });
        sleep(TIME_LIMIT).await;
        Err(StoreError::Unavailable("no answer in time".to_owned()))
    }

    async fn holder(&self, caller: &Caller, key: &IdempotencyKey) -> Result<Option<Holder>, StoreError> {
        self.reads()?;
        Ok(locked(&self.keys).get(&(caller.clone(), *key.digest())).map(|(holder, _)| *holder))
    }

    async fn finish(&self, _: &Caller, id: ExecutionId, end: &EndRecord) -> Result<(), StoreError> {
        let slow = locked(&self.faults).slow_end;
        sleep(slow).await;
        let mut faults = locked(&self.faults);
        if faults.finish > 0 {
            faults.finish -= 1;
            return Err(StoreError::Unavailable("10.0.0.7:8000".to_owned()));
        }
        let mut records = locked(&self.records);
        let record = records.get_mut(&id).ok_or_else(|| StoreError::Corrupt("no start".to_owned()))?;
        record.1.get_or_insert_with(|| end.clone());
        drop(records);
        Ok(())
    }

    async fn close(&self, start: &StartRecord, end: &EndRecord) -> Result<(), StoreError> {
        locked(&self.records).entry(start.id).or_insert_with(|| (start.clone(), None));
        self.finish(&start.caller, start.id, end).await
    }

    async fn history(
        &self,
        caller: &Caller,
        before: Option<ExecutionId>,
        limit: HistoryLimit,
    ) -> Result<Vec<ExecutionRecord>, StoreError> {
        self.reads()?;
        let records = locked(&self.records);
        let older = |start: &StartRecord| before.is_none_or(|before| start.id < before);
        let own = records.values().rev().filter(|(start, _)| start.caller == *caller && older(start));
        Ok(own.take(limit.get()).map(Self::read).collect())
    }

    async fn get(&self, caller: &Caller, id: ExecutionId) -> Result<Option<ExecutionRecord>, StoreError> {
        self.reads()?;
        let records = locked(&self.records);
        Ok(records.get(&id).filter(|(start, _)| start.caller == *caller).map(Self::read))
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.reads()
    }
}
