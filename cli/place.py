"""Puts the place of work together: sandbox, workspace, and what a later resume must know of them."""

import asyncio
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.json_types import as_count, as_list, as_text
from cli.config import Config
from cli.given import names
from cli.progress import Progress
from sandboxes.container.conda import CONDA_SETUP
from sandboxes.container.image_build import DEFAULT_IMAGE, build_default_image
from sandboxes.errors import SandboxUnavailable, WorkspaceError
from sandboxes.protocol import Limits, Sandbox, SandboxSpec
from sandboxes.tree.bound import abandoned, adopt_bound, disarm
from sandboxes.tree.sources import Bound, HostSource, ImageSource, Source, WorkspacePlan, locate, plan
from sandboxes.workspace import Workspace, open_workspace, remember_bound, reopen_workspace

IMAGE_PREFIX = "image:"
WORKDIR = "/workspace"
# A container that a crash left stays this long for its session to be resumed.
CRASH_GRACE_S = 3600.0
_EXPORT_S = 60
_DEPTH = 50
_NOTHING: Mapping[str, str] = {}

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class PlaceSpec:
    """Where a session works; `repo` is absolute, or `image:/path`. Kept in the session's log: `env` has names only.

    `depth` is how many generations of commits a copy brings along.
    """

    repo: str
    workspace: str
    sandbox: str
    image: str
    network: str
    memory_gb: float
    cpus: float
    env: tuple[str, ...] = ()
    depth: int = _DEPTH

    @classmethod
    def from_config(cls, config: Config, repo: str) -> "PlaceSpec":
        """The place that a configuration and the --repo option describe."""
        where = repo if repo.startswith(IMAGE_PREFIX) else str(Path(repo).expanduser().resolve())
        image = config.image or DEFAULT_IMAGE
        return cls(
            where,
            config.workspace,
            config.sandbox,
            image,
            config.network,
            config.memory_gb,
            config.cpus,
            names(config.env),
        )

    @classmethod
    def from_meta(cls, meta: Mapping[str, object]) -> "PlaceSpec":
        """The place of a known session."""
        text = {key: str(meta[key]) for key in ("repo", "workspace", "sandbox", "image", "network")}
        env = tuple(as_text(name) for name in as_list(meta.get("env")))
        depth = as_count(meta.get("depth")) or _DEPTH
        return cls(**text, memory_gb=float(str(meta["memory_gb"])), cpus=float(str(meta["cpus"])), env=env, depth=depth)

    def source(self) -> Source:
        """The workspace's source."""
        if self.repo.startswith(IMAGE_PREFIX):
            return ImageSource(self.repo.removeprefix(IMAGE_PREFIX))
        return HostSource(Path(self.repo), "bind" if self.workspace == "bind" else "copy", self.depth)

    def host_repo(self) -> Path | None:
        """The repository on this machine, or None when it is inside the image."""
        return None if self.repo.startswith(IMAGE_PREFIX) else Path(self.repo)


@dataclass(frozen=True, slots=True)
class Place:
    """A running sandbox with the workspace in it."""

    sandbox: Sandbox
    workspace: Workspace

    async def close(self) -> None:
        """Keep the snapshots, remove the sandbox, then disarm what it made: while it runs, it could undo that."""
        ended = False
        try:
            await self.workspace.close()
        finally:
            try:
                await self.sandbox.close()
                ended = True
            finally:
                await self.workspace.disarm(ended=ended)


async def open_place(
    spec: PlaceSpec,
    session_id: str,
    directory: Path,
    say: Say,
    given: Mapping[str, str] = _NOTHING,
    *,
    build: bool = True,
) -> Place:
    """Start a sandbox and bring the repository into it; `given` are the values of `spec.env`. A default image that is
    missing is built first, or not (`build`): that takes minutes.

    Raises `SandboxUnavailable` or `WorkspaceError`.
    """
    sandbox = await _start(spec, session_id, directory, say, given, build=build)
    try:
        await _check_image(spec, sandbox)
        workspace = await open_workspace(spec.source(), sandbox, directory, on_note=say, overlap=True)
    except BaseException:
        await sandbox.close()
        await _disarm(directory, say)
        raise
    return Place(sandbox, workspace)


async def reopen_place(
    spec: PlaceSpec,
    session_id: str,
    directory: Path,
    say: Say,
    given: Mapping[str, str] = _NOTHING,
    *,
    build: bool = True,
) -> Place:
    """The place of an interrupted session: its container if that still runs, else a new one filled from snapshots."""
    if spec.sandbox == "docker":
        from sandboxes.container.sandbox import reattach

        running = await reattach(session_id)
        if running is not None:
            await asyncio.to_thread(adopt_bound, directory)
            if given:
                await running.run(_exports(given), timeout_s=_EXPORT_S)
            return Place(running, await reopen_workspace(running, directory, refill=False))
    await _disarm(directory, say)
    sandbox = await _start(spec, session_id, directory, say, given, build=build)
    try:
        kept = spec.workspace == "bind" or (spec.sandbox == "local" and Path(sandbox.workdir).is_dir())
        workspace = await reopen_workspace(sandbox, directory, refill=not kept)
    except BaseException:
        await sandbox.close()
        await _disarm(directory, say)
        raise
    return Place(sandbox, workspace)


