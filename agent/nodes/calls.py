"""Tool calls and their results in the log: a call runs at most once, and every call has an answer."""

from agent.engine import Engine
from agent.events import CallFinished
from agent.json_types import as_list, as_object, as_text
from agent.messages import ToolCall, ToolMessage
from tools.base import ToolResult


def logged_calls(engine: Engine, step: int) -> list[ToolCall]:
    """The calls of this step's answer as the model wrote them, damaged arguments included."""
    entry = engine.log.last("assistant")
    if entry is None or entry.step != step:
        return []
    return [
        ToolCall(as_text(call.get("id")), as_text(call.get("name")), as_text(call.get("arguments")))
        for call in map(as_object, as_list(entry.data.get("calls")))
    ]


def call_ids(engine: Engine, step: int, kind: str) -> set[str]:
    """Ids of the step's calls that have an entry of this kind: "call" when it began, "result" when it ended."""
    rows = engine.log.connection.execute(
        "SELECT json_extract(data, '$.call_id') FROM entries WHERE kind = ? AND step = ?", (kind, step)
    )
    return {str(row[0]) for row in rows}


def store_reply(engine: Engine, step: int, call_id: str, reply: str) -> None:
    """Keep a person's answer until the call's turn comes: results must stand in the order of the calls."""
    engine.log.append("call", step, {"call_id": call_id, "reply": reply})


def stored_reply(engine: Engine, call_id: str) -> str:
    """The person's answer to this call, "" when there is none."""
    row = engine.log.connection.execute(
        "SELECT json_extract(data, '$.reply') FROM entries WHERE kind = 'call' AND json_extract(data, '$.call_id') = ?",
        (call_id,),
    ).fetchone()
    return as_text(row[0]) if row else ""


def store_result(engine: Engine, step: int, call: ToolCall, result: ToolResult, duration_s: float) -> None:
    """Write a result to the log and the history, and tell the fronts. Results must come in the order of the calls."""
    engine.log.append(
        "result",
        step,
        {
            "call_id": call.id,
            "tool": call.name,
            "ok": result.ok,
            "summary": result.summary,
            "text": result.text,
            "duration_s": round(duration_s, 4),
        },
    )
    engine.transcript.append(ToolMessage(call.id, result.text))
    engine.emit(CallFinished(call.id, call.name, result.ok, result.summary, result.text, result.diff, duration_s))
