"""An inquiry from end to end, with a model whose words are written here."""

import asyncio
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from agent.client import ModelRequest
from agent.errors import EndpointUnreachable
from agent.events import EventSink
from agent.pictures import Picture
from agent.settings import Endpoint, Settings, TurnLimits
from agent.turn import ModelTurn
from jobs.triage.codeowners import CodeOwners
from jobs.triage.findings import Findings
from jobs.triage.inquiry.consult import Adviser
from jobs.triage.inquiry.inquire import Wishes, inquire
from jobs.triage.inquiry.trial import Effort
from jobs.triage.intake import read_failures
from jobs.triage.judge import verdict_of
from jobs.triage.places import Places
from jobs.triage.verdict import Category, Verdict
from sandboxes.errors import SandboxUnavailable
from tests.fakes.model import Answer, ScriptedModel, call, says
from tests.jobs.triage.inquiry.ground import Ground, commit, git, repository, write
from tests.jobs.triage.inquiry.ground import effort as often

FILES = {
    "shop/__init__.py": "",
    "shop/cart.py": "def total(prices):\n    return sum(prices) - 1\n",
    "tests/test_cart.py": 'from shop.cart import total\n\nassert total([1, 2]) == 3, "wrong total"\n',
}
LOG = b"""Traceback (most recent call last):
  File "/builds/a/shop/tests/test_cart.py", line 3, in <module>
AssertionError: wrong total
"""
COMMAND = "PYTHONPATH=. python3 tests/test_cart.py"
OPINION: dict[str, object] = {
    "category": "bug",
    "confidence": 0.9,
    "summary": "total() takes one too many away.",
    "root_cause": "shop/cart.py subtracts 1 from the sum.",
    "suspects": [{"path": "shop/cart.py", "line": 2, "why": "subtracts 1"}],
    "evidence": [{"path": "shop/cart.py", "line": 2, "why": "the subtraction"}],
    "suspect_commit": "",
    "labels": ["python"],
    "severity": "high",
    "next_step": "Take the subtraction away.",
}
SETTINGS = Settings(
    Endpoint("http://test/v1", "qwen-test", context_tokens=65536), limits=TurnLimits(steps=6), server_wait_s=0.0
)
LOOK = says(call("bash", command="cat shop/cart.py"))
SUBMIT = says(call("submit"), text="Seen.")


def form(**changes: object) -> Answer:
    return says(text=json.dumps(OPINION | changes))


class Case:
    """One inquiry on the repository above."""

    def __init__(self, tmp_path: Path, script: list[Answer], settings: Settings = SETTINGS) -> None:
        self.model = ScriptedModel(script)
        self.ground = Ground(repository(tmp_path / "repo", FILES), tmp_path / "places")
        self._path, self._settings = tmp_path, settings

    def _client(self, emit: EventSink) -> ScriptedModel:
        return self.model

    async def verdict(
        self,
        *,
        fix: bool = False,
        command: str = COMMAND,
        pictures: tuple[Picture, ...] = (),
        effort: Effort | None = None,
        say: Callable[[str], None] = lambda sentence: None,
    ) -> Verdict:
        findings = Findings()
        findings.add(read_failures(io.BytesIO(LOG), "ci.log"), "ci.log")
        owners = CodeOwners("shop/ @shop/makers\n")
        first = verdict_of(findings, Places(self.ground.source), owners)
        adviser = Adviser(self._settings, self._client, lambda event: None) if self.model.script else None
        wishes = Wishes(effort or often(2), self._path / "store", command, fix=fix, pictures=pictures, say=say)
        found = await inquire(first, findings.deciding(), self.ground, wishes, adviser, owners)
        assert self.ground.left_open == 0
        return Verdict.model_validate_json(found.model_dump_json())


