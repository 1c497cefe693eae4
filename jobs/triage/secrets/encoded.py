"""Secrets in another notation: base64 (any alphabet) and hexadecimal digits, decoded to see what they are."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator

from jobs.triage.secrets.spans import Span

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{12,}={0,2}")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:(?:[0-9a-f]{2}){12,}|(?:[0-9A-F]{2}){12,})(?![0-9A-Za-z])")
_STANDARD = str.maketrans("-_", "+/")


def encoded(text: str, holds_secret: Callable[[str], bool]) -> Iterator[Span]:
    """Every word of a text that is an encoded text with a secret in it."""
    for rule, decode in ((_BASE64, _from_base64), (_HEX, _from_hex)):
        for found in rule.finditer(text):
            plain = decode(found[0])
            if plain and holds_secret(plain):
                yield Span(*found.span(), "encoded secret")


def _from_base64(word: str) -> str:
    body = word.rstrip("=").translate(_STANDARD)
    # What a path or a name decodes to is no text; four letters tell so, at a fraction of the price.
    if not _text(_decoded(body[:16])):
        return ""
    return _text(_decoded(body[: len(body) - (len(body) % 4 == 1)]))


def _decoded(body: str) -> bytes:
    try:
        return base64.b64decode(body + "=" * (-len(body) % 4))
    except (ValueError, binascii.Error):
        return b""


def _from_hex(word: str) -> str:
    return _text(bytes.fromhex(word))


def _text(data: bytes) -> str:
    return data.decode("ascii") if data and all(32 <= byte < 127 or byte in b"\n\r\t" for byte in data) else ""
