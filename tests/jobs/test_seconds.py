"""Seconds of an instance add up over calls and tries, and what is no harness is not counted as one."""

import asyncio
import time
from pathlib import Path

import pytest

from agent.client import ModelRequest
from agent.log import SessionLog
from agent.turn import ModelTurn
from jobs.batch.reports.summary import phases
from jobs.batch.spent import continued
from jobs.batch.store import InstanceFolder, Status
from sandboxes.errors import SandboxGone
from tests.fakes.model import Answer, call, says
from tests.jobs.places import fixing, instance
from tests.jobs.test_run import Rig, only

STATUS = Status(instance_id="acme__calc-1", exit_status="running", session_id="s")


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def killed(folder: InstanceFolder, *, began: float, entries: tuple[float, ...], seconds: float = 0.0) -> None:
    """What is there when a process was killed: a status from its start, and a log with entries of these times."""
    folder.record(STATUS.model_copy(update={"began_at": began, "seconds": seconds}))
    log = SessionLog.open(folder.log, create=True)
    for at in entries:
        log.append("nudge", 1, {"text": "x"})
        log.connection.execute("UPDATE entries SET time = ? WHERE id = (SELECT max(id) FROM entries)", (at,))
    log.close()


def test_a_killed_start_lasted_until_the_last_entry_of_its_log(tmp_path: Path) -> None:
    folder = InstanceFolder(tmp_path / "i")
    killed(folder, began=1000.0, entries=(1004.0, 1020.0, 1050.5), seconds=7.0)
    status = folder.status()
    assert status is not None
    told = continued(status, folder)
    assert (told.seconds, told.setup_s, told.began_at) == (57.5, 4.0, 0.0)
    # Once counted, it is not counted again.
    assert continued(told, folder) == told


@pytest.mark.parametrize("entries", [(), (10.0, 20.0)])
def test_a_log_that_tells_nothing_of_this_start_adds_nothing(tmp_path: Path, entries: tuple[float, ...]) -> None:
    folder = InstanceFolder(tmp_path / "i")
    killed(folder, began=1000.0, entries=entries, seconds=7.0)
    status = folder.status()
    assert status is not None
    assert continued(status, folder).seconds == 7.0


async def test_an_instance_that_goes_on_after_a_kill_keeps_its_seconds(rig: Rig) -> None:
    stopped = asyncio.Event()

    def step(request: ModelRequest) -> ModelTurn:
        stopped.set()
        return says(call("bash", command="sleep 600"))

    running = asyncio.create_task(rig.run(rig.batch(), lambda: [fixing()[0], step]))
    await asyncio.wait_for(stopped.wait(), 30)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    folder = rig.batch().folder(instance())
    interrupted = only(rig.batch())
    assert (interrupted.exit_status, interrupted.seconds > 0) == ("running", True)
    # As after a kill an hour into the run: the log goes on, the status does not.
    log = SessionLog.open(folder.log, create=False)
    log.connection.execute("UPDATE entries SET time = time - 3600")
    log.close()
    folder.record(interrupted.model_copy(update={"seconds": 0.0, "began_at": time.time() - 7200}))
    await rig.run(rig.batch(), lambda: [says(call("submit"), text="Fixed.")])
    # Less the moments between the last entry and now.
    assert 3000 <= only(rig.batch()).seconds < 7200


async def test_time_of_tries_that_the_infrastructure_ended_is_no_harness(rig: Rig) -> None:
    def slow(request: ModelRequest) -> ModelTurn:
        return says(call("bash", command="sleep 0.6"))

    scripts: list[list[Answer]] = [[slow, SandboxGone("it died")], fixing()]  # pyright: ignore[reportListAssignmentType]  # a failure
    await rig.run(rig.batch(), lambda: list(scripts.pop(0)))
    status = only(rig.batch())
    assert (status.exit_status, status.attempts) == ("submitted", 2)
    assert 0.6 <= status.lost_s <= status.seconds
    told = phases([status])
    assert told["lost"] == status.lost_s
    assert sum(value for name, value in told.items() if name != "all") == pytest.approx(status.seconds, abs=0.01)  # pyright: ignore[reportArgumentType, reportCallIssue]  # JSON numbers
