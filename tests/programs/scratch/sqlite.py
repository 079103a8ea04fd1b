# What SQLite does not hold in memory: sorts, groups, indexes and a vacuum of more than its cache, in memory and in a file.
import os
import sqlite3

for place in (":memory:", "/dev/shm/test.db"):
    database = sqlite3.connect(place)
    database.execute("PRAGMA cache_size = 100")
    database.execute("PRAGMA temp_store = FILE")
    database.execute("CREATE TABLE t (n INTEGER, s TEXT)")
    rows = ((n * 7919 % 30011, "x" * 90) for n in range(30000))
    database.executemany("INSERT INTO t VALUES (?, ?)", rows)
    database.commit()
    print(database.execute("SELECT n FROM t ORDER BY s || n LIMIT 3").fetchall())
    print(database.execute("SELECT count(*) FROM (SELECT s || n, count(*) FROM t GROUP BY 1)").fetchone())
    database.execute("CREATE INDEX i ON t (s, n)")
    database.execute("DELETE FROM t WHERE n % 2")
    database.commit()
    database.execute("DROP INDEX i")
    database.execute("VACUUM")
    print(database.execute("PRAGMA integrity_check").fetchone())
    database.close()
os.remove("/dev/shm/test.db")
database = sqlite3.connect("/dev/shm/wal.db")
print(database.execute("PRAGMA journal_mode = WAL").fetchone())
database.execute("CREATE TABLE t (n)")
database.execute("INSERT INTO t VALUES (1)")
database.commit()
print(sqlite3.connect("/dev/shm/wal.db").execute("SELECT n FROM t").fetchall())
