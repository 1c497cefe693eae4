"""Before a request: is there anything left to spend, is there room, and does the model think?"""

from dataclasses import replace

from langgraph.runtime import Runtime

from agent.engine import Engine
from agent.room import crowded, full
from agent.state import GraphState, TurnState
from agent.step import next_step
from agent.thinking import Signals, decide


async def prepare(state: GraphState, runtime: Runtime[Engine]) -> GraphState:
    """End the turn at a limit, or choose the mode of the next step and log it with its reason."""
    engine, turn = runtime.context, state["turn"]
    turn = replace(turn, spent_s=engine.clock.spent_s(), verdict="")
    engine.steering.deliver(engine.transcript, turn.step)
    if turn.compacted != turn.step and await crowded(engine):
        return {"turn": replace(turn, verdict="full")}
    if sentence := limit_reached(engine, turn) or await _full(engine):
        return {"turn": replace(turn, status="limit", summary=sentence)}
    turn = next_step(engine, turn)
    log_mode(engine, turn)
    return {"turn": turn}


def log_mode(engine: Engine, turn: TurnState) -> None:
    """Write down how the step at hand is asked for."""
    decided = {"thinking": turn.thinking, "reason": turn.reason, "row": turn.row, "budget": turn.budget}
    engine.log.append("mode", turn.step, {**decided, "force": turn.force})


def overridden(engine: Engine, turn: TurnState) -> TurnState:
    """The step at hand, decided before the turn was cut off, in the mode that its resume asked for."""
    if engine.policy in (None, turn.policy) or turn.force:
        return turn
    turn = replace(turn, policy=engine.policy)
    if engine.policy not in ("always", "never"):
        return turn
    mode = decide(engine.policy, Signals(first_step=turn.turn_step == 1), engine.settings.budgets)
    turn = replace(turn, thinking=mode.thinking, budget=mode.budget, reason=mode.reason, row=mode.row)
    log_mode(engine, turn)
    return turn


def limit_reached(engine: Engine, turn: TurnState) -> str | None:
    """The sentence that says which limit the turn has reached, or None."""
    limits = engine.settings.limits
    if limits.steps and turn.turn_step >= limits.steps:
        return f"Stopped after {turn.turn_step} steps, the limit (--max-steps)."
    if limits.seconds and turn.spent_s >= limits.seconds:
        return f"Stopped after {turn.spent_s:.0f} s, the limit is {limits.seconds:.0f} s (--max-seconds)."
    if limits.tokens and turn.spent_tokens >= limits.tokens:
        return f"Stopped after {turn.spent_tokens:,} tokens, the limit is {limits.tokens:,} (--max-tokens)."
    return None


async def _full(engine: Engine) -> str | None:
    if not await full(engine):
        return None
    return (
        f"Stopped: the conversation fills the server's context of {engine.context.tokens:,} tokens, and nothing more "
        "can be left out of it. Begin a new session, or serve the model with a larger --max-model-len."
    )
