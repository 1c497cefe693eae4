"""What fills the prompt, by kind: nothing twice, nothing that is not sent."""

from pathlib import Path

import pytest

from agent import tokens
from agent.context import digest, masked, told_summary
from agent.context_use import parts_of
from agent.messages import (
    AssistantMessage,
    Message,
    Nudge,
    SystemMessage,
    ToolCall,
    ToolMessage,
    UserMessage,
    steer_text,
    wire_bytes,
)
from agent.pictures import picture_of
from agent.prompt import system_prompt
from tests.agent.test_pictures import png
from tests.fakes.sandbox import FolderSandbox

OFFERED = b'[{"type": "function"}]'


def use(*messages: Message, keeps_reasoning: bool = False) -> dict[str, int]:
    found = parts_of([wire_bytes(message) for message in messages], OFFERED, keeps_reasoning=keeps_reasoning)
    assert [part.tokens for part in found] == sorted((part.tokens for part in found), reverse=True)
    return {part.kind: part.tokens for part in found}


def call(number: int, name: str) -> ToolCall:
    return ToolCall(f"c{number}", name, '{"command": "ls"}')


def test_each_kind_has_its_own_row(tmp_path: Path) -> None:
    system = system_prompt(FolderSandbox(tmp_path), "Use tabs.\n<project> is a word of ours.")
    found = use(
        SystemMessage(system),
        UserMessage("Mend it."),
        AssistantMessage("I think.", "I look.", (call(1, "bash"), call(2, "search"))),
        ToolMessage("c1", "a file"),
        ToolMessage("c2", "a hit"),
        Nudge("[harness] Your last answer was empty."),
        Nudge(steer_text("Not there.")),
    )
    assert set(found) == {
        "tools",
        "system prompt",
        "AGENTS.md",
        "your requests",
        "reasoning",
        "answers",
        "tool calls",
        "results of bash",
        "results of search",
        "harness remarks",
    }
    assert found["AGENTS.md"] == tokens.count("Use tabs.\n<project> is a word of ours.")
    assert found["results of bash"] == tokens.count("a file")
    assert found["your requests"] > tokens.count("Mend it.")
    assert found["tools"] == tokens.count_tools(OFFERED)


@pytest.mark.parametrize(("keeps", "words"), [(False, "new"), (True, "old new")])
def test_reasoning_of_earlier_requests_counts_only_where_it_is_kept(keeps: bool, words: str) -> None:
    found = use(
        UserMessage("One."),
        AssistantMessage("old", "a", ()),
        UserMessage("Two."),
        AssistantMessage(" new", "b", ()),
        keeps_reasoning=keeps,
    )
    assert found["reasoning"] == tokens.count(words)


def test_a_remark_in_mid_turn_does_not_end_the_request_for_the_reasoning() -> None:
    found = use(UserMessage("One."), AssistantMessage("kept", "a", ()), Nudge("[harness] Go on."))
    assert found["reasoning"] == tokens.count("kept")


def test_a_picture_in_a_result_counts_as_a_picture_and_the_rest_as_the_result() -> None:
    found = use(
        AssistantMessage("", "", (call(1, "str_replace_editor"),)),
        ToolMessage("c1", "a picture", (picture_of("a.png", png(640, 480)),)),
    )
    assert found["pictures"] == 300
    assert 0 < found["results of str_replace_editor"] < 40


def test_what_stands_in_the_place_of_something_is_told_apart() -> None:
    found = use(
        Nudge(told_summary("Looked around.")),
        Nudge(digest(["- bash: ls"])),
        AssistantMessage("", "", (call(1, "bash"),)),
        ToolMessage("c1", masked("x" * 1000)),
    )
    assert {"summary of earlier steps", "masked results"} <= set(found)
    assert "results of bash" not in found
    assert "harness remarks" not in found
