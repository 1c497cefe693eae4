"""Calls that a server's parser lost or damaged: what the user, the model and the log see of each, end to end."""

import json
from pathlib import Path

import pytest

from agent.json_types import as_list, as_object, as_text, parse_object
from tests.agent.failures.wire import DONE, Talk, capture, says, stream, talk, valid
from tests.agent.streams import call_piece, delta, sse, usage_chunk

XML = "<tool_call>\n<function=bash>\n<parameter=command>\ntouch ran\n</parameter>\n</function>\n</tool_call>"
JSON = '{"name": "bash", "arguments": {"command": "touch ran"}}'


def sent_calls(run: Talk, number: int = 1) -> list[tuple[str, str]]:
    """Names and arguments of the calls in the history of a request."""
    functions = [
        as_object(as_object(call).get("function"))
        for message in run.messages(number)
        for call in as_list(message.get("tool_calls"))
    ]
    return [(as_text(function.get("name")), as_text(function.get("arguments"))) for function in functions]


@pytest.mark.parametrize("name", ["call-in-thinking", "no-opening-tool_call", "no-closing-tool_call"])
async def test_what_the_parser_recovers_runs(tmp_path: Path, name: str) -> None:
    async with talk(tmp_path, [capture(name), DONE]) as run:
        assert (await run.run()).summary == "All done."
        assert [(result.tool, result.ok) for result in run.results()] == [("bash", True)]
        assert sent_calls(run) == [("bash", '{"command": "ls"}')]
        assert run.counts() == {}


@pytest.mark.parametrize(
    ("reasoning", "content", "counter"),
    [
        (f"I should run it.\n{XML}", "", "call_in_reasoning"),
        ("", f"I'll run it.\n\n{XML}", "call_in_text"),
        ("", f"I'll run it.\n\n{XML.removeprefix('<tool_call>').strip()}", "call_without_wrapper"),
        ("", f"<tool_call>\n{JSON}\n</tool_call>", "call_as_json"),
        ("", f"I'll run it:\n```json\n{JSON}\n```", "call_as_json"),
    ],
)
async def test_a_stranded_call_runs_and_goes_back_as_a_call(
    tmp_path: Path, reasoning: str, content: str, counter: str
) -> None:
    answer = sse(delta(reasoning=reasoning), delta(content=content), delta("stop"))
    async with talk(tmp_path, [stream(answer), DONE]) as run:
        assert (await run.run()).status == "done"
        assert (run.tree / "ran").exists()
        assert sent_calls(run) == [("bash", '{"command": "touch ran"}')]
        assert run.counts() == {counter: 1}
        assert "running it" in run.told()
        valid(run.server.requests[1])


@pytest.mark.parametrize(
    "content",
    [
        f"The parser stops at a call such as this one:\n\n```xml\n{XML}\n```\n\nThat is why the test fails.",
        f"I fixed the parser. The input that broke it was\n\n{XML}",
        f"To reset the tree the agent sends:\n\n{XML}\n\nThat is all.",
    ],
)
async def test_a_quoted_call_is_never_run(tmp_path: Path, content: str) -> None:
    async with talk(tmp_path, [says(content)]) as run:
        outcome = await run.run("Explain the format of tool calls.")
        assert not (run.tree / "ran").exists()
        assert run.results() == []
        assert (outcome.status, outcome.summary) == ("done", content)
        assert run.counts() == {"call_quoted": 2}
        assert "If it was only quoted" in run.last_message(1)
        assert not any(required for _, required in run.modes())


async def test_a_call_that_vanished_is_asked_for_with_the_reason(tmp_path: Path) -> None:
    async with talk(tmp_path, [capture("json-call"), DONE]) as run:
        assert (await run.run()).status == "done"
        assert run.counts() == {"call_dropped": 1}
        assert "dropped 22 of its tokens" in run.told()
        assert "did not arrive" in run.last_message(1)
        assert run.messages(1)[-2]["role"] == "assistant"
        assert run.modes()[1] == (False, False)


