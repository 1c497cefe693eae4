"""The Docker engine, typed: the only file that imports docker, and only once an engine is needed.

The SDK blocks, so its calls run in threads; the attached exec is taken out of it as a socket and read by asyncio. Works
with Docker (API 1.41 and later) and with Podman's compatible socket.
"""

import asyncio
import contextlib
import io
import os
import socket
import threading
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar, cast

from sandboxes.channel.channel import JsonObject
from sandboxes.container.errors import EngineError, EngineMissing, encrypted, unreachable
from sandboxes.container.stream import DockerStream

T = TypeVar("T")
_TIMEOUT_S = 120
_STREAM_LIMIT = 1 << 20


class _Api(Protocol):
    """The part of docker.APIClient that is used, with the types that its documentation gives."""

    def info(self) -> JsonObject: ...
    def version(self) -> JsonObject: ...
    def create_container_from_config(self, config: JsonObject, name: str) -> JsonObject: ...
    def start(self, container: str) -> None: ...
    def stop(self, container: str, *, timeout: int) -> None: ...
    def rename(self, container: str, name: str) -> None: ...
    def wait(self, container: str, *, timeout: float) -> JsonObject: ...
    def inspect_container(self, container: str) -> JsonObject: ...
    def remove_container(self, container: str, *, v: bool, force: bool) -> None: ...
    def containers(self, *, all: bool, filters: Mapping[str, str | list[str]]) -> list[JsonObject]: ...
    def exec_create(self, container: str, cmd: Sequence[str], **options: object) -> JsonObject: ...
    def exec_start(self, exec_id: str, *, socket: bool) -> "_RawSocket": ...
    def exec_inspect(self, exec_id: str) -> JsonObject: ...
    def put_archive(self, container: str, path: str, data: object) -> bool: ...
    def get_archive(self, container: str, path: str) -> tuple[Iterable[bytes], JsonObject]: ...
    def inspect_image(self, image: str) -> JsonObject: ...
    def pull(self, repository: str, *, stream: bool, decode: bool) -> Iterable[JsonObject]: ...
    def history(self, image: str) -> list[JsonObject]: ...
    def remove_image(self, image: str) -> list[JsonObject]: ...
    def build(self, **options: object) -> Iterable[JsonObject]: ...
    def import_image_from_file(self, filename: str, *, repository: str, tag: str, changes: Sequence[str]) -> str: ...
    def close(self) -> None: ...


class _RawSocket(Protocol):
    def fileno(self) -> int: ...
    def close(self) -> None: ...


