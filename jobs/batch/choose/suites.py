"""The tests that an attempt brings along: the files that it wrote, and the commands with which it ran tests."""

from dataclasses import dataclass

from agent.log import SessionLog
from agent.thinking.observed import TEST_COMMAND
from jobs.batch.steps import session_shown

MOST_COMMANDS = 3


@dataclass(frozen=True, slots=True)
class Suite:
    """`tests` is a patch of test files, "" when the attempt wrote none: then its commands run the existing ones."""

    attempt: str
    tests: str
    commands: tuple[str, ...]


def commands_of(log: SessionLog) -> tuple[str, ...]:
    """The last few commands, each once, with which the session ran tests that went well."""
    found: dict[str, None] = {}
    for step in session_shown(log).steps:
        for call in step.calls:
            command = dict(call.arguments).get("command", "").strip()
            if call.name == "bash" and call.ok and TEST_COMMAND.search(command):
                found.pop(command, None)
                found[command] = None
    return tuple(found)[-MOST_COMMANDS:]
