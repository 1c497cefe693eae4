"""Whatever ends a run, a limit or an error, the working tree is handed in; each limit ends it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from agent.client import ModelRequest
from agent.errors import RequestInvalid
from agent.log import SessionLog
from agent.settings import TurnLimits
from agent.turn import ModelTurn
from tests.fakes.model import Answer, call, says
from tests.jobs.places import SETTINGS, fixing, instance
from tests.jobs.test_run import Rig, only


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def endless() -> list[Answer]:
    """Mends the bug, then goes on with something else at every step."""
    return [fixing()[0], *(says(call("bash", command=f"sleep 0.1; echo {number}")) for number in range(60))]


@pytest.mark.parametrize(
    ("limits", "most_steps"),
    [(TurnLimits(steps=3), 3), (TurnLimits(tokens=5_000), 59), (TurnLimits(seconds=1.0), 59)],
)
async def test_each_limit_ends_a_run_and_its_tree_is_handed_in(rig: Rig, limits: TurnLimits, most_steps: int) -> None:
    await rig.run(rig.batch(), endless, settings=replace(SETTINGS, limits=limits))
    status = only(rig.batch())
    assert (status.exit_status, status.steps <= most_steps) == ("limit", True), status
    log = SessionLog.open(rig.batch().folder(instance()).log, create=False)
    mended = next(log.entries("result"), None) is not None
    log.close()
    # A second may pass on a busy machine before the first command is through; a number of steps may not.
    assert mended or limits.seconds
    assert ("+    return a + b" in rig.predictions()["acme__calc-1"]["model_patch"]) or not mended
    assert rig.batch().to_do() == []


async def test_a_command_has_its_limit_and_the_run_goes_on(rig: Rig) -> None:
    slow = says(call("bash", command="sleep 600", timeout=600))
    await rig.run(rig.batch(), lambda: [slow, *fixing()], settings=replace(SETTINGS, command_timeout_s=1))
    assert only(rig.batch()).exit_status == "submitted"
    assert b"1 s" in b"".join(rig.models[0].prompts[-1])


async def test_an_error_of_the_model_ends_a_run_and_its_tree_is_handed_in(rig: Rig) -> None:
    def refused(request: ModelRequest) -> ModelTurn:
        raise RequestInvalid("the server finds the request invalid")

    await rig.run(rig.batch(), lambda: [fixing()[0], *[refused] * 20])
    status = only(rig.batch())
    assert (status.exit_status, status.attempts) == ("failed", 1)
    assert "invalid" in status.detail
    assert "+    return a + b" in rig.predictions()["acme__calc-1"]["model_patch"]


async def test_a_run_that_is_stopped_is_no_limit(rig: Rig) -> None:
    begun = asyncio.Event()

    def step(request: ModelRequest) -> ModelTurn:
        begun.set()
        return says(call("bash", command="sleep 600"))

    running = asyncio.create_task(rig.run(rig.batch(), lambda: [fixing()[0], step]))
    await asyncio.wait_for(begun.wait(), 30)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert only(rig.batch()).exit_status == "running"
    assert rig.predictions() == {}


async def test_the_seed_that_was_sent_is_recorded(rig: Rig) -> None:
    settings = replace(SETTINGS, endpoint=replace(SETTINGS.endpoint, seed=41))
    await rig.run(rig.batch(), fixing, settings=settings)
    assert only(rig.batch()).seed == 41
