"""The assembler on chunks that the captures lack."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.json_types import JsonObject
from agent.turn import Delta, ModelTurn, TurnAssembler, Usage
from tests.agent.streams import call_piece, captured, delta, sse, told, turn_of, usage_chunk

LS = '{"command": "ls"}'
PWD = '{"command": "pwd"}'


def turn(*chunks: JsonObject) -> ModelTurn:
    return turn_of(sse(*chunks))


def calls(*chunks: JsonObject) -> list[tuple[str, str]]:
    """Names and arguments; ids must be there and differ whatever the server sent."""
    made = turn(*chunks).calls
    assert all(call.id for call in made)
    assert len({call.id for call in made}) == len(made)
    return [(call.name, call.arguments) for call in made]


def test_reasoning_under_its_old_name() -> None:
    assert turn(delta(reasoning_content="Hm"), delta(reasoning_content=".")).reasoning == "Hm."


def test_reasoning_under_both_names_counts_once() -> None:
    assert turn(delta(reasoning="Hm", reasoning_content="Hm")).reasoning == "Hm"


def test_deltas_are_shown_as_they_come() -> None:
    assembler = TurnAssembler()
    shown = list(
        assembler.add(delta(reasoning="a", content="b", tool_calls=[{"index": 0, "function": {"name": "bash"}}]))
    )
    assert shown == [Delta("reasoning", "a"), Delta("content", "b"), Delta("call", "bash")]
    assert list(assembler.add(call_piece(index=0, arguments="{}"))) == []


ODD: list[JsonObject] = [
    {},
    {"choices": None},
    {"choices": {}},
    {"choices": [None, 3, "x", []]},
    {"choices": [{"delta": None}]},
    {"choices": [{"delta": "text"}]},
    {"choices": [{"delta": ["x"]}]},
    {"choices": [{}]},
    delta(content=None, reasoning=None, tool_calls=None),
    delta(content=7, reasoning=[], tool_calls="x"),
    delta(tool_calls=[None, 3, {}, {"function": None}, {"index": None}]),
    delta(content="", unknown={"x": [1]}, refusal=None),
    {"usage": None, "choices": []},
    {"usage": {}, "choices": []},
    {"usage": "many", "choices": []},
    {"object": "ping", "new_field": True},
]


@pytest.mark.parametrize("odd", ODD)
def test_odd_chunks_change_nothing(odd: JsonObject) -> None:
    plain = turn(delta(content="Hel"), delta("stop", content="lo"), usage_chunk(prompt_tokens=3, completion_tokens=2))
    assert (
        turn(
            odd,
            delta(content="Hel"),
            odd,
            delta("stop", content="lo"),
            odd,
            usage_chunk(prompt_tokens=3, completion_tokens=2),
            odd,
        )
        == plain
    )
    assert plain == ModelTurn("", "Hello", (), "stop", Usage(3, 2, 0, None))


def test_finish_reason_is_kept_when_later_chunks_lack_it() -> None:
    assert turn(delta("stop", content="x"), delta(content=""), delta("", content="")).finish_reason == "stop"
    assert turn(delta(content="x")).finish_reason is None


# usage


def test_usage_on_every_chunk_last_one_counts() -> None:
    one, two = delta(content="a"), delta("stop", content="b")
    chunks = [dict(one) | {"usage": {"completion_tokens": 1}}, dict(two) | {"usage": {"completion_tokens": 2}}]
    assert turn(*chunks).usage == Usage(completion_tokens=2)


@pytest.mark.parametrize(
    ("sent", "usage"),
    [
        ({"prompt_tokens": 5}, Usage(5)),
        ({"prompt_tokens": 5, "prompt_tokens_details": None}, Usage(5)),
        ({"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": 0}}, Usage(5, cached_tokens=0)),
        ({"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": None}}, Usage(5)),
        ({"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": True}}, Usage(5)),
        ({"prompt_tokens": 5, "completion_tokens_details": {"reasoning_tokens": 4}}, Usage(5, reasoning_tokens=4)),
        ({"prompt_tokens": "5", "completion_tokens": -1, "total_tokens": None}, Usage()),
    ],
)
def test_usage_without_some_of_its_parts(sent: dict[str, object], usage: Usage) -> None:
    assert turn(usage_chunk(**sent)).usage == usage


def test_no_usage_at_all() -> None:
    assert turn(delta("stop", content="x")).usage is None


# tool calls


def test_arguments_arrive_in_pieces() -> None:
    pieces = [call_piece(index=0, arguments=letter) for letter in LS]
    assert calls(call_piece(index=0, id="a", name="bash"), *pieces) == [("bash", LS)]


def test_server_ids_are_kept() -> None:
    made = turn(call_piece(index=0, id="a", name="bash"), call_piece(index=1, id="b", name="bash")).calls
    assert [call.id for call in made] == ["a", "b"]


def test_missing_ids_are_made_up() -> None:
    assert calls(call_piece(index=0, name="bash", arguments=LS), call_piece(index=1, name="bash", arguments=PWD)) == [
        ("bash", LS),
        ("bash", PWD),
    ]


def test_id_that_comes_late_is_taken() -> None:
    made = turn(call_piece(index=0, name="bash"), call_piece(index=0, id="a", arguments=LS)).calls
    assert [(call.id, call.arguments) for call in made] == [("a", LS)]


def test_missing_indexes() -> None:
    assert calls(
        call_piece(id="a", name="bash"),
        call_piece(arguments=LS),
        call_piece(id="b", name="bash"),
        call_piece(arguments=PWD),
    ) == [("bash", LS), ("bash", PWD)]


def test_missing_indexes_and_ids() -> None:
    assert calls(call_piece(name="bash", arguments=LS), call_piece(name="bash", arguments=PWD)) == [
        ("bash", LS),
        ("bash", PWD),
    ]


def test_missing_index_with_id_on_every_piece() -> None:
    assert calls(
        call_piece(id="a", name="bash"),
        call_piece(id="b", name="bash"),
        call_piece(id="a", arguments=LS),
        call_piece(id="b", arguments=PWD),
    ) == [("bash", LS), ("bash", PWD)]


def test_null_index_is_a_missing_one() -> None:
    assert calls(
        call_piece(index=None, id="a", name="bash", arguments=LS), call_piece(index=None, id="b", name="bash")
    ) == [
        ("bash", LS),
        ("bash", ""),
    ]


def test_one_index_for_two_calls_with_ids() -> None:
    assert calls(
        call_piece(index=0, id="a", name="bash"),
        call_piece(index=0, arguments=LS),
        call_piece(index=0, id="b", name="bash"),
        call_piece(index=0, arguments=PWD),
    ) == [("bash", LS), ("bash", PWD)]


def test_one_index_for_two_calls_without_ids() -> None:
    assert calls(
        call_piece(index=0, name="bash"),
        call_piece(index=0, arguments=LS),
        call_piece(index=0, name="bash"),
        call_piece(index=0, arguments=PWD),
    ) == [("bash", LS), ("bash", PWD)]


def test_one_index_for_two_tools_without_ids_or_arguments() -> None:
    assert calls(call_piece(index=0, name="task_list"), call_piece(index=0, name="submit")) == [
        ("task_list", ""),
        ("submit", ""),
    ]


def test_one_id_for_two_calls() -> None:
    assert calls(
        call_piece(index=0, id="call", name="bash"),
        call_piece(index=0, id="call", arguments=LS),
        call_piece(index=1, id="call", name="bash"),
        call_piece(index=1, id="call", arguments=PWD),
    ) == [("bash", LS), ("bash", PWD)]


def test_name_that_comes_late() -> None:
    assert calls(call_piece(index=0, id="a"), call_piece(index=0, name="bash"), call_piece(index=0, arguments=LS)) == [
        ("bash", LS)
    ]


@pytest.mark.parametrize("ident", ["a", None])
def test_arguments_before_the_name(ident: str | None) -> None:
    assert calls(
        call_piece(index=0, id=ident, arguments=LS[:5]),
        call_piece(index=0, name="bash"),
        call_piece(index=0, arguments=LS[5:]),
    ) == [("bash", LS)]
    assert calls(call_piece(index=0, id=ident, arguments=LS), call_piece(index=0, name="bash")) == [("bash", LS)]


@pytest.mark.parametrize("ident", ["a", None])
def test_name_and_id_on_every_piece(ident: str | None) -> None:
    assert calls(*(call_piece(index=0, id=ident, name="bash", arguments=letter) for letter in LS)) == [("bash", LS)]


def test_a_call_sent_twice_is_one_call() -> None:
    once = [call_piece(index=0, id="a", name="bash"), call_piece(index=0, arguments=LS)]
    assert calls(*once, *once) == [("bash", LS)]
    assert calls(call_piece(index=0, id="a", name="bash", arguments=LS), *once) == [("bash", LS)]


def test_the_same_call_made_twice_is_two_calls() -> None:
    assert calls(
        call_piece(index=0, id="a", name="bash", arguments=LS), call_piece(index=1, id="b", name="bash", arguments=LS)
    ) == [
        ("bash", LS),
        ("bash", LS),
    ]


def test_text_after_whole_arguments_damages_them() -> None:
    assert calls(call_piece(index=0, id="a", name="bash", arguments=LS), call_piece(index=0, arguments="; rm")) == [
        ("bash", LS + "; rm")
    ]


def test_pieces_that_say_nothing_make_no_call() -> None:
    assert calls(call_piece(index=0), call_piece(index=1, id="a"), delta(content="x")) == []


def test_calls_keep_the_order_in_which_they_began() -> None:
    assert calls(call_piece(index=3, id="c", name="search"), call_piece(index=1, id="a", name="bash")) == [
        ("search", ""),
        ("bash", ""),
    ]


# streams that end early


def test_cut_at_any_byte_the_turn_is_a_beginning() -> None:
    data = captured("two-calls")
    full = told(turn_of(data))
    for cut in range(0, len(data), 3):
        part = told(turn_of(data[:cut]))
        assert full.reasoning.startswith(part.reasoning)
        assert full.content.startswith(part.content)
        assert len(part.calls) <= len(full.calls)
        for (name, arguments), (whole_name, whole_arguments) in zip(part.calls, full.calls, strict=False):
            assert name == whole_name
            assert whole_arguments.startswith(arguments)
        assert part.finish in (None, full.finish)


scalars = st.none() | st.booleans() | st.integers(-2, 3) | st.sampled_from(["", "a", "b", "bash", LS, "{", "}"])
pieces = st.fixed_dictionaries(
    {},
    optional={
        "index": scalars,
        "id": scalars,
        "function": scalars | st.dictionaries(st.sampled_from(["name", "arguments"]), scalars),
    },
)
deltas = st.dictionaries(
    st.sampled_from(["content", "reasoning", "reasoning_content"]), scalars
) | st.fixed_dictionaries({"tool_calls": scalars | st.lists(scalars | pieces, max_size=3)})
chunks = st.fixed_dictionaries(
    {"choices": st.lists(scalars | st.fixed_dictionaries({"delta": scalars | deltas}), max_size=2)}
)


@given(st.lists(chunks, max_size=8))
def test_whatever_comes_every_call_has_an_id_of_its_own(sent: list[JsonObject]) -> None:
    calls(*sent)


@given(st.lists(st.sampled_from([LS, PWD, "{}", '{"command": "{}"}']), min_size=1, max_size=4), st.data())
def test_calls_sent_in_pieces_one_after_another_arrive(arguments: list[str], data: st.DataObject) -> None:
    sent: list[JsonObject] = []
    for index, text in enumerate(arguments):
        sent.append(call_piece(index=index, id=f"id-{index}", name="bash"))
        cut = data.draw(st.integers(0, len(text)))
        sent += [call_piece(index=index, arguments=text[:cut]), call_piece(index=index, arguments=text[cut:])]
    assert calls(*sent) == [("bash", text) for text in arguments]
