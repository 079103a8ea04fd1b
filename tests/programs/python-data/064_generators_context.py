import contextlib
@contextlib.contextmanager
def step(name):
    print("begin", name)
    try: yield name.upper()
    except ZeroDivisionError as error: print("swallowed", error)
    finally: print("end", name)
with step("a") as a, step("b") as b:
    print(a, b); 1 / 0
def counter():
    total = 0
    while True: total += yield total
c = counter(); next(c); c.send(2); print(c.send(5))
