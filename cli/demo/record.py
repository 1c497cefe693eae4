"""Renews the recording: `python -m cli.demo.record URL`, with a vLLM that serves Qwen3.5 at URL (ending in /v1).

The demo is run against that server through a proxy that keeps every answer byte for byte. They are written to
`recording/` only when the model has fixed the bug. `recording/README.md` says what the present one was taken from.
"""

import json
import sys
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import cast

from agent.json_types import as_list, as_object, as_text
from cli.demo.server import CHAT, HOST
from cli.main import main as qwright

FOLDER = Path(__file__).parent / "recording"
_TIMEOUT_S = 600


@dataclass(slots=True)
class Tape:
    """What went through the proxy: answers in order, and the last body of each other path."""

    upstream: str
    answers: list[bytes] = field(default_factory=list[bytes])
    others: dict[str, bytes] = field(default_factory=dict[str, bytes])

    def forward(self, path: str, body: bytes | None) -> tuple[int, str, bytes]:
        """Ask the server; gives status, content type and body."""
        request = urllib.request.Request(self.upstream + path, body, {"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as response:
                answer, kind = cast("bytes", response.read()), str(response.headers["content-type"])
        except urllib.error.HTTPError as error:
            return error.code, "application/json", error.read()
        if path == CHAT:
            self.answers.append(answer)
        else:
            self.others[path] = answer
        return 200, kind, answer


def _handler(tape: Tape) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._forward(None)

        def do_POST(self) -> None:
            self._forward(self.rfile.read(int(self.headers["content-length"])))

        def _forward(self, body: bytes | None) -> None:
            status, kind, answer = tape.forward(self.path, body)
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """The session itself is shown; requests need not be."""

    return Handler


@contextmanager
def proxy(tape: Tape) -> Generator[str]:
    """The recording proxy; gives its base URL."""
    server = ThreadingHTTPServer((HOST, 0), _handler(tape))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def without_paths(models: bytes) -> bytes:
    """`/v1/models` with each model's `root` replaced by its name: it may be a directory of the recorded machine."""
    listing = as_object(json.loads(models))
    rows = [as_object(row) for row in as_list(listing.get("data"))]
    named = [{**row, "root": as_text(row.get("id"))} if "root" in row else row for row in rows]
    return json.dumps({**listing, "data": named}, separators=(",", ":")).encode()


def main(base_url: str) -> int:
    """Run the demo and keep what the server said."""
    tape = Tape(base_url.rstrip("/").removesuffix("/v1"))
    with proxy(tape) as url:
        code = qwright(["demo", "--base-url", url])
    if code != 0:
        print("Not recorded: the demo did not end well.", file=sys.stderr)
        return code
    for old in FOLDER.glob("*.sse"):
        old.unlink()
    for number, answer in enumerate(tape.answers, 1):
        (FOLDER / f"{number:02}.sse").write_bytes(answer)
    (FOLDER / "models.json").write_bytes(without_paths(tape.others["/v1/models"]) + b"\n")
    (FOLDER / "version.json").write_bytes(tape.others["/version"] + b"\n")
    print(f"Recorded {len(tape.answers)} answers in {FOLDER}.")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