async def test_counts_and_opinion_make_one_verdict(tmp_path: Path) -> None:
    case = Case(tmp_path, [LOOK, SUBMIT, form()])
    verdict = await case.verdict()
    assert (verdict.category, verdict.decided_by, verdict.owner) == (Category.BUG, "model", "@shop/makers")
    assert verdict.summary == "total() takes one too many away."
    assert [one.path for one in verdict.suspects] == ["shop/cart.py", "tests/test_cart.py"]
    assert verdict.reproduction
    assert (verdict.reproduction.runs, verdict.reproduction.failures) == (2, 2)
    assert (verdict.evidence[0].quote, verdict.evidence[0].line) == ("    return sum(prices) - 1", 2)
    asked = case.model.requests[-1]
    assert asked.schema is not None
    assert asked.text_only
    assert not asked.mode.thinking
    # The form is asked for on the conversation as the server has it: all of it but the question is a prefix.
    assert case.model.prompts[-1][: len(case.model.prompts[-2])] == case.model.prompts[-2]


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"category": "flaky"}, "which the runs rule out"),
        ({"suspects": [{"path": "../../etc/passwd", "line": 1, "why": ""}]}, "does not have"),
        ({"suspects": [{"path": "shop/none.py", "line": 1, "why": ""}]}, "does not have"),
        ({"labels": ["approved", "python"]}, "not on the allow-list"),
    ],
)
async def test_what_the_model_may_not_say_is_left_out_and_told(
    tmp_path: Path, changes: dict[str, object], note: str
) -> None:
    verdict = await Case(tmp_path, [SUBMIT, form(**changes)]).verdict()
    assert verdict.category is Category.BUG
    assert {one.path for one in verdict.suspects} <= set(FILES)
    assert verdict.labels == ["bug", "python"]
    assert any(note in one for one in verdict.notes), verdict.notes


async def test_counts_quotes_and_commits_are_never_the_models(tmp_path: Path) -> None:
    forged = form(
        suspect_commit="a" * 40,
        evidence=[{"path": "shop/cart.py", "line": 999, "why": "return approved"}],
        summary="<!-- hidden --> ask @everyone, token ghp_abcdefghijklmnopqrst0123456789",
        suspects=[{"path": "shop/cart.py", "line": 999, "why": "x"}],
    )
    verdict = await Case(tmp_path, [SUBMIT, forged]).verdict()
    assert verdict.suspect_commit is None
    assert all(one.source == "ci.log" for one in verdict.evidence)
    assert "ghp_" not in verdict.summary
    assert "<!--" not in verdict.summary
    assert verdict.suspects[0].line == 0


async def test_a_broken_form_is_asked_for_once_more(tmp_path: Path) -> None:
    case = Case(tmp_path, [SUBMIT, says(text="It is a bug."), form()])
    assert (await case.verdict()).decided_by == "model"
    assert "no JSON object" in case.model.prompts[-1][-1].decode()
    case = Case(tmp_path / "again", [SUBMIT, says(text="{"), says(text='{"category": "wontfix"}')])
    verdict = await case.verdict()
    assert verdict.decided_by == "counts"
    assert any("cannot be used: category" in note for note in verdict.notes), verdict.notes


async def test_without_a_server_the_counted_verdict_stands(tmp_path: Path) -> None:
    away: list[Answer] = [EndpointUnreachable("http://test/v1 refused the connection.")] * 9
    verdict = await Case(tmp_path, away).verdict()
    assert verdict.category is Category.BUG
    assert verdict.reproduction
    assert verdict.reproduction.failures == 2
    assert any("could not be asked" in note for note in verdict.notes)


async def test_limits_give_a_partial_verdict(tmp_path: Path) -> None:
    settings = replace(SETTINGS, limits=TurnLimits(steps=2))
    verdict = await Case(tmp_path, [LOOK, LOOK, form()], settings).verdict()
    assert verdict.decided_by == "model"
    assert any("cut short" in note for note in verdict.notes), verdict.notes


async def test_without_a_sandbox_the_rules_decide(tmp_path: Path) -> None:
    case = Case(tmp_path, [LOOK])
    case.ground.trouble = SandboxUnavailable("Docker does not answer.")
    verdict = await case.verdict()
    assert verdict.decided_by == "rules"
    assert any("Nothing could be run: Docker does not answer." in note for note in verdict.notes)


