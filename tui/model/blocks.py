"""The blocks of a conversation. They change while their events come in; a widget is drawn from a block alone."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from agent.events import TurnStatus


@dataclass(slots=True)
class UserBlock:
    """What the person asked; `pictures` has a line about each that went along."""

    text: str
    pictures: tuple[str, ...] = ()


@dataclass(slots=True)
class ThoughtBlock:
    """Reasoning of one step; `reason` is the policy's. `seconds` and `tokens` are known when it is done."""

    reason: str
    text: str = ""
    seconds: float = 0.0
    tokens: int = 0
    done: bool = False


@dataclass(slots=True)
class AnswerBlock:
    """Text of the model, in Markdown."""

    text: str = ""
    done: bool = False


@dataclass(slots=True)
class ToolBlock:
    """One tool call. `arguments` is JSON text; `output` what it printed so far, then what the model gets to read.

    It is `waiting` where a person has to act first, or where qwright ended before the call did. `began` is when the
    screen first saw it run, in seconds of the screen's clock.
    """

    call_id: str
    tool: str
    arguments: str = ""
    state: Literal["writing", "waiting", "running", "ok", "failed"] = "writing"
    output: str = ""
    summary: str = ""
    diff: str = ""
    seconds: float = 0.0
    began: float | None = None


@dataclass(slots=True)
class NoticeBlock:
    """A sentence of the harness; a fault says what is done about it. `times` it came in a row."""

    text: str
    kind: Literal["notice", "fault"] = "notice"
    times: int = 1


@dataclass(slots=True)
class QuestionBlock:
    """The turn waits for a person."""

    call_id: str
    question: str
    options: tuple[str, ...]


@dataclass(slots=True)
class EndBlock:
    """How a turn ended."""

    status: TurnStatus
    summary: str
    steps: int


Block: TypeAlias = UserBlock | ThoughtBlock | AnswerBlock | ToolBlock | NoticeBlock | QuestionBlock | EndBlock
