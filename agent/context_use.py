"""What fills the prompt, by kind. Pure over the messages as they are sent; lengths in tokens by our own tokenizer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from agent import tokens
from agent.context import MASKED_MARK, SUMMED_UP_MARK
from agent.json_types import JsonObject, as_list, as_object, as_text, parse_object
from agent.messages import STEER_MARK
from agent.pictures import part_tokens

TOOLS, SYSTEM, PROJECT = "tools", "system prompt", "AGENTS.md"
REQUESTS, PICTURES, REMARKS = "your requests", "pictures", "harness remarks"
REASONING, ANSWERS, CALLS = "reasoning", "answers", "tool calls"
RESULTS, MASKED, SUMMARY = "results of ", "masked results", "summary of earlier steps"
_WRAPPED = "<tool_response>"
_PROJECT_BEGIN, _PROJECT_END = "<project>\n", "\n</project>"


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of content: its tokens, and of how many pieces they are."""

    kind: str
    tokens: int
    pieces: int = 1


@dataclass(frozen=True, slots=True)
class ContextUse:
    """The next prompt. `total` is the server's count and what came since; the template's own marks are in no part.

    `context` is what the server has, 0 where unknown; `room_made_at` the length from which room is made.
    """

    parts: Sequence[Part]
    total: int
    context: int
    room_made_at: int


@dataclass(slots=True)
class _Sums:
    found: dict[str, Part] = field(default_factory=dict[str, Part])

    def add(self, kind: str, count: int) -> None:
        """More of a kind; nothing for nothing."""
        if count:
            known = self.found.get(kind, Part(kind, 0, 0))
            self.found[kind] = Part(kind, known.tokens + count, known.pieces + 1)


def parts_of(fragments: Sequence[bytes], offered: bytes, *, keeps_reasoning: bool) -> list[Part]:
    """The kinds that there are, the largest first.

    Unless `keeps_reasoning`, the template leaves reasoning out that stands before the last request of a user.
    """
    sums = _Sums()
    sums.add(TOOLS, tokens.count_tools(offered))
    messages = [parse_object(fragment) or {} for fragment in fragments]
    last_request = max((at for at, message in enumerate(messages) if _is_request(message)), default=-1)
    tools: dict[str, str] = {}
    for at, message in enumerate(messages):
        match as_text(message.get("role")):
            case "system":
                _add_system(sums, as_text(message.get("content")))
            case "user":
                _add_user(sums, message)
            case "tool":
                text = _text_of(sums, message)
                kind = RESULTS + tools.get(as_text(message.get("tool_call_id")), "a tool")
                sums.add(MASKED if MASKED_MARK in text else kind, tokens.count(text))
            case _:
                tools |= dict(_called(message))
                _add_answer(sums, message, reasoning=keeps_reasoning or at > last_request)
    return sorted(sums.found.values(), key=lambda part: -part.tokens)


def _is_request(message: JsonObject) -> bool:
    return message.get("role") == "user" and not as_text(message.get("content")).startswith(_WRAPPED)


def _add_system(sums: _Sums, text: str) -> None:
    head, found, rest = text.partition(_PROJECT_BEGIN)
    project, _, tail = rest.rpartition(_PROJECT_END) if found else ("", "", "")
    sums.add(PROJECT, tokens.count(project))
    sums.add(SYSTEM, tokens.count(head + tail))


def _add_user(sums: _Sums, message: JsonObject) -> None:
    text = _text_of(sums, message)
    if not text.startswith(_WRAPPED) or STEER_MARK in text:
        sums.add(REQUESTS, tokens.count(text))
    else:
        sums.add(SUMMARY if any(mark in text for mark in SUMMED_UP_MARK) else REMARKS, tokens.count(text))


def _text_of(sums: _Sums, message: JsonObject) -> str:
    """The text of a message, in one piece or in parts; pictures between them are added by themselves."""
    content = message.get("content")
    for part in map(as_object, as_list(content)):
        sums.add(PICTURES, part_tokens(part))
    return as_text(content) or "\n".join(as_text(as_object(part).get("text")) for part in as_list(content))


def _add_answer(sums: _Sums, message: JsonObject, *, reasoning: bool) -> None:
    if reasoning:
        sums.add(REASONING, tokens.count(as_text(message.get("reasoning"))))
    sums.add(ANSWERS, tokens.count(as_text(message.get("content"))))
    for call in map(as_object, as_list(message.get("tool_calls"))):
        function = as_object(call.get("function"))
        sums.add(CALLS, tokens.count(as_text(function.get("name")) + as_text(function.get("arguments"))))


def _called(message: JsonObject) -> Iterator[tuple[str, str]]:
    for call in map(as_object, as_list(message.get("tool_calls"))):
        yield as_text(call.get("id")), as_text(as_object(call.get("function")).get("name"))
