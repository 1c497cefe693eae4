"""What came close to a quoted text that is not in the file, and what differs (pure, bounded in time)."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher

_COMPARED = 160
_PAIRS = 12
_IN_ORDER = 150
_MOST_LINES_READ = 200_000
_CANDIDATES = 12
_GOOD_ENOUGH = 0.5
_QUOTES = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "`": "'",
        "\u2013": "-", "\u2014": "-", "\u2212": "-", "\u00a0": " ", "\u2026": "...",
    }
)  # fmt: skip
_VIEW_NUMBERS = re.compile(r"^ {0,5}\d+\t", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Near:
    """Lines `first` to `last` (1-based, inclusive) are the most similar ones; `difference` says what differs."""

    first: int
    last: int
    difference: str


def nearest(lines: list[str], old: str) -> Near | None:
    """The most similar run of lines as long as `old`, or None when nothing is similar."""
    wanted = [line.strip() for line in old.strip("\n").split("\n")]
    stripped = [line.strip() for line in lines[:_MOST_LINES_READ]]
    best, start = _GOOD_ENOUGH, -1
    for candidate in _candidates(stripped, wanted):
        score = _similarity(stripped[candidate : candidate + len(wanted)], wanted)
        if score > best:
            best, start = score, candidate
    if start < 0:
        return None
    last = min(start + len(wanted), len(lines))
    return Near(start + 1, last, describe_difference(lines[start:last], old.strip("\n").split("\n"), start + 1))


def describe_difference(found: list[str], wanted: list[str], first: int) -> str:
    """One sentence: only whitespace, case or punctuation differ, or the first line that does."""
    one, two = "\n".join(found), "\n".join(wanted)
    if "".join(one.split()) == "".join(two.split()):
        return "Only whitespace differs."
    if one.casefold().split() == two.casefold().split():
        return "Only upper and lower case differ."
    if one.translate(_QUOTES).split() == two.translate(_QUOTES).split():
        return "Only quotation marks, dashes or other typographic characters differ."
    for offset, (real, quoted) in enumerate(zip(found, wanted, strict=False)):
        if real.strip() != quoted.strip():
            return f"The first difference is in line {first + offset}: old_str has {_quoted(quoted)}."
    return f"old_str has {len(wanted)} lines, {len(found)} of them are there."


def hint(text: str, old: str) -> str:
    """A sentence about a way of quoting that can not match, or an empty string."""
    if _VIEW_NUMBERS.search(old) and _VIEW_NUMBERS.sub("", old) in text:
        return "old_str holds the line numbers of a view; leave them out."
    if "\\n" in old and old.replace("\\n", "\n") in text:
        return "old_str holds a backslash and an n where the file has line breaks; send real line breaks."
    unescaped = old.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    if unescaped != old and unescaped in text:
        return "old_str holds HTML entities (&lt; and the like) where the file has the plain characters."
    return ""


def _candidates(stripped: list[str], wanted: list[str]) -> list[int]:
    """First lines worth comparing: those that rare identical lines vote for, else those that share rare words."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for at, line in enumerate(stripped):
        if line:
            places[line].append(at)
    votes: Counter[int] = Counter()
    weights: dict[int, float] = defaultdict(float)
    for offset, line in enumerate(wanted):
        hits = places.get(line, [])
        for at in hits[:50]:
            if at >= offset:
                weights[at - offset] += 1 / len(hits)
                votes[at - offset] += 1
    best = sorted(weights, key=lambda start: (-weights[start], start))[:_CANDIDATES]
    return best or _word_candidates(stripped, wanted)


def _word_candidates(stripped: list[str], wanted: list[str]) -> list[int]:
    offset, key = max(enumerate(wanted), key=lambda item: len(item[1]))
    words = set(re.findall(r"\w+", key.casefold()))
    scores: list[tuple[float, int]] = []
    for at, line in enumerate(stripped):
        if not line or at < offset:
            continue
        theirs = set(re.findall(r"\w+", line[: 4 * _COMPARED].casefold()))
        shared = len(words & theirs)
        if shared:
            scores.append((shared / len(words | theirs), at - offset))
    return [start for _, start in sorted(scores, key=lambda score: (-score[0], score[1]))[:_CANDIDATES]]


def _similarity(found: list[str], wanted: list[str]) -> float:
    """Likeness from 0 to 1: of the lines one against one (the first ones, cut short), or of equal lines in order."""
    in_order = SequenceMatcher(None, found[:_IN_ORDER], wanted[:_IN_ORDER], autojunk=False).ratio()
    pairs = [(one[:_COMPARED], two[:_COMPARED]) for one, two in zip(found, wanted, strict=False) if two]
    pairs = pairs[:_PAIRS]
    weight = sum(len(two) for _, two in pairs)
    alike = sum(SequenceMatcher(None, one, two, autojunk=False).ratio() * len(two) for one, two in pairs)
    return max(in_order, alike / weight if weight else 0.0)


def _quoted(line: str) -> str:
    return f"`{line.strip()[:160]}`" if line.strip() else "an empty line"
