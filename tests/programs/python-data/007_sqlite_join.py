import sqlite3
db = sqlite3.connect(":memory:")
db.executescript("""
create table author(id integer primary key, name text);
create table book(title text, author integer references author(id), year int);
insert into author values (1, 'Le Guin'), (2, 'Lem'), (3, 'Nobody');
insert into book values ('The Dispossessed', 1, 1974), ('Solaris', 2, 1961), ('The Lathe of Heaven', 1, 1971);
""")
for row in db.execute("""select name, count(title), min(year), group_concat(title, ' | ')
    from author left join book on author = id group by id order by 2 desc, 1"""):
    print(row)
