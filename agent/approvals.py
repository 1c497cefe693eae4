"""A person's decision on a call: how it is given, kept in the log, and told to the model."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from agent.events import ApprovalAsked, QuestionAsked
from agent.json_types import JsonObject, as_list, as_object, as_text
from agent.permissions.modes import Scope

if TYPE_CHECKING:
    from agent.permissions.rules import Rule


@dataclass(frozen=True, slots=True)
class Approval:
    """Yes or no. `reason` is for the model with a no; `rules` hold from now on, in `scope`; `stop` ends the turn."""

    allow: bool
    reason: str = ""
    rules: "tuple[Rule, ...]" = ()
    scope: Scope = "session"
    stop: bool = False


Answer: TypeAlias = str | Approval


def reply_of(call_id: str, answer: Answer) -> JsonObject:
    """What the interrupt gets. It names its call: a reply that a crash left over must not speak for another one."""
    if isinstance(answer, str):
        return {"call_id": call_id, "text": answer}
    return {"call_id": call_id, "allow": answer.allow, "reason": answer.reason, "stop": answer.stop}


def asked(card: JsonObject) -> QuestionAsked | ApprovalAsked:
    """The event for what an interrupt holds."""
    from agent.permissions.suggest import Suggestion

    call_id = as_text(card.get("call_id"))
    if "tool" not in card:
        options = tuple(as_text(option) for option in as_list(card.get("options")))
        return QuestionAsked(call_id, as_text(card.get("question")), options)
    offered = [as_object(one) for one in as_list(card.get("suggestions"))]
    return ApprovalAsked(
        call_id,
        as_text(card.get("tool")),
        as_text(card.get("arguments")),
        as_text(card.get("reason")),
        tuple(as_text(part) for part in as_list(card.get("parts"))),
        tuple(Suggestion(*(as_text(one.get(key)) for key in ("part", "exact", "pattern"))) for one in offered),
        as_text(card.get("diff")),
    )


def not_allowed(reason: str) -> str:
    """The result of a call that the person did not allow."""
    said = f"The person says: {reason.strip()}\n" if reason.strip() else ""
    return (
        f"The person did not allow this call, so it was not run.\n{said}Do not repeat it and do not reach the same in "
        "another way; go on as they say, or ask."
    )
