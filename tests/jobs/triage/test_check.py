"""The deterministic job takes nothing on trust: not even that the reading job made the texts harmless."""

import pytest

from jobs.triage.check import checked
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