@pytest.mark.parametrize(
    ("name", "tool", "arrived"),
    [
        ("unclosed-call", "bash", "ls -la"),
        ("function-mark-in-value", "str_replace_editor", "A call ends with"),
        ("parameter-twice", "bash", "echo one"),
    ],
)
async def test_a_damaged_call_is_not_run_and_goes_back_valid(
    tmp_path: Path, name: str, tool: str, arrived: str
) -> None:
    async with talk(tmp_path, [capture(name), DONE]) as run:
        assert (await run.run()).status == "done"
        assert list(run.tree.iterdir()) == []
        assert sent_calls(run) == [(tool, "{}")]
        assert arrived in run.last_message(1)
        assert r"<\/parameter>" in run.last_message(1)
        assert run.counts() == {"call_damaged": 1}
        assert run.modes()[1] == (False, False)
        valid(run.server.requests[1])


@pytest.mark.parametrize("arguments", ['["ls"]', '"ls"', "null", "7", "ls", "{'command': 'ls'}", '{"command": "ls"} x'])
async def test_arguments_that_are_no_object(tmp_path: Path, arguments: str) -> None:
    answer = sse(call_piece(index=0, id="a", name="bash", arguments=arguments), delta("tool_calls"))
    async with talk(tmp_path, [stream(answer), DONE]) as run:
        assert (await run.run()).status == "done"
        assert sent_calls(run) == [("bash", "{}")]
        assert "no JSON object" in run.last_message(1)
        assert run.counts() == {"call_damaged": 1}


async def test_a_value_that_was_cut_in_silence_is_noticed_by_the_bill_and_not_written(tmp_path: Path) -> None:
    """The server's own capture: two lines behind a literal end mark are lost, and the JSON is valid."""
    async with talk(tmp_path, [capture("mark-in-value"), DONE]) as run:
        assert (await run.run()).status == "done"
        assert list(run.tree.iterdir()) == []
        assert "did not arrive" in run.last_message(1)
        assert r"<\/parameter>" in run.last_message(1)
        assert run.counts() == {"value_cut": 1}
        assert "did not arrive" in run.told()


async def test_a_cut_value_that_is_sent_again_runs_and_the_model_is_told_to_look(tmp_path: Path) -> None:
    async with talk(tmp_path, [capture("mark-in-value"), capture("mark-in-value"), DONE]) as run:
        assert (await run.run()).status == "done"
        assert (run.tree / "guide.md").read_text() == "<p>A call ends with\n"
        assert "Look at what landed" in run.last_message(2)


async def test_a_whole_value_with_markup_runs_at_once(tmp_path: Path) -> None:
    async with talk(tmp_path, [capture("markup-whole"), DONE]) as run:
        assert (await run.run()).status == "done"
        assert (run.tree / "page.html").read_text() == "<p>All of this\n<b>arrives</b> as it was written.</p>\n"
        assert run.counts() == {}


async def test_a_mark_in_a_value_written_with_a_backslash_lands_exactly(tmp_path: Path) -> None:
    arguments = json.dumps({"command": "create", "path": "guide.md", "file_text": "<\\parameter=a>\n<\\/parameter>\n"})
    answer = sse(call_piece(index=0, id="a", name="str_replace_editor", arguments=arguments), delta("tool_calls"))
    async with talk(tmp_path, [stream(answer), DONE]) as run:
        await run.run()
        assert (run.tree / "guide.md").read_text() == "<parameter=a>\n</parameter>\n"


async def test_a_file_that_was_written_says_how_much_landed(tmp_path: Path) -> None:
    """Short of what the bill shows, the model can still compare."""
    arguments = json.dumps({"command": "create", "path": "a.txt", "file_text": "one\ntwo\n"})
    answer = sse(call_piece(index=0, id="a", name="str_replace_editor", arguments=arguments), delta("tool_calls"))
    async with talk(tmp_path, [stream(answer), DONE]) as run:
        await run.run()
        assert "2 lines" in run.last_message(1)


