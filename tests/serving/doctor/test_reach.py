"""Every way in which a server cannot be reached has its own sentence and mend."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from serving.doctor.finding import Finding
from serving.doctor.reach import reach, unreachable
from serving.doctor.server import Server, Wanted
from serving.doctor.wire import Cause, Unreachable, Wire
from serving.masked import masked
from tests.fakes.http_server import Hang, HttpServer, Reply
from tests.fakes.routes import Route, RoutesServer, always

MODELS: Route = always({"data": [{"id": "m", "max_model_len": 65536}]})


async def reached(url: str, key: str = "") -> Finding:
    async with Wire(key) as wire:
        return (await reach(Server(Wanted(url, api_key=key), wire)))[0]


async def test_a_server_that_lists_models_is_reached() -> None:
    with RoutesServer({"/v1/models": MODELS}) as server:
        assert (await reached(server.url)).status == "ok"
        assert (await reached(f"{server.url}/")).status == "ok"


async def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        found = await reached(f"http://127.0.0.1:{port}/v1")
    assert (found.status, found.figures["cause"]) == ("fail", "refused")
    assert f"--port {port}" in found.mend


async def test_an_unknown_name() -> None:
    found = await reached("http://no-such-host.invalid:8000/v1")
    assert found.figures["cause"] == "dns"
    assert "no-such-host.invalid" in found.seen


async def test_https_against_plain_http() -> None:
    with RoutesServer({"/v1/models": MODELS}) as server:
        found = await reached(server.url.replace("http://", "https://"))
        assert found.figures["cause"] == "plain"
        assert found.mend.endswith(f"={server.url}")


@pytest.mark.parametrize(
    ("status", "words", "mend"),
    [
        (401, "wants a key", "QWRIGHT_API_KEY"),
        (403, "wants a key", "QWRIGHT_API_KEY"),
        (503, "not ready", "/health"),
        (502, "HTTP 502", "model server"),
        (302, "redirects", "QWRIGHT_BASE_URL"),
    ],
)
async def test_each_refusal_has_its_sentence(status: int, words: str, mend: str) -> None:
    with RoutesServer({"/v1/models": always({"error": {"message": "no"}}, status)}) as server:
        found = await reached(server.url)
    assert found.status == "fail"
    assert words in found.seen
    assert mend in found.mend


async def test_a_wrong_key_is_told_from_a_missing_one() -> None:
    with RoutesServer({"/v1/models": MODELS}, key="right") as server:
        assert "wants a key" in (await reached(server.url)).seen
        assert "refuses the key" in (await reached(server.url, "wrong")).seen
        assert (await reached(server.url, "right")).status == "ok"


@pytest.mark.parametrize("wrong", ["", "/v1/v1", "/v1/chat/completions"])
async def test_a_wrong_path_leads_to_the_right_one(wrong: str) -> None:
    with RoutesServer({"/v1/models": MODELS}) as server:
        found = await reached(f"{server.root}{wrong}")
        assert found.mend == f"export QWRIGHT_BASE_URL={server.url}"


async def test_answers_that_are_no_model_list() -> None:
    with RoutesServer({"/v1/models": always("<html>Welcome</html>")}) as server:
        assert "not with JSON" in (await reached(server.url)).seen
    with RoutesServer({"/v1/models": always({"data": []})}) as server:
        assert "no model" in (await reached(server.url)).seen
    with RoutesServer({}) as server:
        assert "does not exist (HTTP 404)" in (await reached(server.url)).seen


async def test_what_does_not_speak_http() -> None:
    async with HttpServer([Reply([b"SSH-2.0-OpenSSH_9.2\r\n"], headless=True)]) as server:
        assert (await reached(server.url)).figures["cause"] == "protocol"


async def test_a_server_that_never_answers_can_be_left() -> None:
    async with HttpServer([Reply([Hang], headless=True)]) as server:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await reached(server.url)


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://x/v1", "", "http://", "http://[bad/v1", "http://h:nine/v1"])
async def test_addresses_that_are_none(url: str) -> None:
    found = await reached(url)
    assert found.status == "fail"
    assert "http://HOST:8000/v1" in found.mend


async def test_a_password_in_the_address_is_neither_used_nor_shown() -> None:
    with RoutesServer({"/v1/models": MODELS}) as server:
        found = await reached(server.url.replace("http://", "http://user:secret@"))
        assert (found.status, server.seen) == ("fail", [])
        assert found.mend.startswith(f"export QWRIGHT_BASE_URL={server.url} ")
    assert "secret" not in found.seen + found.mend
    assert masked("http://user:secret@h/v1?key=secret") == "http://***@h/v1?***"


@pytest.mark.parametrize("cause", ["dns", "refused", "tls", "plain", "timeout", "protocol", "other"])
def test_every_cause_has_a_sentence_of_its_own(cause: Cause) -> None:
    others: list[Cause] = ["dns", "refused", "tls", "plain", "timeout", "protocol", "other"]
    said = {one: unreachable("https://h/v1", Unreachable(one, "why")).seen for one in others}
    assert len(set(said.values())) == len(others)
    assert unreachable("https://h/v1", Unreachable(cause, "why")).mend


@asynccontextmanager
async def untrusted() -> AsyncGenerator[int]:
    """A TLS server whose certificate nobody signed."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")

    async def accept(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


async def test_tls_that_fails_is_named() -> None:
    async with untrusted() as port:
        found = await reached(f"https://127.0.0.1:{port}/v1")
    assert found.figures["cause"] == "tls"
