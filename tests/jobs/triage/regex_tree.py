"""A regular expression as a tree of our own, from what `re` parsed."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import TypeAlias, cast

_UNLIMITED = 1 << 30
_CATEGORIES: dict[str, Callable[[str], bool]] = {
    "CATEGORY_DIGIT": str.isdecimal,
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_WORD": lambda char: char.isalnum() or char == "_",
}


@dataclass(frozen=True)
class Char:
    """One character of those for which the test holds; `only` is it where there is just one."""

    takes: Callable[[str], bool]
    only: str = ""


@dataclass(frozen=True)
class Repeat:
    """A sequence from `low` to `high` times; `lazy` begins with the fewest, `possessive` gives nothing back."""

    low: int
    high: int
    body: "Sequence"
    lazy: bool = False
    possessive: bool = False


@dataclass(frozen=True)
class Branch:
    """One of several sequences; a group is a branch of one."""

    options: "tuple[Sequence, ...]"
    atomic: bool = False


@dataclass(frozen=True)
class At:
    """A place that takes no character: `AT_BEGINNING`, `AT_END`, `AT_BOUNDARY` …"""

    name: str


@dataclass(frozen=True)
class Look:
    """Whether a sequence is ahead (or behind), or is not; takes no character."""

    body: "Sequence"
    ahead: bool
    wanted: bool


Piece: TypeAlias = Char | Repeat | Branch | At | Look
Sequence: TypeAlias = tuple[Piece, ...]


def tree_of(pattern: re.Pattern[str]) -> Sequence:
    """The tree of a pattern that is matched with regard to case. Raises `KeyError` for what this does not know."""
    parse = cast("Callable[[str, int], Iterable[object]]", import_module("re._parser").parse)
    return _sequence(parse(pattern.pattern, pattern.flags))


def _sequence(parsed: object) -> Sequence:
    nodes = cast("Iterable[tuple[object, object]]", parsed)
    return tuple(_piece(str(kind), argument) for kind, argument in nodes)


def _piece(kind: str, argument: object) -> Piece:
    if kind in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
        return Char(_test(kind, argument), chr(cast("int", argument)) if kind == "LITERAL" else "")
    if kind.endswith("_REPEAT"):
        low, high, body = cast("tuple[int, int, object]", argument)
        return Repeat(low, min(int(high), _UNLIMITED), _sequence(body), kind == "MIN_REPEAT", kind[0] == "P")
    if kind == "SUBPATTERN":
        return Branch((_sequence(cast("tuple[object, ...]", argument)[3]),))
    if kind == "ATOMIC_GROUP":
        return Branch((_sequence(argument),), atomic=True)
    if kind == "BRANCH":
        return Branch(tuple(map(_sequence, cast("tuple[object, list[object]]", argument)[1])))
    if kind == "AT":
        return At(str(argument))
    if kind in ("ASSERT", "ASSERT_NOT"):
        direction, body = cast("tuple[int, object]", argument)
        return Look(_sequence(body), direction > 0, kind == "ASSERT")
    raise KeyError(f"{kind} is not known here")


def _test(kind: str, argument: object) -> Callable[[str], bool]:
    if kind == "ANY":
        return lambda char: char != "\n"
    if kind == "LITERAL":
        return lambda char: ord(char) == argument
    if kind == "NOT_LITERAL":
        return lambda char: ord(char) != argument
    members = [(str(name), value) for name, value in cast("list[tuple[object, object]]", argument)]
    negated = members[0][0] == "NEGATE"
    tests = [_member(name, value) for name, value in members if name != "NEGATE"]
    return lambda char: any(test(char) for test in tests) != negated


def _member(name: str, value: object) -> Callable[[str], bool]:
    if name == "RANGE":
        low, high = cast("tuple[int, int]", value)
        return lambda char: low <= ord(char) <= high
    if name == "CATEGORY":
        wanted = "_NOT_" not in str(value)
        test = _CATEGORIES[str(value).replace("_NOT_", "_")]
        return lambda char: test(char) == wanted
    return lambda char: ord(char) == value
