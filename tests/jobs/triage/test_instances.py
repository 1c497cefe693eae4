"""Real bugs of real packages: the verdict of the failing tests' log, before the repair, with nothing run.

`python -m benchmarks.triage_instances` does the same in the packages' containers, with runs and with a scripted model.
"""

import io
import json
from pathlib import Path

import pytest

from agent.json_types import as_text, parse_object
from jobs.triage.codeowners import CodeOwners
from jobs.triage.findings import Findings
from jobs.triage.intake import read_failures
from jobs.triage.judge import verdict_of
from jobs.triage.places import Places
from jobs.triage.verdict import Category
from tests.jobs.triage.inputs import FIXTURES

INSTANCES = FIXTURES / "instances"
REPAIRED = {
    name: as_text(path) for name, path in (parse_object((INSTANCES / "repaired.json").read_bytes()) or {}).items()
}


def tree(name: str, folder: Path) -> Path:
    """A repository with the package's files, of which only imports, names and the failing tests are left."""
    for path, text in json.loads((INSTANCES / name / "tree.json").read_text("utf-8")).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


@pytest.mark.parametrize("name", REPAIRED)
def test_the_repaired_file_is_among_the_suspects(name: str, tmp_path: Path) -> None:
    findings = Findings()
    log = (INSTANCES / name / "ci.log").read_bytes()
    findings.add(read_failures(io.BytesIO(log), "ci.log"), "ci.log")
    found = verdict_of(findings, Places(tree(name, tmp_path)), CodeOwners(""))
    assert found.category is Category.BUG
    assert REPAIRED[name] in [one.path for one in found.suspects]
    assert found.reproduction
    assert found.reproduction.command.startswith("python -m pytest tests/")


def test_there_are_six() -> None:
    assert len(REPAIRED) == 6
    assert set(REPAIRED) == {folder.name for folder in INSTANCES.iterdir() if folder.is_dir()}
