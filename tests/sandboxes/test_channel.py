"""The channel against a runner that lies, dies or stays silent."""

import ast
import asyncio
import json
import struct
from collections.abc import Awaitable, Callable
from importlib import resources

import pytest

from sandboxes.channel.channel import Channel
from sandboxes.channel.runner_client import RunnerClient
from sandboxes.errors import PathChanged, SandboxError, SandboxGone


class _Sink:
    """Keeps what was written; answers every frame by a function."""

    def __init__(self, source: asyncio.StreamReader, answer: Callable[[dict[str, object]], bytes | None]) -> None:
        self._source = source
        self._answer = answer
        self.requests: list[dict[str, object]] = []

    def write(self, data: bytes, /) -> None:
        size, _ = struct.unpack(">II", data[:8])
        request: dict[str, object] = json.loads(data[8 : 8 + size])
        self.requests.append(request)
        reply = self._answer(request)
        if reply is not None:
            self._source.feed_data(reply)

    async def drain(self) -> None:
        await asyncio.sleep(0)

    def close(self) -> None:
        if not self._source.at_eof():
            self._source.feed_eof()


def _frame(fields: object, payload: bytes = b"") -> bytes:
    text = json.dumps(fields).encode()
    return struct.pack(">II", len(text), len(payload)) + text + payload


def _channel(answer: Callable[[dict[str, object]], bytes | None]) -> tuple[Channel, _Sink, asyncio.StreamReader]:
    source = asyncio.StreamReader()
    sink = _Sink(source, answer)
    channel = Channel(source, sink)
    channel._reader = asyncio.get_running_loop().create_task(channel._read())  # pyright: ignore[reportPrivateUsage] -- open() would send a preamble
    return channel, sink, source


async def test_answers_find_their_requests_in_any_order() -> None:
    held: list[bytes] = []

    def answer(request: dict[str, object]) -> bytes | None:
        held.append(_frame({"id": request["id"], "ok": {"op": request["op"]}}, b"p"))
        return b"".join(reversed(held)) if len(held) == 2 else None

    channel, _, _ = _channel(answer)
    first, second = await asyncio.gather(channel.request("one"), channel.request("two"))
    assert (first, second) == (({"op": "one"}, b"p"), ({"op": "two"}, b"p"))
    await channel.close()


async def test_refusals_become_errors() -> None:
    channel, _, _ = _channel(lambda r: _frame({"id": r["id"], "error": r["op"], "message": "told"}))
    with pytest.raises(PathChanged, match="told"):
        await channel.request("PathChanged")
    with pytest.raises(SandboxError, match="told"):
        await channel.request("NeverHeardOf")
    await channel.close()


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\xff" * 64,
        _frame("not an object"),
        _frame({"no": "id"}),
        _frame({"id": 1, "ok": "no fields"}),
        struct.pack(">II", 5, 0) + b"{not}",
        struct.pack(">II", 2, 2**32 - 1) + b"{}",
        struct.pack(">II", 2, 100 * 1024**2) + b"{}",
        struct.pack(">II", 9 * 1024**2, 0) + b"{}",
        struct.pack(">II", 200_000, 0) + b"[" * 200_000,
    ],
)
async def test_rubbish_ends_the_channel_with_a_sentence(rubbish: bytes) -> None:
    channel, _, _ = _channel(lambda _: rubbish)
    with pytest.raises(SandboxGone, match="not an answer"):
        await channel.request("any")
    with pytest.raises(SandboxGone):
        await channel.request("later")
    await channel.close()


async def test_silence_ends_the_channel_for_all_who_wait() -> None:
    channel, _, _ = _channel(lambda _: None)
    other = asyncio.create_task(channel.request("other"))
    with pytest.raises(SandboxGone, match=r"no longer answers.*0\.05 s.*'run'"):
        await asyncio.wait_for(channel.request("run", within_s=0.05), 5)
    with pytest.raises(SandboxGone, match="no longer answers"):
        await asyncio.wait_for(other, 1)
    with pytest.raises(SandboxGone, match="no longer answers"):
        await channel.request("later")
    await channel.close()


_STAT: dict[str, object] = {"path": "/a", "real_path": "/a", "kind": "file", "size": 1, "mode": 1, "version": "1"}
_RESULT: dict[str, object] = {"head": 0, "total": 0, "duration": 1, "cwd": "/", "left_running": 0, "exit_code": 0}


