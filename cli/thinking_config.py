"""The `[thinking]` table of a configuration file: policy, budgets by kind of step, rows of `auto` on or off.

    [thinking]
    policy = "auto"
    budgets = { first = 16384, failure = 8192 }
    rows = { taking_stock = false }

`thinking = "auto"` stands for the policy alone. In the environment, budgets and rows are written `first=16384,other=0`.
"""

import difflib
from collections.abc import Mapping
from dataclasses import fields

from agent.json_types import as_object
from agent.thinking.budgets import Budgets
from agent.thinking.table import SWITCHABLE
from cli.errors import UsageError

BUDGETS = tuple(field.name for field in fields(Budgets))
ROWS = tuple(sorted(SWITCHABLE))
_KEYS = {"policy": "thinking", "budgets": "thinking_budgets", "rows": "thinking_rows"}
# Settings whose layers are put on top of each other name by name.
LAYERED = frozenset({"thinking_budgets", "thinking_rows"})


def expanded(layer: Mapping[str, object], source: str) -> Mapping[str, object]:
    """The layer with its `[thinking]` table as settings of their own. Raises `UsageError` for what it does not know."""
    flat = {key: value for key, value in layer.items() if key != "thinking"}
    thinking = layer.get("thinking")
    if isinstance(thinking, dict):
        for key, value in as_object(layer["thinking"]).items():
            if key not in _KEYS:
                raise UsageError(f"{source}: [thinking] has no setting {key!r}{_near(key, tuple(_KEYS))}.")
            flat[_KEYS[key]] = value
    elif thinking is not None:
        flat["thinking"] = thinking
    for key in LAYERED & flat.keys():
        flat[key] = _checked(key, flat[key], source)
    return flat


def _items(table: object) -> list[tuple[str, object]]:
    return list(as_object(table).items())


def _checked(key: str, value: object, source: str) -> dict[str, object]:
    """Budgets or rows by name, each of its type."""
    names = BUDGETS if key == "thinking_budgets" else ROWS
    table = f"{source}: {key}" if isinstance(value, str) else f"{source}: [thinking.{key.removeprefix('thinking_')}]"
    pairs = _pairs(value, table) if isinstance(value, str) else _items(value)
    if not isinstance(value, str | dict):
        raise UsageError(f"{table} must be a table of names and values; it is {value!r}.")
    for name, given in pairs:
        if name not in names:
            raise UsageError(f"{table} knows no {name!r}{_near(name, names)}.")
        if key == "thinking_budgets" and (not isinstance(given, int) or isinstance(given, bool) or given < 0):
            raise UsageError(f"{table}: {name} must be a number of tokens, 0 for no limit; it is {given!r}.")
        if key == "thinking_rows" and not isinstance(given, bool):
            raise UsageError(f"{table}: {name} must be true or false; it is {given!r}.")
    return dict(pairs)


def _pairs(text: str, table: str) -> list[tuple[str, object]]:
    """`first=16384,other=0` or `taking_stock=false` from the environment."""
    found: list[tuple[str, object]] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, value = part.partition("=")
        if not equals:
            raise UsageError(f"{table}: {part!r} is no name=value.")
        value = value.strip()
        known: object = {"true": True, "false": False}.get(value.lower(), int(value) if value.isdecimal() else value)
        found.append((name.strip(), known))
    return found


def _near(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {near[0]!r}?" if near else f"; it knows {', '.join(known)}"


def commented_table() -> list[str]:
    """The table as comments with its defaults, for `qwright config init`."""
    budgets = Budgets()
    return [
        "# More about thinking (docs/thinking.md); in place of the line `thinking = …` above.",
        "# [thinking]",
        '# policy = "auto"',
        "# [thinking.budgets]  # most reasoning tokens of a step, by what it thinks for; 0: no limit",
        *(f"# {name} = {getattr(budgets, name)}" for name in BUDGETS),
        "# [thinking.rows]  # what `auto` thinks for",
        *(f"# {name} = true" for name in ROWS),
        "",
    ]
