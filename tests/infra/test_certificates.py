"""The certificate script, and whether what it makes is taken, and what it did not make refused, in real handshakes."""

import json
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

from templates import ROOT

SCRIPT = ROOT / "infra/certificates.sh"


def run(*arguments, check=True):
    return subprocess.run([SCRIPT, *map(str, arguments)], check=check, capture_output=True, text=True)


def handshake(server, client, name="docker.sce.internal"):
    """What a client that holds `client` reads from a server that holds `server`, both folders; None when refused."""
    theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=server / "ca.pem")
    theirs.verify_mode = ssl.CERT_REQUIRED
    theirs.load_cert_chain(server / "cert.pem", server / "key.pem")
    ours = ssl.create_default_context(cafile=server / "ca.pem")
    if client:
        ours = ssl.create_default_context(cafile=client / "ca.pem")
        ours.load_cert_chain(client / "cert.pem", client / "key.pem")
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = listener.accept()
        try:
            with theirs.wrap_socket(connection, server_side=True) as stream:
                stream.sendall(b"in")
        except OSError:
            connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with socket.create_connection(listener.getsockname(), timeout=10) as plain:
            with ours.wrap_socket(plain, server_hostname=name) as stream:
                return stream.recv(2) or None
    except OSError:
        return None
    finally:
        thread.join()
        listener.close()


class TheCertificates(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "pki"
        self.make(self.folder)
        self.server, self.client = self.folder / "server", self.folder / "client"

    def make(self, folder):
        run("ca", folder)
        run("server", folder, "docker.sce.internal", "127.0.0.1")
        run("client", folder)

    def content(self):
        return {path: path.read_bytes() for path in sorted(self.folder.rglob("*")) if path.is_file()}

    def test_are_taken_on_both_sides(self):
        self.assertEqual(handshake(self.server, self.client), b"in")
        self.assertEqual(handshake(self.server, self.client, "127.0.0.1"), b"in")

    def test_are_refused_for_another_name_without_one_of_another_authority_and_in_the_other_role(self):
        self.assertIsNone(handshake(self.server, self.client, "other.sce.internal"))
        self.assertIsNone(handshake(self.server, None))
        self.assertIsNone(handshake(self.server, self.server), "a host's certificate opened another host")
        self.assertIsNone(handshake(self.client, self.client), "a client's certificate made a host")
        other = self.folder.parent / "other"
        self.make(other)
        self.assertIsNone(handshake(self.server, other / "client"))

    def test_stay_as_they_are_when_the_script_is_run_again(self):
        before = self.content()
        self.make(self.folder)
        self.assertEqual(self.content(), before)

    def test_are_renewed_by_the_same_authority_and_fit_what_was_not_renewed(self):
        before = self.content()
        run("--renew", "client", self.folder)
        after = self.content()
        self.assertNotEqual(after[self.client / "key.pem"], before[self.client / "key.pem"])
        self.assertEqual(after[self.folder / "ca.pem"], before[self.folder / "ca.pem"])
        self.assertEqual(handshake(self.server, self.client), b"in")
        self.assertEqual(handshake(self.server, self.folder / "client.before"), b"in", "the old one is good until it ends")

    def test_are_made_anew_for_other_names(self):
        run("server", self.folder, "hosts.example")
        self.assertEqual(handshake(self.server, self.client, "hosts.example"), b"in")

    def test_are_readable_by_their_owner_alone(self):
        for path in self.folder.rglob("*"):
            self.assertEqual(path.stat().st_mode & 0o077, 0, path)

    def test_become_a_secret_of_three_texts(self):
        secret = json.loads(run("secret", self.folder, "client").stdout)
        self.assertEqual(secret, {name: (self.client / f"{name}.pem").read_text() for name in ("ca", "cert", "key")})

    def test_tell_when_they_end(self):
        self.assertEqual(run("expiry", self.folder, 30).returncode, 0)
        late = run("expiry", self.folder, 398, check=False)
        self.assertEqual(late.returncode, 1)
        self.assertIn("client/cert.pem has fewer than 398 days left", late.stderr)

    def test_of_an_authority_are_never_replaced(self):
        (self.folder / "ca.key").write_text("something else")
        self.assertIn("not a pair", run("ca", self.folder, check=False).stderr)

    def test_are_not_made_for_what_is_no_name(self):
        self.assertIn("neither", run("server", self.folder, "a,IP:0.0.0.0", check=False).stderr)
