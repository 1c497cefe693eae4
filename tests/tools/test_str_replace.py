import codecs

import pytest

from sandboxes.protocol import FileStat
from tests.fakes.sandbox import FolderSandbox
from tests.tools.conftest import Desk

CODE = "def area(r):\n    return 3.14 * r\n\n\ndef edge(r):\n    return 6.28 * r\n"


async def test_an_exact_unique_match_is_replaced_and_shown(desk: Desk) -> None:
    desk.write("a.py", CODE)
    result = await desk.replace("a.py", "3.14 * r", "3.14 * r * r")
    assert desk.read("a.py").decode() == CODE.replace("3.14 * r", "3.14 * r * r")
    assert "     2\t    return 3.14 * r * r" in result.text
    assert "6 lines" in result.text
    assert result.changed == ("a.py",)
    assert result.summary == "edited a.py (+1 -1)"
    assert "-    return 3.14 * r\n+    return 3.14 * r * r\n" in result.diff


async def test_several_matches_are_refused_with_their_lines(desk: Desk) -> None:
    desk.write("a.py", CODE)
    result = await desk.replace("a.py", "    return", "    yield")
    assert not result.ok
    assert "2 times" in result.text
    assert "lines 2, 6" in result.text
    assert desk.read("a.py").decode() == CODE


async def test_whitespace_only_difference_is_relaxed_and_announced(desk: Desk) -> None:
    desk.write("a.py", "class A:\n    def f(self):\n        pass\n")
    await desk.edit("view", "a.py")
    result = await desk.replace("a.py", "def f(self):\n    pass\n", "def f(self):\n    return 1\n")
    assert result.ok
    assert "whitespace" in result.text
    assert "     3\t        return 1" in result.text
    assert desk.read("a.py") == b"class A:\n    def f(self):\n        return 1\n"


async def test_relaxation_needs_a_view_first(desk: Desk) -> None:
    desk.write("a.py", "    x = 1\n")
    result = await desk.replace("a.py", "  x = 1\n  ", "  x = 2\n")
    assert not result.ok
    assert "Only whitespace differs" in result.text


async def test_two_places_that_match_but_for_whitespace_are_named(desk: Desk) -> None:
    desk.write("a.py", "if a:\n    go()\nif b:\n        go()\n")
    await desk.edit("view", "a.py")
    result = await desk.replace("a.py", "\tgo()", "\tstop()")
    assert not result.ok
    assert "lines 2 and 4" in result.text


@pytest.mark.parametrize(
    ("old", "new", "facts"),
    [
        ("    return 3.15 * r", "x", ["is not in", "     2\t    return 3.14 * r", "line 2", "`return 3.15 * r`"]),
        ("def Area(R):", "x", ["case", "     1\tdef area(r):"]),
        ("def missing(): ...", "def area(r):", ["already stands at line 1"]),
        ("", "x", ["old_str is empty", "insert"]),
        ("def edge(r):", "def edge(r):", ["the same"]),
        ("     5\tdef edge(r):", "x", ["line numbers"]),
        ("def edge(r):\\n    return 6.28 * r", "x", ["backslash"]),
        ("completely {different}", "x", ["No lines are similar", "View"]),
    ],
)
async def test_a_failed_match_says_what_came_close(desk: Desk, old: str, new: str, facts: list[str]) -> None:
    desk.write("a.py", CODE)
    await desk.edit("view", "a.py")
    result = await desk.replace("a.py", old, new)
    assert not result.ok
    for fact in facts:
        assert fact in result.text
    assert desk.read("a.py").decode() == CODE


async def test_html_entities_are_recognised(desk: Desk) -> None:
    desk.write("a.html", "<b>x</b>\n")
    assert "HTML entities" in (await desk.replace("a.html", "&lt;b&gt;x", "y")).text


async def test_a_missing_new_str_deletes(desk: Desk) -> None:
    desk.write("a", "x\ny\n")
    assert (await desk.edit("str_replace", "a", old_str="x\n")).ok
    assert desk.read("a") == b"y\n"


async def test_none_is_a_text_like_any_other(desk: Desk) -> None:
    desk.write("a", "x = 1\n")
    await desk.replace("a", "1", "None")
    assert desk.read("a") == b"x = None\n"


