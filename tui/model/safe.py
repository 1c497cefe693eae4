"""Untrusted text made fit for a terminal: nothing in it can move the cursor, set a title or hide text (pure)."""

import re

_COLOUR = r"\x1b\[[0-9;:]*m"
_SEQUENCE = re.compile(
    rf"(?P<colour>{_COLOUR})"
    r"|\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
# C0 without tab and line feed, C1, the controls of writing direction, and halves of surrogate pairs.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    """The text without control characters, one by one: the same however a stream is cut into pieces."""
    return _CONTROLS.sub("", text)


def plain(text: str) -> str:
    """The text without escape sequences and control characters; line feeds and tabs stay."""
    return visible(_SEQUENCE.sub("", text))


def coloured(text: str) -> str:
    """Output of a command with its colours (SGR) alone; a line that was overwritten shows what was written last."""
    kept = _SEQUENCE.sub(lambda match: match["colour"] or "", text)
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in kept.split("\n"))
    return "\n".join(_only_colours(line) for line in lines)


def _only_colours(line: str) -> str:
    pieces = re.split(f"({_COLOUR})", line)
    return "".join(piece if number % 2 else visible(piece) for number, piece in enumerate(pieces))
