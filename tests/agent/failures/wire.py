"""A real session over a real client over a server that sends the bytes that a test says."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from agent import events
from agent.client import VllmClient
from agent.failures.table import Counter
from agent.json_types import JsonObject, as_list, as_object, as_text
from agent.log import SessionLog
from agent.opening import Parts
from agent.pictures import Picture
from agent.session import Outcome, Session, open_session
from agent.settings import Endpoint, Settings
from tests.agent.streams import captured, delta, sse, usage_chunk
from tests.fakes.http_server import HttpServer, Reply, Request
from tests.fakes.sandbox import FolderSandbox
from tools.registry import toolset

JSON_TYPE = {"content-type": "application/json"}


def stream(data: bytes) -> Reply:
    """A stream of these bytes."""
    return Reply([data] if data else [])


def capture(name: str) -> Reply:
    """A stream as vLLM 0.32 sent it."""
    return stream(captured(name))


def says(text: str, finish: str = "stop") -> Reply:
    """A whole answer without calls."""
    usage = usage_chunk(prompt_tokens=900, completion_tokens=len(text) // 4 + 2)
    return stream(sse(delta(content=text), delta(finish), usage))


def refuses(status: int, message: str, **headers: str) -> Reply:
    """An error in vLLM's form."""
    body = b'{"error":{"message":%s,"type":"x","param":null,"code":%d}}' % (_quoted(message), status)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply([body], status=status, headers={**JSON_TYPE, **named})


def _quoted(text: str) -> bytes:
    return b'"' + text.replace("\\", "\\\\").replace('"', '\\"').encode() + b'"'


DONE = says("All done.")


@dataclass(slots=True)
class Talk:
    """One turn that was driven, and what the user, the model and the log saw of it."""

    tree: Path
    log: SessionLog
    server: HttpServer
    seen: list[events.Event] = field(default_factory=list[events.Event])
    _sessions: list[Session] = field(default_factory=list[Session])
    _awaited: Counter | None = None
    _told: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def session(self) -> Session:
        return self._sessions[-1]

    def open(self, settings: Settings, client: VllmClient) -> None:
        """Open the session over the log."""
        sandbox = FolderSandbox(self.tree, self.tree.parent / "scratch")
        parts = Parts(sandbox, toolset(person=False), client, None, self.see)
        self._sessions.append(open_session(self.log, settings, parts))

    async def run(self, text: str = "go", pictures: tuple[Picture, ...] = ()) -> Outcome:
        return await self.session.run(text, pictures=pictures)

    def counts(self) -> dict[str, int]:
        """The failures that the log counts."""
        counted: dict[str, int] = {}
        for entry in self.log.entries("failure"):
            name = as_text(entry.data.get("counter"))
            counted[name] = counted.get(name, 0) + 1
        return counted

    async def told_of(self, counter: Counter) -> None:
        """Return as soon as the user is told of this failure."""
        self._awaited = counter
        if counter not in self.counts():
            await self._told.wait()

    def see(self, event: events.Event) -> None:
        """The session's sink."""
        self.seen.append(event)
        if isinstance(event, events.FaultHandled) and event.counter == self._awaited:
            self._told.set()

    def told(self) -> str:
        """What the user was told about failures."""
        parts = [f"{event.fault} {event.action}" for event in self.seen if isinstance(event, events.FaultHandled)]
        return "\n".join(parts + [event.text for event in self.seen if isinstance(event, events.Notice)])

    def bodies(self) -> list[JsonObject]:
        return [as_object(request.json()) for request in self.server.requests]

    def messages(self, number: int) -> list[JsonObject]:
        """The history of one request."""
        return [as_object(message) for message in as_list(self.bodies()[number].get("messages"))]

    def last_message(self, number: int = -1) -> str:
        """What the model reads last in one request."""
        return as_text(self.messages(number)[-1].get("content"))

    def modes(self) -> list[tuple[bool, bool]]:
        """Thinking and required call of each request."""
        return [
            (
                bool(as_object(body.get("chat_template_kwargs")).get("enable_thinking")),
                body.get("tool_choice") == "required",
            )
            for body in self.bodies()
        ]

    def results(self) -> list[events.CallFinished]:
        return [event for event in self.seen if isinstance(event, events.CallFinished)]


@asynccontextmanager
async def talk(
    folder: Path, replies: Sequence[Reply], *, url: str = "", settings: Settings | None = None, patience_s: float = 30.0
) -> AsyncGenerator[Talk]:
    """A session whose server gives these replies, the last one for ever."""
    tree, scratch = folder / "tree", folder / "scratch"
    tree.mkdir(exist_ok=True)
    scratch.mkdir(exist_ok=True)
    async with HttpServer(list(replies)) as server:
        endpoint = Endpoint(url or server.url, "test", context_tokens=65536)
        chosen = replace(settings or Settings(endpoint), endpoint=endpoint)
        client = VllmClient(endpoint, patience_s)
        log = SessionLog.open(folder / "log.sqlite", create=True)
        log.update_meta(id="wire")
        run = Talk(tree, log, server)
        run.open(chosen, client)
        try:
            yield run
        finally:
            await client.close()
            log.close()


def valid(request: Request) -> None:
    """The history of a request holds what every server demands: see `agent.failures.table`, "history_refused"."""
    messages = [as_object(message) for message in as_list(as_object(request.json()).get("messages"))]
    assert [message["role"] for message in messages].index("system") == 0
    assert [message["role"] for message in messages].count("system") == 1
    assert any(message["role"] == "user" for message in messages)
    open_ids: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            assert open_ids, "a result without a call"
            assert message["tool_call_id"] == open_ids.pop(0)
            continue
        assert not open_ids, "a call without a result"
        open_ids = [as_text(as_object(call).get("id")) for call in as_list(message.get("tool_calls"))]
    assert not open_ids
