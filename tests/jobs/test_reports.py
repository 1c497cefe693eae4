"""Reports: whatever instances came to, the sums are right, nothing is unescaped and nothing comes from elsewhere."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.json_types import as_object
from jobs.batch.errors import BatchError
from jobs.batch.figures import Figures
from jobs.batch.reports.facts import Facts, Run, read_run
from jobs.batch.reports.markdown import markdown, plain
from jobs.batch.reports.page import page
from jobs.batch.reports.plots import histogram_svg, stack_svg
from jobs.batch.reports.summary import MEASURES, report_of, write_report
from jobs.batch.store import InstanceFolder, Status
from jobs.batch.trial import Result

EVIL = "<script>alert(1)</script>\" onload='x' | `a` [b](http://evil.example) \u202e\x00"
TOKENS = st.integers(0, 10**7)
SECONDS = st.floats(0, 1e5).map(lambda value: round(value, 3))
FIGURES = st.builds(
    Figures,
    prompt_tokens=TOKENS,
    cached_tokens=TOKENS,
    completion_tokens=TOKENS,
    reasoning_tokens=TOKENS,
    thinking_steps=st.integers(0, 99),
    direct_steps=st.integers(0, 99),
    saved_tokens=st.none() | TOKENS,
    model_s=SECONDS,
    tools_s=SECONDS,
    waiting_s=SECONDS,
)
STATUSES = st.builds(
    Status,
    instance_id=st.integers(0, 10**6).map(lambda number: f"a__b-{number}"),
    exit_status=st.sampled_from(["running", "submitted", "limit", "failed", "infra", "crashed"]),
    session_id=st.just("s"),
    detail=st.sampled_from(["", EVIL]),
    steps=st.integers(0, 250),
    patch_bytes=st.integers(0, 9000),
    seconds=SECONDS,
    setup_s=SECONDS,
    figures=FIGURES,
)
RESULTS = st.none() | st.builds(
    Result,
    instance_id=st.just("x"),
    key=st.just("k"),
    verdict=st.sampled_from(["resolved", "unresolved", "error", "infra_failure"]),
    reason=st.sampled_from(["", EVIL]),
)
RUNS = st.lists(st.builds(Facts, STATUSES, RESULTS), max_size=8, unique_by=lambda it: it.status.instance_id).flatmap(
    lambda facts: st.builds(Run, st.just(facts), st.integers(len(facts), len(facts) + 3), problems=st.just([EVIL]))
)


class Tags(HTMLParser):
    """All tags and the attributes that could load or run something."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.active: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "link", "img", "br"):
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "xlink:href")]
        self.active += [name for name, _ in attrs if name.startswith("on")]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def html_of(run: Run) -> str:
    plots = [(name, unit, [read(it.status) for it in run.facts]) for name, unit, read in MEASURES]
    return page(report_of(run), run, plots)


@given(RUNS)
def test_the_page_is_well_formed_and_holds_nothing_active(run: Run) -> None:
    html = html_of(run)
    parsed = Tags()
    parsed.feed(html)
    assert not parsed.open
    assert not {"script", "img", "link", "iframe", "object", "embed"} & set(parsed.tags)
    assert not parsed.active
    assert all(re.fullmatch(r"a__b-\d+/(trajectory\.md|patch\.diff)", link) for link in parsed.links)
    assert "<script" not in html


@given(RUNS)
def test_the_sums_are_those_of_the_instances(run: Run) -> None:
    report = json.loads(json.dumps(report_of(run)))
    statuses = [it.status for it in run.facts]
    assert sum(report["outcomes"].values()) + report["not_begun"] == run.total
    assert sum(report["exit_statuses"].values()) == len(statuses)
    assert report["tokens"]["prompt"] == sum(status.figures.prompt_tokens for status in statuses)
    told = sum(value for name, value in report["seconds"].items() if name != "all")
    assert told >= report["seconds"]["all"] - 0.01 * (len(statuses) + 1)
    rate = report["resolve_rate"]
    graded = {"resolved", "unresolved", "error"} & {it.outcome for it in run.facts}
    assert (rate is not None) == bool(graded)
    if rate is not None:
        assert rate["all"]["resolved"] == sum(it.outcome == "resolved" for it in run.facts)
        assert rate["all"]["low"] <= rate["all"]["rate"] <= rate["all"]["high"]
        ours = {name: report["outcomes"][name] for name in ("resolved", "unresolved", "error", "empty")}
        assert rate["without_infra"]["of"] == sum(ours.values())
        assert rate["all"]["of"] == sum(ours.values()) + report["outcomes"]["infra"] + report["outcomes"]["crashed"]
        assert rate["not_graded"] == run.total - rate["all"]["of"]
        words = f"{rate['not_graded']} of {run.total} instances are not graded"
        assert (words in markdown(report, run)) == (words in html_of(run)) == bool(rate["not_graded"])


