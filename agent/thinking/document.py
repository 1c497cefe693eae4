"""Keeps the tables of `docs/thinking.md` as the code has them.

`python -m agent.thinking.document` writes them between their marks, with `--check` it only compares.
"""

import sys

from agent.pages import DOCS, between, keep
from agent.thinking.budgets import MEANINGS, Budgets
from agent.thinking.experience import USUAL_FAILURES, kind_in_words
from agent.thinking.signals import PACE_MEANINGS, Signals
from agent.thinking.table import AUTO, PACES, RECOVERY, ROUTINE, Row

DOCUMENT = DOCS / "thinking.md"
_MODES = {(True, True): "thinks", (False, False): "direct", (True, False): "same mode", (False, True): "other mode"}


def tables() -> dict[str, str]:
    """Each table by the name of its mark."""
    budgets = Budgets()
    return {
        "auto": _table(("row", "when", "", "budget", "because"), [_row(row) for row in (*AUTO, ROUTINE)]),
        "recovery": _table(("row", "when", "", "budget", "because"), [_row(row) for row in RECOVERY]),
        "budgets": _table(
            ("budget", "tokens", "for"), [(kind, f"{budgets.of(kind):,}", said) for kind, said in MEANINGS.items()]
        ),
        "paces": _table(
            ("pace", "when", "takes stock after", "a large change"),
            [
                (pace, PACE_MEANINGS[pace], f"{limits.stock_after} direct steps", f"{limits.large_change:,} tokens")
                for pace, limits in PACES.items()
            ],
        ),
        "failures": _table(
            ("kind of step", "usually fails"),
            [(kind_in_words(letter), f"{share:.1%}") for letter, share in USUAL_FAILURES.items()],
        ),
    }


def document(text: str) -> str:
    """The page with its tables renewed. Raises `ValueError` when a mark is missing."""
    for name, table in tables().items():
        text = between(text, f"<!-- {name}: from the code -->\n", f"<!-- end of {name} -->", f"{table}\n")
    return text


def _row(row: Row) -> tuple[str, ...]:
    modes = (row.thinks(Signals(thought=True)), row.thinks(Signals(thought=False)))
    return (f"`{row.name}`", row.when, _MODES[modes], row.budget if any(modes) else "", row.why)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> int:
    """Write or check the page; the exit code is 1 when a check finds it stale."""
    return keep(DOCUMENT, document(DOCUMENT.read_text(encoding="utf-8")))


if __name__ == "__main__":
    sys.exit(main())
