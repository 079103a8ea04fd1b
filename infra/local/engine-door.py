"""A door to the engine's socket for containers: TLS on the bridge's own address, for the one certificate made here.

    engine-door.py ADDRESS SOCKET FOLDER

Makes an authority, a server's and a client's certificate; writes ca.pem, cert.pem, key.pem and the port into FOLDER.
The authority's key is thrown away. Ends when killed, and when whoever started it has ended.
"""

import asyncio
import datetime
import ipaddress
import os
import pathlib
import ssl
import sys
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

parent = os.getppid()
address, engine, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
now = datetime.datetime.now(datetime.timezone.utc)


def certificate(name, signer, *extensions):
    """A new key, and its certificate by `signer` (name and key), or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    issuer, issuer_key = signer or (subject, key)
    builder = x509.CertificateBuilder(
        issuer, subject, key.public_key(), x509.random_serial_number(), now, now + datetime.timedelta(days=30)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return subject, key, builder.sign(issuer_key, hashes.SHA256())


def pem(made):
    return made.public_bytes(serialization.Encoding.PEM)


def key_pem(key):
    encoding, kind = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(encoding, kind, serialization.NoEncryption())


authority, authority_key, authority_made = certificate(
    "engine door", None, x509.BasicConstraints(ca=True, path_length=0)
)
signer = (authority, authority_key)
_, server_key, server_made = certificate(
    "engine", signer, x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
)
_, client_key, client_made = certificate("function", signer)

folder.mkdir(parents=True, exist_ok=True)
(folder / "ca.pem").write_bytes(pem(authority_made))
(folder / "cert.pem").write_bytes(pem(client_made))
(folder / "key.pem").write_bytes(key_pem(client_key))

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.verify_mode = ssl.CERT_REQUIRED
context.load_verify_locations(cadata=pem(authority_made).decode())
with tempfile.NamedTemporaryFile() as both:
    both.write(key_pem(server_key) + pem(server_made))
    both.flush()
    context.load_cert_chain(both.name)


async def shovel(reader, writer):
    """Everything from one to the other; then the other is closed."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    writer.close()


async def serve(reader, writer):
    host_reader, host_writer = await asyncio.open_unix_connection(engine)
    await asyncio.gather(shovel(reader, host_writer), shovel(host_reader, writer))


async def main():
    try:
        server = await asyncio.start_server(serve, address, 0, ssl=context)
    except OSError as error:
        sys.exit(f"engine-door.py: {error}. Has the engine lost its bridge? Then it must be started again.")
    # Moved into place whole: who waits for it must not read half of it.
    (folder / "port.new").write_text(str(server.sockets[0].getsockname()[1]))
    (folder / "port.new").rename(folder / "port")
    while os.getppid() == parent:
        await asyncio.sleep(1)


asyncio.run(main())
