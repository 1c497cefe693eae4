"""A registry of images on this machine, as far as a Docker engine needs one to pull from it (distribution spec 1.0).

Engines talk plain HTTP to 127.0.0.0/8. An image here has one layer with one file; `stall` holds back the layer of an
image until the registry is closed.
"""

import gzip
import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = "application/vnd.docker.container.image.v1+json"
_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


class Registry(ThreadingHTTPServer):
    """`asked` are the paths that were asked for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.stall = ""
        self.stalled = threading.Event()
        self.closing = threading.Event()

    def add(self, name: str, size: int) -> str:
        """Have an image whose one file has `size` bytes; gives its full name."""
        tar = io.BytesIO()
        with tarfile.open(fileobj=tar, mode="w") as archive:
            file = tarfile.TarInfo("payload")
            file.size = size
            archive.addfile(file, io.BytesIO(hashlib.sha256(name.encode()).digest() * (size // 32 + 1)))
        packed = gzip.compress(tar.getvalue(), 1)
        config = {
            "architecture": "amd64",
            "os": "linux",
            "config": {},
            "created": "2026-01-01T00:00:00Z",
            "history": [{"created": "2026-01-01T00:00:00Z", "created_by": f"ADD {name}"}],
            "rootfs": {"type": "layers", "diff_ids": [_digest(tar.getvalue())]},
        }
        parts = [(_CONFIG, json.dumps(config).encode()), (_LAYER, packed)]
        for _, data in parts:
            self.blobs[_digest(data)] = data
        described = [{"mediaType": kind, "size": len(data), "digest": _digest(data)} for kind, data in parts]
        manifest = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": described[0], "layers": described[1:]}
        self.manifests[name] = json.dumps(manifest).encode()
        return f"127.0.0.1:{self.server_address[1]}/{name}:latest"

    def hold_back(self, name: str) -> None:
        """Stall at the layer of this image."""
        self.stall = str(json.loads(self.manifests[name])["layers"][0]["digest"])


class _Handler(BaseHTTPRequestHandler):
    server: Registry  # pyright: ignore[reportIncompatibleVariableOverride]  # the class that is started above

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        name, _, last = self.path.removeprefix("/v2/").rpartition("/")
        if self.path == "/v2/":
            self._answer(b"{}", "application/json")
        elif name.endswith("/manifests") and (known := self._manifest(name.removesuffix("/manifests"), last)):
            self._answer(known, _MANIFEST)
        elif last in self.server.blobs:
            if last == self.server.stall:
                self.server.stalled.set()
                self.server.closing.wait(60)
                return
            self._answer(self.server.blobs[last], "application/octet-stream")
        else:
            self._answer(b'{"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}', "", 404)

    def _manifest(self, name: str, reference: str) -> bytes | None:
        found = self.server.manifests.get(name)
        return found if found is not None and reference in ("latest", _digest(found)) else None

    def _answer(self, data: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind or "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Docker-Content-Digest", _digest(data))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        return


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


@contextmanager
def registry() -> Generator[Registry]:
    """A registry that serves until the end of the block."""
    server = Registry()
    thread = threading.Thread(target=lambda: server.serve_forever(0.05))
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