class Engine:
    """One engine. Every method raises `EngineError` when the engine refuses or does not answer."""

    def __init__(self, api: _Api, where: str) -> None:
        self._api = api
        self.where = where

    async def info(self) -> JsonObject:
        """`GET /info`: architecture, resources, name."""
        return await self._call(self._api.info)

    async def version(self) -> JsonObject:
        """`GET /version`: the engine's version, its API's, and its components."""
        return await self._call(self._api.version)

    async def create(self, body: JsonObject, name: str) -> str:
        """Create a container; gives its id."""
        return str((await self._call(lambda: self._api.create_container_from_config(body, name)))["Id"])

    async def start(self, container: str) -> None:
        """Start a container."""
        await self._call(lambda: self._api.start(container))

    async def stop(self, container: str) -> None:
        """End every process of a container; its files stay."""
        await self._call(lambda: self._api.stop(container, timeout=0))

    async def rename(self, container: str, name: str) -> None:
        """Give a container another name."""
        await self._call(lambda: self._api.rename(container, name))

    async def inspect(self, container: str) -> JsonObject:
        """All about a container."""
        return await self._call(lambda: self._api.inspect_container(container))

    async def ended(self, container: str, within_s: float) -> None:
        """Wait until a container has ended, but no longer than this."""
        with contextlib.suppress(EngineError):
            await self._call(lambda: self._api.wait(container, timeout=within_s))

    async def remove(self, container: str) -> None:
        """Kill and remove a container with its anonymous volumes; one that is gone already is no error."""
        try:
            await self._call(lambda: self._api.remove_container(container, v=True, force=True))
        except EngineError as error:
            # 409: somebody else is removing it right now.
            if error.status not in (404, 409):
                raise

    async def containers(self, labels: Sequence[str]) -> list[JsonObject]:
        """Containers, running or not, that carry all these labels (`name` or `name=value`)."""
        return await self._call(lambda: self._api.containers(all=True, filters={"label": list(labels)}))

    async def attach(self, container: str, argv: Sequence[str], *, user: str = "") -> tuple[str, DockerStream]:
        """Start a process in a container with all its streams attached; gives the exec's id and the streams."""

        def open_socket() -> tuple[str, socket.socket]:
            options = {"stdin": True, "stdout": True, "stderr": True, "tty": False, "user": user}
            exec_id = str(self._api.exec_create(container, argv, **options)["Id"])
            raw = self._api.exec_start(exec_id, socket=True)
            try:
                # A descriptor of its own: the SDK closes its socket together with the response object.
                return exec_id, socket.socket(fileno=os.dup(raw.fileno()))
            finally:
                response = getattr(raw, "_response", raw)  # where the SDK keeps the connection (APIClient)
                response.close()

        exec_id, connection = await self._call(open_socket)
        connection.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=connection, limit=_STREAM_LIMIT)
        return exec_id, DockerStream(reader, writer)

    async def exit_code(self, exec_id: str) -> int | None:
        """Exit code of an ended exec, None while it runs."""
        code = (await self._call(lambda: self._api.exec_inspect(exec_id))).get("ExitCode")
        return code if isinstance(code, int) else None

    async def put_archive(self, container: str, target: str, archive: Path) -> None:
        """Unpack a tar file of the host into an existing directory of the container."""

        def put() -> None:
            with archive.open("rb") as stream:
                self._api.put_archive(container, target, stream)

        await self._call(put)

    async def get_archive(self, container: str, path: str, take: Callable[[Iterable[bytes]], None]) -> None:
        """Hand the pieces of a tar file of a path of the container to `take`, in a thread."""

        def get() -> None:
            pieces, _ = self._api.get_archive(container, path)
            with contextlib.closing(cast("Generator[bytes]", pieces)):
                take(pieces)

        await self._call(get)

    async def image(self, name: str) -> JsonObject | None:
        """All about an image of this machine, or None."""
        try:
            return await self._call(lambda: self._api.inspect_image(name))
        except EngineError as error:
            if error.status == 404:
                return None
            raise

    async def pull(self, name: str) -> None:
        """Fetch an image. A cancelled pull stops at the engine's next sign of progress, or with this process."""
        full = name if "@" in name or ":" in name.rsplit("/", 1)[-1] else f"{name}:latest"
        stopped = threading.Event()

        def pull() -> None:
            with contextlib.closing(
                cast("Generator[JsonObject]", self._api.pull(full, stream=True, decode=True))
            ) as it:
                for event in it:
                    if "error" in event:
                        raise EngineError(500, str(event["error"]))
                    if stopped.is_set():
                        return

        try:
            await _abandonable(lambda: _translated(pull, self.where))
        finally:
            stopped.set()

    async def history(self, name: str) -> list[JsonObject]:
        """How an image came to be, newest first: `CreatedBy`, `Created`, and `Size` in bytes of each layer."""
        return await self._call(lambda: self._api.history(name))

    async def remove_image(self, name: str) -> None:
        """Remove an image's name, and its layers where nothing else needs them."""
        await self._call(lambda: self._api.remove_image(name))

    async def build(self, dockerfile: str, tag: str, on_line: Callable[[str], None] | None = None) -> None:
        """Build an image from a Dockerfile that needs no files beside it."""

        def build() -> None:
            options = {
                "fileobj": io.BytesIO(dockerfile.encode()),
                "tag": tag,
                "rm": True,
                "forcerm": True,
                "decode": True,
            }
            for event in self._api.build(**options):
                if "error" in event:
                    raise EngineError(500, str(event["error"]))
                if on_line is not None and str(event.get("stream", "")).strip():
                    on_line(str(event["stream"]).rstrip())

        await self._call(build)

    async def import_image(self, archive: Path, name: str, settings: Sequence[str]) -> None:
        """Make an image of a root file system in a tar file; `settings` are Dockerfile lines."""
        repository, _, tag = name.partition(":")

        def load() -> None:
            answer = self._api.import_image_from_file(
                str(archive), repository=repository, tag=tag or "latest", changes=settings
            )
            if '"error"' in answer:
                raise EngineError(500, answer.strip())

        await self._call(load)

    async def close(self) -> None:
        """Close idle connections."""
        await self._call(self._api.close)

    async def _call(self, call: Callable[[], T]) -> T:
        work = asyncio.ensure_future(asyncio.to_thread(_translated, call, self.where))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            # The engine finishes what it was told; only then can the caller's clean-up see and remove it.
            await asyncio.wait([work])
            if not work.cancelled():
                work.exception()
            raise


