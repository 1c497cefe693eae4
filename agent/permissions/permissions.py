"""A session's permissions: the mode that a person chose, and the rules that hold. The one thing here that changes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from agent.permissions.decide import Action, Decision, decide
from agent.permissions.modes import Mode, Scope
from agent.permissions.risks import Place
from agent.permissions.rules import Rule


def _not_kept(rules: Sequence[Rule]) -> None:
    """Where there is no file of rules, those for the project last as long as the session."""


@dataclass(slots=True)
class Permissions:
    """`kept` are the rules of the file, `granted` those of this session. `keep` writes rules for the project.

    `person` says whether somebody is there to be asked. `before_plan` is the mode to go back to from plan mode.
    """

    mode: Mode = "auto"
    place: Place = field(default_factory=Place)
    person: bool = False
    kept: tuple[Rule, ...] = ()
    granted: tuple[Rule, ...] = ()
    keep: Callable[[Sequence[Rule]], None] = _not_kept
    before_plan: Mode = "auto"

    def decide(self, action: Action) -> Decision:
        """Whether a call may run now."""
        return decide(action, self.mode, (*self.kept, *self.granted), self.place, person=self.person)

    def change(self, mode: Mode) -> None:
        """Another mode, from the next call on."""
        if mode == "plan" and self.mode != "plan":
            self.before_plan = self.mode
        self.mode = mode

    def forget(self, rule: Rule) -> None:
        """A granted rule does not hold any longer."""
        self.kept = tuple(one for one in self.kept if one != rule)
        self.granted = tuple(one for one in self.granted if one != rule)

    def remember(self, rules: Sequence[Rule], scope: Scope) -> None:
        """Rules that a person granted. Raises what `keep` raises."""
        if scope == "project":
            self.keep(rules)
            self.kept = tuple(dict.fromkeys((*self.kept, *rules)))
        else:
            self.granted = tuple(dict.fromkeys((*self.granted, *rules)))
