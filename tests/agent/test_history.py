"""A reopened screen shows what the screen showed: the log's events are those that were seen, diffs included."""

from pathlib import Path

from agent import events
from agent.history import history
from tests.agent.harness import Bench
from tests.fakes.model import ScriptedModel, call, says


async def test_results_come_back_as_they_were_shown(tmp_path: Path) -> None:
    edit = call("str_replace_editor", command="create", path="new.py", file_text="x = 1\n")
    bench = Bench(tmp_path, ScriptedModel([says(edit), says(call("bash", command="cat new.py")), says(text="Done.")]))
    outcome = await bench.open().run("make a file")
    shown = [event for event in bench.seen if isinstance(event, events.CallFinished)]
    kept = [event for event in history(bench.logs[0]) if isinstance(event, events.CallFinished)]
    bench.close()
    assert outcome.status == "done"
    assert "+x = 1" in shown[0].diff
    assert [(e.call_id, e.ok, e.summary, e.text, e.diff) for e in kept] == [
        (e.call_id, e.ok, e.summary, e.text, e.diff) for e in shown
    ]
