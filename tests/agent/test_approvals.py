"""The machine at a card: asked at its turn, once, across a crash; refusals reach the model; plan mode and its end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.approvals import Approval
from agent.events import ApprovalAsked, CallFinished, CallStarted, QuestionAsked
from agent.messages import ToolCall
from agent.permissions.modes import Mode
from agent.permissions.permissions import Permissions
from agent.permissions.risks import Place
from agent.permissions.rules import rule_of
from agent.session import Outcome
from tests.agent.harness import Bench, messages
from tests.fakes.model import Answer, ScriptedModel, call, says
from tests.fakes.snapshots import FolderSnapshots

DONE = says(call("submit"), text="Done.")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, ScriptedModel([]), person=True, permissions=asking("ask"))
    yield made
    made.close()


def asking(mode: Mode, *, person: bool = True) -> Permissions:
    return Permissions(mode=mode, person=person, place=Place(bound=True, network=True))


def script(bench: Bench, *answers: Answer) -> None:
    bench.model = ScriptedModel([*answers, DONE])


def touch(name: str) -> ToolCall:
    return call("bash", command=f"echo x >> {name}.out")


def lines(bench: Bench, name: str) -> int:
    path = bench.tree / f"{name}.out"
    return len(path.read_text().splitlines()) if path.exists() else 0


def card(outcome: Outcome) -> ApprovalAsked:
    assert outcome.status == "waiting"
    assert outcome.approval is not None
    return outcome.approval


def told(bench: Bench) -> str:
    return messages(list(bench.model.requests[-1].messages))


async def test_each_call_is_asked_at_its_turn_and_runs_after_a_yes(bench: Bench) -> None:
    script(bench, says(touch("one"), call("bash", command="ls"), touch("two")))
    session = bench.open()
    first = card(await session.run("go"))
    assert first.parts == ("echo x", "write one.out")
    assert (lines(bench, "one"), lines(bench, "two")) == (0, 0)
    second = card(await session.answer(Approval(allow=True)))
    assert "two.out" in second.arguments
    assert (lines(bench, "one"), lines(bench, "two")) == (1, 0)
    outcome = await session.answer(Approval(allow=False, reason="use another name"))
    assert outcome.status == "done"
    assert (lines(bench, "one"), lines(bench, "two")) == (1, 0)
    assert "did not allow this call" in told(bench)
    assert "The person says: use another name\\nDo not repeat it" in told(bench)
    order = [event.call_id for event in bench.seen if isinstance(event, CallStarted)]
    assert order == ["s1c0", "s1c1", "s1c2", "s2c0"]


async def test_a_card_is_shown_again_by_a_new_process_and_the_call_runs_once(bench: Bench) -> None:
    script(bench, says(touch("one"), touch("two")))
    session = bench.open()
    card(await session.run("go"))
    shown = card(await session.answer(Approval(allow=True)))
    # The process dies here, and the person has chosen to be asked less meanwhile: this call was asked for and stays so.
    bench.permissions = asking("auto")
    session = bench.reopen(DONE)
    assert card(await session.resume()).call_id == shown.call_id
    assert lines(bench, "two") == 0
    outcome = await session.answer(Approval(allow=False))
    assert outcome.status == "done"
    assert (lines(bench, "one"), lines(bench, "two")) == (1, 0)


async def test_always_holds_for_the_next_call_of_the_step_and_reaches_the_file(bench: Bench) -> None:
    kept: list[str] = []
    assert bench.permissions is not None
    bench.permissions.keep = lambda rules: kept.extend(rule.line for rule in rules)
    script(bench, says(call("bash", command="make a"), call("bash", command="make b")))
    session = bench.open()
    asked = card(await session.run("go"))
    assert [one.pattern for one in asked.suggestions] == ["bash: make *"]
    rules = (rule_of("allow", asked.suggestions[0].pattern),)
    outcome = await session.answer(Approval(allow=True, rules=rules, scope="project"))
    assert outcome.status == "done"
    assert kept == ["bash: make *"]


async def test_an_edit_shows_its_diff_before_it_is_made(bench: Bench) -> None:
    view = call("str_replace_editor", command="view", path="a.txt")
    edit = call("str_replace_editor", command="str_replace", path="a.txt", old_str="old", new_str="new")
    again = call("str_replace_editor", command="str_replace", path="a.txt", old_str="new", new_str="newer")
    bad = call("str_replace_editor", command="str_replace", path="a.txt", old_str="absent", new_str="x")
    script(bench, says(view, edit, again, bad))
    session = bench.open()
    (bench.tree / "a.txt").write_text("old\n")
    first = card(await session.run("go"))
    assert "-old\n+new\n" in first.diff
    assert (bench.tree / "a.txt").read_text() == "old\n"
    second = card(await session.answer(Approval(allow=True)))
    assert "-new\n+newer\n" in second.diff
    outcome = await session.answer(Approval(allow=True))
    # The last edit cannot be done, so nobody is asked about it.
    assert outcome.status == "done"
    assert (bench.tree / "a.txt").read_text() == "newer\n"
    finished = [event for event in bench.seen if isinstance(event, CallFinished)]
    assert "-old\n+new\n" in finished[1].diff
    assert not finished[3].ok


async def test_a_new_file_and_an_undone_edit_are_shown_before_they_are_made(bench: Bench) -> None:
    create = call("str_replace_editor", command="create", path="sub/new.txt", file_text="hello\n")
    undo = call("str_replace_editor", command="undo_edit", path="sub/new.txt")
    script(bench, says(create, undo))
    session = bench.open()
    assert "+hello\n" in card(await session.run("go")).diff
    assert not (bench.tree / "sub").exists()
    assert "-hello\n" in card(await session.answer(Approval(allow=True))).diff
    assert (bench.tree / "sub" / "new.txt").read_text() == "hello\n"
    assert (await session.answer(Approval(allow=True))).status == "done"
    assert not (bench.tree / "sub").exists()


async def test_what_ran_before_a_card_is_not_taken_for_the_persons_doing(bench: Bench) -> None:
    bench.shared, bench.snapshots = True, FolderSnapshots(bench.tree)
    script(bench, says(touch("one"), touch("two")), says(touch("three")))
    session = bench.open()
    outcome = await session.run("go")
    while outcome.status == "waiting":
        outcome = await session.answer(Approval(allow=True))
    assert lines(bench, "three") == 1
    assert "not by a call of yours" not in told(bench)


async def test_a_no_with_stop_ends_the_turn_and_the_history_stays_valid(bench: Bench) -> None:
    script(bench, says(touch("one"), touch("two")))
    session = bench.open()
    card(await session.run("go"))
    outcome = await session.answer(Approval(allow=False, stop=True))
    assert outcome.status == "cancelled"
    bench.model = ScriptedModel([DONE])
    assert (await bench.reopen(DONE).run("something else")).status == "done"
    assert told(bench).count("not run: the turn was ended") == 2
    assert lines(bench, "one") == 0


async def test_without_a_person_nothing_waits(bench: Bench) -> None:
    bench.permissions = asking("auto", person=False)
    script(bench, says(call("bash", command="git push"), touch("one")))
    outcome = await bench.open().run("go")
    assert outcome.status == "done"
    assert "needs a person's approval, and nobody is there" in told(bench)
    assert lines(bench, "one") == 1


async def test_a_mode_changed_in_mid_turn_counts_for_the_next_call(bench: Bench) -> None:
    script(bench, says(touch("one"), touch("two")))
    session = bench.open()
    card(await session.run("go"))
    session.set_mode("auto")
    outcome = await session.answer(Approval(allow=True))
    assert outcome.status == "done"
    assert (lines(bench, "one"), lines(bench, "two")) == (1, 1)
    assert bench.logs[0].meta()["mode"] == "auto"


async def test_plan_mode_refuses_until_the_plan_is_approved(bench: Bench) -> None:
    bench.permissions = asking("edits")
    bench.permissions.change("plan")
    plan = call("present_plan", plan="1. touch it")
    write = call("str_replace_editor", command="create", path="new.txt", file_text="x\n")
    script(bench, says(touch("one"), call("bash", command="ls")), says(plan), says(plan), says(write, plan))
    session = bench.open()
    shown = card(await session.run("go"))
    assert "Plan mode" in told(bench)
    assert "this is plan mode" in told(bench)
    assert (shown.tool, lines(bench, "one")) == ("present_plan", 0)
    again = card(await session.answer(Approval(allow=False, reason="say more")))
    assert again.call_id != shown.call_id
    outcome = await session.answer(Approval(allow=True))
    assert outcome.status == "done"
    assert session.permissions.mode == "edits"
    assert (bench.tree / "new.txt").exists()
    assert "The person approves the plan" in told(bench)
    assert "This is not plan mode" in told(bench)


async def test_a_question_and_a_card_in_one_step_get_their_own_answers(bench: Bench) -> None:
    script(bench, says(touch("one"), call("ask_user", question="Which?"), touch("two")))
    session = bench.open()
    outcome = await session.run("go")
    assert isinstance(outcome.question or outcome.approval, QuestionAsked | ApprovalAsked)
    answers = 0
    while outcome.status == "waiting":
        answers += 1
        outcome = await session.answer("this" if outcome.question else Approval(allow=True))
    assert (answers, lines(bench, "one"), lines(bench, "two")) == (3, 1, 1)
    assert "The person answered: this" in told(bench)
