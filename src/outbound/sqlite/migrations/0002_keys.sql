-- Which execution has which idempotency key. `key` and `fingerprint` are SHA-256 digests.
CREATE TABLE keys (
  caller      TEXT    NOT NULL,
  key         BLOB    NOT NULL,
  id          TEXT    NOT NULL,
  fingerprint BLOB    NOT NULL,
  expires_at  INTEGER NOT NULL,
  PRIMARY KEY (caller, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX keys_by_expiry ON keys (expires_at);

-- What else the answer said, as JSON; NULL in records of before this was kept.
ALTER TABLE executions ADD COLUMN facts TEXT;
