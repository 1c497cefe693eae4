"""Two runs side by side: flips, their reasons, and what is left out."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from agent.log import SessionLog
from jobs.batch import grading
from jobs.batch.difference import as_json, difference, parting
from jobs.batch.difference_words import in_words
from jobs.batch.reports.facts import Facts, Run
from jobs.batch.statistics import mcnemar
from jobs.batch.store import InstanceFolder, Status
from jobs.batch.trial import Result

KINDS = ("resolved", "unresolved", "error", "infra_failure", "ungraded", "infra", "running")


def facts(name: str, kind: str) -> Facts:
    status = Status.model_validate(
        {
            "instance_id": name,
            "session_id": "s",
            "exit_status": kind if kind in ("infra", "running") else "submitted",
            "patch_bytes": 9,
        }
    )
    if kind in ("infra", "running", "ungraded"):
        return Facts(status)
    tests = grading.Tests(failure=("t::one", "t::two", "t::three", "t::four"))
    grade = grading.Grade(resolved=kind == "resolved", tests_seen=4, fail_to_pass=tests, pass_to_pass=grading.Tests())
    return Facts(status, Result.model_validate({"instance_id": name, "key": "k", "verdict": kind, "grade": grade}))


def run(*kinds: str) -> Run:
    return Run([facts(f"a__b-{number}", kind) for number, kind in enumerate(kinds)], len(kinds))


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(KINDS)), max_size=12))
def test_every_instance_is_counted_once_and_the_sides_mirror(pairs: list[tuple[str, str]]) -> None:
    a, b = run(*(one for one, _ in pairs)), run(*(other for _, other in pairs))
    found, mirrored = difference(a, b), difference(b, a)
    assert found.compared + len(found.left_out) == len(pairs)
    assert (found.only("A"), found.only("B")) == (mirrored.only("B"), mirrored.only("A"))
    assert found.p == mirrored.p == mcnemar(found.only("A"), found.only("B"))
    good = ("resolved", "unresolved", "error")
    assert found.compared == sum(one in good and other in good for one, other in pairs)
    assert found.only("A") == sum(one == "resolved" and other in good[1:] for one, other in pairs)
    told = in_words(found, a, b, ("run1", "run2"))
    assert all(flip.instance_id in told for flip in found.flips)
    assert as_json(found, a, b)["compared"] == found.compared


def test_the_reasons_of_a_flip_are_told() -> None:
    a, b = run("resolved", "resolved"), run("unresolved", "infra")
    told = in_words(difference(a, b), a, b, ("run1", "run2"))
    assert "a__b-0: resolved by A; B unresolved" in told
    assert "not mended: t::one, t::two, t::three and 1 more" in told
    assert "a__b-1 (infra in B)" in told
    assert "may well be chance" in told


def test_settings_that_differ_are_told() -> None:
    setups = ({"model": "q", "configuration": {"thinking": mode, "max_steps": 9}} for mode in ("auto", "never"))
    a, b = (Run([facts("a__b-0", "resolved")], 1, setup) for setup in setups)
    told = in_words(difference(a, b), a, b, ("run1", "run2"))
    assert "differs: thinking: A auto, B never" in told
    assert "max_steps" not in told
    assert "nothing tells the two apart" in told


def test_where_two_sessions_part(tmp_path: Path) -> None:
    for side, commands in (("a", ["ls", "cat x"]), ("b", ["ls", "cat y"])):
        log = SessionLog.open(InstanceFolder(tmp_path / side / "i").log, create=True)
        for step, command in enumerate(commands, 1):
            call = {"id": f"s{step}c0", "name": "bash", "arguments": f'{{"command": "{command}"}}'}
            log.append("assistant", step, {"calls": [call]})
        log.close()
    assert parting(tmp_path / "a", tmp_path / "b", "i") == "They part at step 2: A bash cat x; B bash cat y."
    assert parting(tmp_path / "a", tmp_path / "a", "i") == "Both made the same calls."
    assert parting(tmp_path / "a", tmp_path / "c", "i") == ""
