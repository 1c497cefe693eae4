"""How many run at once, and who is to blame for an error."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import errors
from jobs.batch.classify import classify
from jobs.batch.workers import ByLoad, Fixed, Room, run_all
from sandboxes import errors as sandbox_errors
from sandboxes.container.errors import ImageMissing
from serving.metrics import Snapshot


async def most_at_once(room: Room, count: int) -> tuple[int, list[int]]:
    active = most = 0
    done: list[int] = []

    async def work(number: int) -> None:
        nonlocal active, most
        active += 1
        most = max(most, active)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        active -= 1
        done.append(number)

    await run_all(range(count), work, room)
    return most, done


@given(st.integers(1, 5), st.integers(0, 12))
def test_all_run_once_and_never_more_than_the_workers_at_once(workers: int, count: int) -> None:
    most, done = asyncio.run(most_at_once(Fixed(workers), count))
    assert sorted(done) == list(range(count))
    assert most <= workers


async def test_a_crash_stops_no_other_and_is_raised_at_the_end() -> None:
    done: list[int] = []

    async def work(number: int) -> None:
        await asyncio.sleep(0)
        if number == 1:
            raise KeyError("of ours")
        done.append(number)

    with pytest.raises(ExceptionGroup) as caught:
        await run_all(range(4), work, Fixed(2))
    assert caught.group_contains(KeyError)
    assert done == [0, 2, 3]


async def test_a_cancellation_reaches_what_runs() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work(number: int) -> None:
        begun.set()
        try:
            await asyncio.sleep(600)
        finally:
            ended.set()

    running = asyncio.create_task(run_all(range(3), work, Fixed(1)))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ended.is_set()


async def nothing() -> Snapshot | None:
    return None


async def test_a_server_that_tells_nothing_gets_few() -> None:
    most, done = await most_at_once(ByLoad(nothing, most=16, again_s=0.01), 12)
    assert len(done) == 12
    assert most == 4


async def test_the_machine_bounds_what_the_server_would_take() -> None:
    most, done = await most_at_once(ByLoad(nothing, most=2, again_s=0.01), 8)
    assert (most, len(done)) == (2, 8)


@pytest.mark.parametrize(
    ("error", "blame", "retry"),
    [
        (sandbox_errors.SandboxUnavailable("x"), "infra", True),
        (ImageMissing("x"), "infra", True),
        (sandbox_errors.SandboxGone("x"), "infra", True),
        (sandbox_errors.WorkspaceError("x"), "infra", True),
        (sandbox_errors.PathMissing("x"), "model", False),
        (errors.EndpointUnreachable("x"), "infra", True),
        (errors.EndpointBusy("x"), "infra", True),
        (errors.EndpointSilent("x"), "infra", True),
        (errors.AnswerFailed("x"), "infra", True),
        (errors.StreamBroken("x"), "infra", True),
        (errors.EndpointRefused("x"), "infra", False),
        (errors.ContextOverflow("x"), "model", False),
        (errors.RequestInvalid("x"), "model", False),
        (errors.SessionError("x"), "model", False),
        (OSError("disk full"), "infra", False),
        (KeyError("a crash of ours"), "infra", False),
    ],
)
def test_blame(error: Exception, blame: str, retry: bool) -> None:
    verdict = classify(error)
    assert (verdict.blame, verdict.retry) == (blame, retry)
