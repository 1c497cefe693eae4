"""Taking a session back and forward again: the conversation, the files, or both. Nothing is deleted anywhere.

Files come from the snapshots. Only what the agent changed is put back. A path that the user changed too, as far as the
log can tell, is named and left as it is unless `force` says otherwise; and what stands is kept in a snapshot first, so
that even a forced rewind can be redone.
"""

from collections.abc import Collection

from agent.engine import Engine
from agent.errors import SessionError
from agent.json_types import JsonObject, as_list, as_text
from agent.log import Entry, SessionLog
from agent.rewinding.rewound import FilePlan, Request, Rewound
from agent.rewinding.standing import Mark, redoable
from agent.rewinding.words import rewound_line
from agent.snapshotter import REQUEST, By, Snapshots, cut_off


def requests(log: SessionLog) -> list[Request]:
    """Requests that stand, oldest first."""
    return [_request(entry) for entry in log.standing("user")]


def _request(entry: Entry) -> Request:
    return Request(entry.id, as_text(entry.data.get("text")), entry.step, entry.time)


async def plan_rewind(engine: Engine, to: int) -> FilePlan:
    """What putting the files back to where they were before an entry would do. `to` is a request or a step's "mode"."""
    snapshots, now = await _now(engine)
    return await _since(engine, to, snapshots, now)


async def changed_so_far(engine: Engine, to: int) -> FilePlan:
    """The same in mid-turn, up to the newest snapshot of its steps: takes none. `now` is "" before there is any."""
    await engine.snapshotter.arrived()
    newest = engine.log.last("snapshot")
    if engine.snapshotter.snapshots is None or newest is None:
        return FilePlan()
    return await _since(engine, to, engine.snapshotter.snapshots, as_text(newest.data.get("id")))


async def _since(engine: Engine, to: int, snapshots: Snapshots, now: str) -> FilePlan:
    origin = next((entry for entry in engine.log.entries("user", "mode", after=to - 1) if entry.id == to), None)
    if origin is None:
        raise SessionError(f"The log has no request or step {to} to go back to.")
    target, since = _state_before(engine.log, origin)
    return await _sorted_out(engine.log, snapshots, target or now, now, since)


async def rewind(engine: Engine, to: int, *, conversation: bool, files: bool, force: bool = False) -> Rewound:
    """Take back everything from entry `to` on. Raises `SessionError` and `WorkspaceError`; then nothing has changed."""
    standing = {entry.id for entry in engine.log.standing("user", "mode")}
    if to not in standing:
        raise SessionError("That request was taken back already, or was never made.")
    gone = tuple(request.text for request in requests(engine.log) if request.entry_id >= to) if conversation else ()
    data: JsonObject = {"to": to, "conversation": conversation, "requests": list(gone)}
    plan = await plan_rewind(engine, to) if files else FilePlan()
    return await _carried_out(engine, "rewind", data, plan, force)


async def plan_redo(engine: Engine) -> FilePlan:
    """What a redo would do to the files. Raises `SessionError` when there is nothing to redo."""
    mark = _to_redo(engine.log)
    wanted = frozenset(as_text(path) for path in as_list(mark.data.get("files")))
    if not wanted:
        return FilePlan()
    snapshots, now = await _now(engine)
    target, after = as_text(mark.data.get("was")), as_text(mark.data.get("after"))
    return await _sorted_out(engine.log, snapshots, target, now, mark.id, wanted, after)


async def redo(engine: Engine, *, force: bool = False) -> Rewound:
    """Take the newest rewind back. Raises `SessionError` when there is none, or a new request came since."""
    mark = _to_redo(engine.log)
    data: JsonObject = {"undoes": mark.id, "requests": mark.data.get("requests", [])}
    return await _carried_out(engine, "redo", data, await plan_redo(engine), force)


def _to_redo(log: SessionLog) -> Mark:
    mark = redoable(log.marks())
    if mark is None:
        raise SessionError("There is nothing to redo: nothing was taken back since the last request.")
    return mark