_WRONG: list[tuple[Callable[[RunnerClient], Awaitable[object]], dict[str, object]]] = [
    (lambda it: it.run("x", timeout_s=1), {"ok": {}}),
    (lambda it: it.run("x", timeout_s=1), {"ok": {**_RESULT, "head": "1"}}),
    (lambda it: it.run("x", timeout_s=1), {"ok": {**_RESULT, "cwd": "\ud800"}}),
    (lambda it: it.run("x", timeout_s=1), {"ok": {**_RESULT, "cwd": "/" * 4097}}),
    (lambda it: it.run("x", timeout_s=1), {"ok": {**_RESULT, "duration": float("inf")}}),
    (lambda it: it.run("x", timeout_s=1), {"ok": {**_RESULT, "total": 10**4000}}),
    (lambda it: it.run("x", timeout_s=1), {"error": "KeyError", "message": "job"}),
    (lambda it: it.poll_job("x"), {"ok": {"state": []}}),
    (lambda it: it.stat("x"), {"ok": {"stat": 1}}),
    (lambda it: it.stat("x"), {"ok": {"stat": {**_STAT, "kind": "moon"}}}),
    (lambda it: it.read_file("x"), {"ok": {}}),
    (lambda it: it.write_file("x", b""), {"ok": {"stat": {}}}),
    (lambda it: it.list_dir("x", depth=1, limit=1), {"ok": {"entries": [["a", "file"]], "total": 1}}),
    (lambda it: it.scan(), {"part": [["a", "file", 1]]}),
    (lambda it: it.scan(), {"part": [["\udc00\ud800", "file", 1, 1]]}),
    (lambda it: it.scan(), {"part": [[1, "file", 1, 1]]}),
    (lambda it: it.read_tree(["a"]), {"part": [["a", "file", 1, 1]]}),
    (lambda it: it.read_tree(["a"]), {"part": [["a", "file", 1, 1, "1"]]}),
]


@pytest.mark.parametrize(("call", "reply"), _WRONG)
async def test_answers_of_the_wrong_shape_end_the_channel(
    call: Callable[[RunnerClient], Awaitable[object]], reply: dict[str, object]
) -> None:
    channel, _, _ = _channel(lambda request: _frame({"id": request["id"], **reply}))
    with pytest.raises(SandboxGone, match="not an answer"):
        await asyncio.wait_for(call(RunnerClient(channel)), 5)
    with pytest.raises(SandboxGone):
        await channel.request("later")
    await channel.close()


async def test_end_of_stream_reaches_all_that_wait() -> None:
    channel, _, source = _channel(lambda _: None)
    waiting = [asyncio.create_task(channel.request("run")) for _ in range(3)]
    await asyncio.sleep(0.01)
    source.feed_eof()
    for result in await asyncio.gather(*waiting, return_exceptions=True):
        assert isinstance(result, SandboxGone)
    await channel.close()
    await channel.close()


async def test_a_cancelled_request_is_cancelled_over_there_and_waited_for() -> None:
    def answer(request: dict[str, object]) -> bytes | None:
        return _frame({"id": request["target"], "ok": {}}) if request["op"] == "cancel" else None

    channel, sink, _ = _channel(answer)
    task = asyncio.create_task(channel.request("run"))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [request["op"] for request in sink.requests] == ["run", "cancel"]
    await channel.close()


async def test_a_failing_sink_fails_its_own_request_only() -> None:
    def answer(request: dict[str, object]) -> bytes:
        return _frame({"id": request["id"], "live": True}, b"x") + _frame({"id": request["id"], "ok": {}})

    def broken(_: bytes) -> None:
        raise ZeroDivisionError

    channel, _, _ = _channel(answer)
    with pytest.raises(ZeroDivisionError):
        await channel.request("run", on_live=broken)
    assert await channel.request("run") == ({}, b"")
    await channel.close()


def test_the_runner_is_written_for_old_pythons() -> None:
    for file in resources.files("sandboxes.runner").iterdir():
        if file.name.endswith(".py"):
            text = file.read_text("utf-8")
            ast.parse(text, feature_version=(3, 6))
            assert "capture_output" not in text
            assert "dataclass" not in text
