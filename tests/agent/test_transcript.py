"""The history that a log gives back is, byte for byte, the one that was sent."""

from pathlib import Path

from agent.log import SessionLog
from agent.permissions.permissions import Permissions
from agent.pictures import Picture
from agent.transcript import Transcript
from tests.agent.harness import Bench
from tests.fakes.model import ScriptedModel, says


async def test_a_request_with_a_remark_and_a_picture_reads_the_same_after_a_resume(tmp_path: Path) -> None:
    bench = Bench(tmp_path, ScriptedModel([says(text="Planned.")]), permissions=Permissions(mode="plan", person=True))
    picture = Picture("shot.png", "image/png", 640, 480, "AAAA")
    session = bench.open()
    await session.run("Plan it.", pictures=(picture,))
    sent = bench.model.prompts[0]
    assert b"present_plan" in sent[1]
    assert b"image_url" in sent[1]
    bench.close()
    log = SessionLog.open(tmp_path / "log.sqlite", create=False)
    assert Transcript.from_log(log).fragments[: len(sent)] == sent
    log.close()
