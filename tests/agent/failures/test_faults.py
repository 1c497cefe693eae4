"""Verdicts on answers: what is run, what is an answer, and what was only quoted or announced."""

import json
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.failures.announcement import announces
from agent.failures.faults import Answer, Calls, Faulty, Judgement, judge, parsed_arguments, valid_arguments
from agent.messages import ToolCall
from agent.turn import ModelTurn, Usage
from tests.agent.streams import accepts

PLAIN = ModelTurn(reasoning="", content="", calls=(), finish_reason="stop", usage=None)
XML = "<tool_call>\n<function=bash>\n<parameter=command>\nls -la\n</parameter>\n</function>\n</tool_call>"
JSON = '{"name": "bash", "arguments": {"command": "ls -la"}}'
LS = ("bash", {"command": "ls -la"})


def said(content: str, reasoning: str = "", finish: str | None = "stop") -> Judgement:
    return judge(replace(PLAIN, content=content, reasoning=reasoning, finish_reason=finish), accepts)


def rescued(content: str, reasoning: str = "", finish: str | None = "stop") -> list[tuple[str, object]]:
    """Tools and arguments of the calls that would be run."""
    found = said(content, reasoning, finish)
    if not isinstance(found, Calls):
        return []
    assert found.rescued
    return [(call.name, parsed_arguments(call.arguments)) for call in found.calls]


# calls that the server's parser left in the text


@pytest.mark.parametrize(
    "content",
    [
        XML,
        f"\n\n{XML}\n",
        f"I'll look around.\n\n{XML}",
        f"I'll look around. {XML}",
        f"```xml\n{XML}\n```",
        f"It doesn't work. I'll look:\n```\n{XML}\n```\n",
        XML.removeprefix("<tool_call>\n"),
        XML.removesuffix("\n</tool_call>"),
        XML.replace("\n", ""),
        f"<tool_call>\n{JSON}\n</tool_call>",
        f"<tool_call>{JSON}</tool_call>",
        f"<tool_call>\n{JSON}",
        f"Listing.\n<tool_call>\n{JSON}\n</tool_call>",
        f"<tool_response>\n{JSON}\n</tool_response>",
        f"Let me look.\n<tool_response>\n{JSON}\n</tool_response>",
        f"```json\n{JSON}\n```",
        f"```\n{JSON}\n```",
        f"Now I'll list the files:\n\n```json\n{JSON}\n```\n",
        f"```json\n[\n  {JSON}\n]\n```",
        JSON,
        f"  {JSON}  ",
        f"I list the files.\n{JSON}",
        '{"name": "bash", "parameters": {"command": "ls -la"}}',
        '{"id": "call_1", "type": "function", "name": "bash", "arguments": {"command": "ls -la"}}',
        f'{{"type": "function", "function": {JSON}}}',
        f'<tools>\n{{"type": "function", "function": {JSON}}}\n</tools>',
        '{\n  "name": "bash",\n  "arguments": {\n    "command": "ls -la"\n  }\n}',
    ],
)
def test_stranded_call_is_rescued(content: str) -> None:
    assert rescued(content) == [LS]


@pytest.mark.parametrize("reasoning", [XML, f"I should look.\n{XML}", f"Hm.\n<tool_call>{JSON}</tool_call>\n"])
def test_call_at_the_end_of_the_reasoning_is_rescued(reasoning: str) -> None:
    assert rescued("", reasoning) == [LS]
    assert rescued("\n\n", reasoning) == [LS]


@pytest.mark.parametrize(
    "content",
    [
        f"{XML}\n{XML.replace('ls -la', 'pwd')}",
        f"{JSON}\n{JSON.replace('ls -la', 'pwd')}",
        f"[{JSON}, {JSON.replace('ls -la', 'pwd')}]",
        f"```json\n{JSON}\n```\n```json\n{JSON.replace('ls -la', 'pwd')}\n```",
        f"{XML}\n<tool_call>\n{JSON.replace('ls -la', 'pwd')}\n</tool_call>",
    ],
)
def test_two_stranded_calls(content: str) -> None:
    assert rescued(content) == [LS, ("bash", {"command": "pwd"})]


def test_rest_of_the_text_stays() -> None:
    found = said(f"I'll look.\n\n```json\n{JSON}\n```\n")
    assert isinstance(found, Calls)
    assert found.content == "I'll look."
    found = said(f"One.\n{XML}\n")
    assert isinstance(found, Calls)
    assert found.content == "One."


