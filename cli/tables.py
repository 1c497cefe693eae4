"""Tables of a configuration file that stand for settings of their own: `[tui]` and `[checks]`.

The same settings at the top of the file go before those of a table: `/theme` writes there.
"""

import difflib
from collections.abc import Mapping

from agent.json_types import as_object
from cli.errors import UsageError

TABLES: Mapping[str, Mapping[str, str]] = {
    "tui": {"theme": "theme", "notify": "notify", "notify_seconds": "notify_seconds"},
    "checks": {"lint": "lint_command", "test": "test_command"},
}


def without_tables(layer: Mapping[str, object], source: str) -> Mapping[str, object]:
    """The layer with its tables as settings. Raises `UsageError` for what it does not know."""
    flat: dict[str, object] = {}
    for name, names in TABLES.items():
        given = layer.get(name)
        if given is None:
            continue
        if not isinstance(given, dict):
            raise UsageError(f"{source}: {name} is the table [{name}] with {', '.join(names)}; it is {given!r}.")
        for key, value in as_object(layer.get(name)).items():
            if key not in names:
                near = difflib.get_close_matches(key, names, 1)
                hint = f"; did you mean {near[0]!r}?" if near else f"; it knows {', '.join(names)}."
                raise UsageError(f"{source}: [{name}] has no setting {key!r}{hint}")
            flat[names[key]] = value
    return {**flat, **{key: value for key, value in layer.items() if key not in TABLES}}
