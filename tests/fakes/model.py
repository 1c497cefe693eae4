"""A model that says what the test wrote: one answer per request, in order, and remembers what it was asked."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field

from agent.client import ModelItem, ModelRequest, TurnComplete
from agent.messages import ToolCall
from agent.turn import Delta, ModelTurn, Usage


def call(name: str, **arguments: object) -> ToolCall:
    return ToolCall("server-id", name, json.dumps(arguments))


def says(
    *calls: ToolCall,
    text: str = "",
    thought: str = "",
    finish: str = "",
    prompt: int = 1000,
    cached: int | None = None,
) -> ModelTurn:
    reason = finish or ("tool_calls" if calls else "stop")
    usage = Usage(prompt, len(text) // 4 + len(thought) // 4 + 20 * len(calls), len(thought) // 4, cached)
    return ModelTurn(thought, text, calls, reason, usage)


Answer = ModelTurn | Exception | Callable[[ModelRequest], ModelTurn]


@dataclass(slots=True)
class ScriptedModel:
    """Implements `ModelClient`. An exception in the script is raised; `delay_s` lies between pieces of an answer."""

    script: Sequence[Answer]
    delay_s: float = 0.0
    requests: list[ModelRequest] = field(default_factory=list[ModelRequest])
    prompts: list[list[bytes]] = field(default_factory=list[list[bytes]])
    cancelled: int = 0

    def extend(self, *answers: Answer) -> None:
        """More answers behind those that are there."""
        self.script = [*self.script, *answers]

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelItem, None]:
        number = len(self.requests)
        self.requests.append(request)
        self.prompts.append(list(request.messages))
        if number >= len(self.script):
            raise AssertionError(f"the script has {len(self.script)} answers; request {number + 1} came")
        answer = self.script[number]
        if isinstance(answer, Exception):
            raise answer
        turn = answer if isinstance(answer, ModelTurn) else answer(request)
        try:
            for piece in _pieces(turn):
                await asyncio.sleep(self.delay_s)
                yield piece
        except (GeneratorExit, asyncio.CancelledError):
            self.cancelled += 1
            raise
        yield TurnComplete(turn)

    async def count(self, request: ModelRequest) -> int | None:
        return None

    async def close(self) -> None:
        return


def _pieces(turn: ModelTurn) -> list[Delta]:
    pieces = [Delta("reasoning", turn.reasoning[i : i + 64]) for i in range(0, len(turn.reasoning), 64)]
    pieces += [Delta("content", turn.content[i : i + 64]) for i in range(0, len(turn.content), 64)]
    return [*pieces, *(Delta("call", item.name) for item in turn.calls)]
