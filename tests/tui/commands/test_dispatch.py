"""What is a command, which one, and what is said about one that is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.commands.command import Command
from tui.commands.dispatch import CommandLine, command_line, find, refusal, unknown
from tui.commands.table import COMMANDS


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("/help", CommandLine("help", "")),
        ("  /thinking   never \n", CommandLine("thinking", "never")),
        ("/compact keep\nthe plan", CommandLine("compact", "keep\nthe plan")),
        ("/?", CommandLine("?", "")),
        ("/usr/bin/env is missing", None),
        ("fix /help", None),
        ("", None),
    ],
)
def test_what_a_command_is(text: str, line: CommandLine | None) -> None:
    assert command_line(text) == line


@given(st.text())
def test_any_text_is_either(text: str) -> None:
    line = command_line(text)
    assert line is None or text.strip().startswith(f"/{line.name}")
    if line is not None:
        assert text.strip().endswith(line.argument)


def test_names_aliases_and_keys_are_unique() -> None:
    names = [name for row in COMMANDS if row.name for name in (row.name, *row.aliases)]
    assert len(names) == len(set(names))
    for there in (True, False):
        # In the conversation the same keys may mean other things than in the prompt.
        rows = [row for row in COMMANDS if (row.group == "Conversation") == there]
        keys = [key for row in rows for key in row.key.split(",") if key]
        assert len(keys) == len(set(keys))
    assert all(find(COMMANDS, name) is not None for name in names)
    assert find(COMMANDS, "") is None


def test_an_unknown_command_names_the_nearest() -> None:
    assert unknown(COMMANDS, "halp") == "There is no command /halp. Did you mean /help? /help shows all."
    assert unknown(COMMANDS, "xyzzy") == "There is no command /xyzzy. /help shows all."


def test_a_command_for_a_running_turn_is_refused_when_none_runs() -> None:
    row = Command("stop", "ends it", when="running")
    assert refusal(row, running=True) == ""
    assert "none runs" in refusal(row, running=False)
