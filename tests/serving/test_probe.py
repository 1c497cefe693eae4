"""What a server says of itself, and what a user reads when it says something else."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from serving.probe import ServerUnreachable, ServerUnusable, look, silent

MODELS = {"data": [{"id": "Qwen/Qwen3.5-122B-A10B", "max_model_len": 262144}]}


class Server(ThreadingHTTPServer):
    answers: dict[str, tuple[int, bytes, dict[str, str]]]
    seen: list[tuple[str, str | None]]


class Handler(BaseHTTPRequestHandler):
    server: Server  # pyright: ignore[reportIncompatibleVariableOverride]  # the class that tests start

    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers.get("Authorization")))
        status, body, headers = self.server.answers.get(self.path, (404, b"{}", {}))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(("127.0.0.1", 0), Handler)
    made.answers = {
        "/v1/models": (200, json.dumps(MODELS).encode(), {}),
        "/version": (200, b'{"version": "0.32.0"}', {}),
    }
    made.seen = []
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def url(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}/v1"


def test_model_length_and_version_are_read(server: Server) -> None:
    info = look(url(server) + "/", "key")
    assert (info.version, info.model(None).context_tokens) == ("0.32.0", 262144)
    assert server.seen[0] == ("/v1/models", "Bearer key")
    with pytest.raises(ServerUnusable, match=r"does not serve 'x'.*Qwen3.5-122B"):
        info.model("x")


def test_several_models_must_be_chosen_from(server: Server) -> None:
    server.answers["/v1/models"] = (200, b'{"data": [{"id": "a"}, {"id": "b"}]}', {})
    with pytest.raises(ServerUnusable, match=r"several models \(a, b\); name one with --model"):
        look(url(server)).model(None)


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, b"{}", "QWRIGHT_API_KEY"),
        (404, b"{}", "/v1"),
        (200, b"<html>", "not with JSON"),
        (200, b"[]", "lists no model"),
        (200, b'{"data": [7, null]}', "lists no model"),
        (200, b"[" * 200_000, "not with JSON"),
        (200, b'{"data": [' + b" " * 20_000_000 + b"]}", "longer than"),
    ],
)
def test_what_is_wrong_is_a_sentence(server: Server, status: int, body: bytes, words: str) -> None:
    server.answers["/v1/models"] = (status, body, {})
    with pytest.raises(ServerUnusable, match=words):
        look(url(server))


def test_https_where_plain_http_is_spoken(server: Server) -> None:
    with pytest.raises(ServerUnreachable, match="speaks plain HTTP: write http://"):
        look(url(server).replace("http://", "https://"))


def test_a_name_that_is_not_known() -> None:
    said = silent("http://gpu-bxo:8000/v1/models", socket.gaierror(-2, "Name or service not known"))
    assert said.startswith("The name gpu-bxo is not known here (Name or service not known).")


def test_a_certificate_that_is_not_trusted() -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    assert "(self-signed certificate). SSL_CERT_FILE=FILE" in silent("https://gpu-box/v1/models", error)


def test_a_loading_server_is_worth_another_try(server: Server) -> None:
    server.answers["/v1/models"] = (503, b"", {})
    with pytest.raises(ServerUnreachable, match="loading"):
        look(url(server))


def test_the_key_does_not_follow_a_redirect(server: Server) -> None:
    server.answers["/v1/models"] = (302, b"", {"Location": url(server) + "/elsewhere"})
    with pytest.raises(ServerUnusable, match="redirects elsewhere"):
        look(url(server), "key")
    assert [path for path, _ in server.seen] == ["/v1/models"]


URLS = [
    "localhost:8000",
    "ftp://x/v1",
    "",
    "http://user:secret@localhost/v1",
    "http://localhost/v1?key=secret",
    "http://[x",
]


@pytest.mark.parametrize("wrong", URLS)
def test_urls_that_are_none(wrong: str) -> None:
    with pytest.raises(ServerUnusable) as raised:
        look(wrong)
    assert "secret" not in str(raised.value)
