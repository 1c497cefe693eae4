"""Renews the tables of `docs/terminal.md`: `python -m tui.commands.document` writes, `--check` only compares."""

import sys

from agent.pages import DOCS, between, keep
from tui.commands.rows import markdown
from tui.commands.table import COMMANDS

DOCUMENT = DOCS / "terminal.md"
_BEGIN, _END = "<!-- commands: from tui/commands/table.py -->\n", "<!-- end of commands -->"


def document(text: str) -> str:
    """The page with its tables renewed. Raises `ValueError` when a mark is missing."""
    return between(text, _BEGIN, _END, markdown(COMMANDS))


def main() -> int:
    """Write or check the page; the exit code is 1 when a check finds it stale."""
    return keep(DOCUMENT, document(DOCUMENT.read_text(encoding="utf-8")))


if __name__ == "__main__":
    sys.exit(main())
