"""A text file taken apart so that an edit can put it back byte for byte (pure).

The model sees and sends `\\n` only; the file's encoding, byte order mark and each line's own end are kept beside the
text and come back on encoding.
"""

import codecs
import re
from collections import Counter
from dataclasses import dataclass, replace

from tools.line_diff import Block, equal_blocks

_SNIFF_BYTES = 8_000
_ENDS = re.compile("\r\n|\n")
_ENDS_OLD_MAC = re.compile("\r")
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class NotText(ValueError):
    """The bytes are not text in an encoding that can be edited safely."""


class NotEncodable(ValueError):
    """The text holds a character that the file's encoding lacks; `character` is the first one."""

    def __init__(self, character: str, encoding: str) -> None:
        super().__init__(f"{encoding} has no character {character!r}")
        self.character = character
        self.encoding = encoding


@dataclass(frozen=True, slots=True)
class TextFile:
    """Text with `\\n` ends, and what it takes to write the original bytes again.

    `ends[i]` is what the i-th `\\n` of `text` is on disk. `errors` is the codec's error handler: "surrogateescape"
    for a file that is mostly UTF-8 with stray bytes.
    """

    text: str
    ends: tuple[str, ...] = ()
    encoding: str = "utf-8"
    errors: str = "strict"
    bom: bytes = b""

    @property
    def new_end(self) -> str:
        """The line end that new lines get: the file's commonest one, `\\n` for a file without any."""
        return Counter(self.ends).most_common(1)[0][0] if self.ends else "\n"

    def encode(self) -> bytes:
        """The file's bytes; raises `NotEncodable`."""
        parts = self.text.split("\n")
        joined = "".join(part + end for part, end in zip(parts, (*self.ends, ""), strict=True))
        try:
            return self.bom + joined.encode(self.encoding, self.errors)
        except UnicodeEncodeError as error:
            raise NotEncodable(joined[error.start], self.encoding) from error

    def splice(self, start: int, end: int, new: str) -> "TextFile":
        """Replace `text[start:end]`; lines inside that stay the same keep their ends, new ones get `new_end`."""
        old = self.text[start:end]
        first = self.text.count("\n", 0, start)
        old_ends = self.ends[first : first + old.count("\n")]
        middle = _carried_ends(old, new, old_ends, self.new_end)
        ends = self.ends[:first] + middle + self.ends[first + len(old_ends) :]
        return replace(self, text=self.text[:start] + new + self.text[end:], ends=ends)


def decode(data: bytes) -> TextFile:
    """Take a file apart: UTF-8 (with or without BOM), UTF-16 with BOM, else Windows-1252 or Latin-1.

    Raises `NotText` for binary content.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom) and not data.startswith(codecs.BOM_UTF32_LE):
            try:
                return _split(data[len(bom) :].decode(encoding), encoding, "strict", bom)
            except UnicodeDecodeError:
                break
    if is_binary(data):
        raise NotText("NUL bytes near the beginning")
    encoding, errors = _guess(data)
    return _split(data.decode(encoding, errors), encoding, errors, b"")


def is_binary(data: bytes) -> bool:
    """Whether bytes without a byte order mark look binary: a NUL near the beginning, as git and grep decide."""
    return b"\0" in data[:_SNIFF_BYTES]


def normalise_ends(text: str) -> str:
    """The text as the model's side of an edit: `\\r\\n` becomes `\\n`."""
    return text.replace("\r\n", "\n")


def displayable(text: str) -> str:
    """Text that survives JSON and UTF-8: stray bytes and NULs become visible stand-ins of the same length."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text).replace("\0", "\u2400")


def _guess(data: bytes) -> tuple[str, str]:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8", "strict"
    stray = len(re.findall("[\udc80-\udcff]", data.decode("utf-8", "surrogateescape")))
    if len(_MULTIBYTE.findall(data)) > stray:
        return "utf-8", "surrogateescape"
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1", "strict"
    return "cp1252", "strict"


def _split(content: str, encoding: str, errors: str, bom: bytes) -> TextFile:
    if "\0" in content[:_SNIFF_BYTES]:
        raise NotText("NUL characters near the beginning")
    pattern = _ENDS if "\n" in content else _ENDS_OLD_MAC
    ends = tuple(pattern.findall(content)) if "\r" in content else ("\n",) * content.count("\n")
    return TextFile(pattern.sub("\n", content), ends, encoding, errors, bom)


def _carried_ends(old: str, new: str, old_ends: tuple[str, ...], default: str) -> tuple[str, ...]:
    """Ends for the line breaks of `new`, taken from the same lines of `old` where there are such lines."""
    count = new.count("\n")
    ends = [default] * count
    if set(old_ends) <= {default}:
        return tuple(ends)
    past_old = past_new = 0
    one, two = old.split("\n"), new.split("\n")
    for block in [*equal_blocks(one, two), Block(len(one), len(two), 0)]:
        # Lines that took the place of others keep their ends, one against one; then come those that are the same.
        changed = min(block.old - past_old, block.new - past_new)
        for at, origin in (
            *zip(range(past_new, past_new + changed), range(past_old, past_old + changed), strict=True),
            *zip(range(block.new, block.new + block.size), range(block.old, block.old + block.size), strict=True),
        ):
            if at < count and origin < len(old_ends):
                ends[at] = old_ends[origin]
        past_old, past_new = block.old + block.size, block.new + block.size
    return tuple(ends)
