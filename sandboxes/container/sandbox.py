"""A container as a sandbox: made from a spec, worked in through the runner, removed at the end."""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

from sandboxes import docker
from sandboxes.channel.channel import Channel, JsonObject
from sandboxes.channel.operations import OperatedSandbox
from sandboxes.channel.runner_client import RunnerClient
from sandboxes.channel.runner_source import BOOT, FIND_PYTHON, HELLO, PYTHONS, bundle
from sandboxes.channel.setup_line import run_setup
from sandboxes.container.errors import EngineError, ImageMissing, no_image, not_created, wrong_platform
from sandboxes.container.images import ImageUsed
from sandboxes.container.owner import this_process
from sandboxes.container.plain_exec import PlainExec
from sandboxes.container.plain_tree import sift
from sandboxes.container.spec import (
    LABEL,
    LABEL_NETWORK,
    LABEL_SESSION,
    LABEL_WORKDIR,
    SCRATCH,
    container_name,
    create_body,
)
from sandboxes.container.stream import DockerStream
from sandboxes.errors import SandboxError, SandboxGone, SandboxUnavailable
from sandboxes.protocol import Limits, SandboxSpec

_HELLO_TIMEOUT_S = 60
_END_WAIT_S = 1.0
_REPLY_BYTES = 80 * 1024**2
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm"}


