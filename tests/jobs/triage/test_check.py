"""The deterministic job takes nothing on trust: not even that the reading job made the texts harmless."""

from pathlib import Path

import pytest

from jobs.triage.check import RefusedError, checked
from jobs.triage.codeowners import read_owners
from jobs.triage.judge import OWNER_TESTED
from tests.jobs.triage.inputs import FIXTURES, verdict

SECRET = "ghp_" + "a1B2" * 9


@pytest.mark.parametrize("name", ["real/pytest-long.log", "real/jest.log", "documented/maven.log"])
def test_an_honest_verdict_passes_unchanged(name: str) -> None:
    found = verdict((FIXTURES / name).read_bytes())
    assert checked(found.model_dump_json().encode(), None) == found


@pytest.mark.parametrize("bad", ["\x1b[2J", "\u202e", "\u200b", SECRET, "<!-- hidden -->", "<|im_start|>"])
def test_what_a_reading_job_was_made_to_write_is_tamed(bad: str) -> None:
    found = verdict((FIXTURES / "real/pytest-long.log").read_bytes())
    evidence = [found.evidence[0].model_copy(update={"quote": f"a {bad} b"}), *found.evidence[1:]]
    forged = found.model_copy(update={"summary": f"a {bad} b", "next_step": f"a {bad} b", "evidence": evidence})
    posted = checked(forged.model_dump_json().encode(), None)
    assert bad not in posted.summary + posted.next_step + posted.evidence[0].quote
    assert posted.category == found.category


def _forged(owner: str) -> bytes:
    found = verdict((FIXTURES / "real/pytest-long.log").read_bytes(), owners=f"* {owner}\n")
    assert found.owner == owner
    return found.model_copy(update={"suspects": []}).model_dump_json().encode()


def test_a_pull_request_that_changes_codeowners_pages_nobody(tmp_path: Path) -> None:
    for folder, owner in (("base", "@shop/makers"), ("head", "@victim")):
        (tmp_path / folder / ".github").mkdir(parents=True)
        (tmp_path / folder / ".github/CODEOWNERS").write_text(f"* {owner}\n")
    base, head = tmp_path / "base", tmp_path / "head"
    with pytest.raises(RefusedError, match="owner: '@victim' is not in CODEOWNERS"):
        checked(_forged("@victim"), head, owners=read_owners(head, base))
    posted = checked(_forged("@shop/makers"), head, owners=read_owners(head, base))
    assert posted.notes == []
    file = base / ".github/CODEOWNERS"
    assert checked(_forged("@shop/makers"), None, owners=read_owners(None, file)) == posted


def test_owners_of_the_revision_under_test_are_told(tmp_path: Path) -> None:
    (tmp_path / "CODEOWNERS").write_text("* @victim\n")
    posted = checked(_forged("@victim"), tmp_path)
    assert posted.notes == [OWNER_TESTED]
    # A reading job that was taken over says it no less, and honest ones say it once.
    assert checked(posted.model_dump_json().encode(), tmp_path).notes == [OWNER_TESTED]
