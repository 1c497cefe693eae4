"""The policy inside a session: override of a turn, what was learned, budgets, the account, all across processes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent import events
from agent.errors import EndpointRefused
from agent.settings import TurnLimits
from agent.thinking import Budgets
from agent.thinking.account import account
from tests.agent.harness import Bench
from tests.fakes.model import Answer, ScriptedModel, call, says


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, ScriptedModel([]))
    yield made
    made.close()


def script(bench: Bench, *answers: Answer) -> None:
    bench.model = ScriptedModel(answers)


def modes(bench: Bench) -> list[bool]:
    return [request.mode.thinking for request in bench.model.requests]


def reads(count: int) -> list[Answer]:
    return [says(call("bash", command=f"echo {number}")) for number in range(count)]


async def test_a_turn_has_its_own_policy_and_the_next_one_the_settings(bench: Bench) -> None:
    script(bench, *reads(1), says(text="one"), *reads(1), says(text="two"))
    session = bench.open()
    await session.run("first", thinking="never")
    await session.run("second")
    assert modes(bench) == [False, False, True, False]


async def test_the_policy_of_a_turn_survives_a_crash_and_a_resume_can_change_it(bench: Bench) -> None:
    script(bench, *reads(1), EndpointRefused("gone"))
    await bench.open().run("go", thinking="always")
    await bench.reopen(*reads(1), EndpointRefused("gone")).resume()
    assert modes(bench)[0] is True
    await bench.reopen(*reads(1), says(text="done")).resume(thinking="never")
    assert modes(bench) == [False, False]


async def test_a_failed_call_is_followed_by_thought_and_success_ends_it(bench: Bench) -> None:
    script(bench, *reads(2), says(call("bash", command="false")), *reads(2), says(text="ok"))
    await bench.open().run("go")
    assert modes(bench) == [True, False, False, True, False, False]
    assert bench.model.requests[3].mode.reason == "a tool call failed without thought, now with it"


async def test_a_session_whose_direct_steps_fail_thinks_more_also_in_its_next_process(bench: Bench) -> None:
    """Each failure is thought about and then forgotten by the signals, but not by the session."""
    failing: list[Answer] = []
    for number in range(3):
        failing += [says(call("bash", command=f"echo x > f{number}; false")), *reads(3)]
    script(bench, *reads(1), *failing, says(text="one"))
    await bench.open().run("first")
    calm: list[Answer] = [says(call("bash", command=f"echo calm {number}")) for number in range(6)]
    await bench.reopen(*calm, says(text="two")).run("second")
    reasons = [request.mode.reason for request in bench.model.requests]
    assert modes(bench)[:6] == [True, False, False, False, False, True]
    assert "taking stock" in reasons[5]
    assert "3 of the last" in reasons[5]
    assert "3 edits" in reasons[5]


async def test_budgets_go_by_kind_and_rows_can_be_off(bench: Bench) -> None:
    bench.settings = replace(bench.settings, budgets=Budgets(first=111, failure=222), rows_off=frozenset({"unsettled"}))
    script(bench, says(call("bash", command="false")), says(call("bash", command="false")), *reads(1), says(text="ok"))
    await bench.open().run("go")
    assert [request.mode.budget for request in bench.model.requests] == [111, 222, 222, 0]
    started = [event for event in bench.seen if isinstance(event, events.StepStarted)]
    assert [event.budget for event in started] == [111, 222, 222, 0]


async def test_thinking_over_its_budget_is_carried_on_and_answered_directly(bench: Bench) -> None:
    bench.settings = replace(bench.settings, budgets=Budgets(first=50))
    script(bench, says(thought=" ".join(f"thought {n}" for n in range(200))), says(text="Here."))
    outcome = await bench.open().run("go")
    assert (outcome.status, outcome.summary, modes(bench)) == ("done", "Here.", [True, False])
    faults = [event.fault for event in bench.seen if isinstance(event, events.FaultHandled)]
    assert ["budget" in fault for fault in faults] == [True]
    assert b"thought 1 thought 2 " in bench.model.prompts[1][-2]
    assert b"Your thinking reached its budget" in bench.model.prompts[1][-1]
    spent = account(bench.logs[0])
    assert spent.reasoning_tokens >= 50


async def test_the_account_of_a_session(bench: Bench) -> None:
    script(
        bench,
        says(call("bash", command="echo 1"), thought="a" * 400),
        says(text="one", thought="b" * 800),
        *reads(1),
        says(text="two"),
    )
    session = bench.open()
    await session.run("first", thinking="always")
    await session.run("second", thinking="never")
    spent = account(bench.logs[0])
    assert (spent.on, spent.off, spent.reasoning_tokens) == (2, 2, 300)
    assert (spent.basis, spent.saved_tokens) == (2, 300)
    assert "Thought on 2 of 4 steps (300 tokens" in spent.in_words()
    assert "2 direct steps saved about 300 tokens" in spent.in_words()
    assert "(estimate)" in spent.in_words()


async def test_steps_after_failures_are_no_measure_of_calm_ones(bench: Bench) -> None:
    script(bench, says(call("bash", command="false"), thought="a" * 4000), *reads(2), says(text="done"))
    await bench.open().run("go")
    assert (account(bench.logs[0]).on, account(bench.logs[0]).saved_tokens) == (2, None)


async def test_there_is_no_estimate_without_a_thinking_step(bench: Bench) -> None:
    bench.settings = replace(bench.settings, thinking="never", limits=TurnLimits())
    script(bench, *reads(1), says(text="done"))
    await bench.open().run("go")
    spent = account(bench.logs[0])
    assert (spent.on, spent.off, spent.saved_tokens) == (0, 2, None)
    assert spent.in_words() == "Thought on 0 of 2 steps."
    assert spent.as_json()["estimated_saving"] is None
