"""Snapshots of a folder, kept in memory, after the protocol of `agent.snapshotter`."""

import hashlib
from collections.abc import Collection
from pathlib import Path

Files = dict[str, bytes]


class FolderSnapshots:
    """Ids are hashes of the content; `calls` are the labels of all snapshots asked for."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self.calls: list[str] = []
        self.kept: dict[str, Files] = {}
        self._start = ""

    async def ready(self) -> str:
        self._start = self._start or self._keep()
        return self._start

    async def snapshot(self, label: str) -> str:
        await self.ready()
        self.calls.append(label)
        return self._keep()

    async def changes(self, before: str, after: str) -> list[str]:
        old, new = self.kept[before], self.kept[after]
        return sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))

    async def restore(
        self, snapshot_id: str, only: Collection[str] | None = None, seen: str | None = None
    ) -> list[str]:
        now = self._keep()
        fresh = await self.changes(seen, now) if seen else []
        wanted = await self.changes(now, snapshot_id)
        wanted = [path for path in wanted if (only is None or path in only) and path not in fresh]
        for path in wanted:
            content = self.kept[snapshot_id].get(path)
            if content is None:
                (self.tree / path).unlink()
            else:
                (self.tree / path).parent.mkdir(parents=True, exist_ok=True)
                (self.tree / path).write_bytes(content)
        return wanted

    def files(self) -> Files:
        found = (path for path in self.tree.rglob("*") if path.is_file())
        return {str(path.relative_to(self.tree)): path.read_bytes() for path in found}

    def _keep(self) -> str:
        files = self.files()
        name = hashlib.sha1(repr(sorted(files.items())).encode(), usedforsecurity=False).hexdigest()
        self.kept[name] = files
        return name
