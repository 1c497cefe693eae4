"""Words that look drawn at random, and digests, which only look so."""

import math
import re
from collections import Counter
from collections.abc import Iterator

from jobs.triage.secrets.spans import Span

_WORD = re.compile(r"(?<![\w/+.-])[A-Za-z0-9+/_=-]{32,}(?![\w/.-])")
_ASSIGNED = re.compile(r"(?<!\w)[A-Za-z_]\w{0,64}\s{0,20}=\s{0,20}['\"]?(?P<value>[A-Za-z0-9+/_=-]{20,})")
_HEX = re.compile(r"[0-9a-f-]+|[0-9A-F-]+")
# Subresource integrity (npm), go.sum, fingerprints of SSH keys: digests in base64, of their exact lengths.
_DIGEST = re.compile(r"(?:sha(?:256-[\w+/]{43}=|384-[\w+/]{64}|512-[\w+/]{86}==))")
_DIGESTS = (("h1:", 44), ("SHA256:", 43))
_SPEAKING = re.compile(r"[A-Z]?[a-z]{3,}|[A-Z]{4,}")
# Of 32 letters and digits drawn at random a quarter stands in such runs on average, and more than 65 % in one word of
# 100 (counted over 30,000); names of tests and classes consist of them.
_SPEAKING_SHARE = 0.65
_BITS = 3.8


def drawn(text: str) -> Iterator[Span]:
    """Every word of a text that looks drawn at random."""
    for found in _ASSIGNED.finditer(text):
        if looks_drawn(found["value"]):
            yield Span(*found.span("value"), "value")
    for found in _WORD.finditer(text):
        if looks_drawn(found[0]) and not _is_digest(text, found):
            yield Span(*found.span(), "value")


def looks_drawn(word: str) -> bool:
    """Whether a word has over 3.8 bits a character, digits and letters mixed, and is neither speaking nor a digest."""
    if _HEX.fullmatch(word) or word.count("/") > len(word) // 8 or len(set(word)) < 12:
        return False
    kinds = any(c.isdigit() for c in word) + any(c.islower() for c in word) + any(c.isupper() for c in word)
    if kinds < 3 or sum(len(run) for run in _SPEAKING.findall(word)) > _SPEAKING_SHARE * len(word):
        return False
    counts = Counter(word)
    return -sum(n / len(word) * math.log2(n / len(word)) for n in counts.values()) > _BITS


def _is_digest(text: str, found: re.Match[str]) -> bool:
    word = found[0]
    return _DIGEST.fullmatch(word) is not None or any(
        len(word) == length and text.endswith(head, 0, found.start()) for head, length in _DIGESTS
    )
