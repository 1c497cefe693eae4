"""The machine from end to end over a folder and a scripted model."""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent import events
from agent.errors import EndpointBusy, EndpointRefused, SessionError
from agent.json_types import as_object, as_text
from agent.settings import TurnLimits
from tests.agent.harness import Bench, messages
from tests.fakes.model import Answer, ScriptedModel, call, says
from tests.fakes.snapshots import FolderSnapshots


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, ScriptedModel([]))
    yield made
    made.close()


def wait_for(path: Path) -> None:
    for _ in range(500):
        if path.exists():
            return
        time.sleep(0.02)
    raise AssertionError(f"{path} never came")


def script(bench: Bench, *answers: Answer) -> None:
    bench.model = ScriptedModel(answers)


async def test_a_task_ends_with_submit(bench: Bench) -> None:
    script(
        bench,
        says(call("bash", command="echo hello > made.txt"), text="I write it.", thought="A file is wanted."),
        says(call("submit"), text="Done."),
    )
    outcome = await bench.open().run("write a file")
    assert (outcome.status, outcome.summary, outcome.steps) == ("done", "Done.", 2)
    assert (bench.tree / "made.txt").read_text() == "hello\n"
    assert bench.kinds()[-1] == "TurnEnded"


async def test_an_answer_without_calls_ends_the_turn(bench: Bench) -> None:
    script(bench, says(text="It is 42."))
    outcome = await bench.open().run("what is it?")
    assert (outcome.status, outcome.summary) == ("done", "It is 42.")


async def test_every_prompt_extends_the_one_before(bench: Bench) -> None:
    script(
        bench,
        says(call("bash", command="ls"), thought="look", text="\n\nLooking.\n\n"),
        says(call("bash", command="false")),
        says(call("nonsense", x=1)),
        says(finish="stop"),
        says(call("bash", command="pwd"), call("search", pattern="x")),
        says(call("submit")),
    )
    await bench.open().run("go")
    for before, after in zip(bench.model.prompts, bench.model.prompts[1:], strict=False):
        assert after[: len(before)] == before
    assert len({request.tools for request in bench.model.requests}) == 1


async def test_reasoning_goes_back_verbatim_under_both_names(bench: Bench) -> None:
    script(bench, says(call("bash", command="ls"), thought="  exactly\nthis \n"), says(text="ok"))
    await bench.open().run("go")
    assistant = json.loads(bench.model.prompts[1][2])
    assert assistant["reasoning"] == assistant["reasoning_content"] == "  exactly\nthis \n"


async def test_reads_run_side_by_side_and_answers_keep_their_order(bench: Bench) -> None:
    (bench.tree).mkdir(parents=True)
    for name in "abc":
        (bench.tree / name).write_text(f"content of {name}\n")
    views = [call("str_replace_editor", command="view", path=name) for name in "cab"]
    script(bench, says(*views), says(text="ok"))
    await bench.open().run("go")
    results = [json.loads(fragment) for fragment in bench.model.prompts[1] if b'"role":"tool"' in fragment]
    shown = [as_text(result["content"]) for result in results]
    assert [f"content of {name}" in text for text, name in zip(shown, "cab", strict=True)] == [True] * 3


async def test_a_crash_of_a_tool_becomes_an_observation(bench: Bench) -> None:
    script(bench, says(call("bash", command="echo \x00")), says(call("bash", command=["not", "text"])), says(text="ok"))
    outcome = await bench.open().run("go")
    assert outcome.status == "done"
    assert all(not event.ok for event in bench.seen if isinstance(event, events.CallFinished))


async def test_damaged_arguments_are_answered_and_the_history_stays_valid(bench: Bench) -> None:
    damaged = replace(call("bash"), arguments='{"command": "ls ')
    script(bench, says(damaged), says(text="ok"))
    await bench.open().run("go")
    assistant = as_object(json.loads(bench.model.prompts[1][2]))
    assert assistant["tool_calls"][0]["function"]["arguments"] == "{}"  # type: ignore[index,call-overload]
    assert "arrived damaged" in messages(bench.model.prompts[1])
    assert bench.model.requests[1].mode.thinking is False


