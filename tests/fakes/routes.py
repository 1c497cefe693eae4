"""An HTTP server whose answers are functions: one per path, given the request's JSON body."""

import contextlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import cast

Body = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Said:
    """One answer: a JSON value, or a text as it stands. A list of texts is sent as server-sent events."""

    body: object = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


Route = Callable[[Body], Said]


class _Server(ThreadingHTTPServer):
    owner: "RoutesServer"
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]  # the class that starts this handler
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("content-length", "0")))
        self._answer(cast("Body", json.loads(data)))

    def _answer(self, body: Body) -> None:
        owner = self.server.owner
        owner.seen.append((self.path, self.headers.get("Authorization"), body))
        if owner.key and self.headers.get("Authorization") != f"Bearer {owner.key}":
            said = Said({"error": {"message": f"Incorrect API key: {self.headers.get('Authorization')}"}}, 401)
        else:
            said = owner.routes.get(self.path, lambda _: Said({"detail": "Not Found"}, 404))(body)
        data, kind = _encoded(said.body)
        self.send_response(said.status)
        for name, value in {"content-type": kind, "content-length": str(len(data)), **said.headers}.items():
            self.send_header(name, value)
        # A client under test may leave before it is answered.
        with contextlib.suppress(ConnectionError):
            self.end_headers()
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        return


def _encoded(body: object) -> tuple[bytes, str]:
    if isinstance(body, str):
        return body.encode(), "text/plain"
    if isinstance(body, list):
        events = "".join(f"data: {event}\n\n" for event in cast("list[str]", body))
        return events.encode(), "text/event-stream"
    return json.dumps(body).encode(), "application/json"


class RoutesServer:
    """`with RoutesServer({path: route}) as server:` gives `server.url`, ending in /v1. With `key`, 401 without it."""

    def __init__(self, routes: Mapping[str, Route], key: str = "") -> None:
        self.routes = dict(routes)
        self.key = key
        self.seen: list[tuple[str, str | None, Body]] = []
        self.root = ""
        self.url = ""

    def __enter__(self) -> "RoutesServer":
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self.root = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.url = f"{self.root}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def always(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Route:
    """A route that says the same to everybody."""
    return lambda _: Said(body, status, headers or {})
