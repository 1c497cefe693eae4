"""How much work a regular expression makes of a line, counted: a matcher that backtracks as `re` does, and counts.

Times say nothing on a busy machine, and `re` does not tell how often it tried. This one tries in the same order, and
counts each piece of the pattern that is tried at a place of the text. It has no groups to give and no back references.
"""

from collections.abc import Iterator
from itertools import product

from tests.jobs.triage.regex_tree import At, Branch, Char, Look, Piece, Repeat, Sequence

_ALPHABET = "a1 .:/x_-A>()'\"[]@#=~^\t·é"
# The second goes on after a blank, which a pattern that ends with any word would take.
_ENDS = ("\x00", "\x00 \x00 \x00")


class TooMuchError(Exception):
    """The pattern tries more often than is allowed."""


class Steps:
    """One text, and the tries that were made on it."""

    def __init__(self, text: str, most: int) -> None:
        self._text = text
        self._most = most
        self.made = 0

    def search(self, tree: Sequence, *, anchored: bool) -> bool:
        """As `re.search`, or `re.match` where anchored. Raises `TooMuchError`."""
        starts = range(1 if anchored else len(self._text) + 1)
        return any(next(self._all(tree, start), None) is not None for start in starts)

    def _all(self, pieces: Sequence, at: int) -> Iterator[int]:
        """Where the pieces can end, in the order in which `re` tries."""
        if not pieces:
            yield at
            return
        for end in self._one(pieces[0], at):
            yield from self._all(pieces[1:], end)

    def _one(self, piece: Piece, at: int) -> Iterator[int]:
        self.made += 1
        if self.made > self._most:
            raise TooMuchError
        if isinstance(piece, Char):
            if at < len(self._text) and piece.takes(self._text[at]):
                yield at + 1
        elif isinstance(piece, Repeat):
            yield from self._repeated(piece, at)
        elif isinstance(piece, Branch):
            ends = (end for option in piece.options for end in self._all(option, at))
            yield from _first(ends) if piece.atomic else ends
        elif isinstance(piece, At):
            if self._holds(piece, at):
                yield at
        elif self._looks(piece, at):
            yield at

    def _repeated(self, piece: Repeat, at: int) -> Iterator[int]:
        if len(piece.body) == 1 and isinstance(piece.body[0], Char):
            ends = self._run(piece, piece.body[0], at)
        else:
            ends = self._rounds(piece, at, 0)
        yield from _first(ends) if piece.possessive else ends

    def _run(self, piece: Repeat, char: Char, at: int) -> Iterator[int]:
        """A run of one kind of character: no recursion, whatever its length."""
        if piece.lazy:
            for end in range(at, min(len(self._text), at + piece.high) + 1):
                self._count(1)
                if end - at >= piece.low:
                    yield end
                if end == len(self._text) or not char.takes(self._text[end]):
                    return
            return
        end = at
        while end < len(self._text) and end - at < piece.high and char.takes(self._text[end]):
            end += 1
        self._count(end - at)
        for shorter in range(end, at + piece.low - 1, -1):
            self._count(1)
            yield shorter

    def _rounds(self, piece: Repeat, at: int, done: int) -> Iterator[int]:
        self._count(1)
        if piece.lazy and done >= piece.low:
            yield at
        if done < piece.high:
            for end in self._all(piece.body, at):
                if end > at:
                    yield from self._rounds(piece, end, done + 1)
        if not piece.lazy and done >= piece.low:
            yield at

    def _count(self, steps: int) -> None:
        self.made += steps
        if self.made > self._most:
            raise TooMuchError

    def _holds(self, piece: At, at: int) -> bool:
        if piece.name.startswith("AT_BEGINNING"):
            return at == 0
        if piece.name == "AT_END":
            return at == len(self._text)
        near = self._text[max(at - 1, 0) : at], self._text[at : at + 1]
        before, after = (bool(char) and (char.isalnum() or char == "_") for char in near)
        return (before != after) == (piece.name == "AT_BOUNDARY")

    def _looks(self, piece: Look, at: int) -> bool:
        if piece.ahead:
            return (next(self._all(piece.body, at), None) is not None) == piece.wanted
        return any(at in self._all(piece.body, start) for start in range(max(at - 9, 0), at + 1)) == piece.wanted


def _first(ends: Iterator[int]) -> Iterator[int]:
    for end in ends:
        yield end
        return


def example(pieces: Sequence, char: str = "a") -> str:
    """A short text that the pieces take; of several characters that fit, `char` where it is one."""
    return "".join(_example(piece, char) for piece in pieces)


def _example(piece: Piece, char: str) -> str:
    if isinstance(piece, Char):
        return piece.only or next(one for one in (char, *_ALPHABET, *map(chr, range(256))) if piece.takes(one))
    if isinstance(piece, Repeat):
        return example(piece.body, char) * max(piece.low, 1)
    return example(piece.options[0], char) if isinstance(piece, Branch) else ""


def examples(tree: Sequence) -> Iterator[str]:
    """A text for each alternative of a pattern."""
    return (example(pieces) for pieces in _alternatives(tree))


def hostile_lines(tree: Sequence, length: int) -> Iterator[str]:
    """Lines that begin as the pattern wants it, go on with a few of its pieces over and over, and end wrongly."""
    for pieces in _alternatives(tree):
        for start in range(len(pieces)):
            for stop in range(start + 1, min(start + 4, len(pieces)) + 1):
                if any(isinstance(piece, Repeat) for piece in pieces[start:stop]):
                    head = example(pieces[:start])
                    pumps = {example(pieces[start:stop], char) for char in "a :."} - {""}
                    for pump, end in product(sorted(pumps), _ENDS):
                        yield f"{head}{pump * (length // len(pump))}{end}"
        if whole := example(pieces):
            yield whole[: len(whole) * 3 // 4 or 1] * (length // len(whole))


def _alternatives(tree: Sequence) -> Iterator[Sequence]:
    """The sequences of a pattern with its outermost groups opened."""
    for number, piece in enumerate(tree):
        opened = piece.options if isinstance(piece, Branch) else ()
        opened = (piece.body,) if isinstance(piece, Repeat) and piece.high == 1 else opened
        if opened:
            for option in opened:
                yield from _alternatives((*tree[:number], *option, *tree[number + 1 :]))
            return
    yield tree
