"""A session as Markdown, as JSON lines, or as the patch that it made."""

import asyncio
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict

from agent.compaction.event import compacted_event
from agent.compaction.words import compacted_line
from agent.json_types import as_list, as_object, as_text
from agent.log import Entry, SessionLog
from cli.printing import printable
from cli.sessions.rows import SessionRow


def export(row: SessionRow, form: str) -> None:
    """Write it to standard output."""
    if form == "patch":
        from sandboxes.tree.stored import stored_patch

        sys.stdout.buffer.write(asyncio.run(stored_patch(row.path.parent)))
        return
    log = SessionLog.open(row.path, create=False)
    try:
        for text in exported(log, form):
            sys.stdout.write(text)
    finally:
        log.close()


def exported(log: SessionLog, form: str) -> Iterator[str]:
    """A log as JSON lines, all of it, or as Markdown: what stands, without what was taken back."""
    for entry in log.entries() if form == "json" else log.standing():
        if form == "json":
            yield json.dumps(asdict(entry)) + "\n"
        elif text := _markdown(entry):
            yield printable(text) + "\n\n"


def fenced(text: str) -> str:
    """The whole text as a Markdown block, in a fence longer than any within."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(longest + 1, 4)
    return f"{fence}\n{text}\n{fence}"


def _markdown(entry: Entry) -> str:
    data = entry.data
    match entry.kind:
        case "user":
            return f"## Request\n\n{as_text(data.get('text'))}"
        case "mode":
            return f"### Step {entry.step}: {'thinking' if data.get('thinking') else 'direct'} ({data.get('reason')})"
        case "assistant":
            thought = as_text(data.get("reasoning")).strip()
            parts = ["> " + thought.replace("\n", "\n> ")] if thought else []
            parts += [as_text(data.get("content")).strip()]
            for call in map(as_object, as_list(data.get("calls"))):
                name = as_text(call.get("name"))
                parts.append(f"**{name}**\n\n{fenced(as_text(call.get('arguments')))}")
            return "\n\n".join(part for part in parts if part)
        case "result":
            return fenced(as_text(data.get("text")))
        case "compaction":
            notes = as_text(data.get("summary"))
            return f"*{compacted_line(compacted_event(entry))}*" + (f"\n\n{notes}" if notes else "")
        case "end":
            return f"**{data.get('status')}** {as_text(data.get('summary'))}"
        case _:
            return ""
