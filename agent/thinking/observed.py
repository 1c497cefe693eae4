"""Signals from the calls of a step: what kind of step it was, how much it wrote, whether it comes before submitting."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.json_types import JsonObject, as_text
from agent.thinking.experience import StepKind

# About the same for code and prose, in any language: the bytes of UTF-8 per token of Qwen3.5's vocabulary.
BYTES_PER_TOKEN = 4.4

TEST_COMMAND = re.compile(
    r"\b(pytest|py\.test|tox|nox|unittest|nosetests|go test|cargo (?:test|nextest)|(?:npm|yarn|pnpm|bun)(?: run)? test|"
    r"jest|vitest|mocha|rspec|phpunit|ctest|mvn|gradlew?|make \w*(?:test|check)\w*)\b"
    r"|\b(?:run_?tests?|runtests)\b"
)
_WRITES = re.compile(
    r"\bsed\s+(?:-\w+\s+)*-\w*i|\btee\s+(?!/dev/)|\bpatch\s+-|\bgit\s+(?:apply|mv|rm|checkout|restore|revert)\b"
    r"|(?<![\d&>=-])>>?\s*(?!/dev/|&)[\w./~\"'$-]"
)
_READS = re.compile(
    r"\s*(?:cd\s+[^\s;&|]+\s*&&\s*)?(?:ls|cat|head|tail|grep|egrep|rg|find|fd|tree|wc|pwd|file|stat|nl|less|which|sed\s+-n|"
    r"git\s+(?:log|show|diff|status|blame|grep|ls-files|branch))\b"
)
_LOOKS_AT_ALL = re.compile(r"\bgit\s+(?:--no-pager\s+)?(?:diff|status)\b")
_EDITOR = "str_replace_editor"
_WEIGHTIEST_FIRST: tuple[StepKind, ...] = ("test", "edit", "command", "read", "answer")
_NEW_TEXTS = ("file_text", "new_str")


@dataclass(frozen=True, slots=True)
class MadeCall:
    """A call that was made: tool, arguments, whether it changed something (the tool's word), how it went."""

    tool: str
    arguments: JsonObject
    effect: str
    ok: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class Observed:
    """What a step's calls were. `written` in tokens; `edited` when a file changed; `closing` as in `Signals`."""

    kind: StepKind
    written: int
    edited: bool
    closing: bool


def observe(calls: Sequence[MadeCall]) -> Observed:
    """Look at the calls of one step; the weightiest kind names it."""
    kinds: list[StepKind] = [kind_of(call) for call in calls]
    changes = [call for call in calls if call.ok and _changes(call)]
    return Observed(
        _weightiest(kinds),
        sum(_tokens(_new_text(call)) for call in changes),
        bool(changes),
        bool(calls) and all(call.ok for call in calls) and any(_closes(call) for call in calls),
    )


def _weightiest(kinds: Sequence[StepKind]) -> StepKind:
    for kind in _WEIGHTIEST_FIRST:
        if kind in kinds:
            return kind
    return "read"


def kind_of(call: MadeCall) -> StepKind:
    """The kind of one call."""
    if call.tool == "bash":
        command = as_text(call.arguments.get("command"))
        if TEST_COMMAND.search(command):
            return "test"
        if _WRITES.search(command):
            return "edit"
        return "read" if _READS.match(command) else "command"
    return "edit" if call.tool == _EDITOR and call.effect == "write" else "read"


def _changes(call: MadeCall) -> bool:
    if call.tool == "bash":
        return _WRITES.search(as_text(call.arguments.get("command"))) is not None
    return kind_of(call) == "edit"


def _new_text(call: MadeCall) -> str:
    if call.tool == "bash":
        return as_text(call.arguments.get("command"))
    return "".join(as_text(call.arguments.get(name)) for name in _NEW_TEXTS)


def _tokens(text: str) -> int:
    return round(len(text.encode("utf-8", "replace")) / BYTES_PER_TOKEN)


def _closes(call: MadeCall) -> bool:
    if call.tool == "bash":
        return _LOOKS_AT_ALL.search(as_text(call.arguments.get("command"))) is not None
    return call.tool == "task_list" and re.match(r"([1-9]\d*) of \1 done", call.text) is not None
