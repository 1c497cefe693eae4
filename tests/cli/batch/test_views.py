"""`qwright batch diff`, `report` and `inspect` over folders as a batch leaves them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.log import SessionLog
from cli.batch.inspect import FolderHost
from cli.dispatch import dispatch
from jobs.batch.store import InstanceFolder, Status
from tests.cli.terminal import on_terminal


def run_folder(out: Path, verdict: str, command: str = "ls") -> Path:
    folder = InstanceFolder(out / "a__b-1")
    log = SessionLog.open(folder.log, create=True)
    log.append("user", 0, {"text": "mend it"})
    log.append("mode", 1, {"thinking": True, "reason": "first step"})
    call = {"id": "s1c0", "name": "bash", "arguments": json.dumps({"command": command})}
    log.append("assistant", 1, {"reasoning": "hm", "calls": [call]})
    log.append("result", 1, {"call_id": "s1c0", "text": "calc.py", "ok": True})
    log.append("end", 1, {"status": "done", "summary": "Fixed."})
    log.close()
    folder.finish(Status(instance_id="a__b-1", exit_status="submitted", session_id="s", patch_bytes=6), b"patch\n")
    grades = out / "evaluation" / "a__b-1"
    grades.mkdir(parents=True)
    (grades / "patch.diff").write_text("patch\n")
    (grades / "test_output.txt").write_text("2 passed")
    (grades / "result.json").write_text(json.dumps({"instance_id": "a__b-1", "key": "k", "verdict": verdict}))
    (out / "run.json").write_text(json.dumps({"model": "q"}))
    return out


def test_diff_tells_flips_in_words_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = run_folder(tmp_path / "a", "resolved"), run_folder(tmp_path / "b", "unresolved", "pwd")
    assert dispatch(["batch", "diff", str(a), str(b)]) == 0
    said = capsys.readouterr().out
    assert "a__b-1: resolved by A" in said
    assert "They part at step 1: A bash ls; B bash pwd." in said
    assert dispatch(["batch", "diff", str(a), str(b), "--output", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["only_a"], found["only_b"], found["mcnemar_p"]) == (1, 0, 1.0)


def test_report_is_written_anew(tmp_path: Path) -> None:
    out = run_folder(tmp_path / "a", "resolved")
    assert dispatch(["batch", "report", str(out)]) == 0
    assert json.loads((out / "report.json").read_text())["outcomes"]["resolved"] == 1


def test_the_report_of_a_comparison_is_that_of_each_and_of_all(tmp_path: Path) -> None:
    out = tmp_path / "ab"
    run_folder(out / "auto", "resolved")
    run_folder(out / "never", "unresolved")
    (out / "run.json").write_text(json.dumps({"model": "q", "compare": ["auto", "never", "always"]}))
    assert dispatch(["batch", "report", str(out)]) == 0
    found = json.loads((out / "compare.json").read_text())
    assert set(found["policies"]) == {"auto", "never", "always"}
    assert found["left_out"] == {"a__b-1": "not begun under always"}
    assert (found["pairs"][0]["only_a"], found["pairs"][0]["only_b"]) == (1, 0)
    assert (out / "compare.html").is_file()
    assert json.loads((out / "never" / "report.json").read_text())["outcomes"]["unresolved"] == 1


def test_the_report_of_attempts_is_that_of_each_and_of_the_choice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "many"
    for number, verdict in ((1, "resolved"), (2, "unresolved")):
        run_folder(out / f"attempt-{number}", verdict)
    (out / "run.json").write_text(json.dumps({"model": "q", "attempts": 2}))
    choice = {"instance_id": "a__b-1", "attempt": "attempt-1", "reason": "2 of 2 attempts agree"}
    (out / "selection.json").write_text(json.dumps({"a__b-1": choice}))
    assert dispatch(["batch", "report", str(out)]) == 0
    assert json.loads((out / "attempts.json").read_text())["pass_at"]["1"]["rate"] == 0.5
    assert (out / "attempt-2" / "report.md").is_file()
    assert capsys.readouterr().out.startswith(f"Written: {out}/attempts.md")


def test_a_folder_of_several_runs_is_no_side_of_a_diff(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_folder(tmp_path / "ab" / "auto", "resolved")
    run_folder(tmp_path / "ab" / "never", "resolved")
    assert dispatch(["batch", "diff", str(tmp_path / "ab"), str(tmp_path / "ab" / "auto")]) == 2
    assert f"holds several runs (auto, never); name one, as in {tmp_path}/ab/auto" in capsys.readouterr().err
    assert dispatch(["batch", "report", str(tmp_path / "ab")]) == 2
    assert "run.json, which says what they are, is gone" in capsys.readouterr().err


@pytest.mark.parametrize("view", ["diff", "report", "inspect"])
def test_a_folder_that_is_none_of_a_batch_is_a_sentence(
    tmp_path: Path, view: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [str(tmp_path)] * (2 if view == "diff" else 1)
    assert dispatch(["batch", view, *folders]) == 2
    assert "holds no results of a batch" in capsys.readouterr().err


def test_what_the_inspector_is_given(tmp_path: Path) -> None:
    run_folder(tmp_path / "ab" / "auto", "resolved")
    run_folder(tmp_path / "ab" / "never", "unresolved")
    host = FolderHost(tmp_path / "ab")
    assert [(it.name, it.outcome) for it in host.instances()] == [
        ("auto/a__b-1", "resolved"),
        ("never/a__b-1", "unresolved"),
    ]
    request, step, end = host.steps("auto/a__b-1")
    assert (request.parts[0].text, step.title, end.parts[0].text) == ("mend it", "1 thinking bash", "done: Fixed.")
    assert [(part.kind, part.text) for part in step.parts] == [
        ("mode", "thinking: first step"),
        ("reasoning", "hm"),
        ("call", "bash\ncommand: ls"),
        ("result", "calc.py"),
    ]
    assert (host.patch("never/a__b-1"), host.tests("never/a__b-1")) == ("patch\n", "2 passed")
    assert host.steps("auto/nothing") == ()


def test_the_inspector_on_a_terminal(tmp_path: Path) -> None:
    out = run_folder(tmp_path / "a", "resolved")
    environment = {**os.environ, "TERM": "xterm-256color", "QWRIGHT_STATE_DIR": str(tmp_path / "state")}
    command = [sys.executable, "-m", "cli.main", "batch", "inspect", str(out)]
    done = subprocess.run(command, capture_output=True, env=environment, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 2
    terminal = on_terminal(command, environment, tmp_path)
    terminal.until("a__b-1")
    terminal.type("\r")
    terminal.until("mend it")
    terminal.type("qq")
    assert terminal.wait() == 0
