# Temporary files and folders, and what the standard library does with them: copies with their modes and times, archives,
# names, links, pipes, sockets.
import os
import shutil
import socket
import stat
import subprocess
import tempfile
import zipfile

with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    with open("data.csv", "w") as file:
        file.write("a,b\n1,2\n")
    os.chmod("data.csv", 0o640)
    os.utime("data.csv", (1_000_000_000, 1_100_000_000))
    shutil.copy2("data.csv", "copy.csv")
    found = os.stat("copy.csv")
    print(oct(found.st_mode), int(found.st_mtime), int(found.st_atime) >= 1_000_000_000)
    os.makedirs("tree/a/b")
    shutil.copy(__file__, "tree/a/program.py")
    shutil.copytree("tree", "tree2")
    os.rename("tree2/a", "tree/moved")
    print(sorted(os.walk("tree"))[-1])
    print(shutil.make_archive("archive", "gztar", "tree") == os.path.join(folder, "archive.tar.gz"))
    with zipfile.ZipFile("a.zip", "w") as archive:
        archive.write("data.csv")
    with zipfile.ZipFile("a.zip") as archive:
        archive.extractall("out")
    shutil.unpack_archive("archive.tar.gz", "out2")
    print(open("out/data.csv").read().split(), sorted(os.listdir("out2")))
    with open("closed", "w") as file:
        os.fchmod(file.fileno(), 0)
    try:
        open("closed")
    except PermissionError as error:
        print(error.strerror)
    os.symlink("data.csv", "link")
    os.link("data.csv", "hard")
    os.mkfifo("pipe")
    socket.socket(socket.AF_UNIX).bind("socket")
    kinds = {name: stat.filemode(os.lstat(name).st_mode)[0] for name in ("link", "hard", "pipe", "socket")}
    print(kinds, os.stat("hard").st_nlink)
    print(subprocess.run("umask 022; cp -p data.csv c; touch -d @5 c; chmod u=rwx,go= c; stat -c '%a %Y' c; rm -r tree; ls | wc -l",
                         shell=True, capture_output=True, text=True))
    os.truncate("data.csv", 2)
    print(open("data.csv").read())
with tempfile.NamedTemporaryFile("w+", suffix=".txt") as file:
    file.write("named")
    file.flush()
    print(open(file.name).read(), os.path.dirname(file.name))
with tempfile.TemporaryFile() as file, tempfile.SpooledTemporaryFile(10) as spooled:
    file.write(b"x" * 1000)
    spooled.write(b"x" * 1000)
    print(file.tell(), spooled.tell())
print(os.path.exists(folder), os.listdir("/dev/shm"))
