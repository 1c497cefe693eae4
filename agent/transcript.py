"""The history as the model sees it, rebuilt from the log and extended with it: one JSON fragment per message.

It also knows how many tokens of it the server has counted, so that only what came since has to be estimated.
"""

from dataclasses import dataclass, field, replace

from agent.context import (
    PICTURE_LEFT_OUT,
    Compaction,
    compaction_of,
    cut_short,
    digest,
    digest_line,
    masked,
    told_summary,
)
from agent.failures.faults import valid_arguments
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
    steer_text,
    wire_bytes,
    without_pictures,
)
from agent.pictures import pictures_from

_NOT_RUN = "[not run: the turn was ended before this call]"


@dataclass(slots=True)
class Transcript:
    """Append-only, but for `reload` after a compaction or a rewind.

    `base` is the tokens of all fragments but the `tail`, tools included, as the server counted them; 0 when it has
    counted nothing yet. `settled` fragments hold whole steps only: no open call, no request without an answer behind
    it. `after_compaction` is what the last compaction left, in tokens. `stale` is set by a new request: the template
    then leaves earlier reasoning out, and the prompt is shorter than `base` says. `plain` is set once a server has
    refused the history: it then gets messages without reasoning and odd characters; `blind` once it has refused
    pictures.
    """

    fragments: list[bytes] = field(default_factory=list[bytes])
    base: int = 0
    settled: int = 0
    after_compaction: int = 0
    stale: bool = False
    plain: bool = False
    blind: bool = False
    last_answer: AssistantMessage | None = None
    _counted: int = 0
    _open: list[str] = field(default_factory=list[str])

    @classmethod
    def from_log(cls, log: SessionLog, compaction: Compaction | None = None) -> "Transcript":
        """The history of a session; as it would be with this compaction, if one is given."""
        transcript = cls()
        transcript.reload(log, compaction)
        return transcript

    def reload(self, log: SessionLog, compaction: Compaction | None = None) -> None:
        """Build the history anew, as the last compaction and the rewinds say."""
        self.fragments, self.base, self.settled, self._counted, self._open = [], 0, 0, 0, []
        self.last_answer = None
        made = compaction or last_compaction(log)
        self.after_compaction = made.after
        old_calls: list[str] = []
        # The left-out steps are told of where they ended.
        told = not made.dropped
        counted = not made.entry_id
        for entry in log.standing("system", "user", "assistant", "nudge", "steer", "result"):
            if entry.id <= made.dropped and entry.kind in ("assistant", "nudge", "result"):
                if entry.kind == "result" and entry.id > made.summarised:
                    old_calls.append(_digest_line(entry.data))
                continue
            if not told and entry.id > made.dropped:
                told = self._tell(made, old_calls)
            if not counted and entry.id > made.entry_id:
                counted = self._count(made.after)
            self._add_entry(entry, made)
        if not told:
            self._tell(made, old_calls)
        if not counted:
            self._count(made.after)

    def _tell(self, made: Compaction, old_calls: list[str]) -> bool:
        if made.summary:
            self.append(Nudge(told_summary(made.summary)))
        if old_calls:
            self.append(Nudge(digest(old_calls)))
        return True

    def _count(self, tokens: int) -> bool:
        self.counted(tokens)
        return True

    def _add_entry(self, entry: Entry, made: Compaction) -> None:
        message = message_of(entry)
        if isinstance(message, ToolMessage):
            message = shortened(message, entry.id, made)
        self.append(message)
        usage = as_object(entry.data.get("usage"))
        if isinstance(message, AssistantMessage) and entry.id > made.entry_id and not entry.data.get("estimated"):
            self.counted(as_count(usage.get("prompt_tokens")) + as_count(usage.get("completion_tokens")))

    def sent(self) -> list[bytes]:
        """The history for a request."""
        fragments = [without_pictures(fragment) for fragment in self.fragments] if self.blind else self.fragments
        return [plain_bytes(fragment) for fragment in fragments] if self.plain else fragments

    def append(self, message: Message) -> None:
        """Add one message at the end. Calls that it leaves without a result get one: servers refuse orphans."""
        if isinstance(message, ToolMessage):
            self._open = [call_id for call_id in self._open if call_id != message.call_id]
        else:
            left_behind, self._open = self._open, []
            for call_id in left_behind:
                self.fragments.append(wire_bytes(ToolMessage(call_id, _NOT_RUN)))
        self.fragments.append(wire_bytes(message))
        if isinstance(message, AssistantMessage):
            self.last_answer = message
            self._open = [call.id for call in message.tool_calls]
        if isinstance(message, UserMessage):
            self.stale = True
        elif not self._open:
            self.settled = len(self.fragments)

    def counted(self, tokens: int) -> None:
        """The server has counted everything up to here; 0 when it did not say."""
        if tokens:
            self.base, self._counted, self.stale = tokens, len(self.fragments), False

    @property
    def tail(self) -> list[bytes]:
        """Fragments that the server has not counted yet."""
        return self.fragments[self._counted :]


def last_compaction(log: SessionLog) -> Compaction:
    """The newest compaction that stands; one that left nothing out when there is none."""
    entry = log.last_standing("compaction")
    return compaction_of(entry.data, entry.id) if entry else Compaction()


def shortened(message: ToolMessage, entry_id: int, made: Compaction) -> ToolMessage:
    """A result as this compaction leaves it."""
    if entry_id <= made.masked:
        return without(message, masked(message.text))
    if entry_id > made.cut_upto:
        return message
    if sum(picture.characters for picture in message.pictures) > made.cut:
        return without(message, cut_short(message.text, made.cut))
    return replace(message, text=cut_short(message.text, made.cut))


def without(message: ToolMessage, text: str) -> ToolMessage:
    """A result with this text, and with a line in the place of its pictures."""
    gone = f"\n{PICTURE_LEFT_OUT}" if message.pictures else ""
    return replace(message, text=text + gone, pictures=())


def message_of(entry: Entry) -> Message:
    """The message that a log entry of kind system, user, nudge, assistant or result stands for."""
    data = entry.data
    match entry.kind:
        case "system":
            return SystemMessage(as_text(data.get("text")))
        case "user":
            return UserMessage(as_text(data.get("text")) + as_text(data.get("note")), pictures_from(data))
        case "steer":
            return Nudge(steer_text(as_text(data.get("text"))))
        case "nudge":
            return Nudge(as_text(data.get("text")))
        case "result":
            return ToolMessage(as_text(data.get("call_id")), as_text(data.get("text")), pictures_from(data))
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
