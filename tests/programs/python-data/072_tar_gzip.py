import bz2, gzip, io, lzma, tarfile
data = b"line\n" * 1000
print([len(f(data)) < 100 for f in (bz2.compress, lzma.compress, lambda d: gzip.compress(d, mtime=0))])
buffer = io.BytesIO()
with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
    info = tarfile.TarInfo("a/b.txt"); info.size = len(data); tar.addfile(info, io.BytesIO(data))
buffer.seek(0); print(tarfile.open(fileobj=buffer).extractfile("a/b.txt").read() == data)
