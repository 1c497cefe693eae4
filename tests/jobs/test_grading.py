"""Grading: what a log proves, what it does not, and how predictions are read."""

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from jobs.batch.errors import BatchError
from jobs.batch.evaluation import instance_report, run_report
from jobs.batch.grading import END, EXIT, START, Grade, grade, read_log, status_of, with_exit_code
from jobs.batch.log_labels import label_of
from jobs.batch.log_parsers import PARSERS, STATUSES
from jobs.batch.predictions import load_predictions
from jobs.batch.rows import GradedInstance
from jobs.batch.rules import Rules, official_package, rules_for
from jobs.batch.trial import Result, judged, key_of, known_result, text_of, try_patch
from sandboxes.protocol import Limits
from tests.jobs.places import raw_row

PYTEST = PARSERS["parse_log_pytest"]
NAMES = st.text(alphabet="abcdef_:./", min_size=1, max_size=12)


def log_of(*lines: str, code: int = 0) -> str:
    return "\n".join(["noise", f"+ : '{START}'", *lines, f"+ : '{END}'", f"{EXIT}: {code}"])


@given(st.dictionaries(NAMES, st.sampled_from(STATUSES)))
def test_every_line_of_a_summary_is_read(tests: dict[str, str]) -> None:
    assert PYTEST("\n".join(f"{status} {name} - why" for name, status in tests.items())) == tests


@given(
    st.dictionaries(NAMES, st.sampled_from(STATUSES), min_size=1),
    st.lists(NAMES, max_size=3),
    st.lists(NAMES, max_size=3),
)
def test_resolved_means_that_all_listed_tests_are_well(tests: dict[str, str], mend: list[str], keep: list[str]) -> None:
    failed = any(status in ("FAILED", "ERROR") for status in tests.values())
    log = log_of(*(f"{status} {name}" for name, status in tests.items()), code=int(failed))
    graded = grade(log, PYTEST, mend, keep)
    well = all(tests.get(name) in ("PASSED", "XFAIL") for name in mend)
    kept = all(tests.get(name) in ("PASSED", "XFAIL", "SKIPPED") for name in keep)
    assert graded.resolved == (well and kept)
    assert {*graded.fail_to_pass.success, *graded.fail_to_pass.failure} == set(mend)


@pytest.mark.parametrize(
    "log",
    [
        "PASSED t",
        log_of("PASSED t").replace(END, ""),
        log_of("PASSED t", code=1),
        log_of("nothing ran"),
    ],
)
def test_a_log_that_tells_nothing_resolves_nothing(log: str) -> None:
    assert read_log(log, PYTEST) is None
    assert not grade(log, PYTEST, [], []).resolved


@pytest.mark.parametrize("sign", ["Patch Apply Failed", "Reset Failed", "Tests Errored", "Tests Timed Out"])
def test_a_log_that_says_that_it_is_void_is(sign: str) -> None:
    assert read_log(log_of("PASSED t", f">>>>> {sign}"), PYTEST) is None


ONLY_FAILURES = st.dictionaries(NAMES, st.just("FAILED"))


@given(ONLY_FAILURES, st.lists(NAMES, max_size=3), st.lists(NAMES, max_size=3))
def test_where_only_failures_are_named_the_rest_is_well(
    tests: dict[str, str], mend: list[str], keep: list[str]
) -> None:
    lines = [f"FAILED {name}" for name in tests]
    log = log_of("Executed 7 of 9", *lines, code=int(bool(tests)))
    graded = grade(log, PYTEST, mend, keep, "fail_only")
    assert graded.resolved == (not {*mend, *keep} & set(tests))
    assert graded.told


@pytest.mark.parametrize("said", ["Executed 0 of 0", "0 passing", "# tests 0", ""])
def test_a_suite_that_never_ran_is_not_one_without_failures(said: str) -> None:
    assert not grade(log_of(said), PYTEST, ["t"], [], "fail_only").resolved


@pytest.mark.parametrize("kind", ["fail_only", "pass_and_fail"])
def test_rows_name_their_way_of_grading(kind: str) -> None:
    assert GradedInstance.model_validate(raw_row(eval_type=kind)).eval_type == kind


