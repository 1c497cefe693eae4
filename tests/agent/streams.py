"""Streams for tests: the recorded ones, made-up ones, and the way from bytes to a turn."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.failures.faults import parsed_arguments
from agent.json_types import JsonObject, as_list, as_object, as_text, parse_object
from agent.sse import Chunk, SseDecoder, SseItem
from agent.turn import ModelTurn, TurnAssembler, Usage
from tools.base import ToolFailure
from tools.registry import parse_arguments, toolset

CAPTURES = Path(__file__).parent.parent / "fixtures" / "vllm-0.32"
STREAMS = sorted(path.stem for path in CAPTURES.glob("*.sse"))
WHOLES = sorted(path.name.removesuffix("-whole.response.json") for path in CAPTURES.glob("*-whole.response.json"))
TOOLS = {tool.name: tool for tool in toolset(person=False)}


@dataclass(frozen=True, slots=True)
class Told:
    """A turn without ids, which differ from answer to answer."""

    finish: str | None
    reasoning: str
    content: str
    calls: tuple[tuple[str, str], ...]


def captured(name: str) -> bytes:
    return (CAPTURES / f"{name}.sse").read_bytes()


def decode(pieces: Iterable[bytes]) -> Iterator[SseItem]:
    decoder = SseDecoder()
    for piece in pieces:
        yield from decoder.feed(piece)
    yield from decoder.end()


def turn_of(*pieces: bytes) -> ModelTurn:
    assembler = TurnAssembler()
    for item in decode(pieces):
        if isinstance(item, Chunk):
            for _ in assembler.add(item.data):
                pass
    return assembler.turn()


def told(turn: ModelTurn) -> Told:
    return Told(turn.finish_reason, turn.reasoning, turn.content, tuple((c.name, c.arguments) for c in turn.calls))


def stripped(said: Told) -> Told:
    return Told(said.finish, said.reasoning.strip(), said.content.strip(), said.calls)


def whole(name: str) -> tuple[Told, Usage]:
    """The answer that the same request got without streaming."""
    answer = parse_object((CAPTURES / f"{name}-whole.response.json").read_bytes()) or {}
    choice = as_object(as_list(answer["choices"])[0])
    message = as_object(choice["message"])
    functions = [as_object(as_object(call)["function"]) for call in as_list(message.get("tool_calls"))]
    calls = tuple((as_text(function["name"]), as_text(function["arguments"])) for function in functions)
    assembler = TurnAssembler()
    list(assembler.add({"usage": answer["usage"]}))
    usage = assembler.turn().usage or Usage()
    said = Told(
        as_text(choice["finish_reason"]), as_text(message.get("reasoning")), as_text(message.get("content")), calls
    )
    return said, usage


def sse(*chunks: object, done: bool = True) -> bytes:
    """A stream of these chunks as vLLM frames it."""
    events = b"".join(b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n" for chunk in chunks)
    return events + (b"data: [DONE]\n\n" if done else b"")


def delta(finish: str | None = None, **fields: object) -> JsonObject:
    """One chunk with these fields in its delta."""
    return as_object({"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]})


def call_piece(**fields: object) -> JsonObject:
    """A chunk with one piece of a tool call; `name` and `arguments` go where they belong."""
    function = {key: fields.pop(key) for key in ("name", "arguments") if key in fields}
    return delta(tool_calls=[{**fields, "function": function}])


def usage_chunk(**fields: object) -> JsonObject:
    return as_object({"choices": [], "usage": fields})


def accepts(name: str, arguments: JsonObject) -> bool:
    """Whether one of the product's tools would take these arguments."""
    tool = TOOLS.get(name)
    if tool is None or parsed_arguments(json.dumps(arguments)) is None:
        return False
    try:
        parse_arguments(tool, arguments)
    except ToolFailure:
        return False
    return True
