import sqlite3
db = sqlite3.connect(":memory:")
db.execute("create table sale(day int, amount real)")
db.executemany("insert into sale values (?, ?)", [(d, d * 1.5 % 7) for d in range(1, 11)])
for row in db.execute("select day, amount, round(avg(amount) over (order by day rows 2 preceding), 3), rank() over (order by amount desc) from sale order by day"):
    print(*row, sep="\t")
