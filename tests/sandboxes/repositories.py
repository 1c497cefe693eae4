"""Repositories of every kind in a temporary folder, and workspaces opened from them in a local sandbox."""

import os
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sandboxes.local import LocalSandbox
from sandboxes.protocol import SandboxSpec
from sandboxes.workspace import HostSource, ImageSource, Workspace, open_workspace, plan, remember_bound

Tree = dict[str, tuple[str, bytes]]
FileSpec = dict[str, str | bytes]


def git(directory: Path, *arguments: str, stdin: bytes = b"") -> str:
    """Output of a plain git, as a user would run it, with nothing of the machine's configuration."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
    environment |= {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    allowed = ("-c", "protocol.file.allow=always", "-c", "safe.directory=*", "-c", "core.quotePath=false")
    done = subprocess.run(
        ["git", *allowed, *arguments], cwd=directory, env=environment, input=stdin, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return done.stdout.decode("utf-8", "surrogateescape")


def write(directory: Path, files: FileSpec) -> None:
    for path, content in files.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())


def repository(directory: Path, files: FileSpec, *, commits: int = 1) -> Path:
    """A repository with the files committed; further commits change `log.txt`."""
    directory.mkdir(parents=True)
    git(directory, "init", "-q", "-b", "main")
    write(directory, files)
    git(directory, "add", "-A")
    git(directory, "commit", "-q", "--allow-empty", "-m", "one")
    for number in range(1, commits):
        write(directory, {"log.txt": f"{number}\n"})
        git(directory, "add", "-A")
        git(directory, "commit", "-q", "-m", f"number {number}")
    return directory


def tree(directory: Path, *, dot_git: bool = False) -> Tree:
    """Every file and link: kind with the executable bit, and bytes."""
    found: Tree = {}
    for folder, directories, names in os.walk(directory):
        if not dot_git and ".git" in directories:
            directories.remove(".git")
        for name in [*names, *(it for it in directories if os.path.islink(os.path.join(folder, it)))]:
            path = Path(folder, name)
            relative = str(path.relative_to(directory))
            if path.is_symlink():
                found[relative] = ("link", os.fsencode(os.readlink(path)))
            elif path.is_file() and (dot_git or name != ".git"):
                found[relative] = ("program" if path.stat().st_mode & 0o100 else "file", path.read_bytes())
    return found


@dataclass(frozen=True, slots=True)
class Opened:
    """A workspace, the directory that its sandbox works in, and its store."""

    workspace: Workspace
    tree: Path
    store: Path
    sandbox: LocalSandbox


@asynccontextmanager
async def opened(source: HostSource | ImageSource, directory: Path) -> AsyncGenerator[Opened]:
    """Open a source; a copy goes to `directory/inside`, other sources are worked on where they are."""
    store = directory / "store"
    inside = directory / "inside"
    if isinstance(source, ImageSource):
        inside = Path(source.workdir)
    elif source.mode == "bind":
        inside = source.path
    else:
        inside.mkdir(parents=True)
    if bound := plan(source, in_place=True).bound:
        remember_bound(store, bound)
    sandbox = LocalSandbox(SandboxSpec(image="", workdir=str(inside)))
    await sandbox.start()
    try:
        workspace = await open_workspace(source, sandbox, store)
        try:
            await workspace.ready()
            yield Opened(workspace, inside, store, sandbox)
        finally:
            await workspace.close()
    finally:
        await sandbox.close()
    await workspace.disarm()
