"""`qwright triage` as its user meets it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from agent.pages import DOCS
from cli import exit_codes
from jobs.triage.verdict import Category
from tests.cli.programs import argv, environment, qwright
from tests.cli.terminal import on_terminal

FIXTURES = Path(__file__).parents[2] / "fixtures" / "triage"
LOG = FIXTURES / "real" / "pytest-long.log"


def triage(directory: Path, *arguments: str) -> tuple[int, str, str]:
    done = qwright(directory, "triage", *arguments)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    for name in ("shop/cart.py", "tests/test_cart.py", ".github/CODEOWNERS"):
        file = tmp_path / "repo" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("/shop/ @shop/makers\n*.py @shop/all\n/shop/ @shop/makers # the last one counts\n")
    return tmp_path / "repo"


def test_the_two_jobs(tmp_path: Path, repo: Path) -> None:
    code, out, _ = triage(tmp_path, "--no-model", str(LOG), "--repo", str(repo), "--format", "json")
    verdict = json.loads(out)
    assert code == 10
    assert (verdict["category"], verdict["owner"], verdict["failures"]) == ("bug", "@shop/makers", 4)
    (tmp_path / "verdict.json").write_text(out)
    code, out, _ = triage(tmp_path, "--check", "verdict.json", "--repo", str(repo))
    assert code == 0
    assert "`shop/cart.py:9`" in out


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"labels": ["bug", "approved"]}, "'approved' is not on the allow-list"),
        ({"owner": "@mallory"}, "'@mallory' is not in CODEOWNERS"),
        ({"suspects": [{"path": "../../etc/passwd", "line": 1, "why": ""}]}, "no plain path inside the repository"),
        ({"suspects": [{"path": "shop/none.py", "line": 1, "why": ""}]}, "is not in the repository"),
        ({"category": "wontfix"}, "category: "),
        ({"merge": True}, "merge: Extra inputs are not permitted"),
        ({"confidence": 7}, "confidence: "),
        ({"suspect_commit": "$(id)"}, "suspect_commit: "),
    ],
)
def test_a_forged_verdict_is_refused(tmp_path: Path, repo: Path, change: dict[str, object], said: str) -> None:
    _, out, _ = triage(tmp_path, "--no-model", str(LOG), "--repo", str(repo), "--format", "json")
    (tmp_path / "verdict.json").write_text(json.dumps(json.loads(out) | change))
    code, out, err = triage(tmp_path, "--check", "verdict.json", "--repo", str(repo))
    assert (code, out) == (1, "")
    assert said in err


def test_labels_can_be_narrowed(tmp_path: Path) -> None:
    _, out, _ = triage(tmp_path, "--no-model", str(LOG), "--format", "json")
    (tmp_path / "verdict.json").write_text(out)
    code, _, err = triage(tmp_path, "--check", "verdict.json", "--allow-label", "bug")
    assert code == 1
    assert "'python' is not on the allow-list" in err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([str(LOG)], 2, "--no-model"),
        (["--no-model", "none.log"], 2, "none.log cannot be read: No such file or directory."),
        (["none.log"], 2, "none.log cannot be read"),
        (["--no-model", "entities.xml"], 2, "refused"),
        (["--no-model", "-", "-"], 2, "one input only"),
        (["--check", "x.json", str(LOG)], 2, "nothing else"),
        (["--no-model", str(LOG), "--repo", "nowhere"], 2, "is no folder"),
    ],
)
def test_usage(tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    (tmp_path / "entities.xml").write_text(
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><testsuite>&b;</testsuite>'
    )
    found, _, err = triage(tmp_path, *arguments)
    assert found == code
    assert said in err


def test_without_a_log_nobody_is_kept_waiting_at_a_terminal(tmp_path: Path) -> None:
    terminal = on_terminal(argv("triage", "--no-model"), environment(tmp_path), tmp_path)
    assert terminal.wait() == 2
    assert "make test 2>&1 | qwright triage" in terminal.seen


EXITS = {
    "not_reproducible": b"all is well\n",
    "bug": (FIXTURES / "real/gcc.log").read_bytes(),
    "regression": LOG.read_bytes(),
    "flaky": (FIXTURES / "documented/surefire-flaky.xml").read_bytes(),
    "test_bug": b"=== ERRORS ===\n___ ERROR at setup of test_x ___\nE   fixture 'shop' not found\n=== 1 error ===\n",
    "infrastructure": (FIXTURES / "documented/gitlab-oom.log").read_bytes(),
    "dependency": (FIXTURES / "real/apt.log").read_bytes(),
    "configuration": (FIXTURES / "real/docker-copy.log").read_bytes(),
}


@pytest.mark.parametrize("category", EXITS)
def test_every_category_has_its_exit_code(tmp_path: Path, category: str) -> None:
    (tmp_path / "ci.log").write_bytes(EXITS[category])
    (tmp_path / "green.log").write_text("==== 9 passed in 0.1s ====\n")
    earlier = ("--previous", "green.log") if category == "regression" else ()
    code, out, err = triage(tmp_path, "--no-model", "ci.log", "--format", "json", *earlier)
    assert (json.loads(out)["category"], code, err) == (category, exit_codes.OF_VERDICT[category], "")


def test_the_documented_exit_codes_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| (\d+) \| (?:`(\w+)` )?\|", (DOCS / "triage.md").read_text("utf-8"), re.MULTILINE)
    documented = {category: int(code) for code, category in rows if category}
    assert documented == exit_codes.OF_VERDICT
    assert set(documented) == set(EXITS) == {one.value for one in Category}
    assert {int(code) for code, category in rows if not category} == {
        exit_codes.FAILED,
        exit_codes.USAGE,
        exit_codes.INTERRUPTED,
    }
    assert len(set(documented.values()) | {exit_codes.FAILED, exit_codes.USAGE, exit_codes.INTERRUPTED}) == len(rows)


def test_nothing_found_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "ci.log").write_text("all is well\n")
    code, out, _ = triage(tmp_path, "--no-model", "ci.log")
    assert code == 0
    assert "No failure that any parser knows" in out


def test_each_of_a_folder(tmp_path: Path) -> None:
    cases = tmp_path / "cases"
    cases.mkdir()
    for name in ("a.log", "b.log"):
        (cases / name).write_bytes(LOG.read_bytes())
    code, out, err = triage(tmp_path, "--no-model", "--each", "cases", "--out", "out")
    assert (code, out) == (0, "")
    assert "2 of 2 cases have a verdict" in err
    assert json.loads((tmp_path / "out/b/verdict.json").read_text())["duplicates"] == ["a"]
    _, _, err = triage(tmp_path, "--no-model", "--each", "cases", "--out", "out")
    assert "2 of 2 cases are done already." in err
    assert triage(tmp_path, "--no-model", "--each", "cases")[0] == 2
    assert triage(tmp_path, "--no-model", "--each", "none", "--out", "out")[0] == 2


@pytest.mark.skipif(sys.platform == "win32", reason="needs named pipes")
def test_each_goes_on_after_kill_9(tmp_path: Path) -> None:
    cases = tmp_path / "cases"
    cases.mkdir()
    for name in "abce":
        (cases / f"{name}.log").write_bytes(LOG.read_bytes())
    # The call waits for somebody to write into the pipe, and is killed there.
    os.mkfifo(cases / "d.log")
    command = argv("triage", "--no-model", "--each", "cases", "--out", "out")
    with subprocess.Popen(command, cwd=tmp_path, env=environment(tmp_path), stderr=subprocess.PIPE, text=True) as call:
        assert call.stderr
        assert any(line.startswith("qwright: c is done") for line in call.stderr)
        call.kill()
    kept = {name: (tmp_path / "out" / name / "case.json").stat() for name in "abc"}
    (cases / "d.log").unlink()
    (cases / "d.log").write_bytes(LOG.read_bytes())
    code, _, err = triage(tmp_path, "--no-model", "--each", "cases", "--out", "out")
    assert code == 0
    assert "3 of 5 cases are done already." in err
    assert "5 of 5 cases have a verdict" in err
    for name, before in kept.items():
        assert (tmp_path / "out" / name / "case.json").stat().st_ino == before.st_ino, name
    verdict = json.loads((tmp_path / "out/e/verdict.json").read_text())
    assert verdict["duplicates"] == ["a", "b", "c", "d"]
    assert "Says the same: `a`, `b`, `c`, `d`" in (tmp_path / "out/e/verdict.md").read_text()
