# What ordinary programs do, each once. Prints "ok NAME" or "FAILED NAME: why", line by line.
# Run as a program in a sandbox: a tighter seccomp profile must not break a line of it.
import asyncio, concurrent.futures, ctypes, hashlib, http.server, json, mmap, os, queue, random, resource
import select, selectors, signal, socket, sqlite3, ssl, subprocess, sys, tempfile, threading, time, urllib.request, zlib


def check(test):
    try:
        test()
        print("ok", test.__name__, flush=True)
    except BaseException as error:
        print(f"FAILED {test.__name__}: {error!r}", flush=True)


def threads():
    results = queue.Queue()
    some = [threading.Thread(target=lambda n=n: results.put(n * n)) for n in range(16)]
    [t.start() for t in some], [t.join() for t in some]
    assert results.qsize() == 16


def pools():
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda n: n, range(100))) == 4950


def locks_and_timers():
    fired = threading.Event()
    threading.Timer(0.01, fired.set).start()
    assert fired.wait(5) and threading.Condition() and threading.Barrier(1).wait() == 0


def asyncio_tasks():
    async def main():
        loop = asyncio.get_running_loop()
        slow = await loop.run_in_executor(None, lambda: 7)
        return slow + sum(await asyncio.gather(*[asyncio.sleep(0.01, n) for n in range(10)]))
    assert asyncio.run(main()) == 52


def asyncio_subprocess():
    async def main():
        made = await asyncio.create_subprocess_exec("echo", "hi", stdout=subprocess.PIPE)
        return (await made.communicate())[0]
    assert asyncio.run(main()) == b"hi\n"


def asyncio_sockets():
    async def serve(reader, writer):
        writer.write(await reader.readline())
        await writer.drain()
        writer.close()

    async def main():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"line\n")
        return await reader.readline()
    assert asyncio.run(main()) == b"line\n"


def subprocesses():
    assert subprocess.run(["sh", "-c", "echo $((6*7))"], capture_output=True).stdout == b"42\n"
    assert subprocess.run("cat | tr a b", shell=True, input=b"aa", capture_output=True).stdout == b"bb"
    assert subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True).stdout == b"1\n"
    assert os.system("exit 3") == 3 << 8 and os.popen("echo x").read() == "x\n"


def fork_and_wait():
    pid = os.fork()
    if pid == 0:
        os._exit(5)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 5
    assert os.waitstatus_to_exitcode(os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)[1]) == 0


def signals():
    got = []
    signal.signal(signal.SIGUSR1, lambda *_: got.append(1))
    signal.signal(signal.SIGALRM, lambda *_: got.append(2))
    os.kill(os.getpid(), signal.SIGUSR1)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    signal.pause() if len(got) < 2 else None
    signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
    assert got[:2] == [1, 2]


def sqlite():
    with sqlite3.connect(":memory:") as db:
        db.execute("create table t (n)")
        db.executemany("insert into t values (?)", [(n,) for n in range(100)])
        assert db.execute("select sum(n) from t").fetchone() == (4950,)


def loopback_http():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200), self.end_headers(), self.wfile.write(b"hello")

        def log_message(self, *_):
            pass
    for family, host in (socket.AF_INET, "127.0.0.1"),:
        server = http.server.ThreadingHTTPServer((host, 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert urllib.request.urlopen(f"http://{host}:{server.server_port}/").read() == b"hello"


def sockets():
    one, other = socket.socketpair()
    socket.send_fds(one, [b"x"], [0])
    assert socket.recv_fds(other, 1, 1)[0] == b"x"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        udp.sendto(b"d", udp.getsockname())
        assert udp.recv(9) == b"d"
    abstract = socket.socket(socket.AF_UNIX)
    abstract.bind("\0name"), abstract.listen(), socket.socket(socket.AF_UNIX).connect("\0name")
    assert socket.getaddrinfo("localhost", 80, proto=socket.IPPROTO_TCP)


def waiting():
    reader, writer = os.pipe()
    os.write(writer, b"x")
    assert select.select([reader], [], [], 1)[0] and select.poll() and select.epoll() and selectors.DefaultSelector()
    time.sleep(0.001), time.clock_gettime(time.CLOCK_PROCESS_CPUTIME_ID), os.sched_yield()


def files():
    assert os.listdir("/") and os.stat("/etc/passwd") and os.statvfs("/") and os.path.realpath("/bin/sh")
    assert sum(1 for _ in os.walk("/etc")) and os.access("/etc", os.R_OK) and os.umask(0o22) is not None
    with open("/etc/passwd", "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        assert view[:4] == b"root" and os.pread(file.fileno(), 4, 0) == b"root"
    for attempt in lambda: open("/tmp/x", "w"), lambda: os.mkdir("/tmp/x"), lambda: tempfile.mkstemp(), lambda: os.symlink("a", "b"):
        try:
            attempt()
        except OSError:
            continue
        raise AssertionError("written")
    try:
        os.remove("missing")
    except FileNotFoundError:
        pass


def native_code():
    compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(lambda a, b: 0)
    ctypes.CDLL(None).qsort((ctypes.c_int * 4)(), 4, 4, compare)
    assert mmap.mmap(-1, 4096).write(b"x") == 1


def own_limits():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft - 1, hard))
    assert resource.getrusage(resource.RUSAGE_SELF) and os.nice(1) >= 1 and os.cpu_count()
    assert os.getpriority(os.PRIO_PROCESS, 0) >= 1 and os.sched_getaffinity(0) and os.times() and os.uname()


def libraries():
    assert zlib.decompress(zlib.compress(b"x" * 1000)) and hashlib.scrypt(b"p", salt=b"s", n=2, r=8, p=1)
    assert ssl.create_default_context() and json.loads("[1]") and random.SystemRandom().random() < 1 and os.urandom(8)


for test in (threads, pools, locks_and_timers, asyncio_tasks, asyncio_subprocess, asyncio_sockets, subprocesses,
             fork_and_wait, signals, sqlite, loopback_http, sockets, waiting, files, native_code, own_limits, libraries):
    check(test)
