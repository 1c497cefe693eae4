"""Numbered lines as the model reads them: `cat -n` form, with what is left out announced (pure)."""

from tools.output import clip_line
from tools.text_file import displayable

LINE_LIMIT = 2_000
_SNIPPET_LINE_LIMIT = 500
_SNIPPET_AROUND = 4
_SNIPPET_HEAD = 40
_SNIPPET_TAIL = 20


def lines_of(text: str) -> list[str]:
    """Lines of a text; a newline at the end does not begin another one."""
    return text.removesuffix("\n").split("\n") if text else []


def numbered(lines: list[str], first: int, limit: int = LINE_LIMIT) -> list[str]:
    """Lines with their 1-based numbers, six wide and a tab, each cut at `limit` characters with a note."""
    return [f"{number:6}\t{displayable(clip_line(line, limit))}" for number, line in enumerate(lines, first)]


def snippet(text: str, first: int, last: int) -> str:
    """Lines `first` to `last` (1-based) and four around them; the middle of a long run is left out with a note."""
    lines = lines_of(text)
    start = max(1, first - _SNIPPET_AROUND)
    stop = min(len(lines), last + _SNIPPET_AROUND)
    shown = numbered(lines[start - 1 : stop], start, _SNIPPET_LINE_LIMIT)
    left_out = len(shown) - _SNIPPET_HEAD - _SNIPPET_TAIL
    if left_out > 0:
        note = (
            f'[… {left_out} lines left out; view_range "[{start + _SNIPPET_HEAD}, {stop - _SNIPPET_TAIL}]" shows them]'
        )
        shown = [*shown[:_SNIPPET_HEAD], note, *shown[-_SNIPPET_TAIL:]]
    return "\n".join(shown)


def size_text(size: int) -> str:
    """A size for people: bytes below 10 kB, then kB, MB, GB."""
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= scale and size >= 10_000:
            return f"{size / scale:.1f} {unit}"
    return f"{size:,} bytes"


def count_text(count: int, noun: str) -> str:
    """A count and its noun: "1 line", "2 lines", "3 matches"."""
    plural = noun + ("es" if noun.endswith("ch") else "s")
    return f"{count:,} {noun if count == 1 else plural}"
