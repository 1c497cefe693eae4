"""The tools as the engine uses them: offered as bytes, looked up by name, checked before they run."""

import codecs
import copy
import difflib
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from agent.control_tokens import restored_value
from agent.events import CallOutput, EventSink
from agent.failures.faults import parsed_arguments
from agent.failures.table import Counter
from agent.json_types import JsonObject
from agent.messages import ToolCall
from sandboxes.errors import PathError, SandboxError, SandboxGone
from sandboxes.protocol import Sandbox
from sandboxes.unwritten import Unwritten
from tools.base import Arguments, Effect, SeenFiles, Tool, ToolContext, ToolFailure, ToolResult, ToolSettings
from tools.registry import parse_arguments, wire_schema

# What did not arrive as the model wrote it.
DAMAGED: tuple[Counter, ...] = ("call_damaged", "cut_in_call", "value_cut")
# Shown to the model with the backslash that it is asked to write.
MARKS_IN_VALUES = (
    "The server ends a value at </parameter> and </function>: where a value holds such a mark, write it with a "
    "backslash after the <, in the form you see here; it is taken out again."
)
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A call that may run: its tool, checked arguments, and what it will do to the world."""

    call: ToolCall
    tool: Tool[Arguments]
    arguments: Arguments
    effect: Effect


@dataclass(frozen=True, slots=True)
class Refused:
    """A call that cannot run; `text` tells the model why and what to do, `counter` names it in the table."""

    call: ToolCall
    text: str
    counter: Counter

    @property
    def damaged(self) -> bool:
        """Whether the call did not arrive as it was written."""
        return self.counter in DAMAGED


class Toolset:
    """The ordered tools of a session over one sandbox. The offered bytes never change."""

    def __init__(
        self, tools: tuple[Tool[Arguments], ...], sandbox: Sandbox, settings: ToolSettings | None = None
    ) -> None:
        self._settings = settings or ToolSettings()
        self._tools = {tool.name: tool for tool in tools}
        self._sandbox = sandbox
        self._seen = SeenFiles()
        self.offered = json.dumps(wire_schema(tools), ensure_ascii=False).encode()

    def prepare(self, call: ToolCall) -> Prepared | Refused:
        """Look the tool up and check the arguments."""
        tool = self._tools.get(call.name)
        if tool is None:
            near = difflib.get_close_matches(call.name, self._tools, n=3, cutoff=0.4)
            hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
            return Refused(
                call, f"There is no tool {call.name!r}.{hint} Tools: {', '.join(self._tools)}.", "tool_unknown"
            )
        given = parsed_arguments(call.arguments)
        if given is None:
            return Refused(call, _damaged(call), "call_damaged")
        try:
            arguments = parse_arguments(tool, {name: restored_value(value) for name, value in given.items()})
        except ToolFailure as failure:
            return Refused(call, str(failure), "arguments_invalid")
        return Prepared(call, tool, arguments, tool.effect(arguments))

    @property
    def workdir(self) -> str:
        """Where relative paths begin."""
        return self._sandbox.workdir

    @property
    def sandbox(self) -> Sandbox:
        """Where the calls run."""
        return self._sandbox

    async def preview(self, prepared: Prepared) -> ToolResult:
        """What an edit would do, its diff above all, found by doing it on a sandbox that nothing is written to."""
        glass = Unwritten(self._sandbox)
        context = ToolContext(glass, copy.deepcopy(self._seen), lambda _: None, self._settings)
        try:
            return await prepared.tool.run(prepared.arguments, context)
        except (ToolFailure, PathError) as failure:
            return ToolResult(text=str(failure), summary=str(failure).split("\n", 1)[0][:120], ok=False)

    def accepts(self, name: str, arguments: JsonObject) -> bool:
        """Whether a call found in text is one that could run."""
        tool = self._tools.get(name)
        if tool is None:
            return False
        try:
            parse_arguments(tool, arguments)
        except ToolFailure:
            return False
        return True

    async def run(self, prepared: Prepared, emit: EventSink) -> tuple[ToolResult, float]:
        """Run a call; returns the result and its seconds. A crash of the tool becomes a result that says so.

        Raises `SandboxGone`: without its sandbox a session cannot go on.
        """
        context = ToolContext(self._sandbox, self._seen, _output(prepared.call.id, emit), self._settings)
        started = time.monotonic()
        try:
            result = await prepared.tool.run(prepared.arguments, context)
        except (ToolFailure, PathError) as failure:
            result = ToolResult(text=str(failure), summary=str(failure).split("\n", 1)[0][:120], ok=False)
        except SandboxGone:
            raise
        except SandboxError as trouble:
            result = ToolResult(text=f"The sandbox could not do this: {trouble}", summary=str(trouble)[:120], ok=False)
        except Exception as crash:  # one of two places: a tool's crash becomes an observation
            _logger.exception("tool %s crashed", prepared.tool.name)
            text = f"The tool {prepared.tool.name} crashed ({type(crash).__name__}: {crash}). Try another way."
            result = ToolResult(text=text, summary=f"crashed: {type(crash).__name__}", ok=False)
        return result, time.monotonic() - started


def _output(call_id: str, emit: EventSink) -> Callable[[bytes], None]:
    # Pieces end anywhere, also within a character.
    decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def send(data: bytes) -> None:
        emit(CallOutput(call_id, decoder.decode(data)))

    return send


def _damaged(call: ToolCall) -> str:
    beginning = call.arguments if len(call.arguments) <= 400 else call.arguments[:400] + " […]"
    return (
        f"This call of {call.name} arrived damaged and was not run: its arguments are no JSON object. What arrived: "
        f"{beginning!r}. Send the call again, complete, each parameter once and closed. {MARKS_IN_VALUES}"
    )
