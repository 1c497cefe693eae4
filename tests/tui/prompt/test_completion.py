"""What stands at the cursor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.commands.dispatch import find
from tui.commands.table import COMMANDS
from tui.prompt.completion import Wanted, argument_choices, command_choices, quoted, wanted


@pytest.mark.parametrize(
    ("line", "first_line", "result"),
    [
        ("/", True, Wanted("command", "", 0)),
        ("/he", True, Wanted("command", "he", 0)),
        ("/he", False, None),
        ("/thinking al", True, Wanted("argument", "al", 10, "thinking")),
        ("/review @ma", True, Wanted("file", "ma", 8)),
        ("look at @src/a", False, Wanted("file", "src/a", 8)),
        ("@", True, Wanted("file", "", 0)),
        ("(@x", True, Wanted("file", "x", 1)),
        ("me@example.org", True, None),
        ("@done with it", True, None),
    ],
)
def test_what_is_wanted(line: str, first_line: bool, result: Wanted | None) -> None:
    assert wanted(line, first_line=first_line) == result


@given(st.text(), st.booleans())
def test_the_query_is_the_end_of_the_line(line: str, first_line: bool) -> None:
    found = wanted(line, first_line=first_line)
    if found is not None:
        assert line.endswith(found.query)
        assert 0 <= found.start <= len(line)


def test_commands_by_name_alias_and_argument() -> None:
    assert [choice.text for choice in command_choices(COMMANDS, "thi")] == ["/thinking "]
    assert "/quit " in [choice.text for choice in command_choices(COMMANDS, "exi")]
    thinking = find(COMMANDS, "thinking")
    assert thinking is not None
    assert [choice.text for choice in argument_choices(thinking, "a")] == ["auto", "always"]
    assert argument_choices(thinking, "auto") == []


def test_paths_with_spaces_are_quoted() -> None:
    assert (quoted("a b.py"), quoted("a.py")) == ('"a b.py"', "a.py")
