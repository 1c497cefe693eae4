import pytest

from tests.tools.conftest import Desk


async def test_a_file_has_numbered_lines(desk: Desk) -> None:
    desk.write("a.py", "one\n\ttwo\n\nfour")
    result = await desk.edit("view", "a.py")
    assert result.text == f"{desk.folder}/a.py, lines 1-4 of 4:\n     1\tone\n     2\t\ttwo\n     3\t\n     4\tfour"


@pytest.mark.parametrize("given", ["[2, 3]", "2-3", [2, 3], " (2,3) ", "2:3", (2, 3), "2 3", "[2, 3"])
async def test_a_range_is_understood_in_many_forms(desk: Desk, given: object) -> None:
    desk.write("a", "a\nb\nc\nd\n")
    result = await desk.edit("view", "a", view_range=given)
    assert "lines 2-3 of 4:\n     2\tb\n     3\tc" in result.text


async def test_minus_one_is_the_end_and_an_end_beyond_it_is_the_end(desk: Desk) -> None:
    desk.write("a", "a\nb\nc\n")
    for given in ("[2, -1]", "[2, 99]"):
        assert "lines 2-3 of 3:" in (await desk.edit("view", "a", view_range=given)).text


@pytest.mark.parametrize(
    ("given", "facts"),
    [
        ("[9, 12]", ["3 lines", "9"]),
        ("[3, 1]", ["no range", "[3, 1]"]),
        ("[-5, -1]", ["no range"]),
        ("all", ["view_range", "'all'", '"[1, 40]"']),
    ],
)
async def test_a_range_that_is_none_is_a_sentence(desk: Desk, given: str, facts: list[str]) -> None:
    desk.write("a", "a\nb\nc\n")
    result = await desk.edit("view", "a", view_range=given)
    assert not result.ok
    for fact in facts:
        assert fact in result.text


async def test_a_long_file_is_cut_with_what_is_left_and_how_to_go_on(desk: Desk) -> None:
    desk.write("long", "".join(f"{number}\n" for number in range(1, 5001)))
    result = await desk.edit("view", "long")
    assert "lines 1-1000 of 5,000:" in result.text
    assert '[… lines 1001-5000 left out; view_range "[1001, 2000]" shows more]' in result.text


async def test_wide_text_is_cut_by_characters(desk: Desk) -> None:
    desk.write("wide", ("x" * 1900 + "\n") * 100 + "y" * 5000 + "\n")
    result = await desk.edit("view", "wide")
    assert len(result.text) < 41_000
    assert "lines 1-20 of 101:" in result.text
    assert "[… lines 21-101 left out" in result.text
    assert "[… 3,000 more characters in this line]" in (await desk.edit("view", "wide", view_range="[101, 101]")).text


async def test_a_huge_file_is_paged_without_loading_it(desk: Desk) -> None:
    path = desk.folder / "huge"
    with path.open("wb") as file:
        for number in range(1, 6):
            file.write(b"line %d\n" % number)
        file.truncate(40 * 1024 * 1024)
        file.seek(0, 2)
    with path.open("r+b") as file:
        file.seek(5 * 7)
        for number in range(6, 200_000):
            file.write(b"a rather longer line of text to fill the file, %099d of it, " % number + b"z" * 60 + b"\n")
    assert path.stat().st_size > 33 * 1024 * 1024
    result = await desk.edit("view", "huge", view_range="[150000, 150001]")
    assert "149999" not in result.text
    assert f"{150000:099d} of it" in result.text
    assert "MB" in result.text
    assert "left out" in (await desk.edit("view", "huge")).text
    assert "begins at 900000" in (await desk.edit("view", "huge", view_range="[900000, -1]")).text
    refused = await desk.replace("huge", "line 1\n", "line one\n")
    assert "too much" in refused.text


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x20", "PNG image of 16 x 32 pixels"),
        (b"\x7fELF\2\1\1\0", "ELF"),
        (b"PK\3\4\0\0", "ZIP"),
        (b"\0\1\2\3", "unknown type"),
    ],
)
async def test_binary_files_are_described_not_shown(desk: Desk, content: bytes, kind: str) -> None:
    desk.write("blob", content)
    result = await desk.edit("view", "blob")
    assert kind in result.text
    assert f"{len(content)} bytes" in result.text
    assert kind in (await desk.replace("blob", "a", "b")).text


async def test_a_picture_comes_along_with_its_name_and_bytes(desk: Desk) -> None:
    desk.write("shots/a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x20")
    result = await desk.edit("view", "shots/a.png")
    assert [(picture.name, len(picture.data)) for picture in result.pictures] == [("shots/a.png", 24)]
    assert result.summary == "shots/a.png: a PNG image of 16 x 32 pixels, 24 bytes"
    desk.write("b.bin", b"\x7fELF\2\1\1\0")
    assert (await desk.edit("view", "b.bin")).pictures == ()


async def test_an_empty_file_is_said_to_be_empty(desk: Desk) -> None:
    desk.write("e", "")
    assert "is empty" in (await desk.edit("view", "e")).text


async def test_a_directory_is_listed_two_levels_deep(desk: Desk) -> None:
    desk.write("a/b/c.py", "")
    desk.write("d.py", "")
    desk.write(".hidden", "")
    result = await desk.edit("view", ".")
    assert result.text.split("\n")[1:] == ["a/", "a/b/", "d.py"]
    assert "is for files" in (await desk.edit("view", "a", view_range="[1, 2]")).text
    for number in range(450):
        desk.write(f"many/{number}", "")
    assert "[… 54 more entries left out" in (await desk.edit("view", ".")).text


async def test_stray_bytes_and_nuls_are_shown_by_stand_ins(desk: Desk) -> None:
    desk.write("s", "день ".encode() + b"\xff\n" + b"x" * 9000 + b"\0\n")
    text = (await desk.edit("view", "s")).text
    assert "день \ufffd" in text
    text.encode()