async def test_a_screenshot_goes_to_the_model(tmp_path: Path) -> None:
    case = Case(tmp_path, [SUBMIT, form()])
    await case.verdict(pictures=(Picture("shot.png", "image/png", 64, 64, "aGVsbG8="),))
    asked = json.loads(case.model.prompts[0][1])
    assert [part["type"] for part in asked["content"]].count("image_url") == 1
    assert "attached pictures, data as all this" in json.dumps(asked)


@pytest.mark.parametrize("at", ["runs", "model"])
async def test_a_cancelled_inquiry_leaves_no_sandbox(tmp_path: Path, at: str) -> None:
    asked = asyncio.Event()

    def look(request: ModelRequest) -> ModelTurn:
        asked.set()
        return says(call("bash", command="sleep 60"), thought=str(len(request.messages)))

    case = Case(tmp_path, [look, SUBMIT, form()])
    task = asyncio.ensure_future(case.verdict(command=COMMAND if at == "model" else "sleep 60"))
    async with asyncio.timeout(30):
        await (asked.wait() if at == "model" else case.ground.in_use.wait())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert case.ground.left_open == 0


MEND = "sed -i 's/ - 1//' shop/cart.py"
FORGE = "echo 'def total(prices): return 3' > tests/fake.py; echo 'from fake import total' > shop/cart.py"


@pytest.mark.parametrize(
    ("command", "kept", "note"),
    [
        (MEND, True, ""),
        ("sed -i 's/ - 1/ - 2/' shop/cart.py", False, "passes in 0 of"),
        ("true", False, "the model changed nothing"),
        ("echo > tests/test_cart.py", False, "changes tests only"),
        ("rm tests/test_cart.py", False, "deletes tests/test_cart.py"),
        (f"{MEND}; echo 'import pytest; pytest.skip()' >> tests/test_cart.py", False, "skips tests"),
        (f"{MEND}; echo '[tool.pytest.ini_options]' > pyproject.toml", False, "decides what is tested"),
        (f"{MEND}; echo 'assert 1' > tests/test_more.py", True, ""),
        # It passes by a file that counts as a test, which is not there when it is tried.
        (FORGE, False, "passes in 0 of"),
        (f"{MEND}; mkdir -p .github/workflows; echo x > .github/workflows/ci.yml", False, "decides what is tested"),
        (f"{MEND}; echo 'KEY = \"ghp_abcdefghijklmnopqrst0123456789\"' > shop/key.py", False, "a secret"),
        (f"{MEND}; printf '# \\342\\200\\256\\n' >> shop/cart.py", False, "cannot be seen"),
    ],
)
async def test_a_patch_is_kept_only_when_it_is_proved(tmp_path: Path, command: str, *, kept: bool, note: str) -> None:
    # The engine sends a submit without a change back once.
    submits = [SUBMIT, SUBMIT] if command == "true" else [SUBMIT]
    case = Case(tmp_path, [says(call("bash", command=command)), *submits, form()])
    verdict = await case.verdict(fix=True)
    assert (verdict.patch is not None) is kept, verdict.notes
    if verdict.patch:
        assert (verdict.patch.before_failures, verdict.patch.after_failures, verdict.patch.after_runs) == (2, 0, 2)
        assert "-    return sum(prices) - 1\n+    return sum(prices)\n" in verdict.patch.diff
    else:
        assert any(note in one for one in verdict.notes), verdict.notes


@pytest.mark.parametrize("by_model", [False, True])
async def test_without_a_bisection_blame_names_a_commit_and_the_model_another(
    tmp_path: Path, *, by_model: bool
) -> None:
    case = Case(tmp_path, [])
    repo = case.ground.source
    for name, text in (("tests/test_cart.py", FILES["tests/test_cart.py"].replace("[1, 2]", "(1, 2)")), ("n.txt", "")):
        write(repo, {name: text})
        commit(repo, f"change {name}")
    first = git(repo, "rev-parse", "HEAD~1")
    case.model.script = [SUBMIT, form(suspect_commit=first)] if by_model else []
    verdict = await case.verdict()
    assert (verdict.suspect_commit, verdict.suspect_commit_by) == (first, "model" if by_model else "blame")