async def test_a_value_of_the_wrong_type(tmp_path: Path) -> None:
    async with talk(tmp_path, [capture("wrong-type"), DONE]) as run:
        assert (await run.run()).status == "done"
        assert "The argument timeout of bash is 'soon', but must be" in run.last_message(1)
        assert sent_calls(run) == [("bash", '{"command": "echo hi", "timeout": "soon"}')]
        assert run.counts() == {"arguments_invalid": 1}


async def test_an_unknown_tool_is_answered_with_the_nearest_names(tmp_path: Path) -> None:
    async with talk(tmp_path, [capture("unlike-tool"), DONE]) as run:
        assert (await run.run()).status == "done"
        assert "Did you mean 'str_replace_editor'" in run.last_message(1)
        assert "Tools: bash," in run.last_message(1)
        assert run.counts() == {"tool_unknown": 1}


async def test_a_call_cut_by_the_token_limit(tmp_path: Path) -> None:
    async with talk(tmp_path, [capture("cut-in-a-call"), DONE]) as run:
        assert (await run.run()).status == "done"
        assert "The token limit ended it" in run.last_message(1)
        assert run.counts() == {"cut_in_call": 1}
        valid(run.server.requests[1])


async def test_the_same_call_again_and_again(tmp_path: Path) -> None:
    piece = call_piece(index=0, id="a", name="bash", arguments='{"command": "echo same"}')
    async with talk(tmp_path, [stream(sse(piece, delta("tool_calls")))]) as run:
        outcome = await run.run()
        assert outcome.status == "failed"
        assert "same call 9 times" in outcome.summary
        assert run.counts() == {"call_repeated": 7}
        assert "call number 3 of exactly this kind" in run.last_message(3)


PIECES = {
    "no ids": [{"index": 0, "name": "bash"}, {"index": 0, "arguments": '{"command": "touch a"}'}],
    "no index": [{"id": "x", "name": "bash", "arguments": '{"command": "touch a"}'}],
    "one id twice": [
        {"index": 0, "id": "x", "name": "bash", "arguments": '{"command": "touch a"}'},
        {"index": 1, "id": "x", "name": "bash", "arguments": '{"command": "touch b"}'},
    ],
    "one index twice": [
        {"index": 0, "id": "x", "name": "bash", "arguments": '{"command": "touch a"}'},
        {"index": 0, "id": "y", "name": "bash", "arguments": '{"command": "touch b"}'},
    ],
    "sent twice": [{"index": 0, "id": "x", "name": "bash", "arguments": '{"command": "touch a"}'}] * 2,
}


@pytest.mark.parametrize("name", PIECES)
async def test_pieces_without_ids_or_indexes_of_their_own(tmp_path: Path, name: str) -> None:
    chunks = [call_piece(**piece) for piece in PIECES[name]]
    async with talk(tmp_path, [stream(sse(*chunks, delta("tool_calls"))), DONE]) as run:
        assert (await run.run()).status == "done"
        made = ["a", "b"] if name in ("one id twice", "one index twice") else ["a"]
        assert sorted(path.name for path in run.tree.iterdir()) == made
        assert run.counts() == {"pieces_mended": 1}
        assert len({parse_object(arguments) is None for _, arguments in sent_calls(run)}) == 1
        valid(run.server.requests[1])


async def test_comments_between_events_are_nothing(tmp_path: Path) -> None:
    comments = b": keep-alive\n\n".join(
        [b"", sse(delta(content="Hel"), done=False), sse(delta("stop", content="lo"), usage_chunk(prompt_tokens=9))]
    )
    async with talk(tmp_path, [stream(comments)]) as run:
        assert (await run.run()).summary == "Hello"
        assert (run.counts(), run.told()) == ({}, "")
