"""The file of rules: TOML that a person can read and write, a table for each project and "*" for all of them.

It lives in the person's configuration directory and is never read from a repository: a hostile one could grant itself.
"""

import json
import tomllib
from collections.abc import Mapping
from typing import cast

from agent.permissions.rules import VERBS, Rule, rule_of

EVERYWHERE = "*"
_HEAD = """\
# What qwright may do without asking: rules for each project, and under "*" for all of them. Deny beats ask beats allow.
#   bash: git status    exactly this command        bash: git log *    with any words behind it
#   edit: src/**        files below src             TOOL: *            every call of another tool
# Rules that are granted with "always" are added here. Comments of your own are not kept.
"""

Book = Mapping[str, tuple[Rule, ...]]


def book_of(text: str) -> Book:
    """Rules by project. Raises `ValueError` with a sentence that names what is wrong."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"it is not valid TOML: {error}") from error
    return {project: _rules(project, table) for project, table in tables.items()}


def _rules(project: str, table: object) -> tuple[Rule, ...]:
    if not isinstance(table, dict):
        raise ValueError(f"{project!r} must be a table with deny, ask and allow.")
    made: list[Rule] = []
    for verb, lines in cast("dict[str, object]", table).items():
        if verb not in VERBS or not isinstance(lines, list):
            raise ValueError(f"in {project!r} stands {verb!r}; there may be lists named deny, ask and allow.")
        for line in cast("list[object]", lines):
            if not isinstance(line, str):
                raise ValueError(f"in {project!r} the rule {line!r} is no text.")
            made.append(rule_of(verb, line))
    return tuple(made)


def text_of(book: Book) -> str:
    """The file for these rules; reading it gives them again."""
    pieces = [_HEAD]
    for project, rules in book.items():
        if not rules:
            continue
        pieces.append(f"\n[{_quoted(project)}]\n")
        for verb in VERBS:
            if lines := [rule.line for rule in rules if rule.verb == verb]:
                listed = "".join(f"    {_quoted(line)},\n" for line in dict.fromkeys(lines))
                pieces.append(f"{verb} = [\n{listed}]\n")
    return "".join(pieces)


def _quoted(text: str) -> str:
    """A TOML basic string: as JSON's, but that DEL is escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
