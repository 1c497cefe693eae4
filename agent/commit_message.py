"""A commit message in the model's words: a short request without thinking on the prompt that the server has cached."""

import re
from collections.abc import Sequence

from agent.client import TurnComplete
from agent.compaction.summary import summary_request
from agent.engine import Engine
from agent.errors import AgentError
from agent.messages import Nudge, wire_bytes

MOST_TOKENS = 300
_ASK = (
    "[harness] The user is about to commit these files: {files}.\nWrite the commit message: a first line of at most 72 "
    "characters in the imperative, an empty line, then one to three lines on why, if that is not plain. Only the "
    "message: no quotes, no fences, no tool call."
)
_FENCE = re.compile(r"\A```[a-z]*\n(.*?)\n?```\Z", re.DOTALL)


async def drafted(engine: Engine, files: Sequence[str], otherwise: str) -> str:
    """The message; `otherwise`, when the server gives none."""
    history = engine.transcript.sent()[: engine.transcript.settled]
    ask = wire_bytes(Nudge(_ASK.format(files=", ".join(files[:50]))))
    try:
        async for item in engine.client.stream(summary_request(history, engine.toolset.offered, ask, MOST_TOKENS)):
            if isinstance(item, TurnComplete):
                return cleaned(item.turn.content) or otherwise
    except AgentError:
        return otherwise
    return otherwise


def cleaned(text: str) -> str:
    """Without fences, quotes around all of it, thoughts and calls."""
    text = text.rpartition("</think>")[2].split("<tool_call>")[0].strip()
    fenced = _FENCE.match(text)
    text = fenced[1].strip() if fenced else text
    return text.strip('"') if text.startswith('"') and text.endswith('"') else text