async def _abandonable(call: Callable[[], None]) -> None:
    """Run in a thread that nobody waits for once this is cancelled: a stalled download would hold up Ctrl-C."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()

    def settle(error: Exception | None) -> None:
        if not ended.done():
            ended.set_exception(error) if error else ended.set_result(None)

    def work() -> None:
        error: Exception | None = EngineError(500, "the download broke off")
        try:
            call()
            error = None
        except EngineError as refused:
            error = refused
        finally:
            # The loop is closed when this was abandoned and the program has gone on to its end.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, error)

    threading.Thread(target=work, name="qwright-pull", daemon=True).start()
    await ended


def _translated(call: Callable[[], T], where: str) -> T:
    import requests
    from docker import errors

    try:
        return call()
    except errors.APIError as error:
        raise EngineError(error.status_code or 500, str(error.explanation or error)) from error
    except (errors.DockerException, requests.RequestException, OSError) as error:
        raise EngineError(0, unreachable(where, str(error))) from error


def endpoints(environment: Mapping[str, str]) -> list[str | None]:
    """Where to look for an engine: DOCKER_HOST (None means: as the environment says), else the usual sockets."""
    if environment.get("DOCKER_HOST"):
        return [None]
    runtime = environment.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")
    home = environment.get("HOME", "/root")
    sockets = [
        "/var/run/docker.sock",
        f"{runtime}/docker.sock",
        f"{home}/.docker/run/docker.sock",
        f"{home}/.colima/default/docker.sock",
        f"{runtime}/podman/podman.sock",
        "/run/podman/podman.sock",
    ]
    return [f"unix://{path}" for path in sockets if Path(path).exists()] or ["unix:///var/run/docker.sock"]


def _open(endpoint: str | None) -> _Api:
    import docker
    from docker.utils import kwargs_from_env

    if endpoint:
        _probe(endpoint.removeprefix("unix://"))
        return cast("_Api", docker.APIClient(endpoint, version="auto", timeout=_TIMEOUT_S))
    found = kwargs_from_env()
    if found.get("tls") or os.environ["DOCKER_HOST"].startswith("ssh://"):
        raise EngineError(0, encrypted(os.environ["DOCKER_HOST"]))
    if os.environ["DOCKER_HOST"].startswith("unix://"):
        _probe(os.environ["DOCKER_HOST"].removeprefix("unix://"))
    return cast("_Api", docker.APIClient(os.environ["DOCKER_HOST"], version="auto", timeout=_TIMEOUT_S))


def _probe(path: str) -> None:
    """Raise `OSError` unless somebody listens; the SDK would leave its socket open and hide the cause in a chain."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.connect(path)


async def connect() -> Engine:
    """The first engine that answers; raises `EngineMissing` with the remedy."""
    reasons: list[str] = []
    for endpoint in endpoints(os.environ):
        where = endpoint or os.environ["DOCKER_HOST"]
        try:
            return Engine(await asyncio.to_thread(_translated, lambda: _open(endpoint), where), where)  # noqa: B023 -- awaited at once
        except EngineError as error:
            reasons.append(str(error))
    raise EngineMissing(reasons[0])
