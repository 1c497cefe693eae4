"""The one typed stream from the engine to every front. `as_json` is the stream-JSON output of the command line.

Events are facts in order; a front may ignore any of them. Texts are untrusted: they may hold whatever a model or a
repository says.
"""

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from agent.json_types import JsonObject

if TYPE_CHECKING:
    # A front that draws events needs nothing of the engine that makes them: it is loaded behind the first paint.
    from agent.context import CompactionKind
    from agent.failures.table import Counter
    from agent.permissions.suggest import Suggestion
    from agent.turn import Usage

TurnStatus: TypeAlias = Literal["done", "failed", "limit", "cancelled", "waiting"]


@dataclass(frozen=True, slots=True)
class TurnStarted:
    """A user's request was taken in (`resumed` when an interrupted one goes on). `pictures`: a line about each."""

    session_id: str
    text: str
    resumed: bool = False
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A request goes to the model; `reason` says why it thinks or does not, `budget` how much (tokens; 0: no limit)."""

    step: int
    thinking: bool
    reason: str
    budget: int = 0


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """A piece of reasoning."""

    text: str


@dataclass(frozen=True, slots=True)
class ContentDelta:
    """A piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class CallNamed:
    """The model began to write a call of this tool."""

    tool: str


@dataclass(frozen=True, slots=True)
class StepFinished:
    """The answer is complete. Times in seconds: from the request to the first token, to the end, and of thinking.

    `cached_share` is the share of the prompt that the server took from its cache, `recomputed_tokens` the rest of it,
    `new_tokens` what the prompt has more than the one before; None where the server or the history does not tell.
    """

    step: int
    usage: "Usage"
    first_token_s: float
    duration_s: float
    text: str
    thought_s: float = 0.0
    cached_share: float | None = None
    recomputed_tokens: int | None = None
    new_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class CallStarted:
    """A tool call begins to run. `arguments` is the JSON text."""

    call_id: str
    tool: str
    arguments: str


@dataclass(frozen=True, slots=True)
class CallOutput:
    """Live output of a running call."""

    call_id: str
    text: str


@dataclass(frozen=True, slots=True)
class CallFinished:
    """A tool call ended. `text` is what the model gets to read; `diff` is for people."""

    call_id: str
    tool: str
    ok: bool
    summary: str
    text: str
    diff: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class FaultHandled:
    """An answer of the model or the server was faulty, and what is done about it.

    `counter` is its name in `agent.failures.table` and in the statistics; None where it was counted before.
    """

    fault: str
    action: str
    counter: "Counter | None" = None


@dataclass(frozen=True, slots=True)
class CompactionStarted:
    """Room is being made in the prompt, which has `before` tokens; a summary takes the model some seconds."""

    kind: "CompactionKind"
    before: int
    why: Literal["full", "overflow", "asked"]


@dataclass(frozen=True, slots=True)
class Compacted:
    """Room was made in the prompt; lengths in tokens. The log keeps every text.

    `kind`: only old results were masked; or old steps were summed up by the model; or, when that failed for the reason
    in `problem`, told in a line for each call. `results` and `steps` are what was newly left out, `cut` the characters
    that recent results were shortened to (0: not at all), `usage` and `duration_s` what the summary cost.
    """

    kind: "CompactionKind"
    before: int
    after: int
    results: int
    steps: int
    cut: int
    problem: str
    usage: "Usage | None"
    duration_s: float


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the person: what is happening, or what was left out."""

    text: str


@dataclass(frozen=True, slots=True)
class Waiting(Notice):
    """Why nothing comes from the server yet; it holds until something does."""


@dataclass(frozen=True, slots=True)
class Steered:
    """A remark of the person to the running turn, from here on in the conversation (`Session.steer`)."""

    text: str


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """The turn waits for a person; `Session.answer` continues it."""

    call_id: str
    question: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApprovalAsked:
    """The turn waits for a person's leave to run a call; `Session.answer` with an `Approval` continues it.

    `parts` are the programs that a command line would run and the files it would write, `diff` what an edit would
    change. `suggestions` are rules that would allow what is asked from now on. For a plan, all of these are empty.
    """

    call_id: str
    tool: str
    arguments: str
    reason: str = ""
    parts: tuple[str, ...] = ()
    suggestions: "tuple[Suggestion, ...]" = ()
    diff: str = ""


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The turn is over, or waits. `summary` is the model's last word or the sentence that says why it ended."""

    status: TurnStatus
    summary: str
    steps: int


Event: TypeAlias = (
    TurnStarted
    | StepStarted
    | ReasoningDelta
    | ContentDelta
    | CallNamed
    | StepFinished
    | CallStarted
    | CallOutput
    | CallFinished
    | FaultHandled
    | CompactionStarted
    | Compacted
    | Notice
    | Steered
    | QuestionAsked
    | ApprovalAsked
    | TurnEnded
)
EventSink: TypeAlias = Callable[[Event], None]


def as_json(event: Event) -> JsonObject:
    """The event as a JSON object: `type` in snake case, then its fields."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()
    return {"type": name, **dataclasses.asdict(event)}
