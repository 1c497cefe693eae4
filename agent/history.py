"""The events of a session again, from its log alone: what a replay prints and a reopened screen shows."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import cast

from agent import events
from agent.cache_meter import CacheMeter, CacheReading
from agent.compaction.event import compacted_event
from agent.failures.table import Counter
from agent.json_types import as_count, as_list, as_object, as_text
from agent.log import Entry, SessionLog
from agent.meanwhile import told_line
from agent.pictures import pictures_from
from agent.rewinding.standing import active
from agent.turn import Usage


def history(log: SessionLog) -> Iterator[events.Event]:
    """All events of a log, in order, without what was taken back."""
    session_id = as_text(log.meta().get("id"))
    readings = {reading.step: reading for reading in CacheMeter().readings(log)}
    rewinds = {mark.id for mark in active(log.marks())}
    for entry in log.standing():
        if entry.kind == "rewind" and entry.id not in rewinds:
            continue
        for event in events_of(entry, session_id):
            yield _metered(event, readings)


def _metered(event: events.Event, readings: Mapping[int, CacheReading]) -> events.Event:
    """A finished step with what the cache did for it, which only the steps before it can tell."""
    if not isinstance(event, events.StepFinished) or (reading := readings.get(event.step)) is None:
        return event
    return replace(
        event,
        cached_share=reading.share,
        recomputed_tokens=reading.recomputed_tokens,
        new_tokens=reading.new_tokens,
    )


def events_of(entry: Entry, session_id: str) -> Iterator[events.Event]:
    """The events that a log entry stands for."""
    data = entry.data
    match entry.kind:
        case "user":
            lines = tuple(picture.line for picture in pictures_from(data))
            yield events.TurnStarted(session_id, as_text(data.get("text")), pictures=lines)
            if changed := [as_text(path) for path in as_list(data.get("changed"))]:
                yield events.Notice(told_line(changed))
        case "rewind":
            yield events.Notice(as_text(data.get("told")))
        case "mode":
            yield events.StepStarted(
                entry.step, bool(data.get("thinking")), as_text(data.get("reason")), as_count(data.get("budget"))
            )
        case "assistant":
            yield from _answer(entry)
        case "failure":
            # Whatever stands there was written by the engine; a name that this version does not know is no harm.
            counter = cast("Counter", as_text(data.get("counter")))
            yield events.FaultHandled(as_text(data.get("what")), as_text(data.get("action")), counter)
        case "result":
            yield events.CallFinished(
                call_id=as_text(data.get("call_id")),
                tool=as_text(data.get("tool")),
                ok=bool(data.get("ok")),
                summary=as_text(data.get("summary")),
                text=as_text(data.get("text")),
                diff=as_text(data.get("diff")),
                duration_s=_seconds(data.get("duration_s")),
            )
        case "check":
            call_id, kind, ok = as_text(data.get("call_id")), as_text(data.get("kind")), bool(data.get("ok"))
            yield events.CallStarted(call_id, kind, json.dumps({"command": data.get("command")}, ensure_ascii=False))
            told, output = as_text(data.get("summary")), as_text(data.get("text"))
            yield events.CallFinished(call_id, kind, ok, told, output, "", _seconds(data.get("duration_s")))
        case "steer":
            yield events.Steered(as_text(data.get("text")))
        case "compaction":
            yield compacted_event(entry)
        case "end":
            status = as_text(data.get("status"))
            yield events.TurnEnded(
                status,  # pyright: ignore[reportArgumentType]  # written by the engine
                as_text(data.get("summary")),
                as_count(data.get("steps")) or entry.step,
            )
        case _:
            return


def _answer(entry: Entry) -> Iterator[events.Event]:
    data = entry.data
    if reasoning := as_text(data.get("reasoning")):
        yield events.ReasoningDelta(reasoning)
    if content := as_text(data.get("content")):
        yield events.ContentDelta(content)
    usage = as_object(data.get("usage"))
    cached = usage.get("cached_tokens")
    yield events.StepFinished(
        step=entry.step,
        usage=Usage(
            as_count(usage.get("prompt_tokens")),
            as_count(usage.get("completion_tokens")),
            as_count(usage.get("reasoning_tokens")),
            cached if isinstance(cached, int) else None,
        ),
        first_token_s=_seconds(data.get("first_token_s")),
        duration_s=_seconds(data.get("duration_s")),
        text=as_text(data.get("content")).strip(),
        thought_s=_seconds(data.get("thought_s")),
    )
    for call in map(as_object, as_list(data.get("calls"))):
        yield events.CallStarted(as_text(call.get("id")), as_text(call.get("name")), as_text(call.get("arguments")))


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
