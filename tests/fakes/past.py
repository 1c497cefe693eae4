"""Going back and forth for screens: a list of requests with files, in memory."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

from agent.events import Event, Notice, TurnStarted
from agent.rewinding.rewound import FilePlan, Request, Rewound
from tui.host import HostFailed
from tui.opened import Opened
from tui.past.host import CommitDraft, Diff, Scope, SessionLine


class ListPast:
    """Implements `tui.past.host.Past`. `mine` are paths that the user changed too, `files` those that go back; `done`
    tells what was called.
    """

    def __init__(self, opened: Callable[[], Opened], *asked: str, mine: Sequence[str] = ()) -> None:
        self.asked = list(asked)
        self.mine = tuple(mine)
        self.files: tuple[str, ...] = ("src/a.py", "src/b.py")
        self.others: list[SessionLine] = []
        self.done: list[str] = []
        self.changed = Diff("")
        self._opened = opened
        self._undone: list[list[str]] = []

    def requests(self) -> Sequence[Request]:
        return [Request(number, text, number, 1_700_000_000.0) for number, text in enumerate(self.asked, 1)]

    async def plan(self, entry_id: int) -> FilePlan:
        return FilePlan("t", "n", self.files, self.mine)

    async def rewind(self, entry_id: int, *, conversation: bool, files: bool, force: bool) -> Rewound:
        self.done.append(f"rewind {entry_id} {conversation=} {files=} {force=}")
        self._undone.append(list(self.asked))
        if conversation:
            del self.asked[entry_id - 1 :]
        return Rewound()

    async def plan_redo(self) -> FilePlan:
        if not self._undone:
            raise HostFailed("There is nothing to redo: nothing was taken back since the last request.", "usage")
        return FilePlan("t", "n", (), ())

    async def redo(self, *, force: bool) -> Rewound:
        self.done.append("redo")
        self.asked = self._undone.pop()
        return Rewound()

    def reopened(self) -> Opened:
        history: list[Event] = [TurnStarted("x", text) for text in self.asked]
        if self._undone:
            history.append(Notice("Undone: 1 request taken back."))
        return replace(self._opened(), history=history)

    async def diff(self, scope: Scope) -> Diff:
        self.done.append(f"diff {scope}")
        return self.changed

    async def draft(self) -> CommitDraft:
        return CommitDraft("Mend the parser", ["src/a.py", "src/b.py"], ["src/b.py"])

    async def commit(self, message: str) -> str:
        self.done.append(f"commit {message}")
        return "Committed 2 files as 0123456789ab."

    async def sessions(self) -> Sequence[SessionLine]:
        return self.others

    async def open_session(self, session_id: str) -> Opened:
        self.done.append(f"open {session_id}")
        return self.reopened()

    async def fork(self) -> Opened:
        self.done.append("fork")
        return self.reopened()

    def rename(self, title: str) -> None:
        self.done.append(f"rename {title}")

    async def export(self, form: Literal["markdown", "json"], path: str) -> str:
        self.done.append(f"export {form}")
        return path or "/tmp/session.md"
