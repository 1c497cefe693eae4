"""Variables that a user gives to the sandbox by name (`--env`). Values stay in memory: only names are kept."""

import re
from collections.abc import Iterable, Mapping

from cli.errors import UsageError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def checked(items: Iterable[str]) -> tuple[str, ...]:
    """`NAME` or `NAME=VALUE`, the last of a name only. Raises `ValueError` that tells no value."""
    found: dict[str, str] = {}
    for item in items:
        name, _, _ = item.partition("=")
        if not _NAME.fullmatch(name) or "\0" in item:
            raise ValueError("NAME or NAME=VALUE, the name of letters, digits and _")
        found[name] = item
    return tuple(found.values())


def names(items: Iterable[str]) -> tuple[str, ...]:
    """The names alone, which may be shown and kept."""
    return tuple(item.partition("=")[0] for item in items)


def values(items: Iterable[str], environment: Mapping[str, str]) -> dict[str, str]:
    """Each name with its value; one without is looked up in the caller's environment.

    Raises `UsageError` for a name that has no value anywhere.
    """
    found: dict[str, str] = {}
    for item in items:
        name, given, value = item.partition("=")
        if not given and name not in environment:
            raise UsageError(f"--env {name}: {name} is not set here; set it, or give --env {name}=VALUE.")
        found[name] = value if given else environment[name]
    return found
