"""Pages that are drawn from the code: `make docs` writes them, `make check` only compares."""

import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"


def keep(page: Path, text: str) -> int:
    """Write the page, or with `--check` on the command line compare it; the exit code, 1 for a stale page."""
    if "--check" not in sys.argv[1:]:
        page.parent.mkdir(exist_ok=True)
        page.write_text(text, encoding="utf-8")
        return 0
    if page.exists() and page.read_text(encoding="utf-8") == text:
        return 0
    print(f"{page} is stale; run `make docs`.", file=sys.stderr)
    return 1


def between(text: str, begin: str, end: str, part: str) -> str:
    """A page with one part of it renewed. Raises `ValueError` when a mark is missing."""
    head, found, rest = text.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"The page lacks the mark {(begin if not found else end).strip()!r}.")
    return f"{head}{begin}{part}{end}{tail}"
