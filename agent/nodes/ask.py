"""The only place that waits for a person.

LangGraph runs this node again from its first line when the answer comes, so nothing with an effect happens before the
interrupt.
"""

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from agent.engine import Engine
from agent.nodes.calls import call_ids, logged_calls, store_result
from agent.state import GraphState
from agent.toolset import Prepared
from tools.ask_user import AskUserArguments, answer_text


async def ask(state: GraphState, runtime: Runtime[Engine]) -> GraphState:
    """Interrupt for the first open question; the reply becomes the call's result."""
    engine, turn = runtime.context, state["turn"]
    ended = call_ids(engine, turn.step, "result")
    for call in logged_calls(engine, turn.step):
        prepared = engine.toolset.prepare(call)
        if call.id in ended or not isinstance(prepared, Prepared):
            continue
        if isinstance(prepared.arguments, AskUserArguments):
            question = prepared.arguments.question
            reply = str(interrupt({"call_id": call.id, "question": question}))
            store_result(engine, turn.step, call, answer_text(question, reply), 0.0)
    return {"turn": turn}
