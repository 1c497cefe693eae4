"""A small repository in a folder of this machine, and places in it without Docker."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from jobs.batch.place import Place
from jobs.triage.inquiry.budget import Budget
from jobs.triage.inquiry.trial import Effort
from sandboxes.errors import SandboxError
from sandboxes.local import LocalSandbox
from sandboxes.protocol import Sandbox, SandboxSpec
from sandboxes.workspace import HostSource, Workspace, open_workspace
from tests.jobs.places import commit, git

__all__ = ["Ground", "commit", "effort", "git", "repository", "write"]


def repository(folder: Path, files: dict[str, str]) -> Path:
    """A repository with one commit of these files."""
    folder.mkdir(parents=True)
    write(folder, files)
    git(folder, "init", "-q")
    commit(folder, "start")
    return folder


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def effort(runs: int = 3, seconds: float = 300.0) -> Effort:
    return Effort(runs, Budget(seconds), 60.0)


@dataclass
class Ground:
    """An `Opener`: a copy of the repository in a fresh folder each time; remembers what it opened and what is open."""

    source: Path
    folder: Path
    trouble: SandboxError | None = None
    opened: list[str] = field(default_factory=list[str])
    left_open: int = 0
    in_use: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, name: str) -> "GroundPlace":
        self.opened.append(name)
        if self.trouble:
            raise self.trouble
        home = self.folder / f"{len(self.opened)}-{name}"
        work = home / "work"
        work.mkdir(parents=True)
        sandbox = LocalSandbox(SandboxSpec(image="", workdir=str(work)))
        await sandbox.start()
        workspace = await open_workspace(HostSource(self.source, depth=2000), sandbox, home / "store")
        self.left_open += 1
        self.in_use.set()
        return GroundPlace(self, sandbox, workspace)


@dataclass
class GroundPlace:
    ground: Ground
    sandbox: Sandbox
    workspace: Workspace

    async def close(self) -> None:
        self.ground.left_open -= 1
        await Place(self.sandbox, self.workspace).close()
