import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.text_file import NotEncodable, NotText, decode

LINES = st.lists(
    st.tuples(st.text(alphabet="ab é\u2192", max_size=5), st.sampled_from(["\n", "\r\n", "\r"])), max_size=12
)


@given(st.binary(max_size=400))
def test_any_bytes_come_back_as_they_were(data: bytes) -> None:
    try:
        file = decode(data)
    except NotText:
        return
    assert file.encode() == data


@given(LINES, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_text_of_every_encoding_comes_back_byte_for_byte(lines: list[tuple[str, str]], encoding: str) -> None:
    data = "".join(text + end for text, end in lines).encode(encoding)
    assert decode(data).encode() == data


@given(LINES, st.data())
def test_splice_touches_nothing_outside_its_span(lines: list[tuple[str, str]], data: st.DataObject) -> None:
    file = decode("".join(text + end for text, end in lines).encode())
    start = data.draw(st.integers(0, len(file.text)))
    end = data.draw(st.integers(start, len(file.text)))
    new = data.draw(st.text(alphabet="xy\n", max_size=10))
    edited = file.splice(start, end, new)
    assert edited.text == file.text[:start] + new + file.text[end:]
    assert len(edited.ends) == edited.text.count("\n")
    before, after = file.text.count("\n", 0, start), file.text.count("\n", end)
    assert edited.ends[:before] == file.ends[:before]
    assert edited.ends[len(edited.ends) - after :] == file.ends[len(file.ends) - after :]


def test_new_lines_take_the_commonest_end_and_kept_lines_their_own() -> None:
    file = decode(b"a\r\nb\nc\r\nd\r\n")
    assert file.text == "a\nb\nc\nd\n"
    edited = file.splice(0, 4, "a\nnew\nb\n")
    assert edited.encode() == b"a\r\nnew\r\nb\nc\r\nd\r\n"


def test_a_changed_line_keeps_its_end_in_a_mixed_file() -> None:
    assert decode(b"a\r\nb\nc\r\n").splice(2, 3, "B").encode() == b"a\r\nB\nc\r\n"


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (b"caf\xc3\xa9", "café", "utf-8"),
        (codecs.BOM_UTF8 + b"x", "x", "utf-8"),
        ("é".encode("utf-16"), "é", "utf-16-le"),
        (b"caf\xe9 \x93q\x94", "café “q”", "cp1252"),
        (b"caf\xe9 \x81", "café \x81", "latin-1"),
        (b"a\rb\r", "a\nb\n", "utf-8"),
    ],
)
def test_encodings_are_recognised(data: bytes, text: str, encoding: str) -> None:
    file = decode(data)
    assert (file.text, file.encoding) == (text, encoding)


def test_mostly_utf_8_keeps_its_stray_bytes() -> None:
    data = "день за днём ".encode() + b"\xff end\n"
    file = decode(data)
    assert file.text.startswith("день")
    assert file.splice(0, 4, "ночь").encode() == data.replace("день".encode(), "ночь".encode())


@pytest.mark.parametrize("data", [b"\0\1\2", b"\x7fELF\2\1\1\0\0", codecs.BOM_UTF32_LE + b"a\0\0\0"])
def test_binary_content_is_refused(data: bytes) -> None:
    with pytest.raises(NotText):
        decode(data)


def test_a_character_that_the_encoding_lacks_is_named() -> None:
    with pytest.raises(NotEncodable) as caught:
        decode(b"caf\xe9\n").splice(0, 0, "→").encode()
    assert caught.value.character == "→"
    assert caught.value.encoding == "cp1252"
