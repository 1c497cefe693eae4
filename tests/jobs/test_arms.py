"""Runs side by side: interleaved, compared, and attempts among which one is chosen by real tests."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.events import EventSink
from agent.json_types import as_object
from jobs.batch.choose.bench import Bench
from jobs.batch.choose.select import pass_rates, select_all, write_choices
from jobs.batch.engine import LocalEngine
from jobs.batch.instance import Ways
from jobs.batch.progress import Progress
from jobs.batch.reports.attempts import attempts_markdown, attempts_of
from jobs.batch.reports.comparison import compare
from jobs.batch.reports.comparison_page import comparison_markdown, comparison_page, intervals_svg
from jobs.batch.reports.facts import Facts, Run
from jobs.batch.run import Arm, Batch, interleaved, run_arms
from jobs.batch.statistics import pass_at
from jobs.batch.store import InstanceFolder, Status
from jobs.batch.trial import Result
from jobs.batch.workers import Fixed
from sandboxes.errors import SandboxUnavailable
from tests.fakes.model import Answer, ScriptedModel, call, says
from tests.jobs.places import SETTINGS, LocalPlaces, fixing, instance, repository

ARMS = ("auto", "always", "never")
TEST_FILE = "import calc\\nassert calc.add(1, 2) == 3\\n"


def arm(name: str, out: Path, places: LocalPlaces, scripts: Callable[[], list[Answer]], count: int = 2) -> Arm:
    def client(emit: EventSink) -> ScriptedModel:
        return ScriptedModel(scripts())

    batch = Batch([instance(f"acme__calc-{number}") for number in range(count)], out / name, "qwen-test")
    return Arm(name, batch, LocalEngine(Ways(SETTINGS, client, places, retries=0)))


@pytest.fixture
def places(tmp_path: Path) -> LocalPlaces:
    return LocalPlaces(tmp_path / "places", repository(tmp_path / "source"))


def test_runs_take_turns_and_nothing_is_left_out(tmp_path: Path, places: LocalPlaces) -> None:
    arms = [arm(name, tmp_path, places, fixing, count=3) for name in ARMS]
    work = [(it.name, one.instance_id[-1]) for it, one in interleaved(arms)]
    assert len(set(work)) == 9
    assert [number for _, number in work] == sorted(number for _, number in work)
    assert [name for name, _ in work[::3]] == list(ARMS)
    done = Status(instance_id="acme__calc-1", exit_status="submitted", session_id="s")
    InstanceFolder(tmp_path / "always" / "acme__calc-1").record(done)
    assert len(interleaved(arms)) == 8


async def test_each_run_has_its_own_folder_and_progress_names_it(tmp_path: Path, places: LocalPlaces) -> None:
    lines: list[str] = []
    arms = [arm(name, tmp_path, places, fixing) for name in ARMS]
    await run_arms(arms, Fixed(2), Progress(6, lines.append))
    for name in ARMS:
        assert set(json.loads((tmp_path / name / "preds.json").read_text())) == {"acme__calc-0", "acme__calc-1"}
    assert any("never/acme__calc-0 submitted" in line for line in lines)
    assert interleaved(arms) == []


def writes_test(sed: str) -> Callable[[], list[Answer]]:
    """An attempt that changes the program and writes a test, which it runs."""
    return lambda: [
        says(call("bash", command=f"{sed}; printf '{TEST_FILE}' > test_calc.py; exit 0")),
        says(call("bash", command="python3 test_calc.py && echo unittest")),
        says(call("submit"), text="Fixed."),
    ]


def right() -> list[Answer]:
    return [
        says(call("bash", command="sed -i 's/a - b/a + b/' calc.py; printf '%s' '' > test_other.py")),
        says(call("bash", command="python3 -c 'import calc; assert calc.add(2, 2) == 4' # pytest")),
        says(call("submit"), text="Fixed."),
    ]


async def test_the_attempt_that_passes_the_tests_of_all_is_chosen(tmp_path: Path, places: LocalPlaces) -> None:
    # Right for its own case alone; right; nothing but a comment.
    scripts: dict[str, Callable[[], list[Answer]]] = {
        "attempt-1": writes_test("sed -i 's/a - b/3/' calc.py"),
        "attempt-2": right,
        "attempt-3": lambda: [
            says(call("bash", command="echo '# done' >> calc.py")),
            says(call("submit"), text="Done."),
        ],
    }
    arms = [arm(name, tmp_path, places, script, count=1) for name, script in scripts.items()]
    await run_arms(arms, Fixed(3), Progress(3, lambda line: None))
    folders = {it.name: it.batch.out for it in arms}
    lines: list[str] = []
    (choice,) = await select_all(arms[0].batch.instances, folders, Bench(places, 30), Fixed(1), lines.append)
    assert choice.attempt == "attempt-2", choice
    assert {it.attempt: (it.passed, it.suites) for it in choice.candidates} == {
        "attempt-1": (1, 2),
        "attempt-2": (2, 2),
        "attempt-3": (0, 2),
    }
    write_choices(tmp_path, "qwen-test", [choice], folders)
    patch = json.loads((tmp_path / "preds.json").read_text())["acme__calc-0"]["model_patch"]
    assert "+    return a + b" in patch
    places.failures = [SandboxUnavailable("no engine")]
    (choice,) = await select_all(arms[0].batch.instances, folders, Bench(places, 30), Fixed(1), lines.append)
    assert all(it.suites == 0 for it in choice.candidates)


def facts(name: str, outcome: str, seconds: float = 10.0, tokens: int = 100) -> Facts:
    exit_status = outcome if outcome in ("infra", "running") else "submitted"
    figures = {"prompt_tokens": 3 * tokens, "cached_tokens": tokens, "completion_tokens": tokens, "model_s": seconds}
    status = Status.model_validate(
        {"instance_id": name, "exit_status": exit_status, "session_id": "s", "patch_bytes": 9, "seconds": seconds}
        | {"figures": figures}
    )
    graded = outcome in ("resolved", "unresolved")
    result = Result.model_validate({"instance_id": name, "key": "k", "verdict": outcome}) if graded else None
    return Facts(status, result)


OUTCOMES = st.sampled_from(["resolved", "unresolved", "infra", "running"])


@given(st.lists(st.tuples(OUTCOMES, OUTCOMES, OUTCOMES), max_size=8))
def test_costs_are_compared_on_what_all_finished(rows: list[tuple[str, str, str]]) -> None:
    runs = {
        name: Run([facts(f"a__b-{number}", row[at]) for number, row in enumerate(rows)], len(rows))
        for at, name in enumerate(ARMS)
    }
    found = compare(runs)
    common = [row for row in rows if not {"infra", "running"} & set(row)]
    assert len(found.common) == len(common)
    assert len(found.left_out) == len(rows) - len(common)
    for at, arm_figures in enumerate(found.arms):
        assert arm_figures.resolved == sum(row[at] == "resolved" for row in common)
        assert arm_figures.computed == 300 * len(common)
        each = arm_figures.for_each(arm_figures.computed)
        assert (each is None) == (not arm_figures.resolved)
        assert each is None or each * arm_figures.resolved == pytest.approx(arm_figures.computed)
    assert len(found.pairs) == 3
    text, html = comparison_markdown(found), comparison_page(found)
    assert all(name in text and name in html for name in ARMS)
    assert intervals_svg(found).count("<circle") == 3
    flips = [f"a__b-{at}" for at, row in enumerate(rows) if row in common and len(set(row)) > 1]
    assert found.flips() == flips
    assert all(re.search(rf"^\| {name} \| (un)?resolved", text, re.MULTILINE) for name in flips)
    assert all(f"<td>{name}</td><td>" in html for name in flips)
    assert set(as_object(found.as_json()["by_instance"])) == {f"a__b-{at}" for at in range(len(rows))}
    assert json.loads(json.dumps(found.as_json()))["policies"]["auto"]["instances"] == len(common)


def test_an_instance_that_one_policy_has_ungraded_counts_for_none_when_any_is_graded() -> None:
    def runs(*rows: tuple[str, str]) -> dict[str, Run]:
        return {
            name: Run([facts(f"a__b-{number}", row[at]) for number, row in enumerate(rows)], len(rows))
            for at, name in enumerate(("auto", "never"))
        }

    found = compare(runs(("resolved", "resolved"), ("resolved", "ungraded"), ("ungraded", "ungraded")))
    assert found.common == ("a__b-0",)
    assert [(it.resolved, it.instances) for it in found.arms] == [(1, 1), (1, 1)]
    assert found.left_out["a__b-1"] == "ungraded under never"
    nothing = compare(runs(("ungraded", "ungraded"), ("ungraded", "infra")))
    assert (nothing.common, [it.graded for it in nothing.arms]) == (("a__b-0",), [False, False])


@given(st.lists(st.lists(OUTCOMES, min_size=3, max_size=3), min_size=1, max_size=6))
def test_pass_at_k_is_over_graded_attempts(rows: list[list[str]]) -> None:
    runs = {
        f"attempt-{at + 1}": Run([facts(f"a__b-{number}", row[at]) for number, row in enumerate(rows)], len(rows))
        for at in range(3)
    }
    rates = pass_rates(runs)
    each = [[outcome == "resolved" for outcome in row if outcome in ("resolved", "unresolved")] for row in rows]
    for k in (1, 2, 3):
        expected = [pass_at(k, len(went), sum(went)) for went in each if len(went) >= k]
        assert (k in rates) == bool(expected)
        if expected:
            assert rates[k] == (pytest.approx(sum(rate or 0.0 for rate in expected) / len(expected)), len(expected))
    if 1 in rates and 2 in rates and rates[1][1] == rates[2][1]:
        assert rates[1][0] <= rates[2][0] + 1e-9


def test_the_report_of_attempts(tmp_path: Path) -> None:
    from jobs.batch.choose.choice import Choice

    runs = {name: Run([facts("a__b-1", "resolved")], 1) for name in ("attempt-1", "attempt-2")}
    choice = Choice(instance_id="a__b-1", attempt="attempt-2", reason="2 of 2 attempts agree")
    report = attempts_of(tmp_path, runs, pass_rates(runs), [choice])
    assert report["chosen"] is None
    grades = tmp_path / "evaluation" / "a__b-1"
    grades.mkdir(parents=True)
    (grades / "result.json").write_text('{"instance_id": "a__b-1", "key": "k", "verdict": "resolved"}')
    (grades / "patch.diff").write_text("patch\n")
    for attempt, name in (("attempt-2", "a__b-1"), ("attempt-1", "a__b-2")):
        ended = Status(instance_id=name, exit_status="submitted", session_id="s", patch_bytes=5)
        InstanceFolder(tmp_path / attempt / name).finish(ended, b"patch\n")
    text = attempts_markdown(attempts_of(tmp_path, runs, pass_rates(runs), [choice]), [choice])
    assert "pass@1: 100.0 %" in text
    assert "1 of 1 resolved" in text
    ungraded = Choice(instance_id="a__b-2", attempt="attempt-1", reason="1 of 2 attempts agree")
    text = attempts_markdown(attempts_of(tmp_path, runs, pass_rates(runs), [choice, ungraded]), [choice, ungraded])
    assert "1 of 1 resolved" in text
    assert "1 chosen patch is not graded" in text
    # A grade of another patch than the one that is chosen now is none.
    (grades / "patch.diff").write_text("the patch of an earlier choice")
    assert attempts_of(tmp_path, runs, pass_rates(runs), [choice])["chosen"] is None
    assert asyncio.run(select_all([], {}, Bench(LocalPlaces(tmp_path, tmp_path)), Fixed(1), print)) == []
