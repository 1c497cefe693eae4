"""What a person has asked to be run after edits: a linter after each step that edits, tests before the turn ends.

A command that the person wrote is run as the mode allows commands. One that came with the repository runs only where a
rule of the person allows it, whatever the mode: a clone must not run what its author likes by being edited.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from agent.check_kinds import CheckKind
from agent.log import SessionLog
from agent.permissions.decide import Action
from agent.permissions.parts import Part, parts_of
from agent.permissions.permissions import Permissions
from agent.permissions.rules import Rule, rule_of, verdict
from agent.permissions.shell.words import Unparsed
from agent.permissions.suggest import suggestions

# A model that cannot mend it in three attempts will not in ten; aider draws the same line.
MOST_ROUNDS = 3
TIMEOUT_S = 600.0


@dataclass(frozen=True, slots=True)
class Check:
    """A command line; `own` when the person wrote it, not the repository."""

    kind: CheckKind
    command: str
    own: bool


@dataclass(slots=True)
class Checks:
    """At most one check of each kind."""

    by_kind: dict[CheckKind, Check] = field(default_factory=dict[CheckKind, Check])

    def put(self, check: Check) -> None:
        """In place of the one before."""
        self.by_kind[check.kind] = check

    def drop(self, kind: CheckKind) -> None:
        """None of this kind any more."""
        self.by_kind.pop(kind, None)


def may_run(check: Check, permissions: Permissions) -> bool:
    """Whether mode and rules let it run without asking."""
    action = Action("bash", "execute", check.command)
    if check.own:
        return permissions.decide(action).word == "allow"
    return permissions.decide(action).word == "allow" and _allowed_by_rule(check.command, permissions)


def _allowed_by_rule(command: str, permissions: Permissions) -> bool:
    """Whether a rule of the person names every part; what only looks around is no exception here."""
    rules = (*permissions.kept, *permissions.granted)
    parts = _parts(command)
    return bool(parts) and all(verdict(rules, "bash", part) == "allow" for part in parts)


def _parts(command: str) -> tuple[Part, ...]:
    try:
        return parts_of(command)
    except Unparsed:
        return ()


def rules_for(command: str) -> tuple[Rule, ...]:
    """Rules that let exactly this command run; () when none can say it."""
    return tuple(rule_of("allow", one.exact) for one in suggestions("bash", _parts(command)) if one.exact)


def is_due(log: SessionLog, kind: CheckKind) -> bool:
    """Whether something was edited in this turn since the check last ran, and the check has rounds left."""
    asked = log.last("user")
    if asked is None:
        return False
    edited, ran, failed = 0, 0, 0
    for entry in log.entries("result", "check", after=asked.id):
        if entry.kind == "result" and entry.data.get("diff"):
            edited = entry.id
        elif entry.kind == "check" and entry.data.get("kind") == kind:
            ran = entry.id
            failed += not entry.data.get("ok")
    return edited > ran and failed < MOST_ROUNDS


def told(check: Check, exit_code: int, output: str, rounds_left: int) -> str:
    """What the model reads of a failure."""
    what = "The linter" if check.kind == "lint" else "The tests"
    last = "" if rounds_left else " It is not run again in this turn."
    return (
        f"[harness] {what} ran after your edits and failed: `{check.command}`, exit code {exit_code}.{last} Mend what "
        f"your edits broke; if the failure has another cause, say so and go on.\n{output}"
    )


def failures(log: SessionLog, kind: CheckKind) -> int:
    """How often the check has failed in this turn."""
    asked = log.last("user")
    entries = log.entries("check", after=asked.id) if asked else ()
    return _count(entry.data.get("kind") == kind and not entry.data.get("ok") for entry in entries)


def _count(found: Iterable[bool]) -> int:
    return sum(found)
