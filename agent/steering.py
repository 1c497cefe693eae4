"""Remarks of the person to a running turn: kept in the log at once, read by the model at the next step.

A remark travels as `agent.messages.Nudge` does, wrapped as a tool response: a user message in mid-turn would make
Qwen's template drop the reasoning of the turn from the prompt, and with it the cached prefix.
"""

from collections import deque
from dataclasses import dataclass, field

from agent.events import EventSink, Steered
from agent.json_types import as_count, as_text
from agent.log import SessionLog
from agent.messages import Nudge, steer_text
from agent.transcript import Transcript


@dataclass(slots=True)
class Steering:
    """Remarks that no request has carried yet, in order, with their entries in the log ("remark").

    When a step takes one up, an entry "steer" stands where it has its place in the conversation.
    """

    log: SessionLog
    emit: EventSink
    _waiting: deque[tuple[int, str]] = field(default_factory=deque[tuple[int, str]])

    @classmethod
    def over(cls, log: SessionLog, emit: EventSink) -> "Steering":
        """What a turn that was killed had not taken up yet; a turn that ended has given its remarks back."""
        settled = log.last("user", "end")
        taken = log.last("steer")
        newest = max(settled.id if settled else 0, as_count(taken.data.get("remark")) if taken else 0)
        left = ((entry.id, as_text(entry.data.get("text"))) for entry in log.entries("remark", after=newest))
        return cls(log, emit, deque(left))

    def add(self, text: str, step: int) -> None:
        """Keep a remark for the next step."""
        self._waiting.append((self.log.append("remark", step, {"text": text}), text))

    def deliver(self, transcript: Transcript, step: int) -> None:
        """Put what waits at the end of the conversation, after the results of the step before."""
        while self._waiting:
            entry_id, text = self._waiting.popleft()
            self.log.append("steer", step, {"text": text, "remark": entry_id})
            transcript.append(Nudge(steer_text(text)))
            self.emit(Steered(text))

    def take_back(self) -> tuple[str, ...]:
        """What came too late for the turn."""
        left = tuple(text for _, text in self._waiting)
        self._waiting.clear()
        return left
