import sqlite3
c = sqlite3.connect(':memory:')
c.execute('create table t (a int, b text)')
c.executemany('insert into t values (?, ?)', [(n, str(n)) for n in range(5)])
print(c.execute('select sum(a), group_concat(b) from t').fetchall())
