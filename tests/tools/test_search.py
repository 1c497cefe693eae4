import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.sandbox import FolderSandbox
from tests.needs import missing
from tests.tools.conftest import Desk
from tools.base import SeenFiles, ToolContext
from tools.search import Found, SearchArguments, case_counts, parse, render

PROGRAMS = ("bash", "git", "grep", "xargs", "sort", "tr", "cut", "head", "wc", "mktemp", "rm", "mkdir", "cat")
SOURCE = 'def Area(r):\n    return "a" * r\n\ndef edge(r):\n    pass\n'


@pytest.fixture(params=["rg", "git", "grep"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    """A workspace in which only the programs of one way to search are on the path."""
    engine: str = request.param
    folder, programs = (tmp_path / "work").resolve(), tmp_path / "bin"
    folder.mkdir()
    programs.mkdir()
    for name in (*PROGRAMS, *(["rg"] if engine == "rg" else [])):
        found = shutil.which(name)
        if found is None:
            missing(f"{name} is not installed")
        (programs / name).symlink_to(found)
    sandbox = FolderSandbox(folder)
    await sandbox.start()
    if engine != "grep":
        await sandbox.run("git init -q .", timeout_s=10)
    await sandbox.run(f"export PATH={programs}", timeout_s=10)
    heard: list[bytes] = []
    yield Desk(sandbox, folder, ToolContext(sandbox, SeenFiles(), heard.append), heard)
    await sandbox.close()


async def test_matches_are_grouped_by_file_with_line_numbers(desk: Desk) -> None:
    desk.write("src/a.py", SOURCE)
    desk.write("b.py", SOURCE)
    result = await desk.call("search", pattern=r"^def \w+")
    lines = "  1: def Area(r):\n  4: def edge(r):"
    assert result.text == f"4 matches in 2 files:\nb.py\n{lines}\nsrc/a.py\n{lines}"
    assert desk.heard == []


async def test_path_and_glob_narrow_the_search(desk: Desk) -> None:
    desk.write("src/a.py", SOURCE)
    desk.write("src/deep/a.ts", SOURCE)
    desk.write("b.py", SOURCE)
    for arguments, files in (
        ({"path": "src"}, ["src/a.py", "src/deep/a.ts"]),
        ({"glob": "*.py"}, ["b.py", "src/a.py"]),
        ({"path": "src", "glob": "*.ts"}, ["src/deep/a.ts"]),
        ({"glob": "!*.py"}, ["src/deep/a.ts"]),
        ({"path": "b.py"}, ["b.py"]),
        ({"path": str(desk.folder / "src/deep")}, ["src/deep/a.ts"]),
    ):
        result = await desk.call("search", pattern="Area", **arguments)
        assert [line for line in result.text.split("\n")[1:] if not line.startswith(" ")] == files, arguments


async def test_context_lines_and_gaps(desk: Desk) -> None:
    desk.write("a", "1\nx\n3\n4\n5\n6\nx\n8\n")
    result = await desk.call("search", pattern="x", context=1)
    assert result.text.split("\n")[1:] == ["a", "  1- 1", "  2: x", "  3- 3", "  --", "  6- 6", "  7: x", "  8- 8"]


async def test_the_cap_leaves_no_context_of_a_match_that_is_not_shown(desk: Desk) -> None:
    desk.write("a", "1\nx\n3\n4\n5\n6\nx\n8\n")
    result = await desk.call("search", pattern="x", context=1, max_results=1)
    assert result.text.split("\n")[1:5] == ["a", "  1- 1", "  2: x", "  3- 3"]
    assert result.text.split("\n")[5].startswith("[… 1 more match left out")


async def test_case_is_smart_unless_asked(desk: Desk) -> None:
    desk.write("a.py", SOURCE)
    assert "1 match" in (await desk.call("search", pattern="area")).text
    assert "No match" in (await desk.call("search", pattern="AREA")).text
    assert "1 match" in (await desk.call("search", pattern="AREA", case="insensitive")).text
    assert "No match" in (await desk.call("search", pattern="area", case="sensitive")).text


async def test_the_cap_is_announced_and_the_rest_kept(desk: Desk) -> None:
    desk.write("a", "hit\n" * 250)
    result = await desk.call("search", pattern="hit")
    assert result.text.startswith("250 matches, the first 100 in 1 file:")
    assert "[… 150 more matches left out; all of them are in " in result.text
    kept = result.text.rpartition(" are in ")[2].rstrip("]")
    assert Path(kept).read_text().count("hit") == 250
    assert result.text.count(": hit") == 100


async def test_long_lines_are_cut_and_counted(desk: Desk) -> None:
    desk.write("min.js", "hit" + "x" * 9000 + "\nhit\n")
    result = await desk.call("search", pattern="hit")
    assert "[1 line longer than 300 characters cut, marked …]" in result.text
    assert len(result.text) < 700


async def test_many_long_rows_are_read_whole(desk: Desk) -> None:
    desk.write("a", ("hit " + "y" * 900 + "\n") * 500)
    result = await desk.call("search", pattern="hit", max_results=500)
    assert result.text.startswith("500 matches in 1 file:")
    assert "  500: hit" in result.text


@pytest.mark.parametrize("pattern", ["-v", "--help", "$(touch x)", "a'b", 'a"b', "`id`", "; rm -rf .", "a\\|b", "é→"])
async def test_patterns_reach_the_engine_as_they_are(desk: Desk, pattern: str) -> None:
    escaped = "".join(f"\\{char}" if char in "$()[]{}.*+?|\\^" else char for char in pattern)
    desk.write("odd name: 12-x's.txt", f"one\ntwo {pattern} three\n")
    result = await desk.call("search", pattern=escaped)
    assert result.text == f"1 match in 1 file:\nodd name: 12-x's.txt\n  2: two {pattern} three"
    assert not (desk.folder / "x").exists()


async def test_binary_files_and_crlf(desk: Desk) -> None:
    desk.write("blob", b"hit\0hit\n")
    desk.write("dos", b"a hit\r\nb\r\n")
    assert (await desk.call("search", pattern="hit$|hit\\r")).text.startswith("1 match in 1 file:\ndos\n  1: a hit")


async def test_ignored_files_are_left_out_where_git_is(desk: Desk) -> None:
    desk.write(".gitignore", "build/\n")
    desk.write("build/out", "hit\n")
    desk.write(".github/ci.yml", "hit\n")
    text = (await desk.call("search", pattern="hit")).text
    assert ".github/ci.yml" in text
    if (desk.folder / ".git").exists():
        assert "build/out" not in text
        assert "git ignores" in (await desk.call("search", pattern="nothing")).text


@pytest.mark.parametrize(
    ("arguments", "facts"),
    [
        ({"pattern": ""}, ["pattern is empty"]),
        ({"pattern": "a\nb"}, ["line break"]),
        ({"pattern": "a(b"}, ["failed", "'a(b'"]),
        ({"pattern": "a[b"}, ["failed"]),
        ({"pattern": "x", "path": "nowhere"}, ["nowhere", "does not exist"]),
        ({"pattern": "x", "path": "/etc"}, ["outside the workspace"]),
        ({"pattern": "x", "context": 99}, ["context is 99", "20"]),
        ({"pattern": "x", "max_results": 0}, ["max_results is 0", "1000"]),
        ({"pattern": "nothing", "glob": "*.py"}, ["No match for 'nothing'", "*.py"]),
    ],
)
async def test_what_cannot_be_searched_is_a_sentence(
    desk: Desk, arguments: dict[str, object], facts: list[str]
) -> None:
    desk.write("a", "b\n")
    result = await desk.call("search", **arguments)
    for fact in facts:
        assert fact in result.text


async def test_without_any_engine_bash_is_named(desk: Desk) -> None:
    await desk.sandbox.run("hash -r; rm -f ${PATH%%:*}/grep ${PATH%%:*}/rg", timeout_s=5)
    assert "Neither ripgrep" in (await desk.call("search", pattern="x")).text


def test_smart_case_ignores_escapes() -> None:
    assert not case_counts(SearchArguments(pattern=r"\W\S\bx"))
    assert case_counts(SearchArguments(pattern=r"\wX"))


def test_a_broken_report_is_no_engine() -> None:
    assert parse("bash: cd: no such directory").engine == "none"


def test_rows_that_are_none_are_skipped() -> None:
    found = Found("rg", 0, 1, "", ["a\x011:x", "--", "", "cut ro"])
    assert render(found, 10, 0)[0] == "1 match in 1 file:\na\n  1: x"