def test_values_of_xml_get_the_types_of_the_schema() -> None:
    listed = '[{"text": "one", "state": "open"}]'
    content = f"<tool_call>\n<function=task_list>\n<parameter=tasks>\n{listed}\n</parameter>\n</function>\n</tool_call>"
    found = rescued(content)
    assert found == [("task_list", {"tasks": json.loads(listed)})] or found == [("task_list", {"tasks": listed})]
    timed = XML.replace("</parameter>\n</f", "</parameter>\n<parameter=timeout>\n30\n</parameter>\n</f")
    assert rescued(timed) in (
        [("bash", {"command": "ls -la", "timeout": 30})],
        [("bash", {"command": "ls -la", "timeout": "30"})],
    )


def test_values_of_xml_keep_their_indentation() -> None:
    content = XML.replace("ls -la", "  if x:\n    y\n")
    assert rescued(content) == [("bash", {"command": "  if x:\n    y\n"})]


INSIDE = (
    f'<tool_call>\n<function=bash>\n<parameter=command>\necho "\n{JSON}\n"\n</parameter>\n</function>\n</tool_call>'
)


def test_a_call_inside_a_value_of_a_call_is_not_run() -> None:
    assert rescued(INSIDE) == [("bash", {"command": f'echo "\n{JSON}\n"'})]
    outer = json.dumps({"name": "bash", "arguments": {"command": XML}})
    assert rescued(outer) == [("bash", {"command": XML})]


# what is never run


@pytest.mark.parametrize(
    "content",
    [
        XML.replace("bash", "teleport"),
        JSON.replace("bash", "teleport"),
        XML.replace("command", "cmd"),
        JSON.replace('"command"', '"cmd"'),
        f"{XML}\n{XML.replace('bash', 'teleport')}",
        f"{JSON}\n{JSON.replace('command', 'cmd')}",
        XML.removesuffix("</function>\n</tool_call>"),
        XML.removesuffix("\n</parameter>\n</function>\n</tool_call>"),
        XML.replace("</parameter>", "</parameter> tail"),
        XML.replace("<function=bash>", "<function=bash"),
        XML.replace("</parameter>\n", "</parameter>\n<parameter=command>\npwd\n</parameter>\n"),
        JSON[:-1],
        JSON.replace("}}", "}, "),
        '{"name": "bash", "arguments": "ls -la"}',
        '{"name": "bash", "arguments": ["ls -la"]}',
        '{"name": "bash"}',
        '{"name": "bash", "version": "5.2", "arguments": {"command": "ls -la"}}',
        '{"jobs": ' + JSON + "}",
        '{"jobs": [\n' + JSON + "\n]}",
    ],
)
def test_unknown_invalid_or_incomplete_is_never_run(content: str) -> None:
    assert rescued(content) == []
    assert rescued("", content) == []


@pytest.mark.parametrize(
    "content",
    [
        f"A call in JSON has this format:\n\n```json\n{JSON}\n```",
        f"For example:\n{JSON}",
        f"The issue says:\n{JSON}",
        f"The README contains\n```json\n{JSON}\n```",
        f"This is how a call would be written:\n{JSON}",
        f"Send `{XML}` to list the files.",
        f'He wrote "{XML}" there.',
        f"> {XML}",
        f"```json\n{JSON}\n```\nlists the files, and is one of three forms.",
        f"{JSON}\n\nThat object lists the files.",
        f"Two forms:\n```json\n{JSON}\n```\nor\n```json\n{JSON}\n```",
        f"```python\n{JSON}\n```",
        f"```python\ncall = (\n{JSON}\n)\n```",
        f"```json\n# a call\n{JSON}\n```",
        f"```xml\n{XML}\n```\nThat was a call in XML.",
        f"The format:\n```xml\n{XML}\n```",
        f"First a listing.\n{XML}\nThen I will fix it.",
        f"Listing.\n<tool_call>\n{JSON}\n</tool_call>\nDone soon.",
        f"{XML}\nand\n{XML}",
        f"To reset the tree, the agent sends:\n\n{XML}\n\nThat is all there is to it.",
        f"To reset the tree, the agent sends:\n\n{XML}",
        f"Qwen's parser ends a turn at this text:\n\n{XML}",
        f"Qwen's parser ends a turn at this text\n\n{XML}",
        f"I fixed the parser so that it survives\n\n{XML}",
        f"I have now tested all the cases of the table\n\n{XML}",
        f"All tests pass now, and the parser no longer stops at\n{XML}",
        f"A call has three parts, and this is one:\n{XML}",
        f"I fixed the parser. The input that broke it:\n\n```xml\n{XML}\n```",
        f"I fixed the parser. The input that broke it was\n\n{XML}",
        f"I read this in the description:\n{JSON}",
        f"The bug is in parser.py: a stranded call such as the one below is run.\n\n```\n{XML}\n```",
        f"It takes\n\n    {XML}",
        f"- {XML}",
        f"1. Send {XML}",
        f"* it says\n\n\t{XML}",
        f"<!-- {XML} -->",
        f"<details>\n{XML}\n</details>",
        f"It doesn't work, so:\n```\n{XML}\n```\n",
        f"To list the files, run this:\n\n```json\n{JSON}\n```\n",
        f"I'll look at it tomorrow. In the meantime:\n```\n{XML}\n```",
        f"~~~\n{XML}\n~~~",
    ],
)
def test_quoted_call_is_not_run_but_asked_about(content: str) -> None:
    """A quotation at the wrong place costs one more question to the model; run it would be worse."""
    assert rescued(content) == []
    found = said(content)
    assert isinstance(found, Faulty)
    assert found.fault == "announced"


