"""Renews the tables of `docs/terminal.md`: `python -m tui.commands.document` writes, `--check` only compares."""

import sys
from pathlib import Path

from tui.commands.rows import markdown
from tui.commands.table import COMMANDS

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "terminal.md"
_BEGIN, _END = "<!-- commands: from tui/commands/table.py -->\n", "<!-- end of commands -->"


def document(text: str) -> str:
    """The page with its tables renewed. Raises `ValueError` when a mark is missing."""
    head, found, rest = text.partition(_BEGIN)
    _, closed, tail = rest.partition(_END)
    if not found or not closed:
        raise ValueError(f"{DOCUMENT} lacks the mark {(_END if found else _BEGIN).strip()!r}.")
    return f"{head}{_BEGIN}{markdown(COMMANDS)}{_END}{tail}"


def main() -> int:
    """Write or check the page; the exit code is 1 when a check finds it stale."""
    text = DOCUMENT.read_text(encoding="utf-8")
    if "--check" in sys.argv[1:]:
        if document(text) != text:
            print(f"{DOCUMENT} is stale; run `make docs`.", file=sys.stderr)
            return 1
        return 0
    DOCUMENT.write_text(document(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
