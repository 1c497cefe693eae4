"""Others go first: requests are held while the server has a queue, and never for ever."""

import asyncio
from collections.abc import Awaitable, Callable

from hypothesis import given
from hypothesis import strategies as st

from agent.client import ModelRequest
from agent.messages import UserMessage, wire_bytes
from agent.thinking import DIRECT_SAMPLING, StepMode
from jobs.batch.courtesy import Gate, Polite
from jobs.batch.memory import instances_that_fit, room_in_memory
from jobs.batch.workers import ByLoad
from serving.metrics import Snapshot
from tests.fakes.model import ScriptedModel, says

REQUEST = ModelRequest([wire_bytes(UserMessage("hi"))], b"[]", StepMode(False, 0, DIRECT_SAMPLING, "test"), 100)


def waits(*waiting: int | None) -> Callable[[], Awaitable[Snapshot | None]]:
    """A server whose queue has these lengths, one look after the other; the last repeats."""
    left = list(waiting)

    async def load() -> Snapshot | None:
        now = left.pop(0) if len(left) > 1 else left[0]
        return None if now is None else Snapshot(0.0, running=1, waiting=now, kv_use=0.1)

    return load


async def test_an_empty_queue_and_a_silent_server_hold_nobody() -> None:
    assert await Gate(waits(0)).passed() < 0.5
    assert await Gate(waits(None)).passed() < 0.5


async def test_a_queue_is_waited_for() -> None:
    gate = Gate(waits(2, 1, 0), fresh_s=0.02)
    assert 0.03 <= await gate.passed() < 5


async def test_nobody_is_held_for_ever() -> None:
    gate = Gate(waits(9), fresh_s=0.01, most_s=0.1)
    async with asyncio.timeout(10):
        held = await asyncio.gather(*(gate.passed() for _ in range(5)))
    assert all(0.05 <= seconds < 5 for seconds in held)


async def test_after_a_queue_each_looks_for_itself() -> None:
    looks = 0

    async def load() -> Snapshot | None:
        nonlocal looks
        looks += 1
        return Snapshot(0.0, running=1, waiting=1 if looks < 3 else 0)

    gate = Gate(load, fresh_s=0.01)
    await asyncio.gather(*(gate.passed() for _ in range(3)))
    assert looks >= 3


async def test_the_client_behind_the_gate_answers_counts_and_closes() -> None:
    model = ScriptedModel([says(text="hello")])
    polite = Polite(model, Gate(waits(1, 0), fresh_s=0.01))
    items = [item async for item in polite.stream(REQUEST)]
    assert items
    assert await polite.count(REQUEST) == await model.count(REQUEST)
    await polite.close()


MEMINFO = "MemTotal:       {total} kB\nMemFree: 1 kB\nMemAvailable:   {available} kB\nHugePages_Total:       0\n"


@given(st.integers(1, 10**9), st.integers(0, 10**9))
def test_what_is_available_less_the_reserve_is_shared_out(total: int, available: int) -> None:
    fits = instances_that_fit(MEMINFO.format(total=total, available=available))
    assert fits is not None
    assert fits >= 0
    assert fits * 1024**2 <= max(available - 0.1 * total, 0) < (fits + 1) * 1024**2 or fits == 0


def test_systems_that_do_not_tell() -> None:
    assert instances_that_fit("") is None
    assert instances_that_fit("MemTotal: x kB\nMemAvailable") is None
    here = room_in_memory()
    assert here is None or here >= 0


async def test_full_memory_starts_one_at_a_time() -> None:
    for fits, more in ((0, 1), (2, 2), (None, 4)):
        assert await ByLoad(waits(None), most=9, memory=lambda fits=fits: fits).more(0) == more
    assert await ByLoad(waits(None), most=9, memory=lambda: 0).more(2) == 0