@pytest.mark.parametrize(
    "content",
    [f"You call the tool with {JSON}", f"`{JSON}` lists the files.", f"Quoted:\n> {JSON}", f"The call {JSON}"],
)
def test_json_in_a_sentence_is_part_of_the_answer(content: str) -> None:
    assert said(content) == Answer(content)


@pytest.mark.parametrize(
    "reasoning",
    [
        f"I could run {JSON} now.",
        JSON,
        f"```json\n{JSON}\n```",
        f"{XML}\nNo, that is wrong. I am done.",
        f"First {XML} but then again {XML.replace('ls -la', 'rm -rf .')} no.",
        f"```\n{XML}\n```",
    ],
)
def test_calls_that_were_only_thought_of_are_not_run(reasoning: str) -> None:
    assert rescued("", reasoning) == []


def test_reasoning_is_not_looked_at_when_there_is_an_answer() -> None:
    assert said("All done.", XML) == Answer("All done.")


@pytest.mark.parametrize("content", [XML, JSON, f"{XML}\n" * 20, f"{XML}\n<tool_call>\n<function=bash>"])
def test_nothing_is_taken_from_an_answer_that_was_cut(content: str) -> None:
    assert rescued(content, finish="length") == []
    assert rescued("", content, finish="length") == []
    assert rescued(content, finish="repetition") == []


def test_json_that_is_no_call_is_an_answer() -> None:
    content = 'The configuration is:\n```json\n{"name": "demo", "version": "1.0"}\n```'
    assert said(content) == Answer(content)


@pytest.mark.parametrize(
    "text",
    [
        "<function=bash>" + "<parameter=a>x</parameter>" * 40,
        "<function=bash>" * 4000,
        "<function=bash>\n<parameter=a>" * 3000,
        "<tool_call>" + " " * 100_000,
        "<tool_call>\n" * 20_000,
        "```" + " " * 60_000 + "x",
        "```json\n[\n" * 8000,
        "\n" * 100_000 + "x",
        '{"a":' * 20_000,
        '{"a":\n' * 60_000,
        "{\n" * 50_000,
        '{"name": "bash", "arguments": ' * 3000,
        '{"name": "bash", "arguments": {"command": ' + "[" * 50_000,
        "I'll " * 20_000,
        "now " * 30_000,
        ". " * 60_000 + "Let me",
    ],
    ids=lambda text: str(text)[:20],
)
@pytest.mark.timeout(10)
def test_no_text_takes_long(text: str) -> None:
    said(text)
    said("", text)


words = st.sampled_from(
    [XML, JSON, "```", "```json", "<tool_call>", "</tool_call>", "\n", " ", "{", "}", "[", ",", "I see.", "`", '"']
)


@given(content=st.lists(words, max_size=8).map("".join), reasoning=st.lists(words, max_size=8).map("".join))
def test_whatever_is_run_is_acceptable_and_complete(content: str, reasoning: str) -> None:
    for name, arguments in rescued(content, reasoning):
        assert (name, arguments) == LS


