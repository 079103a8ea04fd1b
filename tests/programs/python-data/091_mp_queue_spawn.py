import multiprocessing as mp
def work(inbox, outbox):
    for n in iter(inbox.get, None): outbox.put((n, n ** 3))
if __name__ == "__main__":
    context = mp.get_context("spawn"); inbox, outbox = context.Queue(), context.Queue()
    process = context.Process(target=work, args=(inbox, outbox)); process.start()
    for n in [1, 2, 3, None]: inbox.put(n)
    print([outbox.get() for _ in range(3)]); process.join(); print(process.exitcode)