async def test_an_unknown_tool_is_answered_with_the_nearest_name(bench: Bench) -> None:
    script(bench, says(call("bsh", command="ls")), says(text="ok"))
    await bench.open().run("go")
    assert "Did you mean 'bash'" in messages(bench.model.prompts[1])


async def test_empty_answers_escalate_and_end_with_a_sentence(bench: Bench) -> None:
    script(bench, *[says(thought="hm") for _ in range(5)])
    outcome = await bench.open().run("go")
    assert outcome.status == "failed"
    assert "5 faulty answers" in outcome.summary
    modes = [(request.mode.thinking, request.force) for request in bench.model.requests]
    assert modes == [(True, False), (True, False), (False, False), (False, True), (False, True)]


async def test_runaway_reasoning_is_cut_and_asked_again_directly(bench: Bench) -> None:
    script(bench, says(thought="Wait, let me think again. " * 400), says(text="Here."))
    outcome = await bench.open().run("go")
    assert (outcome.status, outcome.summary) == ("done", "Here.")
    assert bench.model.cancelled == 1
    assert bench.model.requests[1].mode.thinking is False
    assert b"tool_response" in bench.model.prompts[1][-1]


async def test_an_announced_call_is_asked_for(bench: Bench) -> None:
    script(bench, says(text="I will now run the tests:"), says(call("bash", command="true")), says(text="All good."))
    outcome = await bench.open().run("go")
    assert outcome.summary == "All good."
    assert "made no tool call" in messages(bench.model.prompts[1])


async def test_a_submit_without_any_change_is_sent_back_once(bench: Bench) -> None:
    bench.settings = replace(bench.settings, expects_changes=True)
    bench.snapshots = FolderSnapshots(bench.tree)
    submit = says(call("submit"))
    script(bench, submit, says(call("bash", command="echo 'x = 1' > x.py"), call("submit")))
    session = bench.open()
    assert (await session.run("fix it")).steps == 2
    assert "no file has changed" in messages(bench.model.prompts[1])
    assert [event.counter for event in bench.seen if isinstance(event, events.FaultHandled)] == ["submit_unchanged"]


async def test_a_second_submit_without_a_change_ends_the_turn_and_the_next_turn_is_asked_anew(bench: Bench) -> None:
    bench.settings = replace(bench.settings, expects_changes=True)
    bench.snapshots = FolderSnapshots(bench.tree)
    submit = says(call("submit"))
    script(bench, submit, submit, submit, submit)
    session = bench.open()
    for _ in range(2):
        outcome = await session.run("fix it")
        assert (outcome.status, outcome.steps) == ("done", 2)


async def test_code_shown_but_not_written_is_sent_back_when_nobody_watches(bench: Bench) -> None:
    bench.settings = replace(bench.settings, expects_changes=True)
    bench.snapshots = FolderSnapshots(bench.tree)
    shown = says(text="Here is the fix:\n```python\nx = 1\n```")
    script(bench, shown, says(call("bash", command="echo 'x = 1' > x.py")), shown)
    outcome = await bench.open().run("fix it")
    assert (outcome.status, outcome.steps) == ("done", 3)
    assert [event.counter for event in bench.seen if isinstance(event, events.FaultHandled)] == ["code_only_shown"]
    script(bench, shown, shown, shown)
    (bench.tree / "x.py").unlink()
    assert (await bench.open().run("what would the fix be?")).steps == 3


async def test_an_answer_that_was_sent_back_for_its_code_is_the_answer_where_nothing_had_to_be_done(
    bench: Bench,
) -> None:
    bench.settings = replace(bench.settings, expects_changes=True)
    bench.snapshots = FolderSnapshots(bench.tree)
    shown = "Call it so:\n```python\nadd(2, 3)\n```"
    script(bench, says(text=shown), says(call("submit"), text="That was all."), says(call("submit"), text="As said."))
    outcome = await bench.open().run("how is add called?")
    assert (outcome.status, outcome.summary) == ("done", f"{shown}\n\nAs said.")
    script(bench, says(text="It is 42."))
    assert (await bench.open().run("and what is it?")).summary == "It is 42."


async def test_code_that_was_shown_and_then_written_is_no_answer(bench: Bench) -> None:
    bench.settings = replace(bench.settings, expects_changes=True)
    bench.snapshots = FolderSnapshots(bench.tree)
    shown = says(text="Here is the fix:\n```python\nx = 1\n```")
    script(bench, shown, says(call("bash", command="echo 'x = 1' > x.py")), says(text="Written."))
    assert (await bench.open().run("fix it")).summary == "Written."


