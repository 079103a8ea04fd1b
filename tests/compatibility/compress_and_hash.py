import bz2, gzip, hashlib, hmac, io, lzma, tarfile, zipfile, zlib
data = b'words ' * 10000
for m in (zlib, bz2, lzma, gzip):
    assert m.decompress(m.compress(data)) == data
b = io.BytesIO()
with zipfile.ZipFile(b, 'w') as z:
    z.writestr('a', data)
assert zipfile.ZipFile(b).read('a') == data
for name in ('md5', 'sha1', 'sha256', 'sha3_256', 'blake2b'):
    hashlib.new(name, data).hexdigest()
hashlib.pbkdf2_hmac('sha256', b'p', b's', 1000)
hashlib.scrypt(b'p', salt=b's', n=1024, r=8, p=1)
import ssl
ssl.create_default_context()
print('ok')