class DockerSandbox(OperatedSandbox):
    """Implements `Sandbox` with a container of its own."""

    def __init__(self, spec: SandboxSpec) -> None:
        super().__init__()
        self._spec = spec
        self._engine: docker.Engine | None = None
        self._container = ""
        self._stream: DockerStream | None = None

    @property
    def workdir(self) -> str:
        """Absolute path of the workspace inside the container."""
        return self._spec.workdir

    @property
    def scratch(self) -> str:
        """Absolute path of a writable directory outside the workspace."""
        return SCRATCH

    @property
    def container(self) -> str:
        """Id of the container; empty before the start."""
        return self._container

    @property
    def description(self) -> str:
        """One line for people."""
        limits = self._spec.limits
        cpus = f", {limits.cpus:g} CPUs" if limits.cpus else ""
        memory = f"{limits.memory_bytes / 1024**3:.1f} GiB"
        return f"docker: {self._spec.image}, network {self._spec.network}, {memory}{cpus}, {limits.pids} processes"

    async def start(self) -> None:
        """Make the container and start the runner in it; raises `SandboxUnavailable`."""
        try:
            self._engine = await docker.connect()
            await _require_image(self._engine, self._spec.image)
            await self._create(self._engine)
            await self._enter(self._engine)
            await run_setup(self, self._spec.setup)
        except EngineError as error:
            await self.close()
            raise SandboxUnavailable(not_created(self._spec.image, error)) from error
        except SandboxGone as gone:
            await self.close()
            raise SandboxUnavailable(f"The sandbox from {self._spec.image} ended while it started: {gone}") from gone
        except BaseException:
            await self.close()
            raise

    async def attach(self, engine: docker.Engine, container: str) -> None:
        """Enter a container that a session left, started again if it has stopped, and become its owner."""
        self._engine = engine
        try:
            await engine.rename(container, container_name(secrets.token_hex(6), this_process()))
            self._container = container
            await engine.start(container)
            await self._enter(engine)
        except BaseException:
            await self._leave()
            raise

    async def close(self) -> None:
        """Remove the container and every process in it."""
        await self._leave()
        engine, self._engine = self._engine, None
        container, self._container = self._container, ""
        if engine is None:
            return
        try:
            if container:
                await engine.remove(container)
        except EngineError as error:
            raise SandboxError(f"The sandbox {container[:12]} could not be removed: {error}") from error
        finally:
            await engine.close()

    async def image_used(self) -> ImageUsed:
        """The image of the container as it is, whatever its name stands for by now. Raises `SandboxGone`."""
        if self._engine is None:
            raise SandboxGone("The sandbox is closed; its image cannot be asked for.")
        try:
            image_id = str((await self._engine.inspect(self._container)).get("Image", ""))
            found = await self._engine.image(image_id) or {}
        except EngineError as error:
            raise SandboxGone(f"The engine does not say what the sandbox was made from: {error}") from error
        digests = found.get("RepoDigests")
        return ImageUsed(image_id, tuple(map(str, digests)) if isinstance(digests, list) else ())

    async def explain(self, gone: SandboxGone) -> SandboxGone:
        """Say what became of the container."""
        inside = self._operations
        # A container that was let go of stops: what made that necessary says more than that it did.
        if self._engine is None or (isinstance(inside, (PlainExec, RunnerClient)) and inside.lost):
            return gone
        # The stream ends a moment before the engine knows that the container has.
        await self._engine.ended(self._container, _END_WAIT_S)
        try:
            state = (await self._engine.inspect(self._container)).get("State")
        except EngineError as error:
            if error.status == 404:
                return SandboxGone("The sandbox's container was removed by somebody else. Start a new session.")
            return SandboxGone(f"The Docker engine went away under the sandbox. {error}")
        if not isinstance(state, dict):
            return gone
        limit = f"{self._spec.limits.memory_bytes / 1024**3:.1f} GiB"
        if state.get("OOMKilled"):
            return SandboxGone(
                f"The sandbox ran out of memory (limit {limit}) and was killed. Raise the limit, or run less at once."
            )
        if not state.get("Running"):
            code = state.get("ExitCode")
            return SandboxGone(f"The sandbox's container was stopped or killed from outside (exit code {code}).")
        said = self._stream.errors.decode("utf-8", "replace").strip() if self._stream else ""
        return SandboxGone(f"{gone} Its container still runs.{' It said: ' + said if said else ''}")

    async def upload(self, archive: Path, target: str) -> None:
        """Unpack a tar file of the host into a directory of the sandbox."""
        self._started()
        if self._engine is None:
            raise SandboxGone("The sandbox is closed.")
        made = await self.run(f"mkdir -p -- {_quoted(target)}", timeout_s=60)
        if made.exit_code != 0:
            raise SandboxError(
                f"{target} could not be made in the sandbox: {made.head.decode('utf-8', 'replace').strip()}"
            )
        try:
            await self._engine.put_archive(self._container, target, archive)
        except EngineError as error:
            raise SandboxError(f"{archive.name} could not be unpacked into {target}: {error}") from error

    async def _create(self, engine: docker.Engine) -> None:
        owner = this_process()
        name = container_name(secrets.token_hex(6), owner)
        # By name until its id is known, so that a cancelled creation is cleaned up too.
        self._container = name
        self._container = await engine.create(create_body(self._spec, owner), name)
        await engine.start(self._container)
        if self._spec.user and not any(mount.target == self.workdir for mount in self._spec.mounts):
            # A place to work for a user who may not make one; nothing changes where the image has it already.
            make = f"read -r _; mkdir -p -m 777 {_quoted(self.workdir)}"
            await _Place(engine, self._container).shell(make, user="0")

    async def _enter(self, engine: docker.Engine) -> None:
        argv = ["/bin/sh", "-c", FIND_PYTHON, "sh", BOOT, *PYTHONS]
        _, self._stream = await engine.attach(self._container, argv)
        self._stream.write(b"\n")
        try:
            hello = await asyncio.wait_for(self._stream.readexactly(len(HELLO)), _HELLO_TIMEOUT_S)
        except (asyncio.IncompleteReadError, TimeoutError, OSError) as error:
            said = bytes(self._stream.errors).decode("utf-8", "replace").strip()
            raise SandboxGone(
                f"The runner did not start in {self._spec.image}. It said: {said or 'nothing'}"
            ) from error
        if hello != HELLO:
            await self._leave()
            plain = PlainExec(_Place(engine, self._container), self.workdir, self.scratch)
            await plain.init(dict(self._spec.environment))
            self._operations = plain
            return
        channel = Channel(self._stream, self._stream)
        channel.open(bundle())
        client = RunnerClient(channel)
        self._operations = client
        await client.init(self.workdir, self.scratch, dict(self._spec.environment), secrets.token_hex(6), alone=True)

    async def _leave(self) -> None:
        operations, self._operations = self._operations, None
        stream, self._stream = self._stream, None
        if operations is not None:
            await operations.close()
        if stream is not None:
            stream.close()
            with contextlib.suppress(OSError):
                await stream.wait_closed()


