"""Between a call and its run: the person's mode, rules and decisions, looked at when the call's turn has come."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.approvals import not_allowed
from agent.engine import Engine
from agent.json_types import as_text
from agent.messages import ToolCall
from agent.nodes.calls import StepCalls
from agent.permissions.decide import Action, Decision
from agent.toolset import Prepared, Refused
from tools.ask_user import AskUserArguments
from tools.base import ToolFailure, ToolResult
from tools.bash import BashArguments
from tools.paths import absolute
from tools.present_plan import NO_PLAN_MODE, PresentPlanArguments
from tools.str_replace_editor import EditorArguments


@dataclass(frozen=True, slots=True)
class Denied:
    """A call that may not run; the model reads why."""

    call: ToolCall
    text: str

    @property
    def result(self) -> ToolResult:
        """As a result."""
        return ToolResult(self.text, self.text.split(". ", 1)[0][:120], ok=False)


Gated = Prepared | Refused | Denied


def gated(engine: Engine, group: Sequence[Prepared | Refused], known: StepCalls) -> list[Gated] | None:
    """The group as it may run now; None when a person must be asked first."""
    passed: list[Gated] = []
    for item in group:
        if isinstance(item, Refused):
            passed.append(item)
            continue
        one = _gate(engine, item, known)
        if one is None:
            return None
        passed.append(one)
    return passed


def _gate(engine: Engine, item: Prepared, known: StepCalls) -> Gated | None:
    call = item.call
    if call.id in known.begun:
        return item
    if needs_person(engine, item, known):
        return None
    if (approval := known.approvals.get(call.id)) is not None:
        if approval.get("failure"):
            return Denied(call, as_text(approval.get("failure")))
        return item if approval.get("allow") else Denied(call, not_allowed(as_text(approval.get("reason"))))
    if isinstance(item.arguments, PresentPlanArguments):
        return Denied(call, NO_PLAN_MODE)
    decision = engine.permissions.decide(action_of(item, engine.toolset.workdir))
    return Denied(call, decision.reason) if decision.word == "refuse" else item


def needs_person(engine: Engine, item: Prepared, known: StepCalls) -> bool:
    """Whether a call waits for a person. A call that was asked for once stays so until it is answered."""
    call_id = item.call.id
    if call_id in known.begun or call_id in known.approvals:
        return False
    if isinstance(item.arguments, AskUserArguments) or call_id in known.asked:
        return True
    if isinstance(item.arguments, PresentPlanArguments):
        return engine.permissions.mode == "plan" and engine.permissions.person
    return decided(engine, item).word == "ask"


def decided(engine: Engine, item: Prepared) -> Decision:
    """What mode and rules say of a call now."""
    return engine.permissions.decide(action_of(item, engine.toolset.workdir))


def action_of(item: Prepared, workdir: str) -> Action:
    """A call as permissions look at it."""
    arguments = item.arguments
    command = arguments.command if isinstance(arguments, BashArguments) else ""
    path = ""
    if isinstance(arguments, EditorArguments):
        try:
            path = absolute(arguments.path, workdir)
        except ToolFailure:
            path = arguments.path
    return Action(item.call.name, item.effect, command, path)
