"""Command output made fit for a prompt: decoded, cleaned of terminal tricks, cut to head and tail (pure)."""

import re
from dataclasses import dataclass

_ESCAPES = re.compile(
    r"\x1b(?:"
    r"\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement
    r"|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC, DCS and other strings: titles, links
    r"|[ -/]*[0-~]"  # two-character and character-set sequences
    r")"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Clip:
    """Text cut in the middle. `head` and `tail` are kept whole; the counts are of what lay between them."""

    head: str
    tail: str = ""
    left_characters: int = 0
    left_lines: int = 0

    def text(self, where: str) -> str:
        """Both ends with a line between them that says how much is missing and where it is (`where`, a clause)."""
        if not self.left_characters:
            return self.head
        note = f"[… {self.left_characters:,} characters in {self.left_lines:,} lines left out{where}]"
        return "\n".join(part for part in (self.head.rstrip("\n"), note, self.tail) if part)


def clean(data: bytes) -> str:
    """Text of terminal output: bytes that are not UTF-8 replaced, escapes dropped, overwritten text collapsed."""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    text = _ESCAPES.sub("", text)
    if "\r" in text:
        text = "\n".join(_last_drawn(line) for line in text.split("\n"))
    if "\b" in text:
        text = _backspaced(text)
    return _CONTROLS.sub("", text)


def clip(text: str, *, head: int, tail: int) -> Clip:
    """Keep at most `head` characters from the beginning and `tail` from the end, cutting at line ends where near.

    A text that fits in `head + tail` characters is kept whole.
    """
    if len(text) <= head + tail:
        return Clip(text)
    cut = text.rfind("\n", head // 2, head) + 1 or head
    resume = len(text) - tail
    if text[resume - 1] != "\n":
        resume = text.find("\n", resume, resume + tail // 2) + 1 or resume
    middle = text[cut:resume]
    return Clip(text[:cut], text[resume:], len(middle), line_count(middle))


def clip_line(line: str, limit: int) -> str:
    """One line cut at `limit` characters, saying how many more there are."""
    return line if len(line) <= limit else f"{line[:limit]}[… {len(line) - limit:,} more characters in this line]"


def line_count(text: str) -> int:
    """Lines of a text; a last one without its newline counts."""
    return text.count("\n") + (not text.endswith("\n") and text != "")


def _last_drawn(line: str) -> str:
    """What a carriage return leaves to see: the last non-empty drawing of the line."""
    drawn = [part for part in line.split("\r") if part.strip()]
    return drawn[-1] if drawn else ""


def _backspaced(text: str) -> str:
    kept: list[str] = []
    for character in text:
        if character != "\b":
            kept.append(character)
        elif kept and kept[-1] != "\n":
            kept.pop()
    return "".join(kept)
