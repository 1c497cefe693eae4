"""An answer in a given form: one request on the prompt that the server has cached, its words held to a JSON Schema.

vLLM enforces the schema while it decodes (`response_format`), from the first token on as thinking is off. A server that
cannot is asked once more without it. Whoever asked checks what came: a schema says nothing of truth.
"""

from dataclasses import dataclass, replace
from functools import partial

from agent.compaction.summarise import single_answer
from agent.compaction.summary import summary_request
from agent.engine import Engine
from agent.errors import EndpointFailed, RequestInvalid
from agent.json_types import JsonObject
from agent.messages import Nudge, wire_bytes
from agent.nodes.retry import with_patience
from agent.state import TurnState


@dataclass(frozen=True, slots=True)
class FormAsked:
    """What to fill in, the JSON Schema, and the most tokens of the answer."""

    text: str
    schema: JsonObject
    max_tokens: int


async def filled_in(engine: Engine, turn: TurnState, asked: FormAsked) -> str:
    """The model's answer, JSON as far as the server enforces it. Nothing of it becomes part of the conversation.

    Raises the `AgentError` family when there is none.
    """
    history = engine.transcript.sent()[: engine.transcript.settled]
    request = summary_request(history, engine.toolset.offered, wire_bytes(Nudge(asked.text)), asked.max_tokens)
    ask = partial(single_answer, engine)
    try:
        spoken = await with_patience(engine, turn, replace(request, schema=asked.schema), ask)
    except (RequestInvalid, EndpointFailed):
        spoken = await with_patience(engine, turn, request, ask)
    return spoken.turn.content.rpartition("</think>")[2].strip()
