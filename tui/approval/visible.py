"""Text as it really is: what a terminal would hide, turn around or act on is made visible. Pure."""

import unicodedata

_KEPT = "\n"


def visible(text: str) -> str:
    """The text with control, format and odd blank characters shown as signs or by number."""
    return "".join(char if char.isprintable() or char in _KEPT else _sign(char) for char in text)


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
