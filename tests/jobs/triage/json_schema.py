"""A validator for what SARIF's schema uses of JSON Schema draft 4; a keyword that it does not know is an error."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import cast
from urllib.parse import urlsplit

from agent.json_types import JsonObject, JsonValue, as_list, as_object, as_text

_SAYS_NOTHING = {"$schema", "id", "title", "description", "default", "definitions"}
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}


def errors(value: object, schema: JsonObject) -> list[str]:
    """Where a value breaks the schema; [] when it does not."""
    return list(_Validator(schema).check(value, schema, "$"))


class _Validator:
    def __init__(self, root: JsonObject) -> None:
        self._root = root

    def check(self, value: object, schema: JsonObject, at: str) -> Iterator[str]:
        if reference := as_text(schema.get("$ref")):
            yield from self.check(value, self._at(reference), at)
            return
        for keyword, wanted in schema.items():
            if keyword in _SAYS_NOTHING:
                continue
            rule = cast("Callable[..., Iterator[str]] | None", getattr(self, f"_{keyword}", None))
            assert rule, f"unknown keyword {keyword}"
            yield from rule(value, wanted, at, schema)

    def _at(self, reference: str) -> JsonObject:
        found: JsonValue = self._root
        for part in reference.removeprefix("#/").split("/"):
            found = as_object(found)[part]
        return as_object(found)

    def _type(self, value: object, wanted: JsonValue, at: str, _: JsonObject) -> Iterator[str]:
        names = [wanted] if isinstance(wanted, str) else [as_text(one) for one in as_list(wanted)]
        fits = "boolean" in names if isinstance(value, bool) else any(isinstance(value, _TYPES[name]) for name in names)
        if not fits:
            yield f"{at} is no {wanted}"

    def _properties(self, value: object, wanted: JsonValue, at: str, _: JsonObject) -> Iterator[str]:
        known = as_object(wanted)
        for name, inner in as_object(value).items():
            if name in known:
                yield from self.check(inner, as_object(known[name]), f"{at}.{name}")

    def _additionalProperties(self, value: object, wanted: JsonValue, at: str, schema: JsonObject) -> Iterator[str]:
        extra = set(as_object(value)) - set(as_object(schema.get("properties")))
        if wanted is False and extra:
            yield f"{at} has {sorted(extra)}"
        if isinstance(wanted, Mapping):
            for name in extra:
                yield from self.check(as_object(value)[name], as_object(wanted), f"{at}.{name}")

    def _required(self, value: object, wanted: JsonValue, at: str, _: JsonObject) -> Iterator[str]:
        missing = set(map(as_text, as_list(wanted))) - set(as_object(value))
        if isinstance(value, dict) and missing:
            yield f"{at} lacks {sorted(missing)}"

    def _items(self, value: object, wanted: JsonValue, at: str, _: JsonObject) -> Iterator[str]:
        for number, inner in enumerate(as_list(value)):
            yield from self.check(inner, as_object(wanted), f"{at}[{number}]")

    def _minItems(self, value: object, wanted: int, at: str, _: JsonObject) -> Iterator[str]:
        few = len(as_list(value)) < wanted
        if isinstance(value, list) and few:
            yield f"{at} has fewer than {wanted} items"

    def _uniqueItems(self, value: object, wanted: JsonValue, at: str, _: JsonObject) -> Iterator[str]:
        texts = [repr(one) for one in as_list(value)]
        if wanted and len(set(texts)) < len(texts):
            yield f"{at} has an item twice"

    def _enum(self, value: object, wanted: Sequence[JsonValue], at: str, _: JsonObject) -> Iterator[str]:
        if value not in wanted:
            yield f"{at} is none of {wanted}"

    def _pattern(self, value: object, wanted: str, at: str, _: JsonObject) -> Iterator[str]:
        if isinstance(value, str) and not re.search(wanted, value):
            yield f"{at} does not fit {wanted}"

    def _minimum(self, value: object, wanted: float, at: str, _: JsonObject) -> Iterator[str]:
        if isinstance(value, int | float) and value < wanted:
            yield f"{at} is below {wanted}"

    def _maximum(self, value: object, wanted: float, at: str, _: JsonObject) -> Iterator[str]:
        if isinstance(value, int | float) and value > wanted:
            yield f"{at} is above {wanted}"

    def _format(self, value: object, wanted: str, at: str, _: JsonObject) -> Iterator[str]:
        if isinstance(value, str) and wanted.startswith("uri"):
            if re.search(r"[\s<>\"{}|\\^`]|%(?![0-9A-Fa-f]{2})", value) and value != "%SRCROOT%":
                yield f"{at} is no URI"
            if wanted == "uri" and not urlsplit(value).scheme:
                yield f"{at} has no scheme"

    def _anyOf(self, value: object, wanted: JsonValue, at: str, _: JsonObject) -> Iterator[str]:
        if all(list(self.check(value, as_object(one), at)) for one in as_list(wanted)):
            yield f"{at} fits none of anyOf"

    def _oneOf(self, value: object, wanted: JsonValue, at: str, _: JsonObject) -> Iterator[str]:
        if sum(not list(self.check(value, as_object(one), at)) for one in as_list(wanted)) != 1:
            yield f"{at} fits not exactly one of oneOf"
