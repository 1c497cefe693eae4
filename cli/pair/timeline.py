"""Undo, diff, commit and other sessions for the screens: `tui.past.host.Past` over the open session."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agent.rewinding.rewound import FilePlan, Request, Rewound
from cli.lock import session_lock
from cli.pair.again import spec_of
from cli.pair.changes import Commits, diff_of
from cli.pair.elsewhere import fork, session_lines
from cli.pair.open_pair import OpenPair
from cli.pair.troubles import translated
from cli.paths import new_session_id, session_dir
from cli.sessions.export import exported
from cli.sessions.rows import find_session
from tui.host import HostFailed
from tui.opened import Opened
from tui.past.host import CommitDraft, Diff, Scope, SessionLine

if TYPE_CHECKING:
    from cli.pair.spec import PairSpec


class Timeline:
    """Implements `tui.past.host.Past`."""

    def __init__(self, host: OpenPair) -> None:
        self._host = host
        self._commits = Commits()

    def requests(self) -> Sequence[Request]:
        """See `Past.requests`."""
        return self._host.session.requests

    async def plan(self, entry_id: int) -> FilePlan:
        """See `Past.plan`."""
        async with self._host.turn:
            return await translated(self._host.session.plan_rewind(entry_id))

    async def rewind(self, entry_id: int, *, conversation: bool, files: bool, force: bool) -> Rewound:
        """See `Past.rewind`."""
        async with self._host.turn:
            work = self._host.session.rewind(entry_id, conversation=conversation, files=files, force=force)
            return await translated(work)

    async def plan_redo(self) -> FilePlan:
        """See `Past.plan_redo`."""
        async with self._host.turn:
            return await translated(self._host.session.plan_redo())

    async def redo(self, *, force: bool) -> Rewound:
        """See `Past.redo`."""
        async with self._host.turn:
            return await translated(self._host.session.redo(force=force))

    def reopened(self) -> Opened:
        """See `Past.reopened`."""
        return self._host.reopened()

    async def diff(self, scope: Scope) -> Diff:
        """See `Past.diff`."""
        if self._host.turn.locked():
            return await translated(diff_of(self._host.session, self._host.log, self._host.place, scope, so_far=True))
        async with self._host.turn:
            return await translated(diff_of(self._host.session, self._host.log, self._host.place, scope))

    async def draft(self) -> CommitDraft:
        """See `Past.draft`."""
        async with self._host.turn:
            return await translated(self._commits.draft(self._host.session, self._host.log, self._host.place))

    async def commit(self, message: str) -> str:
        """See `Past.commit`."""
        async with self._host.turn:
            return await translated(self._commits.commit(self._host.place, message))

    async def sessions(self) -> Sequence[SessionLine]:
        """See `Past.sessions`."""
        spec = self._host.spec
        lines = await asyncio.to_thread(session_lines, Path(spec.place.repo))
        return [line for line in lines if line.session_id != spec.session_id]

    async def open_session(self, session_id: str) -> Opened:
        """See `Past.open_session`. An id that cannot be taken up leaves this session as it is."""

        async def found() -> "PairSpec":
            return await asyncio.to_thread(lambda: spec_of(find_session(session_id)))

        spec = await translated(found())
        if spec.session_id == self._host.spec.session_id:
            raise HostFailed("That is this session.", "usage")
        await translated(asyncio.to_thread(_free, spec.session_id))
        return await self._host.switch(spec)

    async def fork(self) -> Opened:
        """See `Past.fork`."""
        spec, new_id = self._host.spec, new_session_id()
        if self._host.log.last("user") is None:
            raise HostFailed("There is nothing to fork yet: nothing was asked.", "usage")
        copied = replace(spec, session_id=new_id, fresh=False)
        return await self._host.switch(copied, lambda: fork(spec.session_id, new_id))

    def rename(self, title: str) -> None:
        """See `Past.rename`."""
        self._host.log.update_meta(title=" ".join(title.split()))

    async def export(self, form: Literal["markdown", "json"], path: str) -> str:
        """See `Past.export`. Never over a file that is there."""
        ending = "md" if form == "markdown" else "jsonl"
        target = Path(path or f"qwright-{self._host.spec.session_id}.{ending}").expanduser().absolute()
        try:
            with target.open("x", encoding="utf-8") as file:
                file.writelines(exported(self._host.log, form))
        except OSError as error:
            raise HostFailed(f"The session is not exported: {error}. Name another file.", "usage") from error
        return str(target)


def _free(session_id: str) -> None:
    """Raises `UsageError` when another process has the session open."""
    with session_lock(session_dir(session_id)):
        pass
