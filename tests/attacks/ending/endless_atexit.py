import atexit
@atexit.register
def never():
    print("leaving", flush=True)
    while True:
        pass
