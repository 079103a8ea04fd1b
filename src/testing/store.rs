//! A store in memory that fails when told to. The contract suite of the stores (`tests/store`) runs against it too.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use time::OffsetDateTime;
use tokio::time::sleep;

use super::locked;
use crate::domain::{
    caller::Caller,
    clock::{Clock, from_millis, to_millis},
    error::StoreError,
    id::ExecutionId,
    idempotency::{Holder, IdempotencyKey, Reservation, Reserved},
    ports::ExecutionStore,
    record::{
        CompilerStreams, EndRecord, ExecutionRecord, Forgotten, HistoryLimit, MAX_CODE_BYTES,
        MAX_STREAM_BYTES, PREVIEW_BYTES, RecordState, StartRecord, cut, cut_message,
    },
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

type Records = BTreeMap<(ExecutionId, String), (StartRecord, Option<EndRecord>)>;
type Keys = HashMap<(Caller, [u8; 32]), (Holder, OffsetDateTime)>;

/// The store; clones share what is kept.
#[derive(Clone)]
pub struct FakeStore {
    pub faults: Arc<Mutex<Faults>>,
    pub records: Arc<Mutex<Records>>,
    keys: Arc<Mutex<Keys>>,
    clock: Arc<Mutex<Clock>>,
}

impl Default for FakeStore {
    fn default() -> Self {
        Self {
            faults: Arc::default(),
            records: Arc::default(),
            keys: Arc::default(),
            clock: Arc::new(Mutex::new(Clock::system())),
        }
    }
}

/// How much of its texts a record is read with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Texts {
    Previews,
    Whole,
}

impl Texts {
    fn of(self, bytes: &Bytes, most: usize) -> Bytes {
        cut(bytes, if self == Self::Whole { most } else { PREVIEW_BYTES })
    }
}

impl FakeStore {
    /// Tells the time by this clock from now on.
    pub fn set_clock(&self, clock: Clock) {
        *locked(&self.clock) = clock;
    }

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

    fn now(&self) -> OffsetDateTime {
        locked(&self.clock).now()
    }

    fn reads(&self) -> Result<(), StoreError> {
        if locked(&self.faults).reads { Err(unavailable()) } else { Ok(()) }
    }

    /// Does the work on a task of its own: a caller that goes away takes no record with it.
    async fn write<T: Send + 'static>(
        work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        tokio::spawn(work).await.expect("a write does not panic")
    }

    fn read(&self, (start, end): &(StartRecord, Option<EndRecord>), texts: Texts) -> ExecutionRecord {
        let mut end = end.clone();
        match &mut end {
            Some(EndRecord::Ran(ran)) => {
                ran.stdout = texts.of(&ran.stdout, MAX_STREAM_BYTES);
                ran.stderr = texts.of(&ran.stderr, MAX_STREAM_BYTES);
                if let Some(tests) = ran.tests.as_mut().filter(|_| texts == Texts::Previews) {
                    tests.cases.clear();
                }
                if let Some(compile) = ran.compile.as_mut().filter(|_| texts == Texts::Previews) {
                    compile.streams = CompilerStreams::default();
                }
                if let Some(files) = ran.files.as_mut().filter(|_| texts == Texts::Previews) {
                    for file in &mut files.files {
                        file.content = None;
                    }
                }
            }
            Some(EndRecord::Failed { message, .. }) => message.truncate(cut_message(message).len()),
            None => {}
        }
        let code = texts.of(&start.code, MAX_CODE_BYTES);
        ExecutionRecord {
            start: StartRecord { code, ..start.clone() },
            code_bytes: start.code.len() as u64,
            state: end.map_or_else(|| start.unended(self.now()), RecordState::Ended),
        }
    }

    /// Takes a key and writes the start, both or neither.
    fn take(&self, record: &StartRecord, wish: &Reservation) -> Result<Reserved, StoreError> {
        let now = self.now();
        let (mut keys, mut records) = (locked(&self.keys), locked(&self.records));
        let key = (record.caller.clone(), *wish.key.digest());
        match keys.get(&key) {
            Some((holder, expires)) if *expires > now && Some(holder.id) != wish.instead_of => {
                return Ok(Reserved::Held(*holder));
            }
            _ if records.contains_key(&place(record)) => {
                return Err(StoreError::Corrupt("another has begun before".to_owned()));
            }
            _ => keys.insert(key, (Holder { id: record.id, fingerprint: wish.fingerprint }, wish.expires_at)),
        };
        records.insert(place(record), (kept(record), None));
        Ok(Reserved::Ours)
    }

    async fn end(&self, caller: &Caller, id: ExecutionId, end: &EndRecord) -> Result<(), StoreError> {
        let slow = locked(&self.faults).slow_end;
        sleep(slow).await;
        let mut faults = locked(&self.faults);
        if faults.finish > 0 {
            faults.finish -= 1;
            return Err(unavailable());
        }
        let mut records = locked(&self.records);
        let record = records.get_mut(&(id, caller.to_string()));
        let record = record.ok_or_else(|| StoreError::Corrupt("no start".to_owned()))?;
        record.1.get_or_insert_with(|| end.clone());
        drop(records);
        Ok(())
    }
}