@given(st.dictionaries(st.sampled_from(["command"]), st.text(max_size=40), min_size=1))
def test_json_calls_survive_any_value(arguments: dict[str, str]) -> None:
    content = json.dumps({"name": "bash", "arguments": arguments})
    assert rescued(content) == ([("bash", arguments)] if accepts("bash", arguments) else [])


# announcements

ANNOUNCED = [
    "I'll look at the file.",
    "Let me run the tests.",
    "Now I will fix the bug:",
    "The sign is wrong. I'll change it now.",
    "First, let me check the directory structure.",
    "I'm going to edit calc.py",
    "Let's run the test suite…",
    "I see the problem.\n\nLet me fix it:",
    "Next, I'll update the docs.",
    "I will now call the bash tool to list the files.",
    "Okay, let me search for usages of `foo`.",
    "Let me view src/app.py:",
    "I need the config first. Let me open setup.cfg.",
    "Great! Now I'll implement it.",
    "I am going to create the file now.",
    "So I'll start with the parser.",
    "Then I’ll rerun the tests.",
    "I'll use the search tool to find `def main`.",
    "**Let me reproduce the issue:**",
    "Let me take a look at the traceback.",
    "I'll run the tests:\n```bash\npytest -q\n```",
    "There are two bugs; both are small. First, I will write a failing test.",
]
NOT_ANNOUNCED = [
    "All tests pass.",
    "Let me know if you need anything else.",
    "The bug is fixed. Let me know if you want me to run more tests.",
    "I'll be happy to help further.",
    "If you want, I'll add a test.",
    "I'll add a test if you like.",
    "I'll run it once you have answered.",
    "I'll leave the rest to you.",
    "Should I run the tests?",
    "Let me check: do you mean the first one?",
    "I will not change this.",
    "I'll wait for your answer.",
    "Let's hope it holds.",
    "Ich werde jetzt die Datei lesen.",
    "Lass mich die Tests ausführen.",
    "Sag Bescheid, wenn noch etwas fehlt.",
    "让我看看这个文件。",
    "我现在来运行测试。",
    "次にテストを実行します。",
    "The helper lets me check the cache, and now it does.",
    "Earlier I said I'll fix it. It is fixed.",
    "Let me summarise: the sign was wrong, and `add` now adds.",
    "Run them yourself with:\n```bash\npytest -q\n```",
    "I'll check it.\nDone: it was the sign.",
    "- [x] look\n- [x] let me fix",
]


@pytest.mark.parametrize("content", ANNOUNCED)
def test_announcements_are_noticed(content: str) -> None:
    assert announces(content)
    found = said(content)
    assert isinstance(found, Faulty)
    assert found.fault == "announced"


@pytest.mark.parametrize("content", NOT_ANNOUNCED)
def test_answers_are_no_announcements(content: str) -> None:
    assert said(content) == Answer(content)


# the rest of the verdicts


def test_the_servers_own_calls_come_first() -> None:
    call = ToolCall("a", "bash", '{"command": "pwd"}')
    turn = replace(PLAIN, calls=(call,), content=f"Look:\n{XML}", finish_reason="tool_calls")
    assert judge(turn, accepts) == Calls((call,), turn.content)


@pytest.mark.parametrize("arguments", ["", " "])
def test_a_call_cut_before_its_arguments_is_not_a_call_without_arguments(arguments: str) -> None:
    whole, cut = ToolCall("a", "bash", "{}"), ToolCall("b", "submit", arguments)
    found = judge(replace(PLAIN, calls=(whole, cut), finish_reason="length"), accepts)
    assert isinstance(found, Calls)
    assert [parsed_arguments(call.arguments) for call in found.calls] == [{}, None]
    found = judge(replace(PLAIN, calls=(cut,), finish_reason="tool_calls"), accepts)
    assert isinstance(found, Calls)
    assert [parsed_arguments(call.arguments) for call in found.calls] == [{}]


@pytest.mark.parametrize(
    ("content", "reasoning", "finish", "fault"),
    [
        ("", "", "stop", "empty"),
        (" \n\n", "", "stop", "empty"),
        ("", "Hm", "stop", "empty"),
        ("", "", None, "empty"),
        ("", "Hm", "length", "runaway"),
        ("", "", "length", "runaway"),
        ("\n\n", "Hm", "length", "runaway"),
        ("The answer", "Hm", "length", "truncated"),
        ("no no no", "", "repetition", "runaway"),
    ],
)
def test_faults(content: str, reasoning: str, finish: str | None, fault: str) -> None:
    found = said(content, reasoning, finish)
    assert isinstance(found, Faulty)
    assert found.fault == fault
    assert found.detail.endswith((".", "?"))


