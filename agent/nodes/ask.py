"""The only place that waits for a person: for an answer to a question, or for leave to run a call.

LangGraph runs this node again from its first line when the answer comes. So nothing with an effect happens before the
interrupt but a note that this call was asked for, and one run of the node asks for one call.
"""

from dataclasses import asdict, replace

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from agent.engine import Engine
from agent.json_types import JsonObject, JsonValue, as_object, as_text
from agent.nodes.calls import StepCalls, step_calls, store_approval, store_asked, store_reply
from agent.nodes.gate import decided, needs_person
from agent.state import GraphState, TurnState
from agent.toolset import Prepared
from tools.ask_user import AskUserArguments, option_list
from tools.present_plan import PresentPlanArguments

_BEFORE = "You were asked about it before mode or rules changed."


async def ask(state: GraphState, runtime: Runtime[Engine]) -> GraphState:
    """Interrupt for the first call that needs a person; `act` goes on from there, and comes back for the next."""
    engine, turn = runtime.context, state["turn"]
    known = step_calls(engine, turn.step)
    for call in known.calls:
        item = engine.toolset.prepare(call)
        if call.id in known.ended or not isinstance(item, Prepared) or not needs_person(engine, item, known):
            continue
        if isinstance(item.arguments, AskUserArguments):
            return _answered(engine, turn, item, item.arguments)
        return await _approved(engine, turn, item, known)
    return {"turn": turn}


def _answered(engine: Engine, turn: TurnState, item: Prepared, arguments: AskUserArguments) -> GraphState:
    options = list(option_list(arguments.options))
    reply = _reply(item, {"question": arguments.question, "options": options})
    store_reply(engine, turn.step, item.call.id, as_text(reply.get("text")))
    return {"turn": _after(turn, reply)}


async def _approved(engine: Engine, turn: TurnState, item: Prepared, known: StepCalls) -> GraphState:
    call, plan = item.call, isinstance(item.arguments, PresentPlanArguments)
    card: JsonObject = {"tool": call.name, "arguments": call.arguments}
    if plan:
        card["reason"] = "The model presents its plan; with a yes it leaves plan mode and carries it out."
    else:
        decision = decided(engine, item)
        offered: list[JsonValue] = [asdict(one) for one in decision.suggestions]
        card = {**card, "reason": decision.reason or _BEFORE, "parts": list(decision.parts), "suggestions": offered}
    if item.effect == "write":
        preview = await engine.toolset.preview(item)
        if not preview.ok:
            # It cannot be done anyway, and nobody should be asked about it.
            store_approval(engine, turn.step, call.id, {"allow": False, "failure": preview.text})
            return {"turn": turn}
        card["diff"] = preview.diff
    if call.id not in known.asked:
        store_asked(engine, turn.step, call.id)
    reply = _reply(item, card)
    allow = reply.get("allow") is True
    store_approval(engine, turn.step, call.id, {"allow": allow, "reason": as_text(reply.get("reason"))})
    if plan and allow:
        engine.change_mode(engine.permissions.before_plan)
    return {"turn": _after(turn, reply)}


def _reply(item: Prepared, card: JsonObject) -> JsonObject:
    """What the person says to this card. A crash may have left the reply to an earlier card: that is passed over."""
    while True:
        said: object = interrupt({"call_id": item.call.id, **card})
        if isinstance(said, str):
            return {"text": said}
        reply = as_object(said)
        if reply.get("call_id") == item.call.id:
            return reply


def _after(turn: TurnState, reply: JsonObject) -> TurnState:
    """A person may end the turn at a card."""
    return replace(turn, status="cancelled", summary="Interrupted.") if reply.get("stop") else turn
