r"""Control tokens in what the model reads: shown so that they are text, restored in what it writes.

vLLM's tokenizer maps a literal `<|im_end|>` or `<tool_call>` in a file to the real control token, so a repository could
end a turn or forge a call; and its parser cuts values at a literal `</parameter>` (both measured on vLLM 0.32). One
reversible escape meets both: a backslash after the `<`, one more where there are some already.

    <|im_end|>  ->  <\|im_end|>        <\|im_end|>  ->  <\\|im_end|>
"""

import re

from agent.json_types import JsonValue

# What follows the "<": ChatML tokens, the tags that Qwen3.5's vocabulary or template knows, the tool parser's marks.
_REST = (
    r"(?=\|\w+\|>|/?(?:tool_call|tool_response|think|tools)>|tts_\w+>|"
    r"(?:function|parameter)=|/(?:function|parameter)>)"
)
# How our own notes and a person's words in mid-turn begin, which stand where results of tools stand.
_VOICE = r"(?=harness\]|The user wrote this while you were working\.)"
_VOICES = re.compile(r"\[(\\*)" + _VOICE, re.IGNORECASE)
_QUOTED = re.compile(r"\[\\(\\*)" + _VOICE, re.IGNORECASE)
_PLAIN = re.compile(r"<(\\*)" + _REST)
_BARE = re.compile("<" + _REST)
_ESCAPED = re.compile(r"<\\(\\*)" + _REST)


def neutralised(text: str) -> str:
    """The text for a prompt, without control tokens. `restored` gives back the very text."""
    return _PLAIN.sub(r"<\\\1", text) if "<" in text else text


def defused(text: str) -> str:
    """The model's own words for the history: bare control tokens escaped, what it wrote in the escaped form verbatim.

    Its real control tokens never arrive as text; one that does was spelled out letter by letter, or left by a parser.
    """
    return _BARE.sub(r"<\\", text) if "<" in text else text


def defused_value(value: JsonValue) -> JsonValue:
    """`defused` for every string inside a JSON value, keys included: a parser lets tags leak into them."""
    if isinstance(value, str):
        return defused(value)
    if isinstance(value, dict):
        return {defused(key): defused_value(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [defused_value(inner) for inner in value]
    return value


def quoted(text: str) -> str:
    """Output of a tool that cannot pass for a note of the harness or for words of the user: a backslash behind the
    bracket with which these begin. `restored` gives back the very text."""
    return _VOICES.sub(r"[\\\1", text) if "[" in text else text


def restored(text: str) -> str:
    """What the model meant: one backslash fewer in each control token, and in each beginning of a note, that it wrote
    in the escaped form."""
    if "[\\" in text:
        text = _QUOTED.sub(r"[\1", text)
    return _ESCAPED.sub(r"<\1", text) if "<\\" in text else text


def restored_value(value: JsonValue) -> JsonValue:
    """`restored` for every string inside a JSON value, keys left alone."""
    if isinstance(value, str):
        return restored(value)
    if isinstance(value, dict):
        return {key: restored_value(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [restored_value(inner) for inner in value]
    return value
