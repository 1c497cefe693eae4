"""What changed in the files, by whom, and commits of it."""

from pathlib import Path
from typing import TYPE_CHECKING

from agent.json_types import as_text
from agent.log import SessionLog
from agent.rewinding.rewound import FilePlan
from cli.errors import UsageError
from cli.place import Place
from sandboxes.tree.committing import commit_files, commitable
from sandboxes.tree.sources import HostSource, locate
from tui.past.diff_lines import diff_files
from tui.past.host import CommitDraft, Diff, Scope

if TYPE_CHECKING:
    from agent.session import Session


async def diff_of(session: "Session", log: SessionLog, place: Place, scope: Scope, *, so_far: bool = False) -> Diff:
    """The diff since the last request that stands, or since the session began; a path only the user changed is marked.

    `so_far`: a turn runs, so that only what its finished steps left is looked at. Raises `UsageError` before the first
    request.
    """
    plan = await _changed(session, log, scope, so_far=so_far)
    if so_far and not plan.now:
        return Diff("")
    since = plan.target if scope == "turn" else place.workspace.base
    patch = (await place.workspace.patch(since, plan.now)).decode("utf-8", "replace")
    return Diff(patch, diff_files(patch, plan.certain))


async def _changed(session: "Session", log: SessionLog, scope: Scope, *, so_far: bool = False) -> FilePlan:
    asked = session.requests[-1].entry_id if scope == "turn" and session.requests else None
    if asked is None:
        first = next(log.entries("user"), None)
        if first is None:
            raise UsageError("Nothing was asked yet, so nothing has changed.")
        asked = first.id
    return await (session.changed_so_far(asked) if so_far else session.plan_rewind(asked))


class Commits:
    """Drafts a commit, then makes just that one."""

    def __init__(self) -> None:
        self._snapshot = ""
        self._paths: tuple[str, ...] = ()
        self._root = Path()

    async def draft(self, session: "Session", log: SessionLog, place: Place) -> CommitDraft:
        """What the agent changed in this session and is not in HEAD, with a message. Raises `UsageError`."""
        plan = await _changed(session, log, "session")
        workspace = place.workspace
        root = _bound_root(log)
        found = await commitable(root, workspace.store, workspace.base, plan.now, sorted(plan.certain))
        if not found.paths:
            raise UsageError(
                "There is nothing to commit: what the agent changed is in HEAD already, or was taken back."
            )
        mixed = {*found.mixed, *(path for path in plan.kept if path in found.paths)}
        asked = session.requests[-1].text if session.requests else "Changes of this session"
        otherwise = next(line.strip() for line in [*asked.splitlines(), "Changes"] if line.strip())[:72]
        message = await session.commit_message(found.paths, otherwise)
        self._snapshot, self._paths, self._root = plan.now, found.paths, root
        return CommitDraft(message, found.paths, sorted(mixed))

    async def commit(self, place: Place, message: str) -> str:
        """The drafted commit with this message; a sentence."""
        if not self._paths or not message.strip():
            raise UsageError("There is no draft to commit; /commit makes one.")
        made = await commit_files(self._root, place.workspace.store, self._snapshot, self._paths, message)
        count = len(self._paths)
        self._paths = ()
        return f"Committed {count} file{'s' if count > 1 else ''} as {made[:12]}. No hook was run."


def _bound_root(log: SessionLog) -> Path:
    """The root of the bound repository. Raises `UsageError` for a session that works on a copy."""
    meta = log.meta()
    if meta.get("workspace") != "bind":
        raise UsageError("This session works on a copy; there is nothing to commit here. /export or a patch keeps it.")
    path, repository, _ = locate(HostSource(Path(as_text(meta.get("repo"))), "bind"))
    return repository.root if repository else path
