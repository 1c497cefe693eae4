"""When the prompt nears the server's context: mask old tool results, and if that is not enough shrink old steps.

Both are done generously, so that the prefix cache is broken rarely. What the user asked always stays.
"""

from dataclasses import replace

from langgraph.runtime import Runtime

from agent.context import ENOUGH_SHARE, KEEP_STEPS, Masking, ResultSize, plan_masking
from agent.engine import Engine
from agent.events import Notice
from agent.json_types import as_count, as_text
from agent.nodes.prepare import prompt_estimate
from agent.state import GraphState, TurnState


async def compact(state: GraphState, runtime: Runtime[Engine]) -> GraphState:
    """Make room; when there is nothing left to shrink the turn goes on while anything fits."""
    engine, turn = runtime.context, state["turn"]
    context = engine.context.tokens
    before = engine.log.last("mask")
    masked_upto = as_count(before.data.get("upto")) if before else 0
    dropped_upto = as_count(before.data.get("dropped")) if before else 0
    masking = _masking(engine, turn, masked_upto)
    over = prompt_estimate(engine, turn) - (masking.tokens if masking else 0)
    drop = _step_boundary(engine) if over > context * ENOUGH_SHARE else dropped_upto
    if masking is None and drop <= dropped_upto:
        return {"turn": replace(turn, compacted=turn.step)}
    upto = max(masking.upto if masking else masked_upto, drop)
    engine.log.append("mask", turn.step, {"upto": upto, "dropped": drop})
    engine.transcript.reload(engine.log)
    what = "old steps shrink to a line each" if drop > dropped_upto else "old tool results are left out"
    engine.emit(
        Notice(f"The conversation neared the server's context of {context:,} tokens: {what}. The log keeps everything.")
    )
    return {"turn": replace(turn, compacted=turn.step, prompt_tokens=0)}


def _masking(engine: Engine, turn: TurnState, masked_upto: int) -> Masking | None:
    results = [
        ResultSize(entry.id, len(as_text(entry.data.get("text"))))
        for entry in engine.log.entries("result", after=masked_upto)
    ]
    return plan_masking(results, prompt_estimate(engine, turn), engine.context.tokens)


def _step_boundary(engine: Engine) -> int:
    """The entry before the oldest step that stays whole; 0 when there are only that many."""
    answers = [entry.id for entry in engine.log.entries("assistant")]
    return answers[-KEEP_STEPS] - 1 if len(answers) > KEEP_STEPS else 0