async def _now(engine: Engine) -> tuple[Snapshots, str]:
    """What stands, kept before anything else is done."""
    snapshots = engine.snapshotter.snapshots
    if snapshots is None:
        raise SessionError("This session keeps no snapshots; only its conversation can be taken back.")
    by: By = "unknown" if cut_off(engine.log) else "user"
    return snapshots, await engine.snapshotter.taken(_step(engine.log), by, "before going back")


def _state_before(log: SessionLog, origin: Entry) -> tuple[str, int]:
    """The snapshot of the files before this entry, and the log entry from which on later states are read."""
    if before := as_text(origin.data.get("before")):
        return before, origin.id
    if origin.kind == "user":
        for entry in log.entries("snapshot", after=origin.id):
            if entry.data.get("label") == REQUEST:
                return as_text(entry.data.get("id")), entry.id
        return "", origin.id
    found, since = "", origin.id
    for entry in log.entries("user", "snapshot"):
        # The snapshot of a step is taken beside the next one, and may be logged behind its beginning.
        if entry.id < origin.id or (entry.kind == "snapshot" and entry.step < origin.step):
            key = "id" if entry.kind == "snapshot" else "before"
            found, since = (as_text(entry.data.get(key)) or found), entry.id
    return found, since


async def _sorted_out(
    log: SessionLog,
    snapshots: Snapshots,
    target: str,
    now: str,
    since: int,
    only: Collection[str] | None = None,
    first: str = "",
) -> FilePlan:
    """Who changed what after the log entry `since`, when the files stood at `first` (the target itself, unless given).

    Neighbouring snapshots of one author are one change: a path that came back to what it was counts for nothing.
    """
    runs: list[tuple[str, str]] = []
    for entry in log.entries("snapshot", after=since):
        by, state = as_text(entry.data.get("by")) or "agent", as_text(entry.data.get("id"))
        if runs and runs[-1][0] == by:
            runs.pop()
        runs.append((by, state))
    ours: set[str] = set(only or ())
    theirs: set[str] = set()
    certain: set[str] = set()
    state = first or target
    for by, after in runs:
        changed = await snapshots.changes(state, after)
        state = after
        if by != "user" and only is None:
            ours.update(changed)
        if by not in ("user", "unknown"):
            certain.update(changed)
        if by in ("user", "unknown"):
            theirs.update(changed)
    differing = [path for path in await snapshots.changes(target, now) if path in ours]
    back = tuple(path for path in differing if path not in theirs)
    kept = tuple(path for path in differing if path in theirs)
    return FilePlan(target, now, back, kept, frozenset(certain.intersection(differing)))


async def _carried_out(engine: Engine, kind: str, data: JsonObject, plan: FilePlan, force: bool) -> Rewound:
    """Files first: if the process ends in between, the conversation still stands and the rewind can be repeated."""
    wanted = (*plan.back, *plan.kept) if force else plan.back
    step = _step(engine.log)
    done: tuple[str, ...] = ()
    after = plan.now
    snapshots = engine.snapshotter.snapshots
    if wanted and snapshots is not None:
        done = tuple(await snapshots.restore(plan.target, frozenset(wanted), plan.now))
        after = await engine.snapshotter.taken(step, "rewind", kind)
    kept = tuple(sorted({*plan.back, *plan.kept} - set(done)))
    requests_gone = tuple(as_text(text) for text in as_list(data.get("requests")))
    files: JsonObject = {"files": list(done), "kept": list(kept), "was": plan.now, "after": after}
    line = rewound_line(kind == "redo", len(requests_gone), len(done), kept)
    engine.log.append("redo" if kind == "redo" else "rewind", step, {**data, **files, "told": line})
    engine.transcript.reload(engine.log)
    return Rewound(requests_gone, done, kept)


def _step(log: SessionLog) -> int:
    newest = log.last("mode", "user")
    return newest.step if newest else 0


def request_taken_back(log: SessionLog) -> Mark | None:
    """The rewind of (a part of) the newest turn, if one stands: that turn cannot go on."""
    mark = redoable(log.marks())
    return mark if mark is not None and mark.data.get("conversation") else None
