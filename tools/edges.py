"""Field types of tool arguments that forgive what models and parsers commonly do to a value.

The JSON schema offered to the model stays plain (string, integer, enum), so that a call renders to the same bytes
when the chat template writes it back; what arrives may be a little off and is still understood.
"""

import json
import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

_ABSENT = ("", "none", "null", "undefined")
LONGEST_RANGE = 60
_RANGE = re.compile(r"[\[(]?\s*(-?\d+)\s*(?:[,:\-–]|\.\.|\s)\s*(-?\d+)\s*[\])]?")


def _plain(value: object) -> object:
    """A number where text is wanted is that number's text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def _trimmed(value: object) -> object:
    value = _plain(value)
    return value.strip() if isinstance(value, str) else value


def _absent(value: object) -> object:
    """Empty text and the words that models write for "nothing" are an absent value."""
    value = _trimmed(value) if isinstance(value, str) else value
    return None if isinstance(value, str) and value.casefold() in _ABSENT else value


def _word(value: object) -> object:
    value = _absent(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.casefold() if isinstance(value, str) else value


def _whole(value: object) -> object:
    value = _absent(value)
    return value.replace("_", "").replace(",", "") if isinstance(value, str) else value


def _range(value: object) -> object:
    """A pair of line numbers from "[1, 40]", "1-40" or a list; anything else is a `ValueError`."""
    value = _absent(value)
    if isinstance(value, list | tuple):
        value = json.dumps(value, default=str)
    if isinstance(value, str):
        parts = _RANGE.fullmatch(value.replace('"', ""))
        if parts is not None and len(value) < 60:
            return int(parts[1]), int(parts[2])
    if value is not None:
        raise ValueError('a range of lines such as "[1, 40]"')
    return None


Text = Annotated[str, BeforeValidator(_plain)]
Word = Annotated[str, BeforeValidator(_trimmed)]
OptionalText = Annotated[str | None, BeforeValidator(_plain)]
OptionalWord = Annotated[str | None, BeforeValidator(lambda value: _absent(_plain(value)))]
OptionalWhole = Annotated[int | None, BeforeValidator(_whole)]
OptionalFlag = Annotated[Literal["true", "false"] | None, BeforeValidator(_word)]
OptionalRange = Annotated[
    tuple[int, int] | None,
    BeforeValidator(_range),
    WithJsonSchema({"type": "string"}),
]

forgiving = BeforeValidator(_word)
described = Field
