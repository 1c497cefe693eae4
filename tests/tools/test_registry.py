import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tools.conftest import TOOLS
from tools.base import ToolFailure
from tools.registry import parse_arguments, toolset, wire_schema

VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(alphabet="aN1 [,-]", max_size=8)
    | st.lists(st.integers(), max_size=3)
)
NAMES = st.sampled_from(["command", "path", "view_range", "insert_line", "timeout", "job", "action", "pattern", "zzz"])


def test_the_order_is_fixed_and_ask_user_needs_a_person() -> None:
    names = [tool.name for tool in toolset(person=True)]
    assert names == ["bash", "str_replace_editor", "search", "task_list", "ask_user", "present_plan", "submit"]
    assert [tool.name for tool in toolset(person=False)] == [
        name for name in names if name not in ("ask_user", "present_plan")
    ]


def test_the_wire_form_is_plain_small_and_the_same_every_time() -> None:
    text = json.dumps(wire_schema(toolset(person=True)), ensure_ascii=False)
    assert text == json.dumps(wire_schema(toolset(person=True)), ensure_ascii=False)
    for extra in ("title", "$defs", "anyOf", 'default":', "additionalProperties"):
        assert extra not in text
    # About 1,300 tokens of Qwen's at 4.2 characters each; the tool list is paid for at the front of every prompt.
    assert len(text) < 6_200


def test_every_parameter_is_a_string_or_an_integer() -> None:
    for tool in wire_schema(toolset(person=True)):
        function = tool["function"]
        assert isinstance(function, dict)
        parameters = function["parameters"]
        assert isinstance(parameters, dict)
        properties = parameters["properties"]
        assert isinstance(properties, dict)
        for field in properties.values():
            assert isinstance(field, dict)
            assert field["type"] in ("string", "integer")
            assert list(field) == [key for key in ("type", "enum", "description") if key in field]


@pytest.mark.parametrize(
    ("tool", "arguments", "facts"),
    [
        ("bash", {"comand": "ls"}, ["no argument 'comand'", "command, timeout", "Did you mean command?"]),
        ("submit", {"x": 1}, ["'x'", "summary"]),
        ("str_replace_editor", {"command": "view"}, ["needs the argument path", "command, path"]),
        ("str_replace_editor", {"command": "open", "path": "x"}, ["'open'", '"view"', '"undo_edit"']),
        ("search", {}, ["pattern"]),
        ("search", {"pattern": "x", "case": "upper"}, ["case", "'upper'", '"smart"']),
        ("search", {"pattern": ["x"]}, ["pattern", "a string"]),
        ("bash", {"command": "x", "timeout": 1.5}, ["timeout", "1.5", "whole number"]),
        ("bash", {"command": "x", "timeout": [1]}, ["timeout", "whole number"]),
        ("bash", {"command": {"a": "b" * 500}}, ["command", "a string", "…"]),
        ("str_replace_editor", {"command": "view", "path": "x", "view_range": [1]}, ["view_range", "[1]"]),
        ("str_replace_editor", {"command": "view", "path": "x", "view_range": "[1, 2, 3]"}, ["view_range"]),
    ],
)
def test_wrong_arguments_are_one_sentence(tool: str, arguments: dict[str, object], facts: list[str]) -> None:
    with pytest.raises(ToolFailure) as caught:
        parse_arguments(TOOLS[tool], arguments)
    text = str(caught.value)
    for fact in facts:
        assert fact in text
    assert "\n" not in text
    assert len(text) < 400


@pytest.mark.parametrize(
    ("tool", "given", "meant"),
    [
        ("bash", {"command": "ls", "timeout": " 12 "}, {"command": "ls", "timeout": 12}),
        ("bash", {"command": "ls", "timeout": 12.0}, {"command": "ls", "timeout": 12}),
        ("bash", {"command": "ls", "timeout": "None", "background": "", "job": "null"}, {"command": "ls"}),
        ("bash", {"command": "ls", "timeout": None, "background": None}, {"command": "ls"}),
        ("bash", {"command": None, "job": "1"}, {"job": "1"}),
        ("bash", {"command": "ls", "background": True}, {"command": "ls", "background": "true"}),
        ("bash", {"command": "ls", "background": "False"}, {"command": "ls", "background": "false"}),
        ("bash", {"job": 3, "action": " Kill"}, {"job": "3", "action": "kill"}),
        ("str_replace_editor", {" command ": "\nview\n", "path": " a "}, {"command": "view", "path": "a"}),
        ("str_replace_editor", {"command": "str_replace", "path": "a", "old_str": 5, "new_str": "None"},
         {"command": "str_replace", "path": "a", "old_str": "5", "new_str": "None"}),
        ("str_replace_editor", {"command": "view", "path": "a", "view_range": "None"},
         {"command": "view", "path": "a"}),
    ],
)  # fmt: skip
def test_harmless_slips_are_understood(tool: str, given: dict[str, object], meant: dict[str, object]) -> None:
    parsed = parse_arguments(TOOLS[tool], given)
    assert parsed.model_dump(exclude_none=True, exclude_defaults=True) == meant


@given(st.sampled_from(sorted(TOOLS)), st.dictionaries(NAMES, VALUES, max_size=4))
def test_any_arguments_are_accepted_or_refused_with_a_sentence(tool: str, arguments: dict[str, object]) -> None:
    refusal = ""
    try:
        parse_arguments(TOOLS[tool], arguments)
    except ToolFailure as failure:
        refusal = str(failure)
    assert "\n" not in refusal
