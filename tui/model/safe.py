"""Untrusted text made fit for a terminal: nothing in it can move the cursor, set a title, hide text or turn it round.

Pure. What a tool, a model, a repository or a session's name says reaches the screen through one of these functions, and
`tui.safe_app` puts every drawn line through `unhidden_cells` once more, whoever forgot one. Nothing here reads markup.
"""

import re
import unicodedata

from rich.cells import cell_len, set_cell_size

_COLOUR = r"\x1b\[[0-9;:]*m"
_SEQUENCE = re.compile(
    rf"(?P<colour>{_COLOUR})"
    r"|\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
# C0 without tab and line feed, C1, the controls of writing direction, characters without width, letters that are
# blank, tags, and halves of surrogate pairs (Unicode 16: Default_Ignorable_Code_Point without variation selectors).
_HIDDEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\ud800-\udfff"
)
_CONTROLS = re.compile(f"[{_HIDDEN}]")
_NOT_ON_A_LINE = re.compile(f"[{_HIDDEN}\t\n]")


def visible(text: str) -> str:
    """The text without hidden characters, one by one: the same however a stream is cut into pieces."""
    return _CONTROLS.sub("", text)


def plain(text: str) -> str:
    """The text without escape sequences and hidden characters; line feeds and tabs stay."""
    return visible(_SEQUENCE.sub("", text))


def line(text: str) -> str:
    """The same on one line: whatever separates words is one space. For names, paths, and lists of them."""
    return " ".join(plain(text).split())


def coloured(text: str) -> str:
    """Output of a command with its colours (SGR) alone; a line that was overwritten shows what was written last."""
    kept = _SEQUENCE.sub(lambda match: match["colour"] or "", text)
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in kept.split("\n"))
    return "\n".join(_only_colours(line) for line in lines)


def revealed(text: str) -> str:
    """The text as it really is, hidden characters as signs or by number: for what a person decides on or reviews."""
    shown = "".join(char if char.isprintable() or char == "\n" else _sign(char) for char in text)
    return _CONTROLS.sub(lambda match: _sign(match[0]), shown)


def unhidden_cells(text: str) -> str:
    """A piece of a drawn line without hidden characters, as many cells wide as it was."""
    if not _NOT_ON_A_LINE.search(text):
        return text
    return set_cell_size(_NOT_ON_A_LINE.sub("", text), cell_len(text))


def _only_colours(line: str) -> str:
    pieces = re.split(f"({_COLOUR})", line)
    return "".join(piece if number % 2 else visible(piece) for number, piece in enumerate(pieces))


def _sign(char: str) -> str:
    code = ord(char)
    if char == "\t":
        return "⇥   "
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    name = unicodedata.name(char, "")
    return f"<U+{code:04X}{' ' + name if name else ''}>"
