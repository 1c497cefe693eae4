"""A unified diff as lines with styles, and its files. Pure."""

from collections.abc import Collection, Iterator

from rich.text import Text

from tui.model.safe import revealed
from tui.past.host import FileLine

# More lines than a person reads; the patch itself is complete in `qwright sessions export`.
MOST_LINES = 5000
_HEAD = "diff --git "
_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def diff_files(patch: str, agents: Collection[str]) -> list[FileLine]:
    """One line for each file; a path that is not among the agent's is the user's alone."""
    files: list[FileLine] = []
    path, added, removed, in_hunk = "", 0, 0, False
    for line in [*patch.splitlines(), _HEAD]:
        if line.startswith(_HEAD):
            if path:
                files.append(FileLine(path, added, removed, path not in agents))
            path, added, removed, in_hunk = path_of(line), 0, 0, False
        elif line.startswith("@@"):
            in_hunk = True
        elif in_hunk and line.startswith("+"):
            added += 1
        elif in_hunk and line.startswith("-"):
            removed += 1
    return files


def path_of(head: str) -> str:
    """The path in `diff --git a/PATH b/PATH`, quoted by git where it has odd characters."""
    rest = head.removeprefix(_HEAD)
    if rest.startswith('"'):
        quoted = rest[: (len(rest) - 1) // 2].strip('"').removeprefix("a/")
        return quoted.encode("latin-1", "replace").decode("unicode_escape").encode("latin-1").decode("utf-8", "replace")
    return rest[2 : (len(rest) - 1) // 2]


def styled(patch: str) -> Iterator[Text]:
    """Lines as they are drawn, at most 5,000 and then a sentence."""
    lines = patch.splitlines()
    in_hunk = False
    for line in lines[:MOST_LINES]:
        # A removed line can look like a header: "--- x".
        in_hunk = (in_hunk or line.startswith("@@")) and not line.startswith(_HEAD)
        yield Text(revealed(line.expandtabs(4)), _STYLES.get(line[:1], "") if in_hunk else "bold")
    if len(lines) > MOST_LINES:
        yield Text(f"[… {len(lines) - MOST_LINES:,} lines more; `qwright sessions export --format patch` has all]")
