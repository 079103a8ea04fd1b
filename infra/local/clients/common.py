"""What the scripts of clients share: where the server is, the announcement of a case, and the programs."""

import os, urllib.request

BASE = os.environ["BASE"]

HELLO = "print('hello')"
ECHO = "import sys\nprint(sys.stdin.read().upper(), sys.argv[1:])"
READS = "print(open('data.txt').read())"
WRONG = "print('before')\n1/0"
BROKEN = "print('before'\n"
ENDLESS = "print('begun', flush=True)\nwhile True: pass"
HUNGRY = "x = []\nwhile True: x.append(bytearray(1 << 20))"
FLOOD = "while True: print('x' * 1000)"
C_HELLO = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n'
C_BROKEN = "int main(void) { return nothing; }\n"
SLOW = "import time\nprint('begun', flush=True)\ntime.sleep(8)\nprint('ended')"


def case(name, condition=""):
    """Announces a case. With a condition the driver makes it true."""
    urllib.request.urlopen(f"{BASE}/__case/{name}/{condition}").read()


def same(got, wanted):
    assert got == wanted, f"{got!r} is not {wanted!r}"


def within(part, whole):
    assert part in whole, f"{part!r} is not in {whole!r}"