fn unavailable() -> StoreError {
    StoreError::Unavailable("10.0.0.7:8000".to_owned())
}

fn place(record: &StartRecord) -> (ExecutionId, String) {
    (record.id, record.caller.to_string())
}

/// The start with whole milliseconds.
fn kept(record: &StartRecord) -> StartRecord {
    let whole = |time| from_millis(to_millis(time)).expect("a time");
    StartRecord {
        started_at: whole(record.started_at),
        abandoned_at: whole(record.abandoned_at),
        expires_at: whole(record.expires_at),
        ..record.clone()
    }
}

impl ExecutionStore for FakeStore {
    fn time_limit(&self) -> Duration {
        TIME_LIMIT
    }

    async fn start(&self, record: &StartRecord) -> Result<(), StoreError> {
        let record = record.clone();
        let store = self.clone();
        Self::write(async move {
            if locked(&store.faults).start {
                return Err(unavailable());
            }
            let mut records = locked(&store.records);
            match records.get(&place(&record)) {
                Some(there) if !record.is_retry_of(&store.read(there, Texts::Whole)) => {
                    Err(StoreError::Corrupt("another has begun before".to_owned()))
                }
                Some(_) => Ok(()),
                None => {
                    records.insert(place(&record), (kept(&record), None));
                    Ok(())
                }
            }
        })
        .await
    }

    async fn reserve(&self, record: &StartRecord, wish: &Reservation) -> Result<Reserved, StoreError> {
        if locked(&self.faults).start {
            return Err(unavailable());
        }
        let slow = locked(&self.faults).slow_key;
        let (record, wish) = (record.clone(), *wish);
        let store = self.clone();
        let taking = Self::write(async move {
            sleep(slow).await;
            store.take(&record, &wish)
        });
        let late = |_| Err(StoreError::Unavailable("no answer in time".to_owned()));
        tokio::time::timeout(TIME_LIMIT, taking).await.unwrap_or_else(late)
    }

    async fn holder(&self, caller: &Caller, key: &IdempotencyKey) -> Result<Option<Holder>, StoreError> {
        self.reads()?;
        let now = self.now();
        let keys = locked(&self.keys);
        let held = keys.get(&(caller.clone(), *key.digest())).filter(|(_, expires)| *expires > now);
        Ok(held.map(|(holder, _)| *holder))
    }

    async fn finish(&self, caller: &Caller, id: ExecutionId, end: &EndRecord) -> Result<(), StoreError> {
        let (caller, end) = (caller.clone(), end.clone());
        let store = self.clone();
        Self::write(async move { store.end(&caller, id, &end).await }).await
    }

    async fn close(&self, start: &StartRecord, end: &EndRecord) -> Result<(), StoreError> {
        let (start, end) = (start.clone(), end.clone());
        let store = self.clone();
        Self::write(async move {
            locked(&store.records).entry(place(&start)).or_insert_with(|| (kept(&start), None));
            store.end(&start.caller, start.id, &end).await
        })
        .await
    }

    async fn history(
        &self,
        caller: &Caller,
        before: Option<ExecutionId>,
        limit: HistoryLimit,
    ) -> Result<Vec<ExecutionRecord>, StoreError> {
        self.reads()?;
        let (records, now) = (locked(&self.records), self.now());
        let shown = |start: &StartRecord| {
            start.caller == *caller && before.is_none_or(|before| start.id < before) && !start.expired(now)
        };
        let own = records.values().rev().filter(|(start, _)| shown(start));
        Ok(own.take(limit.get()).map(|record| self.read(record, Texts::Previews)).collect())
    }

    async fn get(&self, caller: &Caller, id: ExecutionId) -> Result<Option<ExecutionRecord>, StoreError> {
        self.reads()?;
        let (records, now) = (locked(&self.records), self.now());
        let record = records.get(&(id, caller.to_string())).filter(|(start, _)| !start.expired(now));
        Ok(record.map(|record| self.read(record, Texts::Whole)))
    }

    async fn delete(&self, caller: &Caller, id: ExecutionId) -> Result<Forgotten, StoreError> {
        self.reads()?;
        let (mut records, now) = (locked(&self.records), self.now());
        let place = (id, caller.to_string());
        Ok(match records.get(&place) {
            Some((start, None)) if !start.expired(now) && now < start.abandoned_at => Forgotten::StillRunning,
            Some((start, _)) if !start.expired(now) => {
                records.remove(&place);
                Forgotten::Done
            }
            _ => Forgotten::NotFound,
        })
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.reads()
    }
}
