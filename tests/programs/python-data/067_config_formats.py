import configparser, io, json, tomllib
config = configparser.ConfigParser(); config.read_string("[db]\nhost = localhost\nport=5432\nurl=%(host)s:%(port)s\n")
print(dict(config["db"]), tomllib.loads("a = [1, 2]\n[b]\nwhen = 2024-01-01T00:00:00Z"))
try: json.loads('{"a": 1,}')
except json.JSONDecodeError as error: print(error)
print(json.dumps({"ü": float("inf"), "t": (1, None)}, ensure_ascii=False))
