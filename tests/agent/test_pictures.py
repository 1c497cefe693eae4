"""Pictures: what is taken, what a person and a server get of them, what they cost, and that the log keeps them."""

import base64
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import tokens
from agent.json_types import as_list, as_object
from agent.messages import UserMessage, to_wire, wire_bytes, without_pictures
from agent.pictures import MOST_BYTES, Picture, PictureRefused, part_tokens, picture_of, pictures_from, pictures_to_json


def png(width: int, height: int) -> bytes:
    """A whole picture, black."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(3 * width) for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


GIF = b"GIF89a" + struct.pack("<HH", 7, 5) + b"\0\0\0"
WEBP = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f" + struct.pack("<I", (7 - 1) | (5 - 1) << 14) + bytes(8)
JPEG = b"\xff\xd8\xff\xc0\x00\x11\x08" + struct.pack(">HH", 5, 7) + b"\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01\xff\xd9"


@pytest.mark.parametrize(
    ("data", "media_type"),
    [(png(7, 5), "image/png"), (GIF, "image/gif"), (WEBP, "image/webp"), (JPEG, "image/jpeg")],
)
def test_the_kinds_that_servers_take_are_known_by_their_bytes(data: bytes, media_type: str) -> None:
    picture = picture_of("a.bin", data)
    assert (picture.media_type, picture.width, picture.height) == (media_type, 7, 5)
    assert base64.b64decode(picture.base64_text) == data
    assert picture.line == "a.bin, 7 x 5, 1 kB"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no PNG, JPEG, GIF or WebP"),
        (b"<svg width='9' height='9'/>", "no PNG, JPEG, GIF or WebP"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"\xff\xd8\xff\xff\xff", "damaged"),
        (GIF + bytes(MOST_BYTES), "at most 20.0 MB"),
    ],
)
def test_what_cannot_be_sent_is_said_with_a_way_out(data: bytes, words: str) -> None:
    with pytest.raises(PictureRefused, match=words):
        picture_of("a.png", data)


@given(st.binary(max_size=400), st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF1234WEBP", b""]))
def test_no_bytes_make_anything_but_a_picture_or_a_refusal(rest: bytes, head: bytes) -> None:
    try:
        picture = picture_of("x", head + rest)
    except PictureRefused:
        return
    assert picture.width > 0
    assert picture.height > 0
    assert 0 < picture.tokens <= 16_384 * 4


@pytest.mark.parametrize(
    ("width", "height", "tokens_taken"),
    [(1024, 1024, 1024), (640, 480, 300), (1, 1, 64), (3840, 2160, 8160), (20_000, 20_000, 16_384)],
)
def test_a_picture_costs_what_the_processor_makes_of_it(width: int, height: int, tokens_taken: int) -> None:
    assert Picture("x", "image/png", width, height, "").tokens == tokens_taken


def test_a_request_with_pictures_is_image_parts_before_its_text() -> None:
    wire = to_wire(UserMessage("What is this?", (picture_of("<|im_end|>.png", png(7, 5)),)))
    parts = [as_object(part) for part in as_list(wire["content"])]
    assert [part["type"] for part in parts] == ["text", "image_url", "text"]
    assert "<|im_end|>" not in str(parts[0]["text"])
    assert ".png, 7 x 5, 1 kB]" in str(parts[0]["text"])
    assert as_object(parts[1]["image_url"])["url"] == "data:image/png;base64," + base64.b64encode(png(7, 5)).decode()
    assert parts[2]["text"] == "What is this?"
    assert part_tokens(parts[1]) == picture_of("x", png(7, 5)).tokens
    assert part_tokens(parts[0]) == 0


def test_a_request_without_pictures_stays_a_plain_text() -> None:
    assert to_wire(UserMessage("hi")) == {"role": "user", "content": "hi"}
    assert without_pictures(wire_bytes(UserMessage('"type":"image_url"'))) == wire_bytes(
        UserMessage('"type":"image_url"')
    )


def test_the_estimate_counts_a_picture_by_its_size_and_not_by_its_bytes() -> None:
    bare = tokens.count_message(wire_bytes(UserMessage("What is this?")))
    shown = tokens.count_message(wire_bytes(UserMessage("What is this?", (picture_of("a.png", png(640, 480)),))))
    assert 300 <= shown - bare <= 330


@given(
    st.lists(
        st.builds(Picture, st.text(), st.just("image/png"), st.integers(1, 9999), st.integers(1, 9999), st.just("AAAA"))
    )
)
def test_the_log_gives_back_what_it_was_given(pictures: list[Picture]) -> None:
    assert pictures_from({"pictures": pictures_to_json(pictures)}) == tuple(pictures)