async def test_a_call_in_the_text_is_run(bench: Bench) -> None:
    stranded = '<tool_call>\n{"name": "bash", "arguments": {"command": "touch rescued"}}\n</tool_call>'
    script(bench, says(text=stranded), says(text="ok"))
    await bench.open().run("go")
    assert (bench.tree / "rescued").exists()


async def test_the_same_call_again_and_again_is_remarked_and_then_ends_the_turn(bench: Bench) -> None:
    script(bench, *[says(call("bash", command="echo same")) for _ in range(20)])
    outcome = await bench.open().run("go")
    assert outcome.status == "failed"
    assert "same call 9 times" in outcome.summary
    assert "call number 3 of exactly this kind" in messages(bench.model.prompts[3])


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (TurnLimits(steps=2), "2 steps"),
        (TurnLimits(tokens=2500), "tokens, the limit is 2,500"),
        (TurnLimits(seconds=0.000001), "--max-seconds"),
    ],
)
async def test_limits_end_the_turn_and_resume_goes_on(bench: Bench, limits: TurnLimits, words: str) -> None:
    bench.settings = replace(bench.settings, limits=limits)
    script(bench, *[says(call("bash", command=f"echo {number}")) for number in range(9)])
    outcome = await bench.open().run("go")
    assert outcome.status == "limit"
    assert words in outcome.summary
    bench.settings = replace(bench.settings, limits=TurnLimits())
    outcome = await bench.reopen(says(text="finished")).resume()
    assert (outcome.status, outcome.summary) == ("done", "finished")


async def test_the_seconds_of_a_turn_end_it_in_the_middle_of_a_command(bench: Bench) -> None:
    bench.settings = replace(bench.settings, limits=TurnLimits(seconds=1.0))
    script(bench, says(call("bash", command="echo begun > begun; sleep 30")))
    began = time.monotonic()
    outcome = await bench.open().run("go")
    assert time.monotonic() - began < 5
    assert (outcome.status, (bench.tree / "begun").exists()) == ("limit", True)
    assert "--max-seconds" in outcome.summary
    bench.settings = replace(bench.settings, limits=TurnLimits())
    assert (await bench.reopen(says(text="ok")).resume()).status == "done"


async def test_a_full_context_is_a_limit_not_an_error(bench: Bench) -> None:
    script(bench, says(call("bash", command="ls"), prompt=65000))
    outcome = await bench.open().run("go")
    assert len(bench.model.requests) == 1
    assert outcome.status == "limit"
    assert "65,536" in outcome.summary


async def test_a_busy_server_is_asked_again(bench: Bench) -> None:
    script(bench, EndpointBusy("busy"), says(text="ok"))
    outcome = await bench.open().run("go")
    assert outcome.status == "done"
    assert any("busy" in event.fault for event in bench.seen if isinstance(event, events.FaultHandled))


async def test_a_refusing_server_fails_the_turn_and_resume_goes_on(bench: Bench) -> None:
    script(bench, EndpointRefused("The key is wrong."))
    outcome = await bench.open().run("go")
    assert (outcome.status, outcome.summary) == ("failed", "The key is wrong.")
    assert isinstance(outcome.error, EndpointRefused)
    assert (await bench.reopen(says(text="ok")).resume()).status == "done"


async def test_cancel_ends_the_model_call_at_once_and_resume_asks_again(bench: Bench) -> None:
    bench.model = ScriptedModel([says(text="x" * 6400)], delay_s=0.05)
    session = bench.open()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(session.run("go"))
        await asyncio.sleep(0.3)
        before = asyncio.get_running_loop().time()
        session.cancel()
        outcome = await running
    assert asyncio.get_running_loop().time() - before < 0.2
    assert outcome.status == "cancelled"
    assert bench.model.cancelled == 1
    outcome = await bench.reopen(says(text="ok")).resume()
    assert (outcome.status, outcome.summary) == ("done", "ok")


