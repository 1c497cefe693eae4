"""How many instances are at work at once: a fixed number, or as many as the server has room for."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol, TypeVar

from serving.admission import admission
from serving.metrics import Snapshot

Item = TypeVar("Item")
# A server's load is looked at this often while there is more to start.
LOOK_S = 5.0


class Room(Protocol):
    """Says how many more may start beside `active` ones, never above `most` together.

    `again_s` is when to ask anew, None for "when one ends".
    """

    again_s: float | None
    most: int

    async def more(self, active: int) -> int:
        """At least 0."""
        ...


class Fixed:
    """Implements `Room`: never more than `workers` at once."""

    again_s: float | None = None

    def __init__(self, workers: int) -> None:
        self.most = workers

    async def more(self, active: int) -> int:
        """See `Room`."""
        return max(self.most - active, 0)


class ByLoad:
    """Implements `Room` by `serving.admission`; never more than `most`, and one at least, so that the batch goes on.

    `load` asks the server for its figures of this moment, None where it tells none. `most` is what the machines bear;
    `memory` says how many more fit into what is free now, None where nobody knows.
    """

    def __init__(
        self,
        load: Callable[[], Awaitable[Snapshot | None]],
        most: int,
        again_s: float = LOOK_S,
        memory: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._load = load
        self._memory = memory
        self.most = most
        self._before: Snapshot | None = None
        self.again_s: float | None = again_s

    async def more(self, active: int) -> int:
        """See `Room`."""
        if active >= self.most:
            return 0
        now = await self._load()
        room = admission(active, now, self._before).more
        self._before = now or self._before
        if (fits := self._memory()) is not None:
            room = min(room, fits)
        return min(max(room, 0 if active else 1), self.most - active)


async def run_all(items: Iterable[Item], work: Callable[[Item], Awaitable[object]], room: Room) -> None:
    """Give every item to `work`, in order, as many at once as `room` has.

    An item whose work crashes stops no other; all such errors are raised together when the rest is done.
    """
    pending = deque(items)
    running: set[asyncio.Task[object]] = set()
    crashes: list[Exception] = []

    async def one(item: Item) -> None:
        (ended,) = await asyncio.gather(work(item), return_exceptions=True)
        if isinstance(ended, Exception):
            crashes.append(ended)
        elif isinstance(ended, BaseException):
            raise ended

    async with asyncio.TaskGroup() as tasks:
        while pending or running:
            if pending:
                for _ in range(min(await room.more(len(running)), len(pending))):
                    running.add(tasks.create_task(one(pending.popleft())))
            timeout = room.again_s if pending else None
            if running:
                _, running = await asyncio.wait(running, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    if crashes:
        raise ExceptionGroup(f"{len(crashes)} ended with an error of ours", crashes)
