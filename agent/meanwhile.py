"""What the model is told of files that changed without a call of its own: a line at the tail, never in the middle."""

import unicodedata
from collections.abc import Sequence

MOST_NAMED = 20


def named(paths: Sequence[str]) -> str:
    """Paths in a line, at most 20 by name; whatever could break the line or pass for a mark is quoted."""
    shown = ", ".join(_plain(path) for path in paths[:MOST_NAMED])
    left = len(paths) - MOST_NAMED
    return f"{shown} and {left} more" if left > 0 else shown


def before_request(paths: Sequence[str]) -> str:
    """Follows the user's request in the same message; "" when nothing changed."""
    if not paths:
        return ""
    return (
        f"\n\n[harness] Since your last step these files changed, and not by a call of yours: {named(paths)}. The user "
        "may have edited them or taken changes back. Look at them again before you rely on what you saw of them."
    )


def in_turn(paths: Sequence[str]) -> str:
    """Follows a tool result; "" when nothing changed."""
    if not paths:
        return ""
    return (
        f"\n[harness] Meanwhile these files changed, and not by a call of yours: {named(paths)}. The user works in the "
        "same tree: keep these changes, and look at the files again before you edit them."
    )


def told_line(paths: Sequence[str]) -> str:
    """What the person reads of `before_request`."""
    return f"The model is told that these changed since its last step: {named(paths)}."


def _plain(path: str) -> str:
    odd = any(letter in "<>|," or unicodedata.category(letter).startswith("C") for letter in path)
    return ascii(path) if odd else path
