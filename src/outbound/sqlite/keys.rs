//! Idempotency keys, as statements on one connection.

use rusqlite::{Connection, OptionalExtension, named_params};
use time::OffsetDateTime;

use super::{
    error::store_error,
    statements::{begin, insert_start},
};
use crate::domain::{
    caller::Caller,
    clock::to_millis,
    error::StoreError,
    idempotency::{Fingerprint, Holder, IdempotencyKey, Reservation, Reserved},
    record::StartRecord,
};

/// Takes a key that is free: never taken, expired, or held by the execution `:instead_of`. Changes no row otherwise.
const TAKE: &str = "INSERT INTO keys (caller, key, id, fingerprint, expires_at) \
     VALUES (:caller, :key, :id, :fingerprint, :expires_at) \
     ON CONFLICT DO UPDATE SET id = excluded.id, fingerprint = excluded.fingerprint, \
     expires_at = excluded.expires_at WHERE keys.expires_at <= :now OR keys.id = :instead_of";

/// Takes the key and writes the start in one transaction; see [`ExecutionStore`](crate::domain::ports::ExecutionStore).
pub(super) fn reserve(
    conn: &mut Connection,
    record: &StartRecord,
    wish: &Reservation,
    now: OffsetDateTime,
) -> Result<Reserved, StoreError> {
    let tx = begin(conn)?;
    let taken = tx.prepare_cached(TAKE).and_then(|mut take| {
        take.execute(named_params! {
            ":caller": record.caller.as_str(),
            ":key": wish.key.digest(),
            ":id": record.id.to_string(),
            ":fingerprint": wish.fingerprint.as_bytes(),
            ":expires_at": to_millis(wish.expires_at),
            ":now": to_millis(now),
            ":instead_of": wish.instead_of.map(|id| id.to_string()),
        })
    });
    if taken.map_err(store_error)? == 0 {
        let held = holder(&tx, &record.caller, &wish.key, now)?;
        return held
            .map(Reserved::Held)
            .ok_or_else(|| StoreError::Corrupt("a key without a holder".to_owned()));
    }
    if !insert_start(&tx, record)? {
        return Err(StoreError::Corrupt(format!("another execution {} has begun before", record.id)));
    }
    tx.commit().map_err(store_error)?;
    Ok(Reserved::Ours)
}

/// The execution that holds the key at `now`.
pub(super) fn holder(
    conn: &Connection,
    caller: &Caller,
    key: &IdempotencyKey,
    now: OffsetDateTime,
) -> Result<Option<Holder>, StoreError> {
    let sql = "SELECT id, fingerprint FROM keys WHERE caller = ?1 AND key = ?2 AND expires_at > ?3";
    let found = conn.prepare_cached(sql).and_then(|mut select| {
        select
            .query_one((caller.as_str(), key.digest(), to_millis(now)), |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?))
            })
            .optional()
    });
    let Some((id, fingerprint)) = found.map_err(store_error)? else { return Ok(None) };
    let holder = id.parse().ok().zip(Fingerprint::from_bytes(&fingerprint));
    let broken = || StoreError::Corrupt(format!("the key of execution {id} cannot be understood"));
    holder.map(|(id, fingerprint)| Some(Holder { id, fingerprint })).ok_or_else(broken)
}