def test_another_way_of_grading_is_refused() -> None:
    with pytest.raises(ValidationError, match="eval_type"):
        GradedInstance.model_validate(raw_row(eval_type="by_eye"))


@pytest.mark.parametrize(
    ("line", "reason", "tier"),
    [
        ("Error: Failed to launch the browser process", "browser_launch_failed", "environment"),
        ("Killed", "out_of_memory", "environment"),
        ("it was Killed later", "", None),
        ("E: Temporary failure in name resolution", "network_unreachable", "environment"),
        ("ModuleNotFoundError: No module named 'x'", "missing_module", "ambiguous"),
        ("collected 0 items", "no_tests_collected", "ambiguous"),
        ("Timeout error: 1800 seconds exceeded.", "tests_timed_out", "ambiguous"),
    ],
)
def test_labels_of_logs(line: str, reason: str, tier: str | None) -> None:
    label = label_of(f"first\n{line}\nlast")
    assert ((label.reason, label.tier) if label else ("", None)) == (reason, tier)


def test_cut_ids_stand_for_what_begins_so_where_it_agrees() -> None:
    results = {"t[a b]": "PASSED", "t[a c]": "XFAIL", "u[x]": "PASSED", "u[y]": "FAILED"}
    assert status_of("t[a", results) in ("PASSED", "XFAIL")
    assert status_of("u[", results) is None
    assert status_of("t", results) is None


def test_skipped_counts_are_no_tests() -> None:
    assert PYTEST("SKIPPED [2] file.py:7: reason\nSKIPPED t") == {"t": "SKIPPED"}


@pytest.mark.parametrize(
    ("parser", "line", "expected"),
    [
        ("parse_log_requests", "PASSED t[/a/b/c.txt]", {"t[/c.txt]": "PASSED"}),
        ("parse_log_requests", "PASSED t[//a/b]", {"t[//a/b]": "PASSED"}),
        ("parse_log_pytest_v2", "t.py::a PASSED", {"t.py::a": "PASSED"}),
        ("parse_log_pytest_v2", "FAILED t[a b] - why", {"t[a b]": "FAILED"}),
        ("parse_log_astropy", "\x1b[32mPASSED\x1b[0m t", {"t": "PASSED"}),
    ],
)
def test_other_parsers(parser: str, line: str, expected: dict[str, str]) -> None:
    assert PARSERS[parser](line) == expected


def test_an_unknown_parser_is_named() -> None:
    with pytest.raises(BatchError, match="parse_log_of_nobody"):
        rules_for(GradedInstance.model_validate(raw_row(log_parser="parse_log_of_nobody")))


def test_a_package_that_cannot_be_used_is_told_and_our_own_rules_are_taken(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "swebench").mkdir()
    (tmp_path / "swebench" / "__init__.py").touch()
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    official_package.cache_clear()
    try:
        rules = rules_for(GradedInstance.model_validate(raw_row()))
        with pytest.raises(BatchError, match=r"cannot be used .*pip install 'qwright\[swebench\]'"):
            rules_for(GradedInstance.model_validate(raw_row(log_parser="parse_log_django")))
    finally:
        official_package.cache_clear()
        sys.modules.pop("swebench", None)
    assert "cannot be used (ModuleNotFoundError" in rules.name
    assert rules.grade(log_of("PASSED HIDDEN-bf1d")).resolved
    assert "cannot be used" in caplog.text


def test_versions_that_are_no_text_are_no_fault_of_a_row() -> None:
    rows = [GradedInstance.model_validate(raw_row(version=given)) for given in (5.3, "1.0")]
    assert [(row.version, row.repo) for row in rows] == [("5.3", "acme/calc"), ("1.0", "acme/calc")]


def test_a_log_is_read_with_every_kind_of_line_end() -> None:
    assert text_of(b"a\r\nb\rPASSED t\n\xff") == "a\nb\nPASSED t\n\ufffd"


async def test_a_row_with_such_a_parser_does_not_stop_the_others(tmp_path: Path) -> None:
    row = GradedInstance.model_validate(raw_row(log_parser="parse_log_of_nobody"))
    result = await try_patch(row, "p", tmp_path, Limits(), 1)
    assert result.verdict == "infra_failure"
    assert "swebench" in result.reason


