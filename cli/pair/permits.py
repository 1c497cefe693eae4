"""A session's permissions: its place, the rules of the person's file, and earlier grants."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.json_types import as_list, as_text
from agent.log import SessionLog
from agent.permissions.modes import Mode, Scope, mode_named
from agent.permissions.rules import Rule, rule_of
from cli.permissions_file import add_rules, remove_rule, rules_for
from cli.place import Place, PlaceSpec

if TYPE_CHECKING:
    from agent.permissions.permissions import Permissions
    from agent.session import Session


def permissions_for(spec: PlaceSpec, place: Place, log: SessionLog, mode: Mode) -> "Permissions":
    """With a person to ask. An interrupted session goes on in its mode and with its grants. Raises `UsageError`."""
    made = unattended(spec, place)
    meta = log.meta()
    made.mode = mode_named(as_text(meta.get("mode"))) or mode
    made.person = True
    made.granted = tuple(rule_of("allow", as_text(line)) for line in as_list(meta.get("granted")))
    made.keep = lambda rules: add_rules(spec.repo, rules)
    return made


def unattended(spec: PlaceSpec, place: Place) -> "Permissions":
    """Without a person: what would be asked is refused. Raises `UsageError` when the file of rules cannot be used."""
    from agent.permissions.permissions import Permissions
    from agent.permissions.risks import Place as Ground

    local = spec.sandbox == "local"
    ground = Ground(
        isolated=not local,
        network=local or spec.network == "full",
        bound=spec.workspace == "bind",
        workdir=place.sandbox.workdir,
    )
    return Permissions(place=ground, kept=rules_for(spec.repo))


def rules_of(permissions: "Permissions") -> Sequence[tuple[Scope, Rule]]:
    """All rules with how long they last."""
    kept: list[tuple[Scope, Rule]] = [("project", rule) for rule in permissions.kept]
    return [*kept, *(("session", rule) for rule in permissions.granted)]


def forget_rule(session: "Session", spec: PlaceSpec, scope: Scope, rule: Rule) -> None:
    """Take a rule back, from the file too."""
    if scope == "project":
        remove_rule(spec.repo, rule)
    session.permissions.forget(rule)
