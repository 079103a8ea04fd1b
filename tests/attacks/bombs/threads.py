# Threads until there are no more; how many there can be is bounded.
import threading
stop = threading.Event()
count = 0
try:
    while count < 10_000:
        threading.Thread(target=stop.wait, daemon=True).start()
        count += 1
except RuntimeError as error:
    print(error)
print("fewer than 64" if count < 64 else f"{count} threads")
