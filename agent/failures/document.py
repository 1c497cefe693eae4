"""Draws `docs/failures.md` from the table: `python -m agent.failures.document` writes it, `--check` only compares."""

import sys

from agent.failures.escalation import LADDERS
from agent.failures.rows import SECTIONS
from agent.failures.table import Failure
from agent.pages import DOCS, keep

DOCUMENT = DOCS / "failures.md"
_HEAD = """# What goes wrong, and what is done about it

Drawn from `agent/failures/rows.py` by `make docs`; `make check` fails when it is stale. Counters are what `faults` of a
result, `qwright sessions show` and the event stream (`fault_handled`) name. Each row's tests drive a session over bytes
that vLLM 0.32 sent, or over a server that fails in this way; those in `live/` need a real vLLM.

"""
_COLUMNS = "| what happens | counter | noticed by | what is done | tests |\n|---|---|---|---|---|\n"
_LADDER_HEAD = """
## The order of attempts

The same thinking mode again, the other mode, a required tool call, the person. A fault that repetition cannot mend
starts further down. After the last attempt the turn ends with a sentence; an announcement becomes the answer. The
model's own faulty answer stays in the history, in a form that every server takes, with a remark that says what was
wrong; only an empty one, which teaches nothing, stays out. A quoted call is asked about once and never required.

| fault | 1st | 2nd | 3rd | 4th |
|---|---|---|---|---|
"""


def document() -> str:
    """The page."""
    parts = [_HEAD]
    for title, rows in SECTIONS:
        parts += [f"## {title}\n\n{_COLUMNS}"]
        parts += [_row(row) for row in rows]
        parts += ["\n"]
    parts[-1] = _LADDER_HEAD
    for fault, ladder in LADDERS.items():
        parts += [f"| {' | '.join([fault, *ladder, *['the person'] * (4 - len(ladder))])} |\n"]
    return "".join(parts)


def _row(row: Failure) -> str:
    counter = f"`{row.counter}`" if row.counter else "none"
    tests = "<br>".join(f"`{test}`" for test in row.tests)
    cells = (_shown(row.symptom), counter, _shown(row.detection), _shown(row.action), tests)
    return f"| {' | '.join(cells)} |\n"


def _shown(text: str) -> str:
    return text.replace("<", "&lt;").replace("|", "\\|")


def main() -> int:
    """Write or check the page; the exit code is 1 when a check finds it stale."""
    return keep(DOCUMENT, document())


if __name__ == "__main__":
    sys.exit(main())
