"""From what a sandbox reports as changed to the next snapshot in the private store."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable

from sandboxes.protocol import Sandbox, TreeChange
from sandboxes.tree.fastimport import FileBytes, git_mode, storable
from sandboxes.tree.fetching import fetched
from sandboxes.tree.ignores import IgnoreRules
from sandboxes.tree.shadow import BASE_REF, LIVE_REF, Committed, ShadowStore
from sandboxes.tree.tarball import Owner

# Larger files are data, not source: they stay out of snapshots and patches, and a note says so.
LARGE_FILE = 64 * 1024**2
# What a session's snapshots may hold besides its start: a command can write more in a minute than a disk has.
KEPT_BYTES = 4 * 1024**3
_BATCH_BYTES = 4 * 1024**2
_BATCH_PATHS = 1000

Note = Callable[[str], None]


class Tracker:
    """Knows which paths the last snapshot has, and which paths never count.

    `known`: paths of the last snapshot. `counted`: paths of any snapshot; they count whatever the rules say by now.
    `outside`: paths of the start that are no part of the result, for good.
    `left_out`: new paths that a rule ignores; they are looked at again when the rules change.
    """

    def __init__(self, sandbox: Sandbox, store: ShadowStore, note: Note) -> None:
        self.store = store
        self.known: set[str] = set()
        self.counted: set[str] = set()
        self.outside: set[str] = set()
        self.left_out: set[str] = set()
        self.rules = IgnoreRules(store.git_dir, store.directory / "rules", note)
        self._sandbox = sandbox
        self._note = note
        self._pending: dict[str, TreeChange] = {}
        self._scan: asyncio.Task[list[TreeChange]] | None = None
        self._head: Committed | None = None
        self._room = KEPT_BYTES
        self.owner: Owner = (0, 0)

    async def learn_owner(self) -> Owner:
        """Ask who the sandbox's user is, before anything else can have run there: archives are unpacked as theirs."""
        answer = await self._sandbox.run("id -u; id -g", timeout_s=60)
        numbers = answer.head.split()
        if len(numbers) == 2 and all(number.isdigit() for number in numbers):
            self.owner = (int(numbers[0]), int(numbers[1]))
        return self.owner

    @property
    def head(self) -> Committed:
        """The last snapshot."""
        assert self._head, "no snapshot has been taken yet"
        return self._head

    @head.setter
    def head(self, committed: Committed) -> None:
        self._head = committed

    async def scan(self) -> list[TreeChange]:
        """One scan whose answer is not lost when the caller is cancelled: a later scan would not repeat it."""
        changes: list[TreeChange] = []
        while True:
            left_over = self._scan is not None
            self._scan = self._scan or asyncio.create_task(self._sandbox.scan())
            await asyncio.wait([self._scan])  # a cancelled wait leaves the task, with its answer, to the next caller
            finished, self._scan = self._scan, None
            found = finished.result()
            changes += found
            self._pending |= {change.path: change for change in found}
            if not left_over:
                return changes

    async def capture(self, tracked: set[str]) -> Committed:
        """The snapshot of the start: everything that is tracked or not ignored."""
        await self.scan()
        await self._update_rules(self._pending.values())
        present = {path: it for path, it in self._pending.items() if self._countable(it)}
        self.outside = await self.rules.ignored(path for path in present if path not in tracked)
        wanted = [change for path, change in present.items() if path not in self.outside]
        committed, added = await self._commit(None, "start", [], wanted, BASE_REF)
        await self.store.set_ref(LIVE_REF, committed.commit)
        self._head = committed
        self.known, self.counted = added, set(added)
        self._pending.clear()
        return committed

    async def baseline(self) -> set[str]:
        """Make the sandbox's present state the one that later scans compare with; returns its files and links."""
        changes = await self.scan()
        await self._update_rules(changes)
        self._pending.clear()
        return {change.path for change in changes if change.kind in {"file", "symlink"}}

    async def resync(self) -> None:
        """Take everything that the sandbox has for changed; for a sandbox that other code has used."""
        present = {change.path for change in await self.scan() if change.kind is not None}
        gone = self.known - present
        self._pending |= {path: TreeChange(path, None) for path in gone}

    async def take(self, label: str) -> Committed:
        """The snapshot of now: the last one again when no path that counts has changed."""
        await self.scan()
        if not self._pending:
            return self.head
        pending = dict(self._pending)
        if await self._update_rules(pending.values()):
            pending = await self._no_longer_ignored() | pending
        present = {path: it for path, it in pending.items() if self._countable(it)}
        new = present.keys() - self.counted - self.outside
        ignored = await self.rules.ignored(new)
        counting = (present.keys() & self.counted) | (new - ignored)
        wanted = self._affordable([it for path, it in present.items() if path in counting])
        deleted = [path for path, it in pending.items() if path in self.known and it.kind not in {"file", "symlink"}]
        if wanted or deleted:
            committed, added = await self._commit(self.head.commit, label, deleted, wanted, LIVE_REF)
            self.known = self.known.difference(deleted) | added
            self.counted |= added
            if committed.tree != self.head.tree:
                self._head = committed
        self.left_out = (self.left_out - pending.keys()) | ignored
        self._pending = {path: it for path, it in self._pending.items() if pending.get(path) is not it}
        return self.head

    async def close(self) -> None:
        """End a scan that nobody waits for any more."""
        if self._scan:
            self._scan.cancel()
            await asyncio.gather(self._scan, return_exceptions=True)
            self._scan = None

    async def _no_longer_ignored(self) -> dict[str, TreeChange]:
        """New paths that older rules left out and today's rules do not."""
        freed = sorted(self.left_out - await self.rules.ignored(self.left_out))
        found = await self._sandbox.read_tree(freed, most=0) if freed else []
        return {it.path: TreeChange(it.path, it.kind, it.mode, it.size) for it in found}

    def _countable(self, change: TreeChange) -> bool:
        if change.kind not in {"file", "symlink"} or not storable(change.path):
            return False
        if change.size > LARGE_FILE:
            self._note(
                f"{change.path} has {change.size} bytes; files over {LARGE_FILE // 1024**2} MiB are left out of "
                "snapshots and of the result. If it matters, bind the tree, or let a script make it again."
            )
            return False
        return True

    def _affordable(self, wanted: list[TreeChange]) -> list[TreeChange]:
        """Those that there is room for; a sentence for each other."""
        kept: list[TreeChange] = []
        for change in wanted:
            if change.size > self._room:
                self._note(
                    f"{change.path} ({change.size} bytes) is left out of snapshots and of the result: what changed in "
                    f"this session has filled the {KEPT_BYTES // 1024**3} GiB that are kept. Start a new session."
                )
                continue
            self._room -= change.size
            kept.append(change)
        return kept

    async def _update_rules(self, changes: Iterable[TreeChange]) -> bool:
        """Take over changed .gitignore files, also those that are ignored themselves: git obeys them too."""
        paths = [it.path for it in changes if self.rules.is_rule_file(it.path)]
        for change in await self._sandbox.read_tree(paths, most=_BATCH_BYTES) if paths else []:
            problem = self.rules.update(change.path, change.data if change.kind == "file" else None)
            if problem:
                self._note(problem)
        return bool(paths)

    async def _commit(
        self, parent: str | None, label: str, deleted: list[str], wanted: list[TreeChange], ref: str
    ) -> tuple[Committed, set[str]]:
        """Write the snapshot; also the paths that were written."""
        added: set[str] = set()

        async def files() -> AsyncIterator[list[FileBytes]]:
            yield [FileBytes(path, 0, None) for path in deleted]
            for batch in _batches(wanted):
                asked = set(batch)
                found = await self._sandbox.read_tree(batch, most=_BATCH_BYTES)
                found = [it for it in found if it.path in asked]
                large = [it for it in found if it.kind == "file" and it.data is None and it.size]
                here = [self._file(it) for it in found if it not in large]
                added.update(it.path for it in here if it)
                yield [it for it in here if it]
                for change in large:
                    async with fetched(self._sandbox, change.path, self.store.directory, LARGE_FILE) as content:
                        if content is None:
                            self._unread(change.path)
                            continue
                        added.add(change.path)
                        yield [FileBytes(change.path, git_mode("file", change.mode), content)]

        return await self.store.commit(parent, label, files(), ref=ref), added

    def _file(self, change: TreeChange) -> FileBytes | None:
        """The file as it goes into the store; None when it went away meanwhile (the next scan says so) or is locked."""
        if change.kind in {"file", "symlink"} and change.data is not None:
            return FileBytes(change.path, git_mode(change.kind, change.mode), change.data)
        self._unread(change.path)
        return None

    def _unread(self, path: str) -> None:
        if path in self.known:
            self._note(f"{path} could not be read in the sandbox; the result has it as it was before.")


def _batches(changes: list[TreeChange]) -> list[list[str]]:
    """Paths in groups that are small enough to be held in memory; a large file is a group of its own."""
    groups: list[list[str]] = [[]]
    size = 0
    for change in changes:
        if len(groups[-1]) >= _BATCH_PATHS or size + change.size > _BATCH_BYTES:
            groups.append([])
            size = 0
        groups[-1].append(change.path)
        size += change.size
    return [group for group in groups if group]
