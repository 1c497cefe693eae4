"""What is wrong with a setting, in our words: where it stands, what it says, what is allowed, what may be meant."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_SECRET = frozenset({"api_key", "env"})
_LONGEST_VALUE = 80
# pydantic's names of errors: https://docs.pydantic.dev/latest/errors/validation_errors/
_WHOLE = ("int_type", "int_parsing", "int_from_float", "int_parsing_size")
_NUMBER = ("float_type", "float_parsing", "finite_number")
_TEXT = ("string_type", "string_sub_type", "string_unicode")
_TRUTH = ("bool_type", "bool_parsing")
_LIST = ("list_type", "tuple_type", "set_type", "frozen_set_type", "iterable_type")
_TABLE = ("dict_type", "model_type", "model_attributes_type", "mapping_type")
_BOUNDS = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}


def sentences(error: ValidationError, sources: Mapping[str, str], known: Iterable[str]) -> str:
    """One sentence for each wrong setting, a line each. `sources` says where each key was set."""
    return "\n".join(_sentence(found, sources, sorted(known)) for found in error.errors(include_url=False))


def unknown_key(source: str, key: str, known: Iterable[str]) -> str:
    """A key that there is not, with the nearest that there is."""
    names = sorted(known)
    return f"{source}: there is no setting {key!r}.{_meant(key, names)} Settings: {', '.join(names)}."


def _sentence(error: ErrorDetails, sources: Mapping[str, str], known: Sequence[str]) -> str:
    path = [str(part) for part in error["loc"]]
    key = path[0] if path else "the configuration"
    source = sources.get(key, "")
    inner = ".".join(path)
    if error["type"] == "extra_forbidden":
        return unknown_key(source, inner, known)
    where = source if source.startswith(("--", "QWRIGHT_")) else f"{source}: {inner}"
    value = "not shown here" if key in _SECRET else _shown(error["input"])
    return f"{where} is {value}, but must be {_wanted(error)}."


def _wanted(error: ErrorDetails) -> str:
    """What is allowed, with the nearest allowed value for a misspelt one."""
    kind = error["type"]
    limits = cast("Mapping[str, object]", error.get("ctx", {}))
    if kind == "literal_error":
        # pydantic gives the allowed values as one text: 'a', 'b' or 'c'.
        allowed = [part for part in str(limits.get("expected", "")).split("'")[1::2] if part]
        return f"one of {', '.join(allowed)}{_meant(str(error['input']), allowed, '; did you mean {}?').rstrip('?')}"
    if kind in _BOUNDS:
        words, name = _BOUNDS[kind]
        return f"{words} {limits.get(name)}"
    for kinds, words in (
        (_WHOLE, "a whole number"),
        (_NUMBER, "a number"),
        (_TEXT, "text"),
        (_TRUTH, "true or false"),
        (_LIST, "a list"),
        (_TABLE, "a table"),
    ):
        if kind in kinds:
            return words
    if kind == "value_error":
        return str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    return "something else (see `qwright config init` for its form)"


def _meant(word: str, known: Sequence[str], form: str = " Did you mean {!r}?") -> str:
    near = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.5)
    return form.format(near[0]) if near else ""


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
