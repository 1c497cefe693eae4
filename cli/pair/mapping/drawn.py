"""A map that keeps to a budget: directories, and below them the files that tell most. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

_LONGEST = 200
_TESTS = ("test", "tests", "spec", "__tests__", "testdata", "fixtures", "vendor", "third_party", "node_modules", "dist")


@dataclass(frozen=True, slots=True)
class Drawn:
    """The text, and how many files have a line in it."""

    text: str
    shown: int


def rank(path: str, names: Sequence[str] = ()) -> tuple[bool, int, int, str]:
    """What is shown first: no tests and nothing foreign, what defines something, what lies near the root."""
    parts = PurePosixPath(path).parts
    aside = any(part.lower() in _TESTS or part.startswith(".") for part in parts) or parts[-1].startswith("test_")
    return aside, 0 if names else 1, len(parts), path


def drawn(paths: Sequence[str], names: Mapping[str, Sequence[str]], budget: int, cost: Callable[[str], int]) -> Drawn:
    """As many files as fit, best first, in the order of the tree. `cost` gives the tokens of a line."""
    lines = {path: _line(path, names.get(path, ())) for path in paths}
    folders: set[str] = set()
    chosen: set[str] = set()
    spent = cost(_left(len(paths)))
    for path in sorted(paths, key=lambda one: rank(one, names.get(one, ()))):
        folder = str(PurePosixPath(path).parent)
        price = cost(lines[path]) + (0 if folder in folders else cost(f"{folder}/"))
        if spent + price > budget:
            continue
        spent += price
        folders.add(folder)
        chosen.add(path)
    text: list[str] = []
    for folder in sorted(folders):
        text.append("./" if folder == "." else f"{folder}/")
        text += [lines[path] for path in sorted(chosen) if str(PurePosixPath(path).parent) == folder]
    if len(chosen) < len(paths):
        text.append(_left(len(paths) - len(chosen)))
    return Drawn("\n".join(text), len(chosen))


def _line(path: str, names: Sequence[str]) -> str:
    name = PurePosixPath(path).name
    line = f"  {name}: {', '.join(names)}" if names else f"  {name}"
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _left(count: int) -> str:
    return f"[{count:,} more files are not shown; name a folder to see those in it]"