class _Place:
    """A container as `sandboxes.container.plain_exec` sees it."""

    def __init__(self, engine: docker.Engine, container: str) -> None:
        self._engine = engine
        self._container = container

    async def shell(self, script: str, stdin: bytes = b"", user: str = "") -> bytes:
        """Standard output of a script."""
        try:
            _, stream = await self._engine.attach(self._container, ["/bin/sh", "-c", script], user=user)
        except EngineError as error:
            raise SandboxGone(f"The sandbox no longer takes commands: {error}") from error
        try:
            stream.write(b"\n" + stdin)
            return await stream.read_all(_REPLY_BYTES)
        except (OSError, ValueError) as error:
            raise SandboxGone(f"The connection to the sandbox broke: {error}") from error
        finally:
            stream.close()
            with contextlib.suppress(OSError):
                await stream.wait_closed()

    async def lifeline(self, script: str) -> Callable[[], Awaitable[None]]:
        """Start a script whose input lasts as long as this process; what is returned ends it."""
        _, stream = await self._engine.attach(self._container, ["/bin/sh", "-c", script])
        stream.write(b"\n")

        async def let_go() -> None:
            stream.close()
            with contextlib.suppress(OSError):
                await stream.wait_closed()

        return let_go

    async def archive(self, path: str, into: Path) -> None:
        """Write a tar file of a directory."""
        try:
            await self._engine.get_archive(self._container, path, lambda pieces: sift(pieces, into))
        except EngineError as error:
            raise SandboxGone(f"The sandbox's files cannot be read: {error}") from error


async def _require_image(engine: docker.Engine, image: str) -> None:
    found = await engine.image(image)
    if found is None:
        try:
            await engine.pull(image)
        except EngineError as error:
            raise ImageMissing(no_image(image, str(error))) from error
        found = await engine.image(image) or {}
    have = str(found.get("Architecture", ""))
    machine = str((await engine.info()).get("Architecture", ""))
    need = _ARCHITECTURES.get(machine, machine)
    if have and need and have != need:
        raise SandboxUnavailable(wrong_platform(image, have, need))


async def reattach(session_id: str) -> DockerSandbox | None:
    """The sandbox of a session whose process died, entered again; None when no container of it is left.

    Without its owner a container stops, its files kept. Working directory and environment are those after its last
    command; jobs and background processes ended with the process that had started them.
    """
    engine = await docker.connect()
    rows = await engine.containers([LABEL, f"{LABEL_SESSION}={session_id}"])
    for row in rows:
        if row.get("State") in ("running", "exited"):
            container = str(row["Id"])
            # One that still runs may be about to stop, and it must not do so under its new owner.
            await engine.stop(container)
            sandbox = DockerSandbox(_spec_of(await engine.inspect(container), session_id))
            await sandbox.attach(engine, container)
            return sandbox
    await engine.close()
    return None


def _spec_of(details: JsonObject, session_id: str) -> SandboxSpec:
    config = details.get("Config")
    labels = config.get("Labels") if isinstance(config, dict) else None
    if not isinstance(config, dict) or not isinstance(labels, dict):
        raise SandboxUnavailable("The engine does not say how the sandbox was made; start a new session.")
    host = details.get("HostConfig")
    network = "full" if labels.get(LABEL_NETWORK) == "full" else "none"
    return SandboxSpec(
        image=str(config.get("Image")),
        workdir=str(labels.get(LABEL_WORKDIR) or "/workspace"),
        network=network,
        limits=_limits_of(host if isinstance(host, dict) else {}),
        session_id=session_id,
    )


def _limits_of(host: JsonObject) -> Limits:
    memory, cpus, pids = host.get("Memory"), host.get("NanoCpus"), host.get("PidsLimit")
    return Limits(
        memory_bytes=memory if isinstance(memory, int) else 0,
        cpus=cpus / 1e9 if isinstance(cpus, int) else 0.0,
        pids=pids if isinstance(pids, int) else 0,
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
