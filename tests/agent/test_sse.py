"""The decoder on streams that the captures lack."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.sse import Chunk, Done, Malformed, SseDecoder, SseItem
from tests.agent.streams import decode


def items(*pieces: bytes) -> list[SseItem]:
    return list(decode(pieces))


@pytest.mark.parametrize(
    ("name", "stream", "expected"),
    [
        ("comments between events", b': ping\n\ndata: {"a":1}\n\n:\n\ndata: [DONE]\n\n', [Chunk({"a": 1}), Done()]),
        ("CRLF", b'data: {"a":1}\r\n\r\ndata: [DONE]\r\n\r\n', [Chunk({"a": 1}), Done()]),
        ("no space", b'data:{"a":1}\n\ndata:[DONE]\n\n', [Chunk({"a": 1}), Done()]),
        ("much space", b'data:  {"a":1}  \n\n', [Chunk({"a": 1})]),
        ("no blank line", b'data: {"a":1}\ndata: {"a":2}\n', [Chunk({"a": 1}), Chunk({"a": 2})]),
        ("other fields", b'event: message\nid: 7\nretry: 10\ndata: {"a":1}\n\n', [Chunk({"a": 1})]),
        ("no [DONE]", b'data: {"a":1}\n\n', [Chunk({"a": 1})]),
        ("no last line feed", b'data: {"a":1}\n\ndata: [DONE]', [Chunk({"a": 1}), Done()]),
        ("cut in the last line", b'data: {"a":1}\n\ndata: {"a":', [Chunk({"a": 1})]),
        ("nothing", b"", []),
        ("only line feeds", b"\n\n\r\n\n", []),
        ("an error", b'data: {"error":{"code":503}}\n\n', [Chunk({"error": {"code": 503}})]),
        ("a line separator in a string", 'data: {"a":"x\u2028y\x85z"}\n\n'.encode(), [Chunk({"a": "x\u2028y\x85z"})]),
    ],
)
def test_framing(name: str, stream: bytes, expected: list[SseItem]) -> None:
    assert items(stream) == expected
    assert items(*(stream[at : at + 1] for at in range(len(stream)))) == expected


@pytest.mark.parametrize(
    "payload",
    [
        b"hello",
        b"[1]",
        b'"text"',
        b"null",
        b"7",
        b'{"a":',
        b'{"a":"\xff\xfe"}',
        b"\xff",
        b"[" * 100_000,
        b'{"a":' * 50_000,
    ],
)
def test_what_is_no_object_is_malformed(payload: bytes) -> None:
    (item,) = items(b"data: " + payload + b"\n\n")
    assert isinstance(item, Malformed)
    assert len(item.text) <= 200


def test_empty_data_is_malformed_not_an_end() -> None:
    assert items(b"data:\n\n") == [Malformed("")]


def test_huge_chunk_in_small_pieces() -> None:
    text = "x" * 3_000_000
    stream = b"data: " + json.dumps({"a": text}).encode() + b"\n\n"
    pieces = [stream[at : at + 4096] for at in range(0, len(stream), 4096)]
    assert items(*pieces) == [Chunk({"a": text})]


def test_items_come_as_soon_as_their_line_is_complete() -> None:
    decoder = SseDecoder()
    assert list(decoder.feed(b'data: {"a":1}')) == []
    assert list(decoder.feed(b"\n")) == [Chunk({"a": 1})]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(
    objects=st.lists(st.dictionaries(st.text(max_size=5), json_values, max_size=3), max_size=5),
    size=st.integers(1, 40),
    crlf=st.booleans(),
)
def test_whatever_is_sent_arrives(objects: list[dict[str, object]], size: int, crlf: bool) -> None:
    end = b"\r\n\r\n" if crlf else b"\n\n"
    stream = b"".join(b": c" + end + b"data: " + json.dumps(value).encode() + end for value in objects)
    pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
    assert items(*pieces) == [Chunk(value) for value in objects]  # pyright: ignore[reportArgumentType]  # JSON values


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_any_bytes_decode_without_error(pieces: list[bytes]) -> None:
    assert all(isinstance(item, Chunk | Malformed | Done) for item in items(*pieces, b"\ndata: " + b"".join(pieces)))
