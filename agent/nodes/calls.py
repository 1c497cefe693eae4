"""Tool calls and their results in the log: a call runs at most once, and every call has an answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.engine import Engine
from agent.events import CallFinished
from agent.json_types import JsonObject, as_count, as_list, as_object, as_text
from agent.messages import ToolCall, ToolMessage
from agent.pictures import pictures_to_json
from agent.shown import shown
from tools.base import ToolResult


@dataclass(frozen=True, slots=True)
class StepCalls:
    """A step's calls as the model wrote them, damaged arguments included, and what the log knows of them.

    `begun` maps the ids of calls that began to run to the person's reply where the call was a question. `lost` is about
    how many tokens of the answer did not arrive; `cut` is the id of a call that the token limit ended.
    `asked` are the ids of calls that a person was asked about, `approvals` what was said. `results` are those of the
    ended calls as the log has them.
    """

    calls: tuple[ToolCall, ...] = ()
    begun: Mapping[str, str] = field(default_factory=dict[str, str])
    ended: frozenset[str] = frozenset()
    lost: int = 0
    cut: str = ""
    asked: frozenset[str] = frozenset()
    approvals: Mapping[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    results: tuple[JsonObject, ...] = ()


def step_calls(engine: Engine, step: int) -> StepCalls:
    """Read them from the log's end: the cost does not grow with the session."""
    answer = engine.log.last("assistant")
    if answer is None or answer.step != step:
        return StepCalls()
    calls = tuple(
        ToolCall(as_text(call.get("id")), as_text(call.get("name")), as_text(call.get("arguments")))
        for call in map(as_object, as_list(answer.data.get("calls")))
    )
    begun: dict[str, str] = {}
    ended: dict[str, JsonObject] = {}
    asked: set[str] = set()
    approvals: dict[str, JsonObject] = {}
    for entry in engine.log.entries("call", "approval", "result", after=answer.id):
        call_id = as_text(entry.data.get("call_id"))
        if entry.kind == "result":
            ended[call_id] = entry.data
        elif entry.kind == "approval":
            asked.add(call_id)
            if "allow" in entry.data:
                approvals[call_id] = entry.data
        else:
            begun[call_id] = as_text(entry.data.get("reply"))
    cut = calls[-1].id if calls and as_text(answer.data.get("finish_reason")) == "length" else ""
    return StepCalls(
        calls,
        begun,
        frozenset(ended),
        as_count(answer.data.get("lost")),
        cut,
        frozenset(asked),
        approvals,
        tuple(ended.values()),
    )


def store_reply(engine: Engine, step: int, call_id: str, reply: str) -> None:
    """Keep a person's answer until the call's turn comes: results must stand in the order of the calls."""
    engine.log.append("call", step, {"call_id": call_id, "reply": reply})


def store_asked(engine: Engine, step: int, call_id: str) -> None:
    """Note that a person is asked about a call: from now on only they can say what becomes of it."""
    engine.log.append("approval", step, {"call_id": call_id})


def store_approval(engine: Engine, step: int, call_id: str, decision: JsonObject) -> None:
    """Keep a person's decision on a call."""
    engine.log.append("approval", step, {"call_id": call_id, **decision})


def store_result(
    engine: Engine, step: int, call: ToolCall, result: ToolResult, duration_s: float, seen: str = ""
) -> None:
    """Write a result to the log and the history, and tell the fronts. Results must come in the order of the calls.

    `seen` is the snapshot up to which the result tells of other people's changes.
    """
    result, pictures = shown(result, blind=engine.transcript.blind, context_tokens=engine.context.tokens)
    entry: JsonObject = {
        "call_id": call.id,
        "tool": call.name,
        "ok": result.ok,
        "summary": result.summary,
        "text": result.text,
        "duration_s": round(duration_s, 4),
    }
    if pictures:
        entry = {**entry, "pictures": pictures_to_json(pictures)}
    if result.diff:
        entry = {**entry, "diff": result.diff}
    engine.log.append("result", step, {**entry, "seen": seen} if seen else entry)
    engine.transcript.append(ToolMessage(call.id, result.text, pictures))
    engine.emit(CallFinished(call.id, call.name, result.ok, result.summary, result.text, result.diff, duration_s))
