"""Unified diffs for people, fast also for long files because only the changed region is compared (pure)."""

from difflib import unified_diff

from tools.line_diff import equal_blocks

_CONTEXT = 3
_MOST_COMPARED = 2_000


def unified(path: str, before: str, after: str) -> str:
    """A unified diff with three lines of context; `path` is shown on both sides. Empty when nothing changed."""
    old, new = _lines(before), _lines(after)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    if head == len(old) == len(new):
        return ""
    start = max(0, head - _CONTEXT)
    stop = max(0, tail - _CONTEXT)
    one, two = old[start : len(old) - stop], new[start : len(new) - stop]
    body = _whole_hunk(one, two, head - start, tail - stop) if max(len(one), len(two)) > _MOST_COMPARED else None
    if body is None:
        body = list(unified_diff(one, two, n=_CONTEXT))[2:]
    lines = [f"--- a/{path}\n", f"+++ b/{path}\n"]
    for line in body:
        lines.append(_moved(line, start) if line.startswith("@@") else line)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def changed_lines(before: str, after: str) -> tuple[int, int]:
    """How many lines an edit added and removed, for a one-line summary."""
    old, new = before.split("\n"), after.split("\n")
    kept = sum(block.size for block in equal_blocks(old, new))
    return len(new) - kept, len(old) - kept


def _lines(text: str) -> list[str]:
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop().removesuffix("\n")
    return [*lines, last] if last else lines


def _common(one: list[str], two: list[str]) -> int:
    count = 0
    for first, second in zip(one, two, strict=False):
        if first != second:
            break
        count += 1
    return count


def _whole_hunk(one: list[str], two: list[str], head: int, tail: int) -> list[str]:
    body = [f"@@ -1,{len(one)} +1,{len(two)} @@\n", *(" " + line for line in one[:head])]
    body += ["-" + line for line in one[head : len(one) - tail]]
    body += ["+" + line for line in two[head : len(two) - tail]]
    return body + [" " + line for line in one[len(one) - tail :]]


def _moved(header: str, by: int) -> str:
    """A hunk header whose line numbers start `by` lines further down."""
    words = header.split()
    moved = [_moved_span(word, by) if word[0] in "+-" else word for word in words]
    return " ".join(moved) + "\n"


def _moved_span(span: str, by: int) -> str:
    first, _, rest = span[1:].partition(",")
    return f"{span[0]}{int(first) + by}{',' + rest if rest else ''}"
