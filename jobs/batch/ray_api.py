"""Ray, typed: the only file that imports it, and only once a cluster is needed.

Ray's own names are untyped (`remote` makes classes at run time), so what is used of them is written down here. Written
for and tested with Ray 2.60.
"""

import asyncio
import importlib
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import NewType, Protocol, cast

from jobs.batch.errors import BatchError

Ref = NewType("Ref", object)
# Each call to an actor that waits (for a signal to stop, for room on a disk) takes one.
_CALLS_AT_ONCE = 10_000


class Method(Protocol):
    """A method of an actor: called, it gives something to await."""

    def remote(self, *arguments: object) -> Awaitable[object]:
        """Call it; a failure comes with the await."""
        ...


class Actor(Protocol):
    """An object that lives in a process of its own somewhere in the cluster."""

    def __getattr__(self, name: str) -> Method: ...


class _Future(Protocol):
    def future(self) -> "asyncio.Future[object]": ...


class _Options(Protocol):
    def options(self, **options: object) -> Method: ...


class _Context(Protocol):
    def get_node_id(self) -> str: ...


class _Ray(Protocol):
    def is_initialized(self) -> bool: ...
    def init(self, **options: object) -> object: ...
    def shutdown(self) -> None: ...
    def remote(self, what: object) -> _Options: ...
    def cancel(self, ref: Ref, *, force: bool) -> None: ...
    def kill(self, actor: Actor) -> None: ...
    def cluster_resources(self) -> dict[str, float]: ...
    def nodes(self) -> list[dict[str, object]]: ...
    def get_runtime_context(self) -> _Context: ...


class _Errors(Protocol):
    RayError: type[Exception]
    RayTaskError: type[Exception]


class Lost(Exception):
    """The machine or process that a task ran on is gone; the message is Ray's."""


class Broken(Exception):
    """The task itself raised an error; the message is that error's."""


def _ray() -> _Ray:
    return cast("_Ray", importlib.import_module("ray"))


def _errors() -> _Errors:
    return cast("_Errors", importlib.import_module("ray.exceptions"))


def connect(address: str) -> None:
    """Join a cluster as its driver. Raises `BatchError` without Ray or cluster."""
    # Before the import: Ray would print a line on every start, and look on the network for where to count it.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        ray = _ray()
    except ModuleNotFoundError as error:
        raise BatchError(
            "Ray is not installed here. Install the extra on every machine of the cluster: pip install 'qwright[ray]'."
        ) from error
    try:
        _knock(address)
        ray.init(address=address, configure_logging=False, log_to_driver=False)
    except (OSError, RuntimeError, ValueError) as error:
        why = " ".join(str(error).split())[:300]
        raise BatchError(
            f"No Ray cluster answers at {address} ({why}). Start one (`ray start --head`, and "
            "`ray start --address=HEAD:6379` on each further machine), or name it with --ray-address."
        ) from error


def _knock(address: str) -> None:
    """Raise `OSError` where nobody listens: Ray itself would try for minutes."""
    host, colon, port = address.rpartition(":")
    if colon and port.isdecimal():
        socket.create_connection((host, int(port)), timeout=10).close()


def disconnect() -> None:
    """Leave the cluster; what was started for this driver ends."""
    _ray().shutdown()


def cluster_size() -> tuple[int, float]:
    """Living nodes, and CPUs together."""
    alive = sum(bool(node.get("Alive")) for node in _ray().nodes())
    return alive, float(_ray().cluster_resources().get("CPU", 0.0))


def this_node() -> str:
    """Id of the node that this process runs on."""
    return _ray().get_runtime_context().get_node_id()


def spawn(kind: type[object], node: str, arguments: Sequence[object] = ()) -> Actor:
    """Make an actor on a node. It takes no CPU from the tasks, and ends with whoever spawned it."""
    strategies = importlib.import_module("ray.util.scheduling_strategies")
    affinity = cast("Callable[..., object]", strategies.NodeAffinitySchedulingStrategy)
    options = _ray().remote(kind)
    made = options.options(
        num_cpus=0, max_concurrency=_CALLS_AT_ONCE, scheduling_strategy=affinity(node_id=node, soft=False)
    )
    return cast("Actor", made.remote(*arguments))


def submit(work: Callable[..., object], cpus: float, arguments: Sequence[object]) -> Ref:
    """Run a function somewhere in the cluster, once; what to do when that fails is the caller's."""
    options = _ray().remote(work).options(num_cpus=cpus, max_retries=0, scheduling_strategy="SPREAD")
    return cast("Ref", options.remote(*arguments))


async def result(ref: Ref) -> object:
    """What a task gave. Raises `Lost` or `Broken`."""
    try:
        return await asyncio.wrap_future(cast("_Future", ref).future())
    except _errors().RayError as error:
        raise _translated(error) from error


async def ask(call: Awaitable[object]) -> object:
    """What an actor answers. Raises `Lost` or `Broken`."""
    try:
        return await call
    except _errors().RayError as error:
        raise _translated(error) from error


def call_off(ref: Ref) -> None:
    """Do not begin a task that has not begun."""
    _ray().cancel(ref, force=False)


def kill(actor: Actor) -> None:
    """End an actor's process."""
    _ray().kill(actor)


def _translated(error: Exception) -> Exception:
    if isinstance(error, _errors().RayTaskError):
        cause = getattr(error, "cause", None) or error
        return Broken(f"{type(cause).__name__}: {cause}")
    return Lost(" ".join(str(error).split())[:400])
