"""A patch of git by its files: how much changed in each, and its lines as they are drawn. Pure."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from tui.conversation.cutting import cut
from tui.conversation.diff_text import diff_lines
from tui.model.diff_rows import Row, counts, diff_rows
from tui.model.safe import line, revealed
from tui.past.host import FileLine

# More lines than a person reads; the patch itself is complete in `qwright sessions export`.
MOST_LINES = 5000
_HEAD = "diff --git "
# What the heading and the line numbers say already.
_SAID = (_HEAD, "index ", "--- ", "+++ ")


@dataclass(frozen=True, slots=True)
class FilePart:
    """What a patch says of one file. `told` are lines before its first hunk that say more than its path."""

    path: str
    told: tuple[str, ...]
    rows: tuple[Row, ...]


def file_parts(patch: str) -> list[FilePart]:
    """The files in their order; what stands before the first one is a part without a path."""
    found: list[list[str]] = []
    for text in patch.removesuffix("\n").split("\n") if patch else ():
        if text.startswith(_HEAD) or not found:
            found.append([])
        found[-1].append(text)
    return [_part(lines) for lines in found]


def diff_files(patch: str, agents: Collection[str]) -> list[FileLine]:
    """One line for each file; a path that is not among the agent's is the user's alone."""
    return [
        FileLine(part.path, _count(part.rows, "+"), _count(part.rows, "-"), part.path not in agents)
        for part in file_parts(patch)
        if part.path
    ]


def path_of(head: str) -> str:
    """The path in `diff --git a/PATH b/PATH`, quoted by git where it has odd characters."""
    rest = head.removeprefix(_HEAD)
    if rest.startswith('"'):
        quoted = rest[: (len(rest) - 1) // 2].strip('"').removeprefix("a/")
        return quoted.encode("latin-1", "replace").decode("unicode_escape").encode("latin-1").decode("utf-8", "replace")
    return rest[2 : (len(rest) - 1) // 2]


def patch_lines(patch: str, room: int, columns: bool | None = None) -> Iterator[Text]:
    """Lines of at most `room` cells: a heading for each file, then its diff. After 5,000 lines a sentence."""
    lines = patch.removesuffix("\n").split("\n") if patch else []
    for number, part in enumerate(file_parts("\n".join(lines[:MOST_LINES]))):
        if number:
            yield Text()
        if part.path:
            yield from cut(Text(f"{line(part.path)}  {counts(part.rows)}", "bold underline"), room)
        for told in part.told:
            yield from cut(Text(revealed(told.expandtabs(4)), "dim"), room)
        yield from diff_lines(part.rows, room, columns)
    if len(lines) > MOST_LINES:
        left = f"[… {len(lines) - MOST_LINES:,} lines more; `qwright sessions export --format patch` has all]"
        yield from cut(Text(left), room)


def _part(lines: Sequence[str]) -> FilePart:
    hunk = next((number for number, text in enumerate(lines) if text.startswith("@@ ")), len(lines))
    told = tuple(text for text in lines[:hunk] if not text.startswith(_SAID))
    rows = diff_rows("\n".join(lines[hunk:])) if hunk < len(lines) else []
    return FilePart(path_of(lines[0]) if lines[0].startswith(_HEAD) else "", told, tuple(rows))


def _count(rows: Sequence[Row], sign: str) -> int:
    return sum(row.sign == sign for row in rows)
