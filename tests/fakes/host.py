"""A session for screens: each request plays the events that the test wrote, at the pace that it wrote."""

import asyncio
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.approvals import Answer
from agent.events import (
    ApprovalAsked,
    CallFinished,
    CallStarted,
    Event,
    EventSink,
    QuestionAsked,
    TurnEnded,
    TurnStarted,
)
from agent.permissions.modes import Mode, Scope
from agent.permissions.rules import Rule
from agent.thinking import Policy
from tests.fakes.figures import ScriptedFigures
from tests.fakes.past import ListPast
from tests.fakes.project import ListProject
from tests.fakes.setup import ScriptedSetup
from tui.commands.custom import CustomCommand
from tui.host import HostFailed, Trouble
from tui.opened import Opened

if TYPE_CHECKING:
    from agent.session import Outcome

Play = Sequence[Event | float | asyncio.Event]


class ScriptedHost:
    """Implements `tui.host.AppHost`. A number in a play is a pause in seconds, an `asyncio.Event` is waited for.

    The last event should be `TurnEnded`. `failure` is raised by the first openings, one after the other; `ends_with` is
    the trouble of the next turn, `refuses` what no request gets past.
    """

    def __init__(
        self, *plays: Play, opened: Opened | None = None, failure: HostFailed | Sequence[HostFailed] = ()
    ) -> None:
        self.requests: list[str] = []
        self.answers: list[Answer] = []
        self.mode: Mode = "auto"
        self.granted: list[tuple[Scope, Rule]] = []
        self.policies: list[Policy | None] = []
        self.pictures: list[tuple[str, ...]] = []
        self.clipboard = ""
        self.compacted: list[str] = []
        self.steered: list[str] = []
        self.remembered: list[str] = []
        self.paths: list[str] = []
        self.custom: list[CustomCommand] = []
        self.commands: list[str] = []
        self.unheard: tuple[str, ...] = ()
        self.kept_settings: dict[str, str] = {}
        self.sessions = 1
        self.cancelled = 0
        self.closed = False
        self._plays = list(plays)
        self._opened = opened or Opened(
            "20260101-000000-abc123", "Qwen/Qwen3.5-122B-A10B", 262_144, "docker: x", "auto"
        )
        self._failures = [failure] if isinstance(failure, HostFailed) else list(failure)
        self.setup = ScriptedSetup()
        self.kept = ""
        self.figures = ScriptedFigures()
        self.opened = 0
        self.ends_with: Trouble | None = None
        self.refuses: Exception | None = None
        self._sink: EventSink | None = None
        self._running: asyncio.Task[Outcome] | None = None
        self.past = ListPast(lambda: self._opened)
        self.project = ListProject()

    @property
    def title(self) -> str:
        return "demo"

    async def open(self, sink: EventSink) -> Opened:
        self._sink = sink
        self.opened += 1
        if self._failures:
            raise self._failures.pop(0)
        return self._opened

    async def reopen(self) -> Opened:
        assert self._sink is not None
        return await self.open(self._sink)

    def trouble(self, outcome: "Outcome") -> Trouble | None:
        trouble, self.ends_with = self.ends_with, None
        return trouble

    async def run(self, text: str, thinking: Policy | None = None, pictures: Sequence[str] = ()) -> "Outcome":
        if self.refuses is not None:
            raise self.refuses
        self.requests.append(text)
        self.policies.append(thinking)
        self.pictures.append(tuple(pictures))
        return await self._play([TurnStarted(self._opened.session_id, text), *self._plays.pop(0)])

    async def resume(self) -> "Outcome":
        return await self._play(self._plays.pop(0))

    def set_mode(self, mode: Mode) -> None:
        self.mode = mode

    def rules(self) -> Sequence[tuple[Scope, Rule]]:
        return self.granted

    def forget(self, scope: Scope, rule: Rule) -> None:
        self.granted.remove((scope, rule))

    async def answer(self, answer: Answer) -> "Outcome":
        self.answers.append(answer)
        return await self._play(self._plays.pop(0))

    def cancel(self) -> None:
        self.cancelled += 1
        if self._running is not None:
            self._running.cancel()

    def steer(self, text: str) -> None:
        self.steered.append(text)

    async def files(self) -> Sequence[str]:
        return self.paths

    async def custom_commands(self) -> Sequence[CustomCommand]:
        return self.custom

    async def shell(self, command: str) -> None:
        assert self._sink is not None
        self.commands.append(command)
        self._sink(CallStarted("person-1", "!", json.dumps({"command": command})))
        self._sink(CallFinished("person-1", "!", True, "exit 0", "out\n", "", 0.1))

    async def clipboard_picture(self) -> str:
        return self.clipboard

    async def asked_before(self) -> Sequence[str]:
        return list(self.remembered)

    async def remember(self, text: str) -> None:
        self.remembered.append(text)

    async def keep_setting(self, key: str, value: str) -> str:
        self.kept_settings[key] = value
        return "Kept."

    async def new_session(self) -> Opened:
        self.sessions += 1
        return self._opened

    async def compact(self, focus: str) -> str:
        self.compacted.append(focus)
        return "Compacted."

    async def close(self) -> None:
        self.closed = True

    async def _play(self, play: Play) -> "Outcome":
        from agent.session import Outcome

        assert self._sink is not None
        self._running = asyncio.ensure_future(self._tell(play))
        try:
            return await self._running
        except asyncio.CancelledError:
            self._sink(TurnEnded("cancelled", "Interrupted.", 1))
            return Outcome("cancelled", "Interrupted.", 1)
        finally:
            self._running = None

    async def _tell(self, play: Play) -> "Outcome":
        from agent.session import Outcome

        assert self._sink is not None
        last: Event | None = None
        for item in play:
            if isinstance(item, asyncio.Event):
                await item.wait()
            elif isinstance(item, float | int):
                await asyncio.sleep(item)
            else:
                self._sink(item)
                last = item
        if isinstance(last, TurnEnded):
            unheard, self.unheard = self.unheard, ()
            return Outcome(last.status, last.summary, last.steps, unheard=unheard)
        question = last if isinstance(last, QuestionAsked) else None
        approval = last if isinstance(last, ApprovalAsked) else None
        status = "waiting" if question or approval else "done"
        return Outcome(status, "", 1, question=question, approval=approval)
