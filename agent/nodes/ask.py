"""The only place that waits for a person.

LangGraph runs this node again from its first line when the answer comes, so nothing with an effect happens before the
interrupt.
"""

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from agent.engine import Engine
from agent.nodes.calls import step_calls, store_reply
from agent.state import GraphState
from agent.toolset import Prepared
from tools.ask_user import AskUserArguments, option_list


async def ask(state: GraphState, runtime: Runtime[Engine]) -> GraphState:
    """Interrupt for each open question in turn; `act` makes the replies into results."""
    engine, turn = runtime.context, state["turn"]
    known = step_calls(engine, turn.step)
    for call in known.calls:
        prepared = engine.toolset.prepare(call)
        if not isinstance(prepared, Prepared) or not isinstance(prepared.arguments, AskUserArguments):
            continue
        # Interrupts are matched to answers by their order, so an answered one must still be passed on the way.
        arguments = prepared.arguments
        options = list(option_list(arguments.options))
        reply = str(interrupt({"call_id": call.id, "question": arguments.question, "options": options}))
        if call.id not in known.begun:
            store_reply(engine, turn.step, call.id, reply)
    return {"turn": turn}
