"""The decisions of one step, apart from the machine: in which mode it is asked for, and with what request. Pure.

They need no LangGraph, so that a session's first request can go out while that is still being loaded.
"""

from dataclasses import replace

from agent.client import ModelRequest
from agent.engine import Engine
from agent.room import most_answer_tokens
from agent.state import TurnState
from agent.thinking import DIRECT_SAMPLING, THINKING_SAMPLING, Signals, StepMode, decide
from agent.thinking.experience import in_words, learned, next_pace, remembered


def next_step(engine: Engine, turn: TurnState) -> TurnState:
    """The turn at its next step, in the mode that the thinking policy chooses."""
    turn = with_lessons(turn)
    settings = engine.settings
    turn = replace(turn, policy=engine.policy or turn.policy)
    policy = turn.policy or settings.thinking
    mode = decide("never" if turn.force else policy, signals_of(turn), settings.budgets, settings.rows_off)
    return replace(
        turn,
        step=turn.step + 1,
        turn_step=turn.turn_step + 1,
        thinking=mode.thinking,
        budget=mode.budget,
        reason="a tool call is required" if turn.force else mode.reason,
        row="required" if turn.force else mode.row,
        steps_without_thought=0 if mode.thinking else turn.steps_without_thought + 1,
    )


def request_of(engine: Engine, turn: TurnState) -> ModelRequest:
    """The request of the step at hand."""
    sampling = THINKING_SAMPLING if turn.thinking else DIRECT_SAMPLING
    return ModelRequest(
        messages=engine.transcript.sent(),
        tools=engine.toolset.offered,
        mode=StepMode(turn.thinking, turn.budget, sampling, turn.reason),
        max_tokens=most_answer_tokens(engine),
        force=turn.force,
    )


def signals_of(turn: TurnState) -> Signals:
    """What the thinking policy gets to see of a turn."""
    return Signals(
        first_step=turn.turn_step == 0,
        outcome=turn.outcome,
        edited=turn.edited,
        repeated=turn.repeated,
        fault=turn.fault,
        fault_count=turn.fault_count,
        thought=turn.thinking,
        steps_without_thought=turn.steps_without_thought,
        written=turn.written,
        closing=turn.closing,
        troubles=turn.troubles.count("x"),
        pace=turn.pace,
        experience=in_words(turn.experience),
    )


def with_lessons(turn: TurnState) -> TurnState:
    """The turn with its last step added to what the session taught; a step counts once, also after a resume."""
    if turn.turn_step == 0 or turn.learned >= turn.step:
        return turn
    turn = replace(turn, learned=turn.step)
    if turn.fault is None:
        turn = replace(turn, troubles=remembered(turn.troubles, turn.outcome))
    if turn.thinking or turn.outcome == "interrupted":
        return turn
    failed = turn.fault is not None or turn.outcome in ("failed", "test_failed")
    memory = learned(turn.experience, "answer" if turn.fault else turn.kind, failed=failed)
    return replace(turn, experience=memory, pace=next_pace(turn.pace, memory))
