"""The report: aligned lines for people, one object for programs."""

import dataclasses
import json
import re
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from typing import TextIO

from cli import exit_codes
from cli.doctor.groups import Row
from cli.render import printable

TITLES = {"endpoint": "Endpoint", "sandbox": "Sandbox", "machine": "This machine"}
MARKS = {"ok": "✓", "warn": "!", "fail": "✗", "skip": "–"}
PLAIN_MARKS = {"ok": "+", "warn": "!", "fail": "x", "skip": "-"}
COLOURS = {"ok": "32", "warn": "33", "fail": "31", "skip": "2"}
NAME_WIDTH = 23
WIDEST = 110
_QUOTED = re.compile(r"'\{[^']*'|`[^`]*`")


def exit_code(rows: Sequence[Row]) -> int:
    """The configuration first, since the rest depends on it; then the endpoint; then the sandbox and machine."""
    failed = {(row.group, row.check) for row in rows if row.finding.status == "fail"}
    if ("machine", "configuration") in failed:
        return exit_codes.USAGE
    if any(group == "endpoint" for group, _ in failed):
        return exit_codes.ENDPOINT
    return exit_codes.SANDBOX if failed else exit_codes.DONE


def without(secret: str, row: Row) -> Row:
    """The row with a secret masked, wherever a server or a file repeated it."""
    if not secret:
        return row
    found = row.finding

    def clean(text: str) -> str:
        return text.replace(secret, "***")

    figures = {key: clean(value) if isinstance(value, str) else value for key, value in found.figures.items()}
    masked = dataclasses.replace(found, seen=clean(found.seen), mend=clean(found.mend), figures=figures)
    return dataclasses.replace(row, finding=masked)


def shown_mend(row: Row) -> str:
    """A bare flag belongs to the command that starts the server."""
    mend = row.finding.mend
    return f"vllm serve … {mend}" if mend.startswith("--") else mend


def summary(rows: Sequence[Row], seconds: float) -> str:
    """How it stands, and what to do first."""
    counts = {status: sum(row.finding.status == status for row in rows) for status in MARKS}
    parts = [
        f"{counts[status]} {name}{'' if counts[status] == 1 else 's'}"
        for status, name in (("fail", "fault"), ("warn", "warning"))
        if counts[status]
    ]
    well = f"{counts['ok']} well, {counts['skip']} left open, {seconds:.0f} s"
    if not parts:
        return f"No fault found ({well})."
    first = next((row for row in rows if row.finding.status == "fail"), None)
    first = first or next(row for row in rows if row.finding.status == "warn")
    return f"{', '.join(parts)} ({well}). First: {first.finding.name}: {shown_mend(first)}"


class TextReport:
    """Writes rows as they come, a title before each group."""

    def __init__(self, out: TextIO, colour: bool) -> None:
        self._out = out
        self._colour = colour
        self._group = ""
        self._width = min(shutil.get_terminal_size((WIDEST, 24)).columns, WIDEST) if out.isatty() else WIDEST
        self._fancy = encodes(out, "✓✗–→…")

    def row(self, row: Row) -> None:
        """One finding, with its mend below."""
        if row.group != self._group:
            self._out.write(f"\n{TITLES[row.group]}\n")
            self._group = row.group
        found = row.finding
        mark = (MARKS if self._fancy else PLAIN_MARKS)[found.status]
        head = f"  {mark} {printable(found.name):<{NAME_WIDTH}}"
        lines = self._wrapped(found.seen, head, " " * len(head))
        lines[0] = lines[0].replace(mark, self._painted(mark, COLOURS[found.status]), 1)
        if found.mend:
            arrow = "→ " if self._fancy else "-> "
            indent = " " * (NAME_WIDTH + 4)
            lines += self._wrapped(shown_mend(row), indent + arrow, indent + " " * len(arrow))
        self._out.write("\n".join(lines) + "\n")
        self._out.flush()

    def _wrapped(self, text: str, first: str, rest: str) -> list[str]:
        # A command must be copied as it stands: what is quoted stays on one line, words and hyphens stay whole.
        flat = _QUOTED.sub(lambda found: found[0].replace(" ", "\0"), " ".join(printable(text).split()))
        width = max(self._width, NAME_WIDTH + 30)
        lines = textwrap.wrap(
            flat,
            width,
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return [line.replace("\0", " ") for line in lines] or [first.rstrip()]

    def _painted(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text


def encodes(out: TextIO, text: str) -> bool:
    """Whether the stream's encoding has these characters."""
    try:
        text.encode(out.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def as_json(rows: Sequence[Row], base_url: str, seconds: float) -> str:
    """`findings` in the order of the text; `first` is what to do first, "" where nothing is wrong."""
    code = exit_code(rows)
    statuses = {row.finding.status for row in rows}
    worst = next((status for status in ("fail", "warn") if status in statuses), "ok")
    findings: list[Mapping[str, object]] = [
        {"group": row.group, "check": row.check, "about": row.about, **dataclasses.asdict(row.finding)} for row in rows
    ]
    value = {
        "status": worst,
        "exit_code": code,
        "base_url": base_url,
        "summary": summary(rows, seconds),
        "duration_s": round(seconds, 3),
        "findings": findings,
    }
    return json.dumps(value, ensure_ascii=True)
