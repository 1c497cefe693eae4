"""After an answer: judge it, write it to the log and the history, count what it cost."""

from dataclasses import asdict, dataclass, replace

from agent.engine import Engine
from agent.failures.faults import Answer, Calls, Faulty, Judgement, judge, separated, valid_arguments
from agent.failures.runaway import CHARACTERS_PER_TOKEN, unrepeated
from agent.json_types import JsonObject, as_count, as_object, as_text
from agent.log import Entry
from agent.messages import AssistantMessage, ToolCall
from agent.state import TurnState, Verdict
from agent.toolset import Prepared
from agent.turn import ModelTurn, Usage


@dataclass(frozen=True, slots=True)
class Spoken:
    """An answer and its times: seconds to the first piece, to the end, and of thinking in between."""

    turn: ModelTurn
    first_token_s: float
    duration_s: float
    thought_s: float = 0.0


def record(engine: Engine, turn: TurnState, spoken: Spoken) -> TurnState:
    """The state after this answer. An empty one is logged as a fault and stays out of the history."""
    answer = separated(spoken.turn) if turn.thinking else spoken.turn
    if answer is not spoken.turn:
        sentence = "The server left the reasoning in the text: is its --reasoning-parser missing?"
        engine.survived(turn.step, "reasoning_in_text", sentence, "separating the two")
        spoken = replace(spoken, turn=answer)
    if answer.mended:
        sentence = f"{answer.mended} pieces of tool calls came without an id or index of their own."
        engine.survived(turn.step, "pieces_mended", sentence, "putting them together by what they hold")
    verdict = judge(answer, engine.toolset.accepts)
    if (
        isinstance(verdict, Answer)
        and "```" in verdict.text
        and engine.settings.expects_changes
        and not engine.snapshotter.changed
    ):
        verdict = Faulty("announced", "code_only_shown", "The answer shows code, but nothing was done with it.")
    calls = _named(verdict.calls, turn.step) if isinstance(verdict, Calls) else ()
    content = verdict.content if isinstance(verdict, Calls) else answer.content
    kept = AssistantMessage(answer.reasoning, content, calls)
    if answer.finish_reason in ("repetition", "loop"):
        kept = AssistantMessage(unrepeated(answer.reasoning), unrepeated(content), calls)
    empty = isinstance(verdict, Faulty) and verdict.fault == "empty"
    outcome = _outcome(engine, verdict, calls)
    engine.log.append("fault" if empty else "assistant", turn.step, _entry(kept, verdict, outcome, spoken))
    if not empty:
        wire_calls = tuple(replace(call, arguments=valid_arguments(call.arguments)) for call in calls)
        engine.transcript.append(replace(kept, tool_calls=wire_calls))
    usage = answer.usage or estimated(answer)
    if answer.usage:
        # What stays out of the history is not in the next prompt.
        engine.transcript.counted(usage.prompt_tokens + (0 if empty else usage.completion_tokens))
    computed = usage.prompt_tokens - (usage.cached_tokens or 0) + usage.completion_tokens
    turn = replace(turn, spent_tokens=turn.spent_tokens + computed)
    turn = replace(turn, verdict=outcome)
    match verdict:
        case Faulty(fault, counter, detail):
            engine.survived(turn.step, counter, detail, "asking again")
            return replace(turn, fault=fault, failure=counter)
        case Answer(text):
            return replace(turn, summary=text)
        case Calls(rescued=rescued):
            if rescued is not None:
                what = "A tool call stood in the text or the reasoning instead of its own field."
                engine.survived(turn.step, rescued, what, "running it")
            return turn


def _outcome(engine: Engine, verdict: Judgement, calls: tuple[ToolCall, ...]) -> Verdict:
    """The verdict as the state keeps it; "question" when a person must be asked before the calls can run."""
    if isinstance(verdict, Faulty):
        return "fault"
    if isinstance(verdict, Answer):
        return "answer"
    prepared = [engine.toolset.prepare(call) for call in calls]
    asks = any(isinstance(item, Prepared) and item.effect == "person" for item in prepared)
    return "question" if asks else "calls"


def _entry(kept: AssistantMessage, verdict: Judgement, outcome: Verdict, spoken: Spoken) -> JsonObject:
    """The answer for the log; what is empty or false is left out."""
    answer = spoken.turn
    entry = {
        "reasoning": kept.reasoning,
        "content": kept.content,
        "calls": [asdict(call) for call in kept.tool_calls],
        "verdict": outcome,
        "fault": verdict.fault if isinstance(verdict, Faulty) else None,
        "failure": verdict.counter if isinstance(verdict, Faulty) else None,
        "rescued": verdict.rescued if isinstance(verdict, Calls) else None,
        "lost": verdict.lost if isinstance(verdict, Calls) else 0,
        "finish_reason": answer.finish_reason,
        "usage": asdict(answer.usage or estimated(answer)),
        "estimated": answer.usage is None,
        "first_token_s": round(spoken.first_token_s, 3),
        "duration_s": round(spoken.duration_s, 3),
        "thought_s": round(spoken.thought_s, 3),
    }
    return {key: value for key, value in entry.items() if value}


def _named(calls: tuple[ToolCall, ...], step: int) -> tuple[ToolCall, ...]:
    """Calls with ids that are unique in the session; results are matched to calls by them, also after a crash."""
    return tuple(replace(call, id=f"s{step}c{number}") for number, call in enumerate(calls))


def replayed(turn: TurnState, entry: Entry) -> TurnState:
    """The state after an answer that the log already holds: the process ended before the checkpoint was written."""
    data, usage = entry.data, as_object(entry.data.get("usage"))
    turn = replace(turn, spent_tokens=turn.spent_tokens + as_count(usage.get("completion_tokens")))
    match as_text(data.get("verdict")):
        case "calls" | "question" as verdict:
            return replace(turn, verdict=verdict)
        case "answer":
            return replace(turn, verdict="answer", summary=as_text(data.get("content")).strip())
        case _:
            fault, failure = as_text(data.get("fault")), as_text(data.get("failure")) or None
            return replace(turn, verdict="fault", fault=fault, failure=failure)  # pyright: ignore[reportArgumentType]  # written by us


def estimated(answer: ModelTurn) -> Usage:
    """Completion tokens of an answer that was cut off before the server counted it."""
    reasoning = len(answer.reasoning) // CHARACTERS_PER_TOKEN
    return Usage(completion_tokens=reasoning + len(answer.content) // CHARACTERS_PER_TOKEN, reasoning_tokens=reasoning)
