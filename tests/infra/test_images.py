"""infra/local/images.sh with a table that names its image by digest: on the engine of this machine, from a registry of the
test's own, which is on loopback, where every engine does without TLS."""

import gzip
import hashlib
import io
import json
import os
import subprocess
import tarfile
import tempfile
import threading
import unittest
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from templates import ROOT

SCRIPTS = ROOT / "infra/local"


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Registry:
    """Serves one image of one file, which no other has."""

    def __init__(self):
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            text = uuid.uuid4().bytes
            entry = tarfile.TarInfo("file")
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text))
        layer = gzip.compress(archive.getvalue())
        rootfs = {"type": "layers", "diff_ids": [digest(archive.getvalue())]}
        config = json.dumps({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": rootfs}).encode()
        kind = "application/vnd.docker.distribution.manifest.v2+json"
        part = lambda of, data: {"mediaType": f"application/vnd.docker.{of}", "size": len(data), "digest": digest(data)}
        layers = [part("image.rootfs.diff.tar.gzip", layer)]
        manifest = {"schemaVersion": 2, "mediaType": kind, "config": part("container.image.v1+json", config), "layers": layers}
        self.manifest = json.dumps(manifest).encode()
        self.digest = digest(self.manifest)
        blobs = {digest(data): data for data in (layer, config)}
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                last = self.path.rpartition("/")[2]
                data = blobs.get(last, b"{}" if self.path == "/v2/" else None)
                if "/manifests/" in self.path and last == registry.digest:
                    data = registry.manifest
                self.send_response(404 if data is None else 200)
                if data is not None:
                    self.send_header("Content-Type", kind if data is registry.manifest else "application/octet-stream")
                    self.send_header("Docker-Content-Digest", digest(data))
                self.send_header("Content-Length", str(len(data or b"")))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(data or b"")

            do_HEAD = do_GET

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.name = f"127.0.0.1:{self.server.server_port}/sce-test-{uuid.uuid4().hex}:1"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class AnImageNamedByItsDigest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.registry = Registry()
        self.addCleanup(self.registry.close)

    def sh(self, script, **settings):
        environment = {**os.environ, "SCE_STATE_DIR": str(self.folder), **settings}
        return subprocess.run(["bash", "-c", f'cd "{SCRIPTS}"; . ./lib.sh; {script}'], env=environment, capture_output=True, text=True)

    def images(self, image):
        folder = self.folder / "languages/test"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "language.toml").write_text(f'[[versions]]\nversion = "1"\nimage = "{image}"\n')
        return self.sh("./images.sh", SCE_LANGUAGES_DIR=str(folder.parent), SCE_LANGUAGES="test")

    def test_is_pulled_by_it_and_keeps_the_name_that_it_has_in_the_table(self):
        name = self.registry.name
        self.addCleanup(self.sh, f"engine DELETE '/images/{name}?force=true'; engine DELETE '/images/{name.rpartition(':')[0]}@{self.registry.digest}?force=true'")
        done = self.images(f"{name}@{self.registry.digest}")
        self.assertEqual(done.returncode, 0, done.stderr)
        for known in (name, f"{name}@{self.registry.digest}"):
            found = json.loads(self.sh(f"inspect {known}").stdout or "{}")
            self.assertIn(name, found.get("RepoTags", []), known)
            self.assertEqual([digest.rpartition("@")[2] for digest in found["RepoDigests"]], [self.registry.digest])
        # It is there now, and is not asked for again.
        self.assertIn("present", self.images(f"{name}@{self.registry.digest}").stderr)

    def test_is_refused_when_the_registry_has_another(self):
        done = self.images(f"{self.registry.name}@sha256:{'0' * 64}")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("could not be pulled", done.stderr)
        self.assertIn("no stand-in is known", done.stderr)
        self.assertNotEqual(self.sh(f"inspect {self.registry.name}").returncode, 0)
