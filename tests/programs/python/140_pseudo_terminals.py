import os, pty, subprocess, sys
master, slave = pty.openpty()
print(os.isatty(master), os.isatty(slave), os.ttyname(slave).startswith("/dev/pts/"))
child = subprocess.run([sys.executable, "-c", "import sys; print(sys.stdout.isatty())"], stdout=slave)
print(child.returncode, os.read(master, 100))
with open(os.ttyname(slave), "w") as terminal:
    terminal.write("by name\n")
print(os.read(master, 100))
print(pty.spawn([sys.executable, "-c", "import os; print(os.isatty(0), open('/dev/tty').isatty())"]))
