"""Replays of what vLLM 0.32.0 sent: the same turn however the bytes are cut, and the verdict on it."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.failures.faults import Answer, Calls, Faulty, Judgement, judge, parsed_arguments
from agent.sse import Chunk, Done, Malformed
from tests.agent.streams import STREAMS, WHOLES, Told, accepts, captured, decode, stripped, told, turn_of, whole

# A stream passes on what came of a call that was cut; a whole answer hides the cut and says `tool_calls` of both.
CUT_CALLS = {
    "unclosed-call": ("tool_calls", '{"command": "ls -la'),
    "cut-in-a-call": ("length", '{"command": "echo one two three four five'),
}


def test_the_captures_are_there() -> None:
    assert len(STREAMS) == 28
    assert len(WHOLES) == 18
    assert set(WHOLES) < set(STREAMS)


@pytest.mark.parametrize("name", STREAMS)
def test_whole_stream_decodes(name: str) -> None:
    items = list(decode([captured(name)]))
    assert not [item for item in items if isinstance(item, Malformed)]
    assert items[-1] == Done()
    assert all(isinstance(item, Chunk) for item in items[:-1])


@pytest.mark.parametrize("name", STREAMS)
def test_split_at_every_byte(name: str) -> None:
    """Each event holds no state beyond its own end, so cutting each pair of neighbours everywhere cuts everything."""
    events = [event + b"\n\n" for event in captured(name).split(b"\n\n") if event]
    for first, second in pairwise(events):
        both = first + second
        expected = list(decode([both]))
        assert len(expected) == 2
        for cut in range(len(first) + 2):
            assert list(decode([both[:cut], both[cut:]])) == expected


@pytest.mark.parametrize("name", ["nothing", "json-call", "only-thinking"])
def test_split_of_the_whole_stream_at_every_byte(name: str) -> None:
    data = captured(name)
    expected = turn_of(data)
    for cut in range(len(data) + 1):
        assert turn_of(data[:cut], data[cut:]) == expected


@pytest.mark.parametrize("name", STREAMS)
def test_one_byte_at_a_time(name: str) -> None:
    data = captured(name)
    assert turn_of(*(data[at : at + 1] for at in range(len(data)))) == turn_of(data)


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(STREAMS), data=st.data())
def test_random_splits(name: str, data: st.DataObject) -> None:
    stream = captured(name)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=30)))
    edges = [0, *cuts, len(stream)]
    assert turn_of(*(stream[start:end] for start, end in pairwise(edges))) == turn_of(stream)


@pytest.mark.parametrize("name", sorted(set(WHOLES) - set(CUT_CALLS)))
def test_stream_says_what_the_whole_answer_says(name: str) -> None:
    turn = turn_of(captured(name))
    said, usage = whole(name)
    assert stripped(told(turn)) == stripped(said)
    assert turn.usage == usage


@pytest.mark.parametrize("name", sorted(CUT_CALLS))
def test_stream_shows_a_cut_that_the_whole_answer_hides(name: str) -> None:
    turn = turn_of(captured(name))
    said, usage = whole(name)
    finish, arguments = CUT_CALLS[name]
    assert stripped(told(turn)) == Told(finish, said.reasoning.strip(), said.content, (("bash", arguments),))
    assert (said.finish, said.calls) == ("tool_calls", (("bash", "{}"),))
    assert turn.usage == usage


def test_stream_keeps_white_space_that_a_whole_answer_with_calls_loses() -> None:
    assert turn_of(captured("arguments")).content == "\n\nCalling.\n\n"
    assert whole("arguments")[0].content == "Calling."
    assert turn_of(captured("plain")).content == whole("plain")[0].content == "\n\nHello, 世界! Grüße, ¿qué tal? 👋"


def test_thinking_off_has_no_reasoning() -> None:
    assert turn_of(captured("plain-off")).reasoning == ""
    assert turn_of(captured("arguments-off")).reasoning == ""


def verdict(name: str) -> Judgement:
    return judge(turn_of(captured(name)), accepts)


@pytest.mark.parametrize("name", ["plain", "plain-off"])
def test_plain_is_an_answer(name: str) -> None:
    assert verdict(name) == Answer("Hello, 世界! Grüße, ¿qué tal? 👋")


CALLS = {
    "arguments": ["probe"],
    "arguments-off": ["probe"],
    "two-calls": ["bash", "bash"],
    "call-in-thinking": ["bash"],
    "no-closing-tool_call": ["bash"],
    "no-opening-tool_call": ["bash"],
    "malformed-json": ["probe"],
    "unknown-tool": ["teleport"],
    "loop-1": ["bash"],
    "loop-2": ["edit"],
}


@pytest.mark.parametrize(("name", "tools"), CALLS.items())
def test_calls_with_whole_arguments(name: str, tools: list[str]) -> None:
    found = verdict(name)
    assert isinstance(found, Calls)
    assert not found.rescued
    assert [call.name for call in found.calls] == tools
    assert all(parsed_arguments(call.arguments) is not None for call in found.calls)
    assert len({call.id for call in found.calls}) == len(tools)


@pytest.mark.parametrize("name", sorted(CUT_CALLS))
def test_cut_calls_are_calls_with_damaged_arguments(name: str) -> None:
    found = verdict(name)
    assert isinstance(found, Calls)
    assert [parsed_arguments(call.arguments) for call in found.calls] == [None]


FAULTS = {
    "nothing": ("empty", "before the first word"),
    "only-thinking": ("empty", "inside its reasoning"),
    "stop-in-thinking": ("empty", "inside its reasoning"),
    "json-call": ("announced", "22 of its tokens"),
    "never-stops-thinking": ("runaway", "inside its reasoning"),
    "never-stops-talking": ("truncated", "inside its text"),
}


@pytest.mark.parametrize(("name", "fault", "words"), [(name, *rest) for name, rest in FAULTS.items()])
def test_faults(name: str, fault: str, words: str) -> None:
    found = verdict(name)
    assert isinstance(found, Faulty)
    assert found.fault == fault
    assert words in found.detail


# Captures with the product's own tools; `tests/agent/failures` drives a session with them.
WITH_SESSION = {
    *("mark-in-value", "markup-whole", "function-mark-in-value", "parameter-twice"),
    *("wrong-type", "unlike-tool", "forced-prose"),
}


def test_every_capture_has_its_verdict_here() -> None:
    known = {"plain", "plain-off", "loop-3", *CALLS, *CUT_CALLS, *FAULTS, *WITH_SESSION}
    assert known == set(STREAMS)
    assert isinstance(verdict("loop-3"), Answer)


def test_cached_tokens_of_the_tool_loop_grow() -> None:
    counts = [turn_of(captured(f"loop-{step}")).usage for step in (1, 2, 3)]
    cached = [usage.cached_tokens if usage else None for usage in counts]
    assert cached[0] == 0
    assert all(count for count in cached[1:])