def _exports(given: Mapping[str, str]) -> str:
    return "; ".join(f"export {name}={shlex.quote(value)}" for name, value in given.items())


async def _start(
    spec: PlaceSpec, session_id: str, directory: Path, say: Say, given: Mapping[str, str], *, build: bool
) -> Sandbox:
    if spec.sandbox == "local":
        return await _start_local(spec, session_id, directory, say, given)
    from sandboxes.container.errors import ImageMissing
    from sandboxes.container.sandbox import DockerSandbox

    if spec.workspace == "bind":
        await _disarm_abandoned(spec, session_id, directory, say)
    planned = _planned(spec.source())
    if planned.bound:
        await _remember(directory, planned.bound)
    wanted = SandboxSpec(
        image=spec.image,
        workdir=planned.workdir,
        network="full" if spec.network == "full" else "none",
        limits=Limits(memory_bytes=int(spec.memory_gb * 1024**3), cpus=spec.cpus),
        mounts=planned.mounts,
        user=planned.user,
        environment=given,
        setup=None if spec.image == DEFAULT_IMAGE else CONDA_SETUP,
        session_id=session_id,
    )
    sandbox = DockerSandbox(wanted)
    try:
        await _start_and_reap(sandbox, session_id)
    except ImageMissing:
        if spec.image != DEFAULT_IMAGE or not build:
            raise
        say("The default image is not there yet; building it once. This takes a few minutes.")
        with Progress(sys.stderr) as progress:
            await build_default_image(progress)
        sandbox = DockerSandbox(wanted)
        await sandbox.start()
    return sandbox


def _planned(source: Source) -> WorkspacePlan:
    """What the sandbox needs; a copy whose original is gone lives in its snapshots, and needs no more than a place."""
    if isinstance(source, HostSource) and source.mode == "copy" and not source.path.is_dir():
        return WorkspacePlan((), WORKDIR, WORKDIR)
    return plan(source, workdir=WORKDIR)


async def _remember(directory: Path, bound: Bound) -> None:
    """Note a bound tree. A cancellation waits for the file: it would appear in a folder that is removed meanwhile."""
    writing = asyncio.ensure_future(asyncio.to_thread(remember_bound, directory, bound))
    try:
        await asyncio.shield(writing)
    except asyncio.CancelledError:
        await asyncio.wait([writing])
        raise


async def _disarm(directory: Path, say: Say) -> None:
    for note in await asyncio.to_thread(disarm, directory):
        say(note)


async def _disarm_abandoned(spec: PlaceSpec, session_id: str, directory: Path, say: Say) -> None:
    """Do what sessions on the same tree could not, because they were killed."""
    source = spec.source()
    if isinstance(source, ImageSource):
        return
    root = source.path.resolve()
    left = await asyncio.to_thread(abandoned, directory.parent, root)
    if left and spec.sandbox == "docker":
        from sandboxes.container.reap import reap

        await reap(frozenset({session_id}))
    for store in left:
        await _disarm(store, say)


async def _start_and_reap(sandbox: Sandbox, session_id: str) -> None:
    """Start, and meanwhile remove what crashed sessions left behind; this session's own container is never among it."""
    from sandboxes.container.reap import reap

    left = asyncio.create_task(reap(frozenset({session_id}), older_than_s=CRASH_GRACE_S))
    try:
        await sandbox.start()
    finally:
        await asyncio.gather(left, return_exceptions=True)


async def _start_local(
    spec: PlaceSpec, session_id: str, directory: Path, say: Say, given: Mapping[str, str]
) -> Sandbox:
    from sandboxes.local import LocalSandbox

    source = spec.source()
    if isinstance(source, ImageSource):
        raise SandboxUnavailable("A repository inside an image needs --sandbox docker.")
    if source.mode == "bind":
        await _disarm_abandoned(spec, session_id, directory, say)
    workdir = directory / "work"
    if source.mode == "bind":
        path, repository, _ = locate(source)
        workdir = repository.root if repository else path
        if bound := plan(source, in_place=True).bound:
            await _remember(directory, bound)
    workdir.mkdir(parents=True, exist_ok=True)
    sandbox = LocalSandbox(
        SandboxSpec(image="", workdir=str(workdir), network="full", environment=given, session_id=session_id)
    )
    say("Nothing isolates this sandbox: commands of the model run on this machine as you.")
    await sandbox.start()
    return sandbox


async def _check_image(spec: PlaceSpec, sandbox: Sandbox) -> None:
    """Raises `WorkspaceError` when the image holds nothing at the place that was named: the engine makes it, empty."""
    if spec.host_repo() is None:
        _, entries = await sandbox.list_dir(sandbox.workdir, depth=1, limit=1)
        hidden = await sandbox.stat(f"{sandbox.workdir}/.git")
        if not entries and hidden is None:
            raise WorkspaceError(f"There is nothing at {sandbox.workdir} in the image {spec.image}; is the path right?")
