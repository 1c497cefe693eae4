import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tools.conftest import Desk
from tools.base import ToolFailure
from tools.paths import absolute, inside


@given(st.text(alphabet="ab./~$ ", max_size=30))
def test_a_path_is_absolute_and_normal_or_refused(path: str) -> None:
    try:
        full = absolute(path, "/w")
    except ToolFailure:
        return
    assert full.startswith("/")
    assert "/../" not in full + "/"
    assert absolute(full, "/w") == full or full.strip() != full


def test_inside_is_by_whole_names() -> None:
    assert inside("/w/a", "/w")
    assert inside("/w", "/w")
    assert not inside("/work", "/w")
    assert inside("/a", "/")


@pytest.mark.parametrize(
    ("path", "facts"),
    [
        ("", ["path", "empty"]),
        ("  ", ["empty"]),
        ("~/x", ["~/x", "shell", "bash"]),
        ("$HOME/x", ["$HOME/x", "shell"]),
        ("../x", ["outside the workspace", "bash"]),
        ("/etc/passwd", ["/etc/passwd", "outside the workspace", "bash can read"]),
        ("sub/../../..", ["outside"]),
        ("a\nb", ["line break"]),
        ("a\0b", ["NUL"]),
        ("a\ud800b", ["U+D800", "no character"]),
        ("a\udc80b", ["U+DC80", "no character"]),
        ("x" * 5000, ["5,000", "4,096"]),
    ],
)
async def test_a_path_outside_the_law_is_a_sentence(desk: Desk, path: str, facts: list[str]) -> None:
    for command in ("view", "create"):
        result = await desk.edit(command, path, file_text="x")
        assert not result.ok
        for fact in facts:
            assert fact in result.text


@pytest.mark.parametrize("path", [" a.py ", "'a.py'", "./a.py", "sub/../a.py", "`a.py`"])
async def test_harmless_ways_to_write_a_path_are_understood(desk: Desk, path: str) -> None:
    desk.write("a.py", "text\n")
    assert "1\ttext" in (await desk.edit("view", path)).text


async def test_a_dollar_in_a_name_is_part_of_it(desk: Desk) -> None:
    desk.write("$id.tsx", "route\n")
    assert "route" in (await desk.edit("view", "$id.tsx")).text


async def test_links_are_followed_inside_and_refused_outside(desk: Desk) -> None:
    desk.write("real.py", "x = 1\n")
    (desk.folder / "in.py").symlink_to("real.py")
    (desk.folder / "out").symlink_to("/etc")
    (desk.folder / "dangling").symlink_to("/nowhere/at/all")
    await desk.edit("view", "in.py")
    assert (await desk.replace("in.py", "x = 1", "x = 2")).ok
    assert (desk.folder / "in.py").is_symlink()
    assert desk.read("real.py") == b"x = 2\n"
    for command, path in (("view", "out/passwd"), ("create", "out/new"), ("view", "out")):
        result = await desk.edit(command, path, file_text="x")
        assert not result.ok
        assert "link" in result.text
        assert str(desk.folder) in result.text
    assert not (await desk.edit("create", "dangling", file_text="x")).ok


async def test_a_missing_file_names_similar_ones(desk: Desk) -> None:
    desk.write("src/parser.py", "")
    desk.write("other/deep/lexer.py", "")
    near = await desk.edit("view", "src/parsers.py")
    assert f"Did you mean {desk.folder}/src/parser.py?" in near.text
    moved = await desk.replace("src/lexer.py", "a", "b")
    assert f"{desk.folder}/other/deep/lexer.py" in moved.text
    assert "does not exist" in (await desk.edit("view", "qqqq/zzzz.txt")).text


async def test_a_path_that_forgot_the_workspace_is_recognised(desk: Desk) -> None:
    desk.write("src/a.py", "")
    assert f"Did you mean {desk.folder}/src/a.py?" in (await desk.edit("view", "/src/a.py")).text


@pytest.mark.parametrize("command", ["str_replace", "insert", "create"])
async def test_a_directory_where_a_file_is_needed(desk: Desk, command: str) -> None:
    (desk.folder / "d").mkdir()
    result = await desk.edit(command, "d", old_str="a", new_str="b", insert_line=0, file_text="x")
    assert not result.ok
    assert "is a directory" in result.text


async def test_the_scratch_directory_may_be_used(desk: Desk) -> None:
    path = f"{desk.sandbox.scratch}/note.txt"
    assert (await desk.edit("create", path, file_text="x")).ok
