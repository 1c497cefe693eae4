"""A session's parts put together, up to what needs the machine: an engine over its log.

LangGraph takes half a second to load. Nothing here needs it, so the first request of a new session is made and sent
meanwhile (`agent.head_start`).
"""

from dataclasses import dataclass, replace

from agent.checks import Checks
from agent.client import ModelClient, ModelRequest
from agent.engine import Clock, Context, Engine, Snapshots, Snapshotter
from agent.events import EventSink
from agent.log import SessionLog
from agent.messages import SystemMessage, UserMessage
from agent.permissions.permissions import Permissions
from agent.pictures import Picture
from agent.prompt import system_prompt
from agent.room import answer_room, upper_bound
from agent.settings import Settings
from agent.state import TurnState
from agent.steering import Steering
from agent.step import next_step, request_of
from agent.thinking import Policy
from agent.toolset import Toolset
from agent.transcript import Transcript
from sandboxes.protocol import Sandbox
from tools.base import Arguments, Tool, ToolSettings


@dataclass(frozen=True, slots=True)
class Parts:
    """What a session is put together from. `snapshots` is None where file changes are not kept.

    `permissions` None allows everything, as is right in a container of its own. `shared` says that a person edits the
    same files meanwhile: a bound tree. `checks` run after edits.
    """

    sandbox: Sandbox
    tools: tuple[Tool[Arguments], ...]
    client: ModelClient
    snapshots: Snapshots | None
    emit: EventSink
    instructions: str = ""
    shared: bool = False
    permissions: Permissions | None = None
    checks: Checks | None = None


def tool_settings(settings: Settings) -> ToolSettings:
    """What of the settings concerns the tools."""
    seconds = settings.command_timeout_s
    return ToolSettings(timeout_default_s=seconds, timeout_max_s=seconds) if seconds else ToolSettings()


def open_engine(log: SessionLog, settings: Settings, parts: Parts) -> Engine:
    """The engine of a new session when the log is empty, otherwise of the one that it holds.

    The system prompt of a known session is the logged one, byte for byte: a new text would cost the whole prefix cache.
    """
    transcript = Transcript.from_log(log)
    if not transcript.fragments:
        text = system_prompt(parts.sandbox, parts.instructions)
        log.append("system", 0, {"text": text})
        transcript.append(SystemMessage(text))
    return Engine(
        settings=settings,
        log=log,
        transcript=transcript,
        client=parts.client,
        toolset=Toolset(parts.tools, parts.sandbox, tool_settings(settings)),
        snapshotter=Snapshotter(parts.snapshots, log, parts.emit, parts.shared),
        emit=parts.emit,
        clock=Clock(),
        context=Context(settings.endpoint.context_tokens),
        steering=Steering.over(log, parts.emit),
        permissions=parts.permissions or Permissions(),
        checks=parts.checks or Checks(),
    )


def expected_request(
    engine: Engine, text: str, thinking: Policy | None, pictures: tuple[Picture, ...] = ()
) -> ModelRequest | None:
    """What the machine will ask first for this request of a user; None when it would make room before."""
    transcript = Transcript.from_log(engine.log)
    transcript.append(UserMessage(text, pictures))
    engine = replace(engine, transcript=transcript, policy=None)
    context = engine.context.tokens
    if context and upper_bound(engine) + answer_room(engine.settings.answer_tokens, context) > context:
        return None
    return request_of(engine, next_step(engine, TurnState().next_turn(thinking)))
