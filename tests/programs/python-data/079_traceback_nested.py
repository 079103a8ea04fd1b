def load(name): raise KeyError(name)
def main():
    try: load("config")
    except KeyError as error: raise RuntimeError("cannot start") from error
main()
