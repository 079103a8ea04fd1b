//! A store in memory that fails when told to.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Mutex,
    time::Duration,
};

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
}

#[derive(Default)]
pub struct FakeStore {
    pub faults: Mutex<Faults>,
    pub records: Mutex<BTreeMap<ExecutionId, (StartRecord, Option<EndRecord>)>>,
    keys: Mutex<HashMap<(Caller, [u8; 32]), Holder>>,
}

impl FakeStore {
    /// The end of the only execution there is.
    pub fn only_end(&self) -> Option<EndRecord> {
        let records = locked(&self.records);
        assert_eq!(records.len(), 1);
        records.values().next().and_then(|(_, end)| end.clone())
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

impl ExecutionStore for FakeStore {
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
        let mut keys = locked(&self.keys);
        let ours = Holder { id: record.id, fingerprint: wish.fingerprint };
        let key = (record.caller.clone(), *wish.key.digest());
        match keys.get(&key) {
            Some(holder) if Some(holder.id) != wish.instead_of => return Ok(Reserved::Held(*holder)),
            _ => keys.insert(key, ours),
        };
        locked(&self.records).insert(record.id, (record.clone(), None));
        drop(keys);
        Ok(Reserved::Ours)
    }

    async fn holder(&self, caller: &Caller, key: &IdempotencyKey) -> Result<Option<Holder>, StoreError> {
        self.reads()?;
        Ok(locked(&self.keys).get(&(caller.clone(), *key.digest())).copied())
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