async def test_a_file_changed_on_disk_is_edited_only_by_an_exact_match(desk: Desk) -> None:
    desk.write("a.py", CODE)
    await desk.edit("view", "a.py")
    desk.write("a.py", "# new first line\n" + CODE)
    loose = await desk.replace("a.py", "  def edge(r):", "  def rim(r):")
    assert not loose.ok
    assert "changed on disk" in loose.text
    assert "View the file again" in loose.text
    exact = await desk.replace("a.py", "def edge(r):", "def rim(r):")
    assert exact.ok
    assert "changed on disk since you last saw it" in exact.text
    assert desk.read("a.py").startswith(b"# new first line\n")


async def test_touch_and_chmod_are_no_changes(desk: Desk) -> None:
    path = desk.write("a.py", CODE)
    await desk.edit("view", "a.py")
    path.touch()
    path.chmod(0o755)
    result = await desk.edit("insert", "a.py", insert_line=0, new_str="#")
    assert result.ok
    assert path.stat().st_mode & 0o777 == 0o755


class RacingSandbox(FolderSandbox):
    """Lets a file change between the editor's read and its write."""

    async def write_file(
        self,
        path: str,
        data: bytes,
        *,
        mode: int | None = None,
        expect: str | None = None,
        within: tuple[str, ...] = (),
    ) -> FileStat:
        (self._folder / "a").write_text("someone else\n")
        return await super().write_file(path, data, mode=mode, expect=expect, within=within)


async def test_a_change_during_the_edit_is_not_overwritten(desk: Desk) -> None:
    desk.write("a", "mine\n")
    racing = RacingSandbox(desk.folder)
    desk.context = type(desk.context)(racing, desk.context.seen, desk.context.on_output)
    result = await desk.replace("a", "mine", "yours")
    await racing.close()
    assert not result.ok
    assert "during this edit" in result.text
    assert desk.read("a") == b"someone else\n"


@pytest.mark.parametrize(
    ("before", "old", "new", "after"),
    [
        (b"a\r\nb\r\n", "a\nb", "a\nx\nb", b"a\r\nx\r\nb\r\n"),
        (b"a\r\nb\r\n", "a\r\nb", "c\r\nd", b"c\r\nd\r\n"),
        (b"a\r\nb\nc", "b\nc", "b\nc\nd", b"a\r\nb\nc\r\nd"),
        (codecs.BOM_UTF8 + b"a\n", "a", "b", codecs.BOM_UTF8 + b"b\n"),
        ("a é\n".encode("utf-16"), "é", "ü→", "a ü→\n".encode("utf-16")),
        (b"caf\xe9 \xff\n", "café", "thé", b"th\xe9 \xff\n"),
        (b"no newline", "no", "still no", b"still no newline"),
        (b"old mac\rtwo\r", "two", "2\n3", b"old mac\r2\r3\r"),
        ("день ".encode() + b"\xff x\n", "x", "y", "день ".encode() + b"\xff y\n"),
    ],
)
async def test_encoding_and_line_ends_are_kept(desk: Desk, before: bytes, old: str, new: str, after: bytes) -> None:
    desk.write("f", before)
    result = await desk.replace("f", old, new)
    assert result.ok, result.text
    assert desk.read("f") == after
    assert (await desk.edit("undo_edit", "f")).ok
    assert desk.read("f") == before


@pytest.mark.parametrize(
    ("content", "new", "facts"),
    [
        (b"caf\xe9\n", "→", ["cp1252", "→", "U+2192", "iconv"]),
        (b"cafe\n", "\ud83d", ["utf-8", "U+D83D"]),
    ],
)
async def test_a_character_that_cannot_be_written_is_named(
    desk: Desk, content: bytes, new: str, facts: list[str]
) -> None:
    desk.write("f", content)
    result = await desk.replace("f", "caf", new)
    assert not result.ok
    for fact in facts:
        assert fact in result.text
    assert desk.read("f") == content


async def test_a_long_replacement_is_shown_in_part(desk: Desk) -> None:
    desk.write("a", "x\n")
    result = await desk.replace("a", "x", "\n".join(map(str, range(200))))
    assert '[… 140 lines left out; view_range "[41, 180]" shows them]' in result.text


async def test_everything_deleted_leaves_an_empty_file(desk: Desk) -> None:
    desk.write("a", "x\n")
    assert "empty now" in (await desk.replace("a", "x\n", "")).text
