"""A patch taken apart: what changes the program, what changes tests, and when two patches say the same. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_FILE = re.compile(r"^diff --git ", re.MULTILINE)
_TEST_FOLDER = frozenset(("test", "tests", "testing", "spec", "specs", "__tests__", "e2e"))
_TEST_NAME = re.compile(
    r"test_.*|.*_tests?\.\w+|.*[._-](?:test|spec)\.\w+|conftest\.py|tests?\.py|Test\w+\.java|\w+Tests?\.java"
)


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file's part of a patch."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Parts:
    """`source` and `tests` are patches of their own; `meaning` is equal for patches that change the same lines so."""

    source: str
    tests: str
    meaning: tuple[tuple[str, tuple[str, ...]], ...]


def parts_of(patch: str) -> Parts:
    """Take a patch apart by the names of its files."""
    changes = list(files_of(patch))
    sources = [change for change in changes if not is_test(change.path)]
    tests = [change for change in changes if is_test(change.path)]
    return Parts(
        "".join(change.text for change in sources),
        "".join(change.text for change in tests),
        tuple(sorted((change.path, _lines(change.text)) for change in sources)),
    )


def files_of(patch: str) -> Iterator[FileChange]:
    """The parts of a git patch, one for each file, in order; together they are the patch."""
    starts = [match.start() for match in _FILE.finditer(patch)]
    for start, end in pairwise([*starts, len(patch)]):
        text = patch[start:end]
        yield FileChange(_path(text), text)


def _path(text: str) -> str:
    """The new name of the file, or its old one when it goes; without it, what stands in the first line."""
    for mark in ("+++ b/", "--- a/", "rename to "):
        if found := re.search(rf"^{re.escape(mark)}(.*?)\t?$", text, re.MULTILINE):
            return found[1]
    head = text.split("\n", 1)[0]
    return head.rpartition(" b/")[2]


def is_test(path: str) -> bool:
    """Whether a file is one of the tests, by the usual names."""
    *folders, name = path.split("/")
    return bool(_TEST_FOLDER & {folder.lower() for folder in folders} or _TEST_NAME.fullmatch(name))


def _lines(text: str) -> tuple[str, ...]:
    """Added and removed lines without trailing blanks; empty ones say nothing, nor does where they stand."""
    body = text.split("\n@@", 1)[1:] or [text]
    lines = (line.rstrip() for line in body[0].split("\n")[1 if len(body[0]) < len(text) else 0 :])
    return tuple(line for line in lines if line[:1] in ("+", "-") and line[1:].strip())
