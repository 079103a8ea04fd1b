-- One row per execution. Times are milliseconds since 1970 UTC, durations nanoseconds.
-- Code and streams are here up to the size that a list shows; longer ones are whole in `overflow`, which no
-- list reads. So a row has at most some 9 KiB, and a list of n executions costs n short rows.
CREATE TABLE executions (
  seq            INTEGER PRIMARY KEY,
  caller         TEXT    NOT NULL,
  id             TEXT    NOT NULL, -- UUID version 7: its order is the order of time
  source         TEXT    NOT NULL,
  language       TEXT    NOT NULL,
  started_at     INTEGER NOT NULL,
  abandoned_at   INTEGER NOT NULL,
  expires_at     INTEGER NOT NULL,
  code_bytes     INTEGER NOT NULL,
  code           BLOB    NOT NULL,
  -- All of what follows is NULL until the execution has ended.
  status         TEXT,
  message        TEXT,             -- of an execution that failed in our hands; it has nothing of what follows
  exit_code      INTEGER,
  signal         INTEGER,
  limit_name     TEXT,
  limit_value    REAL,
  limit_observed REAL,
  limit_evidence TEXT,
  timeout        INTEGER,
  wall           INTEGER,
  cpu            INTEGER,
  memory_bytes   INTEGER,
  oom_kills      INTEGER,
  stdout_total   INTEGER,
  stderr_total   INTEGER,
  stdout         BLOB,
  stderr         BLOB,
  UNIQUE (caller, id)
) STRICT;

CREATE INDEX executions_by_expiry ON executions (expires_at);

CREATE TABLE overflow (
  seq   INTEGER NOT NULL REFERENCES executions (seq) ON DELETE CASCADE,
  part  TEXT    NOT NULL CHECK (part IN ('code', 'stdout', 'stderr')),
  bytes BLOB    NOT NULL,
  UNIQUE (seq, part)
) STRICT;

-- Written by the health check: proof that the file takes writes.
CREATE TABLE probe (
  one   INTEGER PRIMARY KEY CHECK (one = 1),
  at    INTEGER NOT NULL,
  bytes BLOB    NOT NULL
) STRICT;
