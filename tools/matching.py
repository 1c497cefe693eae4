"""Where a text that the model quotes stands in a file: exactly, or but for whitespace (pure).

Exact and unique first; then one relaxation, whole lines compared without indentation and trailing whitespace, unique
only. Looser matching edits wrong blocks, so it is not done; `tools.nearest` says what came close instead.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from tools.line_diff import Block, equal_blocks

MOST_HITS = 1000
# Different indentations in one quotation. More are no program text, and each is compared with all others.
_MOST_INDENTS = 40


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A unique whitespace-only match: replace `text[start:end]` by `new`, which has the file's indentation."""

    start: int
    end: int
    new: str


def exact_hits(text: str, old: str) -> list[int]:
    """Offsets at which `old` stands in `text`, overlapping ones included, at most 1000; empty for an empty `old`."""
    hits: list[int] = []
    at = text.find(old) if old else -1
    while at >= 0 and len(hits) < MOST_HITS:
        hits.append(at)
        at = text.find(old, at + 1)
    return hits


def line_number(text: str, offset: int) -> int:
    """1-based line of an offset."""
    return text.count("\n", 0, offset) + 1


def relaxed_hits(lines: list[str], old_lines: list[str]) -> list[int]:
    """0-based first lines at which `old_lines` stand but for whitespace at the ends of lines, at most two."""
    wanted = [line.strip() for line in old_lines]
    if not any(wanted):
        return []
    return list(islice(occurrences([line.strip() for line in lines], wanted), 2))


def occurrences(items: Sequence[str], wanted: Sequence[str]) -> Iterator[int]:
    """Where `wanted`, not empty, stands in `items`, overlapping ones included; at most three comparisons an item.

    Knuth, Morris and Pratt (1977): `fallback[n]` is the longest end of `wanted[:n]` that is also a beginning of it.
    """
    fallback = [0, 0]
    held = 0
    for item in wanted[1:]:
        while held and item != wanted[held]:
            held = fallback[held]
        held += item == wanted[held]
        fallback.append(held)
    held = 0
    for at, item in enumerate(items):
        while held and (held == len(wanted) or item != wanted[held]):
            held = fallback[held]
        held += item == wanted[held]
        if held == len(wanted):
            yield at + 1 - held


def relaxed_match(text: str, old: str, new: str) -> Relaxed | None:
    """The unique place where `old` stands but for indentation and trailing whitespace, with `new` shifted alike.

    Lines that `new` shares with `old` keep the file's bytes. None when there is no such place, more than one, or when
    the shift of the indentation is not the same throughout.
    """
    lines = text.split("\n")
    whole_last = old.endswith("\n")
    old_lines = old.split("\n")[:-1] if whole_last else old.split("\n")
    hits = relaxed_hits(lines, old_lines)
    if len(hits) != 1:
        return None
    first, last = hits[0], hits[0] + len(old_lines)
    found = lines[first:last]
    start = sum(len(line) + 1 for line in lines[:first])
    end = start + sum(len(line) + 1 for line in found)
    if not whole_last:
        end -= 1
    elif end > len(text):
        end, new = len(text), new.removesuffix("\n")
    elif new and not new.endswith("\n"):
        new += "\n"
    shifted = _shift_lines(found, old_lines, new.split("\n"))
    return None if shifted is None else Relaxed(start, end, "\n".join(shifted))


def _shift_lines(found: list[str], old: list[str], new: list[str]) -> list[str] | None:
    """`new` as it would read with the file's indentation; lines it shares with `old` come from `found`."""
    shift = _Shift.between(old, found)
    if shift is None:
        return None
    result: list[str] = []
    done = 0
    for block in [*equal_blocks(old, new), Block(len(old), len(new), 0)]:
        for line in new[done : block.new]:
            moved = shift.apply(line)
            if moved is None:
                return None
            result.append(moved)
        result += found[block.old : block.old + block.size]
        done = block.new + block.size
    return result


@dataclass(frozen=True, slots=True)
class _Shift:
    """How indentation in the quoted text maps to the file's."""

    known: dict[str, str]
    removed: str
    added: str
    steps: list[tuple[str, str]]

    @staticmethod
    def between(old: list[str], found: list[str]) -> "_Shift | None":
        known: dict[str, str] = {}
        for quoted, real in zip(old, found, strict=True):
            if quoted.strip() and known.setdefault(_indent(quoted), _indent(real)) != _indent(real):
                return None
        if len(known) > _MOST_INDENTS:
            return None
        shortest = min(known, key=len)
        removed, added = _without_common_end(shortest, known[shortest])
        return _Shift(known, removed, added, _steps(known))

    def apply(self, line: str) -> str | None:
        """The line with the file's indentation, or None when nothing says what that is."""
        body = line.lstrip(" \t")
        if not body.strip():
            return line
        indent = _indent(line)
        if indent in self.known:
            return self.known[indent] + body
        base = max((known for known in self.known if indent.startswith(known)), key=len, default=None)
        if base is not None:
            return self.known[base] + self._converted(base, indent[len(base) :]) + body
        if indent.startswith(self.removed):
            return self.added + indent[len(self.removed) :] + body
        return None

    def _converted(self, base: str, deeper: str) -> str:
        """Further indentation below a known line: tabs when the file has tabs where the quote has spaces."""
        for quoted, real in self.steps:
            if len(deeper) % len(quoted) == 0 and deeper == quoted * (len(deeper) // len(quoted)):
                return real * (len(deeper) // len(quoted))
        real_base = self.known[base]
        if real_base and base and set(real_base) == {"\t"} and set(base) == {" "} and len(base) % len(real_base) == 0:
            width = len(base) // len(real_base)
            if set(deeper) <= {" "} and len(deeper) % width == 0:
                return "\t" * (len(deeper) // width)
        return deeper


def _steps(known: dict[str, str]) -> list[tuple[str, str]]:
    """Steps of indentation seen in the quote and what they are in the file, shortest first, each once."""
    steps = {
        deep[len(flat) :]: known[deep][len(known[flat]) :]
        for flat in reversed(known)
        for deep in reversed(known)
        if len(deep) > len(flat) and deep.startswith(flat) and known[deep].startswith(known[flat])
    }
    return sorted(steps.items(), key=lambda step: len(step[0]))


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _without_common_end(one: str, two: str) -> tuple[str, str]:
    common = 0
    while common < min(len(one), len(two)) and one[-1 - common] == two[-1 - common]:
        common += 1
    return one[: len(one) - common], two[: len(two) - common]
