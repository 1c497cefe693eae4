"""The person's rules on disk: `permissions.toml` beside their configuration, never a file of a repository."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from agent.permissions.book import EVERYWHERE, Book, book_of, text_of
from agent.permissions.rules import Rule
from cli.errors import UsageError
from cli.paths import config_file

_MOST_BYTES = 1_000_000


def permissions_file() -> Path:
    """Where the rules are."""
    return config_file().with_name("permissions.toml")


def rules_for(project: str) -> tuple[Rule, ...]:
    """The rules that hold in a project. Raises `UsageError`: a file that cannot be read must not count as empty."""
    book = _read()
    return (*book.get(EVERYWHERE, ()), *book.get(project, ()))


def add_rules(project: str, rules: Sequence[Rule]) -> None:
    """Keep rules for a project."""
    _change(project, lambda known: tuple(dict.fromkeys((*known, *rules))))


def remove_rule(project: str, rule: Rule) -> None:
    """Remove a rule of the project, and the same one under "*"."""
    for where in (project, EVERYWHERE):
        _change(where, lambda known: tuple(one for one in known if one != rule))


def _change(project: str, made: Callable[[tuple[Rule, ...]], tuple[Rule, ...]]) -> None:
    book = dict(_read())
    book[project] = made(book.get(project, ()))
    path = permissions_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(f".{os.getpid()}.new")
    new.write_text(text_of(book), encoding="utf-8")
    new.replace(path)


def _read() -> Book:
    path = permissions_file()
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UsageError(f"{path} is too large for a file of rules; move it away and start again.")
        return book_of(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise UsageError(f"The rules in {path} cannot be used: {error} Mend the file or move it away.") from error
