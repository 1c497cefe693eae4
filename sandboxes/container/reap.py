"""What crashes leave behind: containers whose owner is dead, found by label and by the owner in their name."""

import time
from collections.abc import Callable, Set
from dataclasses import dataclass

from sandboxes import docker
from sandboxes.channel.channel import JsonObject
from sandboxes.container.owner import Owner, parse_owner
from sandboxes.container.spec import LABEL, LABEL_OWNER, LABEL_SESSION, NAME_PREFIX


@dataclass(frozen=True, slots=True)
class SandboxRow:
    """One container of ours. `created` is seconds since 1970; `owner_lives` None means that nobody here can tell."""

    container: str
    name: str
    session_id: str
    image: str
    state: str
    created: int
    owner_lives: bool | None


async def list_sandboxes() -> list[SandboxRow]:
    """All containers of qwright on the engine, newest first; raises `SandboxUnavailable`."""
    engine = await docker.connect()
    try:
        return await _rows(engine)
    finally:
        await engine.close()


async def reap(
    spare: Set[str] = frozenset(), *, older_than_s: float = 0.0, at_once: Callable[[str], bool] = lambda session: False
) -> list[SandboxRow]:
    """Remove containers whose owner is a dead process of this machine, except those of the sessions in `spare`.

    Gives what was removed. A session about to be resumed belongs into `spare`; those made in the last `older_than_s`
    seconds are left, too, so that a session that has just crashed finds its files as they were, unless `at_once` says
    of a session's id that nobody will take it up.
    """
    newest = time.time() - older_than_s

    def unwanted(row: SandboxRow) -> bool:
        old = row.created <= newest or at_once(row.session_id)
        return row.owner_lives is False and row.session_id not in spare and old

    return await _remove(unwanted)


async def prune() -> list[SandboxRow]:
    """Remove every container of qwright that no living process is known to own; gives what was removed."""
    return await _remove(lambda row: not row.owner_lives)


async def _remove(unwanted: Callable[[SandboxRow], bool]) -> list[SandboxRow]:
    engine = await docker.connect()
    try:
        removed = [row for row in await _rows(engine) if unwanted(row)]
        for row in removed:
            await engine.remove(row.container)
        return removed
    finally:
        await engine.close()


async def _rows(engine: docker.Engine) -> list[SandboxRow]:
    rows = [_row(entry) for entry in await engine.containers([LABEL])]
    return sorted(rows, key=lambda row: row.created, reverse=True)


def _row(entry: JsonObject) -> SandboxRow:
    names, labels, created = entry.get("Names"), entry.get("Labels"), entry.get("Created")
    name = str(names[0]).lstrip("/") if isinstance(names, list) and names else ""
    found = labels if isinstance(labels, dict) else {}
    owner = owner_of(name, str(found.get(LABEL_OWNER, "")))
    return SandboxRow(
        container=str(entry.get("Id", "")),
        name=name,
        session_id=str(found.get(LABEL_SESSION, "")),
        image=str(entry.get("Image", "")),
        state=str(entry.get("State", "")),
        created=created if isinstance(created, int) else 0,
        owner_lives=None if owner is None or not owner.is_here() else owner.lives(),
    )


def owner_of(name: str, label: str) -> Owner | None:
    """The owner in a container's name, which follows a change of hands, else the one in its label."""
    unique, _, owner = name.removeprefix(NAME_PREFIX).partition("_")
    return (parse_owner(owner) if unique else None) or parse_owner(label)