def test_a_parser_that_breaks_on_a_log_is_no_verdict_on_the_patch() -> None:
    def broken(log: str) -> Grade:
        raise KeyError(log[:3])

    row = GradedInstance.model_validate(raw_row())
    result = judged(row, "key", Rules("theirs", broken), f"{START}\nx\n{END}\n", applied=True)
    assert result.verdict == "infra_failure"
    assert "failed on this log (KeyError" in result.reason


def test_the_exit_code_is_recorded_behind_the_end() -> None:
    lines = with_exit_code(f"run\n: '{END}'\nlast").split("\n")
    assert lines == ["run", "TEST_EXIT_CODE=$?", f": '{END}'", f'echo "{EXIT}: $TEST_EXIT_CODE"', "last"]
    assert with_exit_code("run") == "run"


@pytest.mark.parametrize("form", ["dict", "list", "lines", "one"])
def test_predictions_come_in_every_official_shape(tmp_path: Path, form: str) -> None:
    items = [{"instance_id": name, "model_name_or_path": "m", "model_patch": "p"} for name in ("a", "b")]
    text = {
        "dict": json.dumps({str(item["instance_id"]): item for item in items}),
        "list": json.dumps(items),
        "lines": "\n".join(map(json.dumps, items)),
        "one": json.dumps(items[0]),
    }[form]
    path = tmp_path / "preds.json"
    path.write_text(text)
    assert [it.instance_id for it in load_predictions(path)] == (["a"] if form == "one" else ["a", "b"])


@pytest.mark.parametrize("text", ["[1]", "{nothing", '[{"instance_id": "a"}, {"instance_id": "a"}]'])
def test_what_holds_no_predictions_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "preds.json"
    path.write_text(text)
    with pytest.raises(BatchError):
        load_predictions(path)


def test_results_are_found_again_by_patch_and_row(tmp_path: Path) -> None:
    row, other = (GradedInstance.model_validate(raw_row(eval_script=script)) for script in ("a", "b"))
    assert len({key_of(row, "p"), key_of(row, "q"), key_of(other, "p")}) == 3
    result = Result(instance_id=row.instance_id, key=key_of(row, "p"), verdict="resolved", applied=True)
    (tmp_path / "result.json").write_text(result.model_dump_json())
    assert known_result(tmp_path, key_of(row, "p")) == result
    assert known_result(tmp_path, key_of(row, "q")) is None
    (tmp_path / "result.json").write_text(result.model_copy(update={"verdict": "infra_failure"}).model_dump_json())
    assert known_result(tmp_path, key_of(row, "p")) is None


def test_the_report_has_the_official_lists() -> None:
    rows = [GradedInstance.model_validate(raw_row(f"a__b-{number}")) for number in range(4)]
    patches = {"a__b-0": "p", "a__b-1": "p", "a__b-2": ""}
    verdicts = ("resolved", "infra_failure", "empty_patch")
    unwell = Result(
        instance_id="a__b-4", key="k", verdict="unresolved", label="out_of_memory", tier="environment", applied=True
    )
    results = [
        Result(instance_id=f"a__b-{at}", key="k", verdict=verdict, reason="r" if at == 1 else "")
        for at, verdict in enumerate(verdicts)
    ]
    report = run_report(rows, patches, results)
    assert (report["schema_version"], report["total_instances"], report["submitted_instances"]) == (2, 4, 3)
    assert (report["resolved_ids"], report["empty_patch_ids"]) == (["a__b-0"], ["a__b-2"])
    assert report["infra_failure_ids"] == report["error_ids"] == ["a__b-1"]
    assert report["incomplete_ids"] == ["a__b-3"]
    rows.append(GradedInstance.model_validate(raw_row("a__b-4")))
    report = run_report(rows, {**patches, "a__b-4": "p"}, [*results, unwell])
    assert report["infra_failure_ids"] == ["a__b-1", "a__b-4"]
    assert report["unresolved_ids"] == ["a__b-4"]
    assert report["failure_reasons"] == {"a__b-1": "r", "a__b-4": "out_of_memory"}
    assert instance_report(unwell, "p")["infra_failure_reason"] == "out_of_memory"
    assert instance_report(results[0], "p")["resolved"] is True
    assert instance_report(results[1], "p")["infra_failure_reason"] == "r"
