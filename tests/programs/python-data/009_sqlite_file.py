import os, sqlite3
with sqlite3.connect("shop.db") as db:
    db.execute("create table item(name text unique, stock int)")
    db.executemany("insert into item values (?, ?)", [("bolt", 10), ("nut", 3)])
try:
    with sqlite3.connect("shop.db") as db:
        db.execute("update item set stock = 0")
        db.execute("insert into item values ('nut', 1)")
except sqlite3.IntegrityError as error:
    print("rolled back:", error)
print(sqlite3.connect("shop.db").execute("select * from item").fetchall(), os.listdir("."))