@given(RUNS)
def test_tables_of_the_markdown_keep_their_columns(run: Run) -> None:
    text = markdown(report_of(run), run)
    rows = [line for line in text.splitlines() if line.startswith("| [")]
    assert len(rows) == len(run.facts)
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 10 for row in rows)


@given(st.text())
def test_plain_text_is_one_line_without_markup(text: str) -> None:
    assert "\n" not in plain(text)
    assert not re.search(r"(?<!\\)[|<`\[]", plain(text).replace("\\\\", ""))


@given(st.lists(st.floats(0, 1e8), max_size=30))
def test_plots_draw_every_value_within_their_frame(values: list[float]) -> None:
    svg = histogram_svg("<t>", "s", values)
    assert "<t>" not in svg
    assert sum(int(count) for count in re.findall(r": (\d+)</title>", svg)) == len(values)
    for x, wide in re.findall(r'<rect class="bar" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', svg):
        assert float(x) + float(wide) <= 341


def test_a_stack_of_nothing_is_not_drawn() -> None:
    assert stack_svg({"model": 0.0}) == ""
    assert stack_svg({"model": 1.0, "tools": 3.0}).count("<rect") == 2


STATUS = Status(instance_id="a__b-1", exit_status="submitted", session_id="s", patch_bytes=6)


@pytest.mark.parametrize(
    ("status", "verdict", "outcome"),
    [
        ({"exit_status": "infra"}, None, "infra"),
        ({"exit_status": "running"}, "resolved", "running"),
        ({}, None, "ungraded"),
        ({"patch_bytes": 0}, None, "empty"),
        ({"patch_bytes": 0}, "unresolved", "empty"),
        ({"exit_status": "limit"}, "resolved", "resolved"),
        ({}, "unresolved", "unresolved"),
        ({}, "infra_failure", "infra"),
        ({}, "error", "error"),
    ],
)
def test_outcomes(status: dict[str, object], verdict: str | None, outcome: str) -> None:
    given_status = STATUS.model_copy(update=status)
    result = Result.model_validate({"instance_id": "a__b-1", "key": "k", "verdict": verdict}) if verdict else None
    assert Facts(given_status, result).outcome == outcome


def test_a_folder_is_read_back_and_a_grade_of_another_patch_does_not_count(tmp_path: Path) -> None:
    InstanceFolder(tmp_path / "a__b-1").finish(STATUS, b"patch\n")
    grades = tmp_path / "evaluation" / "a__b-1"
    grades.mkdir(parents=True)
    (grades / "patch.diff").write_text("patch")
    (grades / "result.json").write_text('{"instance_id": "a__b-1", "key": "k", "verdict": "resolved"}')
    run = read_run(tmp_path)
    assert [it.outcome for it in run.facts] == ["resolved"]
    write_report(tmp_path, run)
    report = as_object(json.loads((tmp_path / "report.json").read_text()))
    assert as_object(report["outcomes"])["resolved"] == 1
    assert "1 of 1 resolved" in (tmp_path / "report.md").read_text()
    assert "1 of 1 resolved" in (tmp_path / "report.html").read_text()
    (grades / "patch.diff").write_text("another")
    assert [it.outcome for it in read_run(tmp_path).facts] == ["ungraded"]


def test_what_was_not_graded_is_no_failure() -> None:
    """A partial `qwright evaluate`: two of five are graded, one is interrupted, one not begun."""
    graded = Result(instance_id="x", key="k", verdict="resolved")
    each = [
        Facts(STATUS.model_copy(update={"instance_id": f"a__b-{at}"}), graded if at < 2 else None) for at in (0, 1, 2)
    ]
    interrupted = Facts(STATUS.model_copy(update={"instance_id": "a__b-3", "exit_status": "running"}))
    rate = as_object(report_of(Run([*each, interrupted], 5))["resolve_rate"])
    assert (as_object(rate["all"])["of"], as_object(rate["all"])["rate"], rate["not_graded"]) == (2, 1.0, 3)


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BatchError, match="no results"):
        read_run(tmp_path)
