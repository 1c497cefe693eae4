"""Patches taken apart: nothing is lost, tests are told from sources, and equal changes have equal meanings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.batch.choose.patches import files_of, is_test, parts_of

PATHS = st.sampled_from(["src/a.py", "b.py", "tests/test_a.py", "pkg/conftest.py", "web/x.spec.ts", "docs/y.md"])
LINES = st.lists(st.tuples(st.sampled_from("+- "), st.text(alphabet="abc@ ", max_size=6)), min_size=1, max_size=5)


def file_patch(path: str, lines: list[tuple[str, str]], start: int = 1) -> str:
    body = "".join(f"{mark}{text}\n" for mark, text in lines)
    return f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -{start},9 +{start},9 @@ def f():\n{body}"


@given(st.lists(st.tuples(PATHS, LINES), max_size=5))
def test_the_parts_are_the_whole(changes: list[tuple[str, list[tuple[str, str]]]]) -> None:
    patch = "".join(file_patch(path, lines) for path, lines in changes)
    assert "".join(change.text for change in files_of(patch)) == patch
    parts = parts_of(patch)
    assert len(parts.source) + len(parts.tests) == len(patch)
    assert [path for path, _ in parts.meaning] == sorted(path for path, _ in changes if not is_test(path))


@given(PATHS, LINES, st.integers(1, 900))
def test_where_a_change_stands_does_not_matter(path: str, lines: list[tuple[str, str]], start: int) -> None:
    padded = [(mark, f"{text}  ") for mark, text in lines]
    assert parts_of(file_patch(path, lines)).meaning == parts_of(file_patch(path, padded, start)).meaning


def test_what_a_change_says_does() -> None:
    one, other = (parts_of(file_patch("a.py", [("+", text)])).meaning for text in ("x", "y"))
    assert one != other
    assert parts_of(file_patch("a.py", [("+", "x")])).meaning != parts_of(file_patch("b.py", [("+", "x")])).meaning
    assert parts_of(file_patch("a.py", [("-", "x")])).meaning != parts_of(file_patch("a.py", [("+", "x")])).meaning


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tests/helper.py", True),
        ("src/test_x.py", True),
        ("x_test.go", True),
        ("a/b.test.js", True),
        ("src/testing_tools.py", False),
        ("src/latest.py", False),
        ("contest.py", False),
        ("attest/x.py", False),
    ],
)
def test_what_is_a_test(path: str, expected: bool) -> None:
    assert is_test(path) == expected


def test_files_that_go_move_or_are_binary_have_their_names() -> None:
    gone = "diff --git a/old.py b/old.py\ndeleted file mode 100644\n--- a/old.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
    moved = "diff --git a/a.py b/c.py\nsimilarity index 100%\nrename from a.py\nrename to c.py\n"
    binary = "diff --git a/i.png b/i.png\nindex 1..2 100644\nGIT binary patch\nliteral 3\nabc\n"
    assert [change.path for change in files_of(gone + moved + binary)] == ["old.py", "c.py", "i.png"]
