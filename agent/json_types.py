"""The type of anything that JSON can say, for values at the edge that have no narrower type."""

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

JsonValue: TypeAlias = "str | int | float | bool | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
JsonObject: TypeAlias = Mapping[str, JsonValue]


def as_object(value: object) -> JsonObject:
    """The value as a JSON object, or an empty one when it is something else."""
    return cast("JsonObject", value) if isinstance(value, dict) else {}


def as_list(value: object) -> Sequence[JsonValue]:
    """The value as a JSON array, or an empty one when it is something else."""
    return cast("Sequence[JsonValue]", value) if isinstance(value, list) else ()


def as_text(value: object) -> str:
    """The value as text, or "" when it is something else."""
    return value if isinstance(value, str) else ""


def as_count(value: object) -> int:
    """The value as a count, or 0 when it is something else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def parse_object(text: str | bytes) -> JsonObject | None:
    """The JSON object that a text is, or None: no JSON, no object, or nested deeper than Python can follow."""
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return cast("JsonObject", value) if isinstance(value, dict) else None