@pytest.mark.parametrize(
    ("usage", "reasoning", "words"),
    [
        (Usage(9, 27, 5), "Hm.", "dropped 22"),
        (Usage(9, 22, 0), "", "dropped 22"),
        (Usage(9, 22, 0), "reasoning that the server does not count", "inside its reasoning"),
        (Usage(9, 9, 6), "Hm.", "inside its reasoning"),
        (Usage(9, 1, 0), "", "before the first word"),
        (None, "Hm.", "inside its reasoning"),
    ],
)
def test_an_empty_answer_says_when_the_server_lost_a_call(usage: Usage | None, reasoning: str, words: str) -> None:
    found = judge(replace(PLAIN, reasoning=reasoning, usage=usage), accepts)
    assert isinstance(found, Faulty)
    dropped = "dropped" in words
    assert (found.fault, found.counter) == (("announced", "call_dropped") if dropped else ("empty", "empty_answer"))
    assert words in found.detail


# arguments


@pytest.mark.parametrize("text", ["{}", '{"a": 1}', ' {"a": [1, null]}\n', '{"ü": "世界"}', '{"a": "\\ud83d\\ude00"}'])
def test_valid_arguments_go_back_byte_for_byte(text: str) -> None:
    assert valid_arguments(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "{", '{"a"', '{"a": 1', "[1]", '"text"', "null", "7", "ls -la", '{"a": 1} tail', "{}{}"),
        *(
            "[" * 100_000,
            '{"a":' * 50_000,
            '{"a": ' + "[" * 70 + "]" * 70 + "}",
            '{"a": ' + "[" * 900 + "]" * 900 + "}",
        ),
    ],
    ids=lambda text: str(text)[:12],
)
def test_damaged_arguments_become_an_empty_object(text: str) -> None:
    assert valid_arguments(text) == "{}"
    assert (parsed_arguments(text) is None) == bool(text.strip())


@pytest.mark.parametrize("text", ['{"a": "x\\ud800y"}', '{"a": ["\\uDFFF"]}', '{"\\ud800": 1}'])
def test_lone_surrogates_do_not_go_back(text: str) -> None:
    """vLLM 0.32 answers 400 (TextEncodeInput must be Union[...]) to every request with one in its history."""
    clean = valid_arguments(text)
    assert "?" in clean
    json.dumps(json.loads(clean), ensure_ascii=False).encode()


@settings(max_examples=300)
@given(st.text(max_size=60) | st.dictionaries(st.text(max_size=5), st.text(max_size=9), max_size=3).map(json.dumps))
@example('{"a": "\\\\ud800"}')
def test_what_goes_back_is_always_an_object_that_can_be_sent(text: str) -> None:
    valid = valid_arguments(text)
    assert isinstance(json.loads(valid), dict)
    json.dumps(json.loads(valid), ensure_ascii=False).encode()
    assert valid in (text, "{}") or "\\u" in text


@given(st.text(), st.text(), st.sampled_from(["stop", "length", "repetition", "tool_calls", "abort", None]))
def test_every_answer_has_a_verdict(content: str, reasoning: str, finish: str | None) -> None:
    assert isinstance(said(content, reasoning, finish), Answer | Faulty | Calls)


def test_tokens_that_the_server_dropped_behind_a_text_are_noticed() -> None:
    text = "The test file shows the expected sign."
    counted = replace(PLAIN, content=text, reasoning="", calls=(), finish_reason="stop")
    whole = replace(counted, usage=Usage(prompt_tokens=9, completion_tokens=12))
    assert isinstance(judge(whole, accepts), Answer)
    lost = judge(replace(counted, usage=Usage(prompt_tokens=9, completion_tokens=47)), accepts)
    assert isinstance(lost, Faulty)
    assert "dropped about" in lost.detail
    chinese = replace(counted, content="测试文件显示了预期的符号。" * 9, usage=Usage(completion_tokens=75))
    assert isinstance(judge(chinese, accepts), Answer)


def test_an_answer_that_plays_the_other_side_is_no_answer() -> None:
    found = said("Done.<|im_start|>\n<|endoftext|>Human: The tests fail")
    assert isinstance(found, Faulty)
    assert found.fault == "runaway"
