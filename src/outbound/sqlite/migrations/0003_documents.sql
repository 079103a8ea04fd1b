-- The end of an execution as one JSON document instead of a column for each of its parts; `earlier.rs` makes the
-- documents of the rows that are there, and puts this table in the place of the other.
-- One row per execution. Times are milliseconds since 1970 UTC. Code and streams are here up to the size that a list
-- shows; longer ones are whole in `overflow`, which no list reads.
CREATE TABLE executions_3 (
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
  status         TEXT,             -- the word for its end
  document       TEXT,             -- its end, as `outbound/document.rs` describes it
  stdout         BLOB,             -- of a program that ran
  stderr         BLOB,             -- of a program that ran
  cases          BLOB,             -- test cases as JSON; the last column, so that a list reads nothing of it
  UNIQUE (caller, id)
) STRICT;
