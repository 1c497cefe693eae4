"""The `[tui]` table of a configuration file: `theme`, `notify`, `notify_seconds`.

The same settings at the top of the file go before those of the table: `/theme` writes there.
"""

import difflib
from collections.abc import Mapping

from agent.json_types import as_object
from cli.errors import UsageError

SETTINGS = ("theme", "notify", "notify_seconds")


def without_table(layer: Mapping[str, object], source: str) -> Mapping[str, object]:
    """The layer with its `[tui]` table as settings of their own. Raises `UsageError` for what it does not know."""
    given = layer.get("tui")
    if given is None:
        return layer
    if not isinstance(given, dict):
        raise UsageError(f"{source}: tui is the table [tui] with {', '.join(SETTINGS)}; it is {given!r}.")
    table = as_object(layer.get("tui"))
    for key in table:
        if key not in SETTINGS:
            near = difflib.get_close_matches(key, SETTINGS, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; it knows {', '.join(SETTINGS)}."
            raise UsageError(f"{source}: [tui] has no setting {key!r}{hint}")
    return {**table, **{key: value for key, value in layer.items() if key != "tui"}}
