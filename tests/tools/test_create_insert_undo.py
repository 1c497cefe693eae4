import pytest

from sandboxes.protocol import FileContent
from tests.fakes.sandbox import FolderSandbox
from tests.tools.conftest import Desk


async def test_create_says_what_landed(desk: Desk) -> None:
    result = await desk.edit("create", "new/dir/a.py", file_text="import os\n\nprint(os)\n")
    assert desk.read("new/dir/a.py") == b"import os\n\nprint(os)\n"
    assert "3 lines, 21 bytes" in result.text
    assert result.text.endswith("the last line is: print(os)")
    assert result.changed == ("new/dir/a.py",)
    assert "+print(os)" in result.diff


class DamagingSandbox(FolderSandbox):
    """Reads back something else than was written, as a full or failing disk may."""

    async def read_file(self, path: str, *, offset: int = 0, limit: int | None = None) -> FileContent:
        content = await super().read_file(path, offset=offset, limit=limit)
        return FileContent(content.stat, content.data[:-2])


async def test_create_notices_that_something_else_landed(desk: Desk) -> None:
    damaging = DamagingSandbox(desk.folder)
    desk.context = type(desk.context)(damaging, desk.context.seen, desk.context.on_output)
    result = await desk.edit("create", "a", file_text="text")
    await damaging.close()
    assert not result.ok
    assert "3 bytes read back differ from the 5 sent" in result.text


async def test_the_scratch_directory_is_no_part_of_the_changes(desk: Desk) -> None:
    result = await desk.edit("create", f"{desk.sandbox.scratch}/try.py", file_text="x")
    assert result.ok
    assert result.changed == ()


async def test_create_adds_a_final_newline(desk: Desk) -> None:
    await desk.edit("create", "a", file_text="x\ny")
    assert desk.read("a") == b"x\ny\n"
    await desk.edit("create", "crlf", file_text="x\r\ny\r\n")
    assert desk.read("crlf") == b"x\r\ny\r\n"


async def test_create_may_make_an_empty_file_and_fill_one(desk: Desk) -> None:
    assert "empty" in (await desk.edit("create", "e", file_text="")).text
    assert (await desk.edit("create", "e", file_text="x")).ok
    assert desk.read("e") == b"x\n"


@pytest.mark.parametrize(
    ("arguments", "facts"),
    [
        ({"path": "there", "file_text": "x"}, ["exists", "str_replace", "rm"]),
        ({"path": "b"}, ["file_text"]),
        ({"path": "b", "file_text": "\udcff"}, ["U+DCFF"]),
        ({"path": "b", "file_text": {"a": 1}}, ["file_text", "a string"]),
    ],
)
async def test_create_refuses(desk: Desk, arguments: dict[str, object], facts: list[str]) -> None:
    desk.write("there", "kept\n")
    result = await desk.call("str_replace_editor", command="create", **arguments)
    assert not result.ok
    for fact in facts:
        assert fact in result.text
    assert desk.read("there") == b"kept\n"
    assert not (desk.folder / "b").exists()


@pytest.mark.parametrize(
    ("before", "line", "new", "after"),
    [
        (b"a\nb\n", 0, "x", b"x\na\nb\n"),
        (b"a\nb\n", 1, "x\ny\n", b"a\nx\ny\nb\n"),
        (b"a\nb\n", 2, "x", b"a\nb\nx\n"),
        (b"a\nb", 2, "x", b"a\nb\nx"),
        (b"a\nb", 1, "x", b"a\nx\nb"),
        (b"a\r\nb\r\n", 1, "x", b"a\r\nx\r\nb\r\n"),
        (b"", 0, "x", b"x\n"),
        (b"a\n", 1, "x\n\n", b"a\nx\n\n"),
    ],
)
async def test_insert_puts_whole_lines(desk: Desk, before: bytes, line: int, new: str, after: bytes) -> None:
    desk.write("f", before)
    await desk.edit("view", "f")
    result = await desk.edit("insert", "f", insert_line=str(line), new_str=new)
    assert result.ok, result.text
    assert desk.read("f") == after
    assert f"     {line + 1}\tx" in result.text


@pytest.mark.parametrize(
    ("arguments", "facts"),
    [
        ({"insert_line": 3, "new_str": "x"}, ["insert_line 3", "2 lines", "0 to 2"]),
        ({"insert_line": -1, "new_str": "x"}, ["insert_line -1", "0 to 2"]),
        ({"new_str": "x"}, ["insert_line", "0"]),
        ({"insert_line": 1}, ["new_str"]),
        ({"insert_line": "one", "new_str": "x"}, ["insert_line", "'one'", "whole number"]),
    ],
)
async def test_insert_refuses(desk: Desk, arguments: dict[str, object], facts: list[str]) -> None:
    desk.write("f", "a\nb\n")
    await desk.edit("view", "f")
    result = await desk.edit("insert", "f", **arguments)
    assert not result.ok
    for fact in facts:
        assert fact in result.text


async def test_insert_needs_a_view_and_an_unchanged_file(desk: Desk) -> None:
    desk.write("f", "a\n")
    assert "View" in (await desk.edit("insert", "f", insert_line=0, new_str="x")).text
    await desk.edit("view", "f")
    desk.write("f", "b\na\n")
    changed = await desk.edit("insert", "f", insert_line=0, new_str="x")
    assert not changed.ok
    assert "changed on disk" in changed.text
    assert desk.read("f") == b"b\na\n"


async def test_undo_goes_back_step_by_step_to_before_the_creation(desk: Desk) -> None:
    await desk.edit("create", "d/f", file_text="1\n")
    await desk.replace("d/f", "1", "2")
    await desk.edit("insert", "d/f", insert_line=1, new_str="3")
    assert desk.read("d/f") == b"2\n3\n"
    assert "2 earlier edits" in (await desk.edit("undo_edit", "d/f")).text
    assert desk.read("d/f") == b"2\n"
    await desk.edit("undo_edit", "d/f")
    assert desk.read("d/f") == b"1\n"
    gone = await desk.edit("undo_edit", "d/f")
    assert "deleted" in gone.text
    assert not (desk.folder / "d").exists()
    nothing = await desk.edit("undo_edit", "d/f")
    assert not nothing.ok
    assert "no edit" in nothing.text


async def test_undo_does_not_lose_what_others_changed(desk: Desk) -> None:
    desk.write("f", "a\n")
    await desk.replace("f", "a", "b")
    desk.write("f", "formatted b\n")
    result = await desk.edit("undo_edit", "f")
    assert not result.ok
    assert "changed by something else" in result.text
    assert desk.read("f") == b"formatted b\n"


async def test_an_edit_after_an_undo_goes_on(desk: Desk) -> None:
    desk.write("f", "a\n")
    await desk.replace("f", "a", "b")
    await desk.edit("undo_edit", "f")
    assert "changed on disk" not in (await desk.replace("f", "a", "c")).text
    assert desk.read("f") == b"c\n"
