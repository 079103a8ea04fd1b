import base64, binascii, hashlib, struct, zlib
packed = struct.pack(">IHd4s", 1, 2, 3.5, b"ab")
print(packed.hex(), struct.unpack(">IHd4s", packed), struct.calcsize("@IHd"))
print(base64.b85encode(packed), zlib.crc32(packed), hashlib.sha3_256(packed).hexdigest()[:16], binascii.b2a_hex(zlib.compress(b"a" * 50)))
