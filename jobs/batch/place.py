"""Where an instance is worked on: a container of its image, `/testbed`, without network and without later history."""

import asyncio
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from jobs.batch.history import cut_history
from jobs.batch.rows import Instance
from sandboxes.container.conda import CONDA_SETUP
from sandboxes.container.image_build import DEFAULT_IMAGE
from sandboxes.container.images import ImageUsed
from sandboxes.protocol import Limits, Sandbox, SandboxSpec
from sandboxes.tree.cloning import clone
from sandboxes.tree.sources import HostSource, ImageSource, Source
from sandboxes.workspace import Workspace, open_workspace, reopen_workspace

if TYPE_CHECKING:
    from sandboxes.container.sandbox import DockerSandbox

TESTBED = "/testbed"


@dataclass(frozen=True, slots=True)
class Place:
    """A running sandbox with the instance's repository in it; `image` None where there is none."""

    sandbox: Sandbox
    workspace: Workspace
    image: ImageUsed | None = None

    async def close(self) -> None:
        """Keep the snapshots, then remove the sandbox."""
        try:
            await self.workspace.close()
        finally:
            await self.sandbox.close()


class Opener(Protocol):
    """Makes places. Both ways raise `SandboxError`."""

    async def fresh(self, instance: Instance, session_id: str, store: Path) -> Place:
        """A place for a run that begins."""
        ...

    async def again(self, instance: Instance, session_id: str, store: Path) -> Place:
        """The place of a run that was cut off, with the files as they were."""
        ...

    async def done(self, instance: Instance) -> None:
        """No more places are asked for this instance."""
        ...


class Images(Protocol):
    """Sees to it that an image is on this machine while `user` needs it."""

    async def need(self, image: str, user: str) -> None:
        """Raises `SandboxError`."""
        ...

    async def done(self, image: str, user: str) -> None:
        """The user needs it no more."""
        ...


def few_at_once() -> asyncio.Semaphore:
    """As many places are made at once as keep the processors busy.

    A container's start, the cut of its history and the first snapshot are work: with all of a batch at it at once, the
    instances that could ask the model wait for those that cannot yet.
    """
    return asyncio.Semaphore(max(os.cpu_count() or 1, 2))


@dataclass(frozen=True, slots=True)
class DockerPlaces:
    """Implements `Opener` with the row's image. `limits` are those of one container.

    Without `images` an image that is not here is pulled when a container starts, and stays. `name` tells the runs apart
    that share an image while they are at the same instance (policies, attempts); each has places of its own. `starts`
    lets so many be made at once; an image is waited for before.
    """

    limits: Limits
    images: Images | None = None
    name: str = field(default_factory=lambda: secrets.token_hex(4))
    starts: asyncio.Semaphore = field(default_factory=few_at_once)

    async def fresh(self, instance: Instance, session_id: str, store: Path) -> Place:
        """See `Opener`."""
        await self._have_image(instance)
        async with self.starts:
            return await self._fresh(instance, session_id, store)

    async def again(self, instance: Instance, session_id: str, store: Path) -> Place:
        """See `Opener`: the container if it is still there, else a new one with the files of the last snapshot."""
        from sandboxes.container.sandbox import reattach

        if (running := await reattach(session_id)) is not None:
            return await self._reopened(running, store, refill=False)
        await self._have_image(instance)
        async with self.starts:
            return await self._reopened(await self._start(instance, session_id), store, refill=True)

    async def _fresh(self, instance: Instance, session_id: str, store: Path) -> Place:
        sandbox = await self._start(instance, session_id)
        try:
            workspace = await open_workspace(await _source(instance, store), sandbox, store)
            return Place(sandbox, workspace, await sandbox.image_used())
        except BaseException:
            await asyncio.shield(sandbox.close())
            raise

    async def _reopened(self, sandbox: "DockerSandbox", store: Path, *, refill: bool) -> Place:
        try:
            workspace = await reopen_workspace(sandbox, store, refill=refill)
            return Place(sandbox, workspace, await sandbox.image_used())
        except BaseException:
            await asyncio.shield(sandbox.close())
            raise

    async def done(self, instance: Instance) -> None:
        """See `Opener`."""
        if self.images is not None:
            await self.images.done(instance.container_image, self._user(instance))

    def _user(self, instance: Instance) -> str:
        return f"{self.name}/{instance.instance_id}"

    async def _have_image(self, instance: Instance) -> None:
        if self.images is not None:
            await self.images.need(instance.container_image, self._user(instance))

    async def _start(self, instance: Instance, session_id: str) -> "DockerSandbox":
        from sandboxes.container.sandbox import DockerSandbox

        sandbox = DockerSandbox(
            SandboxSpec(
                image=instance.container_image,
                workdir=instance.workdir,
                network="none",
                limits=self.limits,
                setup=None if instance.container_image == DEFAULT_IMAGE else CONDA_SETUP,
                session_id=session_id,
            )
        )
        await sandbox.start()
        try:
            # A copy from this machine has only what came before the commit that is checked out.
            if not instance.host_repository:
                await cut_history(sandbox, instance.base_commit)
        except BaseException:
            await asyncio.shield(sandbox.close())
            raise
        return sandbox


async def _source(instance: Instance, store: Path) -> Source:
    """Where the repository comes from; one that is named by its URL is cloned first. Raises `WorkspaceError`."""
    named = instance.host_repository
    if not named:
        return ImageSource(instance.workdir)
    if named.startswith("/"):
        return HostSource(Path(named))
    with_url = store.parent / "repository"
    if not with_url.is_dir():
        await clone(named, with_url)
    return HostSource(with_url)