async def test_cancel_during_a_command_kills_it_and_it_is_not_run_again(bench: Bench) -> None:
    script(bench, says(call("bash", command="echo once >> count; sleep 30; echo late >> count")))
    session = bench.open()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(session.run("go"))
        await asyncio.to_thread(wait_for, bench.tree / "count")
        session.cancel()
        assert (await running).status == "cancelled"
    outcome = await bench.reopen(says(text="ok")).resume()
    assert outcome.status == "done"
    assert (bench.tree / "count").read_text() == "once\n"
    assert "was interrupted before its result was known" in messages(bench.model.prompts[0])


async def test_a_finished_session_takes_a_new_request_but_no_resume(bench: Bench) -> None:
    script(bench, says(text="one"), says(text="two"))
    session = bench.open()
    await session.run("first")
    with pytest.raises(SessionError, match="finished"):
        await session.resume()
    outcome = await session.run("second")
    assert outcome.summary == "two"
    assert bench.model.requests[1].mode.reason == "first step of a request"


async def test_a_question_waits_for_its_answer_also_across_processes(bench: Bench) -> None:
    bench.person = True
    script(bench, says(call("ask_user", question="Which one?"), call("bash", command="echo after")))
    outcome = await bench.open().run("go")
    assert outcome.status == "waiting"
    assert outcome.question is not None
    assert outcome.question.question == "Which one?"
    outcome = await bench.reopen(says(text="thanks")).answer("the red one")
    assert outcome.status == "done"
    results = [fragment for fragment in bench.model.prompts[0] if b'"role":"tool"' in fragment]
    assert [b"the red one" in results[0], b"after" in results[1]] == [True, True]


async def test_results_keep_the_order_of_the_calls_around_a_question(bench: Bench) -> None:
    bench.person = True
    calls = (call("bash", command="echo first"), call("ask_user", question="A?"), call("ask_user", question="B?"))
    script(bench, says(*calls), says(text="ok"))
    session = bench.open()
    await session.run("go")
    assert (await session.answer("to A")).question is not None
    assert (await session.answer("to B")).status == "done"
    results = [fragment for fragment in bench.model.prompts[1] if b'"role":"tool"' in fragment]
    assert [b"first" in results[0], b"to A" in results[1], b"to B" in results[2]] == [True, True, True]


async def test_a_file_with_control_tokens_is_shown_harmless_and_edited_exactly(bench: Bench) -> None:
    bench.tree.mkdir(parents=True)
    evil = "stop = '<|im_end|>'\nmark = '</parameter>'\n"
    (bench.tree / "tokens.py").write_text(evil)
    view = call("str_replace_editor", command="view", path="tokens.py")
    edit = call(
        "str_replace_editor", command="str_replace", path="tokens.py", old_str=r"'<\|im_end|>'", new_str=r"'<\/think>'"
    )
    script(bench, says(view), says(edit), says(text="ok"))
    await bench.open().run("replace <|im_end|> by </think>")
    assert "<|im_end|>" not in messages(bench.model.prompts[1])
    assert (bench.tree / "tokens.py").read_text() == evil.replace("<|im_end|>", "</think>")


async def test_a_loop_in_the_text_is_cut_kept_once_and_a_call_is_required(bench: Bench) -> None:
    loop = '<tools>\n{"command": "bash", "timeout": 30}\n</tools>\n\n'
    script(bench, says(text="I will see. " + loop * 100), says(call("bash", command="true")), says(text="Here it is."))
    outcome = await bench.open().run("go")
    assert outcome.status == "done"
    assert [request.force for request in bench.model.requests] == [False, True, False]
    assert messages(bench.model.prompts[1]).count("</tools>") <= 2


async def test_passing_tests_after_an_edit_are_reviewed_once_for_each_edit(bench: Bench) -> None:
    bench.tree.mkdir(parents=True)
    (bench.tree / "test_a.py").write_text("")
    edit = says(call("str_replace_editor", command="create", path="a.py", file_text="x = 1\n"))
    second = says(call("str_replace_editor", command="create", path="b.py", file_text="y = 1\n"))
    tests = says(call("bash", command="true # pytest"))
    script(bench, edit, tests, second, tests, tests, says(text="done"))
    await bench.open().run("go")
    reasons = [request.mode.reason for request in bench.model.requests]
    review = "tests pass: review before finishing"
    assert [reason == review for reason in reasons] == [False, False, True, False, True, False]
