"""Making room in the prompt: plan, let the model sum up what goes, write it down, build the prompt anew.

One log entry is the whole compaction. Before it stands in the log nothing has happened, afterwards all of it has: a
process that is killed in between asks for the summary again, or finds it.
"""

from dataclasses import asdict, replace
from typing import Literal, TypeAlias

from agent import tokens
from agent.compaction.plan import Plan, Prompt, ResultSize, StepSize, plan, plan_on_demand
from agent.compaction.summarise import summarise
from agent.compaction.summary import Summary, summary_tokens
from agent.context import Compaction, CompactionKind
from agent.engine import Engine
from agent.events import Compacted, CompactionStarted
from agent.json_types import JsonObject
from agent.messages import AssistantMessage, ToolMessage, wire_bytes
from agent.room import careful_estimate, exact, most_prompt_tokens
from agent.state import TurnState
from agent.transcript import Transcript, last_compaction, message_of, shortened

Why: TypeAlias = Literal["full", "overflow", "asked"]


async def make_room(
    engine: Engine, turn: TurnState, why: Why, *, refused: int = 0, focus: str = ""
) -> Compacted | None:
    """Compact the prompt; None when there is nothing that could be left out.

    `refused` is the least that the server counted when it refused the prompt. Whatever the model or the server does,
    room is made: without a summary old steps shrink to a line for each call, and the event says why.
    """
    before = await careful_estimate(engine)
    made = last_compaction(engine.log)
    prompt = _measured(engine, made, before, max(refused / before, 1.0))
    planned = plan_on_demand(prompt) if why == "asked" else plan(prompt)
    if planned is None:
        return None
    kind: CompactionKind = "summary" if planned.dropped else "masked"
    engine.emit(CompactionStarted(kind, before, why))
    summary = await summarise(engine, turn, made, before, focus) if planned.dropped else None
    new = _applied(made, planned, summary, engine.log.newest())
    after = await _tokens_of(engine, new)
    problem = ""
    if isinstance(summary, str) or (summary and after >= before):
        problem = summary if isinstance(summary, str) else "it was no shorter than what it stands for"
        kind = "digest"
        new = _applied(made, planned, None, engine.log.newest())
        after = await _tokens_of(engine, new)
    told = summary if isinstance(summary, Summary) else None
    event = Compacted(
        kind=kind,
        before=max(before, refused),
        after=after,
        results=planned.results,
        steps=planned.steps,
        cut=planned.cut,
        problem=problem,
        usage=told.usage if told else None,
        duration_s=round(told.duration_s, 3) if told else 0.0,
    )
    if problem and after >= before:
        return None
    told_of: JsonObject = {**_told(event), "why": why, "attempt": turn.overflows}
    engine.log.append("compaction", turn.step, {**replace(new, after=after).as_data(), **told_of})
    engine.transcript.reload(engine.log)
    engine.emit(event)
    return event


def _told(event: Compacted) -> JsonObject:
    """The event for the log; `after` stands there already."""
    return {key: value for key, value in asdict(event).items() if key not in ("after", "cut")} | {
        "shortened": event.cut
    }


def _applied(made: Compaction, planned: Plan, summary: Summary | str | None, newest: int) -> Compaction:
    """The compaction that a plan comes to; without a summary the steps are told in lines behind the last one."""
    new = replace(made, masked=planned.masked, after=0, entry_id=newest)
    if planned.dropped:
        new = replace(new, dropped=planned.dropped)
        if isinstance(summary, Summary):
            new = replace(new, summary=summary.text, summarised=planned.dropped)
    if planned.cut:
        # What was shortened before was planned with that length.
        new = replace(new, cut=min(planned.cut, made.cut or planned.cut), cut_upto=newest)
    return new


async def _tokens_of(engine: Engine, new: Compaction) -> int:
    """The length of the prompt that a compaction leaves, by the server's own count where it gives one."""
    rebuilt = Transcript.from_log(engine.log, new)
    rebuilt.plain = engine.transcript.plain
    return await exact(replace(engine, transcript=rebuilt))


def _measured(engine: Engine, made: Compaction, before: int, stretch: float) -> Prompt:
    """The prompt in parts. `stretch` is by how much the server counts more than the tokenizer here."""
    steps: list[StepSize] = []
    requests = 0
    for entry in engine.log.standing("system", "user", "assistant", "nudge", "steer", "result"):
        message = message_of(entry)
        if entry.id <= made.dropped and entry.kind not in ("system", "user", "steer"):
            continue
        if isinstance(message, ToolMessage):
            message = shortened(message, entry.id, made)
        size = tokens.count_message(wire_bytes(message))
        if isinstance(message, AssistantMessage):
            steps.append(StepSize(entry.id, size))
        elif isinstance(message, ToolMessage) and steps:
            characters = len(message.text) + sum(picture.characters for picture in message.pictures)
            result = ResultSize(entry.id, characters, size)
            steps[-1] = replace(steps[-1], results=(*steps[-1].results, result))
        elif entry.kind in ("system", "user", "steer") or not steps:
            requests += size
        else:
            steps[-1] = replace(steps[-1], said=steps[-1].said + size)
    fixed = tokens.count_tools(engine.toolset.offered) + requests
    noted = max(before - fixed - sum(step.tokens for step in steps), 0) if made.dropped else 0
    room = most_prompt_tokens(engine) or before
    return Prompt(fixed, noted, tuple(steps), int(room / stretch), summary_tokens(room), made.masked)
