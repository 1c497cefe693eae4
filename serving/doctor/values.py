"""Values out of untrusted JSON, each of the type that is wanted or its empty one."""

import json
from collections.abc import Mapping, Sequence
from typing import cast

JsonObject = Mapping[str, object]
EMPTY: JsonObject = {}


def as_object(value: object) -> JsonObject:
    """The value if it is an object, else an empty one."""
    return cast("JsonObject", value) if isinstance(value, dict) else EMPTY


def as_list(value: object) -> Sequence[object]:
    """The value if it is a list, else an empty one."""
    return cast("Sequence[object]", value) if isinstance(value, list) else ()


def as_text(value: object) -> str:
    """The value if it is a string, else ""."""
    return value if isinstance(value, str) else ""


def as_count(value: object) -> int | None:
    """The value if it is a whole number, else None; a boolean is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def parsed(text: str) -> object:
    """The JSON value of a text, None where it is no JSON (or deeper than Python can follow)."""
    try:
        return cast("object", json.loads(text))
    except (ValueError, RecursionError):
        return None


def short(text: str, width: int = 160) -> str:
    """A server's or model's words on one line, cut with an ellipsis."""
    flat = " ".join(text.split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"
