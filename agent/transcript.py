"""The history as the model sees it, rebuilt from the log and extended with it: one JSON fragment per message."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from agent.context import digest, digest_line, masked
from agent.faults import valid_arguments
from agent.json_types import JsonObject, as_count, as_list, as_object, as_text
from agent.log import Entry, SessionLog
from agent.messages import (
    AssistantMessage,
    Message,
    Nudge,
    SystemMessage,
    ToolCall,
    ToolMessage,
    UserMessage,
    plain_bytes,
    wire_bytes,
)


@dataclass(slots=True)
class Transcript:
    """Append-only. What came since the server last counted tokens (`tail`) feeds the estimate of the next prompt.

    `plain` is set once a server has refused the history: it then gets messages without reasoning and odd characters.
    """

    fragments: list[bytes] = field(default_factory=list[bytes])
    plain: bool = False
    _counted: int = 0
    last_answer: AssistantMessage | None = None

    @classmethod
    def from_log(cls, log: SessionLog) -> "Transcript":
        """The history of a session."""
        transcript = cls()
        transcript.reload(log)
        return transcript

    def reload(self, log: SessionLog) -> None:
        """Build the history anew, with old results masked and old steps shrunk as the last "mask" entry says.

        A call without a result gets one: servers refuse a history with orphans.
        """
        self.fragments, self._counted, self.last_answer = [], 0, None
        mask = log.last("mask")
        masked_upto = as_count(mask.data.get("upto")) if mask else 0
        dropped_upto = as_count(mask.data.get("dropped")) if mask else 0
        old_calls: list[str] = []
        open_calls: list[str] = []
        for entry in log.entries("system", "user", "assistant", "nudge", "result"):
            if entry.id <= dropped_upto and entry.kind in ("assistant", "nudge", "result"):
                if entry.kind == "result":
                    old_calls.append(_digest_line(entry.data))
                continue
            if old_calls:
                self.append(Nudge(digest(old_calls)))
                old_calls = []
            if entry.kind in ("user", "assistant", "nudge"):
                self.close_calls(open_calls)
                open_calls = []
            message = message_of(entry)
            if isinstance(message, ToolMessage) and entry.id <= masked_upto:
                message = replace(message, text=masked(message.text))
            self.append(message)
            if isinstance(message, AssistantMessage):
                open_calls = [call.id for call in message.tool_calls]
                if not entry.data.get("estimated"):
                    self.counted()
            elif isinstance(message, ToolMessage):
                open_calls = [call_id for call_id in open_calls if call_id != message.call_id]

    def sent(self) -> list[bytes]:
        """The history for a request."""
        return [plain_bytes(fragment) for fragment in self.fragments] if self.plain else self.fragments

    def append(self, message: Message) -> None:
        """Add one message at the end."""
        fragment = wire_bytes(message)
        self.fragments.append(fragment)
        if isinstance(message, AssistantMessage):
            self.last_answer = message

    def counted(self) -> None:
        """The server has counted everything up to here."""
        self._counted = len(self.fragments)

    @property
    def tail(self) -> list[bytes]:
        """Fragments that the server has not counted yet."""
        return self.fragments[self._counted :]

    def close_calls(self, call_ids: Sequence[str]) -> None:
        """Answer calls that a new request left behind."""
        for call_id in call_ids:
            self.append(ToolMessage(call_id, "[not run: the turn was ended before this call]"))


def message_of(entry: Entry) -> Message:
    """The message that a log entry of kind system, user, nudge, assistant or result stands for."""
    data = entry.data
    match entry.kind:
        case "system":
            return SystemMessage(as_text(data.get("text")))
        case "user":
            return UserMessage(as_text(data.get("text")))
        case "nudge":
            return Nudge(as_text(data.get("text")))
        case "result":
            return ToolMessage(as_text(data.get("call_id")), as_text(data.get("text")))
        case "assistant":
            return AssistantMessage(as_text(data.get("reasoning")), as_text(data.get("content")), _calls(data))
        case _:
            raise ValueError(f"A log entry of kind {entry.kind!r} is no message.")


def _calls(data: JsonObject) -> tuple[ToolCall, ...]:
    return tuple(
        ToolCall(as_text(call.get("id")), as_text(call.get("name")), valid_arguments(as_text(call.get("arguments"))))
        for call in map(as_object, as_list(data.get("calls")))
    )


def _digest_line(result: JsonObject) -> str:
    return digest_line(as_text(result.get("tool")), as_text(result.get("summary")), bool(result.get("ok")))
