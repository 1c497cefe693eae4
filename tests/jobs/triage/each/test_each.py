"""Many cases: how they are found, and that a call which was cut off goes on."""

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from jobs.batch.workers import Fixed
from jobs.triage.codeowners import CodeOwners
from jobs.triage.each.cases import Case, CasesError, load_cases
from jobs.triage.each.run import Backlog, verdict_in
from jobs.triage.findings import Findings
from jobs.triage.inquiry.notes import UNASKED
from jobs.triage.judge import verdict_of
from jobs.triage.places import Places
from jobs.triage.verdict import Category, Verdict
from sandboxes.errors import SandboxUnavailable
from tests.jobs.triage.inputs import FIXTURES

REAL = FIXTURES / "real"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    cases = tmp_path / "cases"
    (cases / "flaky").mkdir(parents=True)
    (cases / "one.log").write_bytes((REAL / "pytest-long.log").read_bytes())
    (cases / "two.log").write_bytes((REAL / "pytest-short-colour.log").read_bytes())
    (cases / "three.xml").write_bytes((FIXTURES / "documented/surefire-flaky.xml").read_bytes())
    (cases / "flaky/ci.log").write_bytes((REAL / "pip.log").read_bytes())
    (cases / "flaky/issue.md").write_text("It cannot be installed.")
    (cases / "flaky/previous.log").write_text("")
    (cases / "notes.pdf").write_text("no case")
    return cases


@dataclass
class Judged:
    """A judge by rules, which remembers whom it judged; `trouble` happens at cases of a name, one never ends."""

    trouble: dict[str, Exception] = field(default_factory=dict[str, Exception])
    notes: list[str] = field(default_factory=list[str])
    names: list[str] = field(default_factory=list[str])
    stops_at: str = ""
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, case: Case, findings: Findings) -> Verdict:
        self.names.append(case.name)
        if case.name == self.stops_at:
            self.stopped.set()
            await asyncio.Event().wait()
        if case.name in self.trouble:
            raise self.trouble[case.name]
        verdict = verdict_of(findings, Places(None), CodeOwners(""))
        return verdict.model_copy(update={"notes": self.notes})


def backlog(folder: Path, setup: str = "") -> Backlog:
    return Backlog(load_cases(folder), folder.parent / "out", setup, lambda sentence: None)


async def test_every_case_gets_its_verdict_and_its_duplicates(folder: Path) -> None:
    assert await backlog(folder).run(Judged(), Fixed(2)) == []
    out = folder.parent / "out"
    found = {name: verdict_in(out / name) for name in ("one", "two", "three", "flaky")}
    assert {name: one.category.value for name, one in found.items() if one} == {
        "one": "bug",
        "two": "bug",
        "three": "flaky",
        "flaky": "dependency",
    }
    # Cases go by name, and the first of its kind is nobody's duplicate.
    assert found["two"] and found["two"].duplicates == ["one"]  # noqa: PT018  # the first half only narrows the type
    assert found["one"] and found["one"].duplicates == []  # noqa: PT018  # as above
    assert "| `two` | bug |" in (out / "index.md").read_text()


async def test_the_same_call_goes_on_where_it_was_cut_off(folder: Path) -> None:
    cut = Judged(stops_at="three")
    task = asyncio.ensure_future(backlog(folder).run(cut, Fixed(1)))
    await cut.stopped.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cut.names == ["flaky", "one", "three"]
    again = Judged()
    await backlog(folder).run(again, Fixed(1))
    assert again.names == ["three", "two"]
    (folder / "one.log").write_text("other\n")
    changed = Judged()
    await backlog(folder).run(changed, Fixed(1))
    assert changed.names == ["one"]
    other = Judged()
    await backlog(folder, "--runs 9").run(other, Fixed(1))
    assert len(other.names) == 4


async def test_trouble_of_one_is_told_and_tried_again(folder: Path) -> None:
    (folder / "three.xml").write_text("<!DOCTYPE x><testsuite/>")
    left = await backlog(folder).run(Judged({"one": SandboxUnavailable("Docker is away.")}), Fixed(4))
    assert [case.name for case in left] == ["one", "three"]
    record = json.loads((folder.parent / "out/one/case.json").read_text())
    assert record["trouble"] == "Docker is away."
    away = Judged(notes=[f"{UNASKED}: the server is away."])
    assert [case.name for case in await backlog(folder).run(away, Fixed(1))] == ["one", "three"]
    assert verdict_in(folder.parent / "out/one")


def test_a_backlog_of_issues(tmp_path: Path) -> None:
    rows = [{"number": 7, "title": "Crash", "body": "Traceback"}, {"id": "A/../../b", "title": "x"}, {"body": None}]
    (tmp_path / "a.json").write_text(json.dumps(rows))
    (tmp_path / "b.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n\n")
    found = load_cases(tmp_path / "a.json")
    assert found == load_cases(tmp_path / "b.jsonl")
    assert {case.name for case in found} == {"7", "A-..-..-b", "3"}
    assert next(case for case in found if case.name == "7").issue == "Crash\n\nTraceback"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", "[]", "has no cases"),
        ("a.json", "{", "neither a folder nor JSON"),
        ("a.json", "[" * 100_000, "neither a folder nor JSON"),
        ("a.jsonl", '{"number": 1}\n{"number": 1}', "more than one case of the name 1"),
    ],
)
def test_what_is_no_backlog(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(CasesError, match=said):
        load_cases(tmp_path / name)


async def test_an_issue_alone_is_a_case(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([{"number": 1, "body": (REAL / "traceback.log").read_text()}]))
    await Backlog(load_cases(tmp_path / "a.json"), tmp_path / "out", "", lambda sentence: None).run(Judged(), Fixed(1))
    verdict = verdict_in(tmp_path / "out/1")
    assert verdict
    assert verdict.category is Category.BUG
