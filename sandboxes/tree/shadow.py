"""The private store: a bare repository of the host that only ever receives bytes.

No sandbox can write here and no git of the host runs anywhere else, so nothing that a sandbox leaves behind
(configuration, hooks, attributes, filters) is ever read by git as anything but content. See
`docs/decisions/0003-shadow-store.md`.
"""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from sandboxes.tree.fastimport import (
    FileBytes,
    batch_commands,
    commit_end,
    commit_header,
    decode_path,
    parse_ids,
)
from sandboxes.tree.gitcmd import feed_git, run_git, sift_git
from sandboxes.tree.patching import Sieve

BASE_REF = "refs/heads/base"
LIVE_REF = "refs/heads/live"
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

# By-products of running code: never part of a result unless the start already had them.
BY_PRODUCTS = (
    "__pycache__/",
    "*.pyc",
    ".pytest_cache/",
    ".mypy_cache/",
    ".ruff_cache/",
    ".hypothesis/",
    ".coverage",
    "*.egg-info/",
    ".tox/",
    ".nox/",
    "node_modules/",
    ".DS_Store",
)
_CONFIG = """[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\tignorecase = false
\tprecomposeunicode = false
\tprotectHFS = false
\tprotectNTFS = false
[pack]
\tcompression = 1
[fastimport]
\tunpackLimit = 100
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One path of a snapshot, or of a difference: mode and object id of the new side, mode 0 when it is gone."""

    path: str
    mode: int
    oid: str
    old_mode: int = 0


@dataclass(frozen=True, slots=True)
class Committed:
    """A new snapshot and its tree."""

    commit: str
    tree: str


class ShadowStore:
    """Snapshots in the bare repository `<directory>/snapshots.git`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.git_dir = directory / "snapshots.git"

    def create(self, excludes: str = "") -> None:
        """Make an empty store; `excludes` are further ignore rules of the user, in .gitignore's format."""
        for name in ("objects/info", "objects/pack", "refs/heads", "info"):
            (self.git_dir / name).mkdir(parents=True, exist_ok=True)
        (self.git_dir / "HEAD").write_text("ref: refs/heads/unborn\n")
        (self.git_dir / "config").write_text(_CONFIG)
        rules = "\n".join(BY_PRODUCTS) + "\n" + excludes
        (self.git_dir / "info" / "exclude").write_text(rules, errors="surrogateescape")
        # The strongest attributes there are: what a .gitattributes inside a tree says changes no byte here.
        (self.git_dir / "info" / "attributes").write_text("* -text -eol !filter -ident -working-tree-encoding\n")

    def unlock(self) -> None:
        """Remove lock files that a killed git left; for the opening of a store that nobody else has open."""
        for lock in (self.git_dir / "refs").rglob("*.lock"):
            lock.unlink(missing_ok=True)

    async def commit(
        self, parent: str | None, label: str, batches: AsyncIterator[list[FileBytes]], *, ref: str = LIVE_REF
    ) -> Committed:
        """Write a snapshot made of the parent's files and the given changes, in one git process."""

        async def stream() -> AsyncIterator[bytes]:
            yield commit_header(ref, parent, label, int(time.time()))
            async for batch in batches:
                for piece in batch_commands(batch):
                    yield piece
            yield commit_end()

        options = ("--quiet", "--force", "--done", "--depth=0", "--date-format=raw")
        output = await feed_git("fast-import", *options, git_dir=self.git_dir, chunks=stream())
        return Committed(*parse_ids(output))

    async def set_ref(self, ref: str, commit: str) -> None:
        """Point a ref of the store at a snapshot."""
        await run_git("update-ref", ref, commit, git_dir=self.git_dir)

    async def resolve(self, name: str) -> Committed | None:
        """A ref's or an id's snapshot, or None when the store has none of that name."""
        output = await run_git(
            "rev-parse", "--verify", "--quiet", name + "^{commit}", git_dir=self.git_dir, expect=(0, 1)
        )
        commit = output.decode("ascii").strip()
        if not commit:
            return None
        tree = await run_git("rev-parse", "--verify", commit + "^{tree}", git_dir=self.git_dir)
        return Committed(commit, tree.decode("ascii").strip())

    async def patch(self, before: str, after: str, sieve: Sieve) -> None:
        """Put the difference through the sieve as `git apply` takes it: binary files too, a rename as two changes."""
        options = ("-p", "-r", "--binary", "--full-index", "--no-renames", "--no-ext-diff", "--no-textconv")
        prefixes = ("--src-prefix=a/", "--dst-prefix=b/", "--no-color")
        await sift_git("diff-tree", *options, *prefixes, before, after, git_dir=self.git_dir, take=sieve.feed)

    async def difference(self, before: str, after: str) -> list[Entry]:
        """Every path that differs, with what stands at it in `after`."""
        output = await run_git("diff-tree", "-r", "-z", "--raw", "--no-renames", before, after, git_dir=self.git_dir)
        fields = output.split(b"\0")
        entries: list[Entry] = []
        for meta, path in zip(fields[0::2], fields[1::2], strict=False):
            old_mode, mode, _, oid, _ = meta.decode("ascii").lstrip(":").split(" ")
            entries.append(Entry(decode_path(path), int(mode, 8), oid, int(old_mode, 8)))
        return entries

    async def entries(self, snapshot: str) -> list[Entry]:
        """Every path of a snapshot."""
        output = await run_git("ls-tree", "-r", "-z", "--full-tree", snapshot, git_dir=self.git_dir)
        entries: list[Entry] = []
        for line in output.split(b"\0")[:-1]:
            meta, path = line.split(b"\t", 1)
            mode, _, oid = meta.decode("ascii").split(" ")
            entries.append(Entry(decode_path(path), int(mode, 8), oid))
        return entries
