"""Events as lines for people: mode and reason per step, calls and results in short, colours only on a terminal."""

import shutil
from dataclasses import dataclass
from typing import TextIO

from agent import events
from agent.compaction.words import compacted_line, started_line
from cli.calls import CallLines
from cli.flow import Flow
from cli.printing import COLOURS, counted, one_line, painted, printable
from cli.status import StatusLine

WIDEST_TEXT = 100
_WORTH_SAYING_S = 0.1


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of a turn is shown: `reasoning` shows the model's thoughts, `verbose` all that commands print."""

    reasoning: bool = False
    verbose: bool = False


def _remark(
    event: events.FaultHandled | events.CompactionStarted | events.Compacted | events.Notice,
) -> str:
    """What happened beside the steps."""
    match event:
        case events.FaultHandled(fault, action):
            return f"   ! {one_line(fault)} → {one_line(action)}"
        case events.CompactionStarted():
            return f"   ~ {started_line(event)}"
        case events.Compacted():
            return f"   ~ {printable(compacted_line(event))}"
        case events.Notice(text):
            return f" i {printable(text)}"


def text_width(out: TextIO) -> int:
    """Columns for prose: those of the terminal up to a readable line, 0 (no wrapping) where `out` is none."""
    return min(shutil.get_terminal_size().columns, WIDEST_TEXT) if out.isatty() else 0


class TextRenderer:
    """Writes events to a stream as they come, and below them a status line where `live`."""

    def __init__(self, out: TextIO, colour: bool, detail: Detail | None = None, *, live: bool = False) -> None:
        self._out = out
        self._colour = colour
        self._detail = detail or Detail()
        self.status = StatusLine(out, live=live)
        self._calls = CallLines(out, colour, self.status, self._detail.verbose)
        self._flow: Flow | None = None
        self._flow_of = ""
        self._last_answer = ""

    def __call__(self, event: events.Event) -> None:
        """Show one event."""
        match event:
            case events.ContentDelta(text):
                self._stream(text, "answer")
            case events.ReasoningDelta(text) if self._detail.reasoning:
                self._stream(text, "reasoning")
            case events.ReasoningDelta(text):
                self.status.rename("thinking")
                self.status.hear(text)
            case events.CallNamed(tool):
                self._end_flow()
                self.status.rename(f"writing a call of {one_line(tool, 40)}")
            case events.CallStarted():
                self._end_flow()
                self._calls.start(event)
            case events.CallOutput():
                self.status.clear()
                self._calls.output(event)
            case events.CallFinished():
                self._end_flow()
                self._calls.finish(event)
            case _:
                self._write(event)
        self._out.flush()

    def _write(self, event: events.Event) -> None:
        """An event that stands on lines of its own, and ends or begins what the status line tells of."""
        self._end_flow()
        self._calls.close()
        lines = self._lines(event)
        if isinstance(event, events.Notice | events.FaultHandled):
            self.status.clear()
        else:
            self.status.end()
        self._out.write("".join(line + "\n" for line in lines))
        if isinstance(event, events.StepStarted):
            self.status.begin("waiting for the model")
        elif isinstance(event, events.CompactionStarted):
            self.status.begin("making room")

    def _lines(self, event: events.Event) -> list[str]:
        """Lines of one event. Each case is one line of the display, so they stand together."""
        match event:
            case events.TurnStarted(session_id, text, resumed):
                what = "resumed" if resumed else "session"
                return [self._paint("dim", f"{what} {session_id}"), self._paint("bold", f"> {one_line(text)}")]
            case events.StepStarted(step, thinking, reason):
                mode = self._paint("magenta", "think ") if thinking else self._paint("cyan", "direct")
                return ["", f"{self._paint('dim', f'{step:>2}')} {mode} {self._paint('dim', reason)}"]
            case events.StepFinished(text=text):
                self._last_answer = text
                return [self._paint("dim", f"   {step_figures(event)}")]
            case events.FaultHandled() | events.CompactionStarted() | events.Compacted() | events.Notice():
                return [self._paint("yellow", _remark(event))]
            case events.Steered(text):
                return [self._paint("bold", f"   > {one_line(text)}")]
            case events.QuestionAsked(_, question, options):
                numbered = (f"   {number}. {printable(option)}" for number, option in enumerate(options, 1))
                return [self._paint("bold", f" ? {printable(question)}"), *numbered]
            case events.TurnEnded(status, summary, steps):
                return self._ending(status, summary, steps)
            case _:
                return []

    def _ending(self, status: str, summary: str, steps: int) -> list[str]:
        """The last lines of a turn; a summary that stands right above as the last answer is not said twice."""
        if status == "waiting":
            return []
        colour = "green" if status == "done" else "yellow" if status == "cancelled" else "red"
        head = ["", self._paint(colour, f"{status} after {counted(steps, 'step')}")]
        repeated = summary.strip() == self._last_answer.strip()
        return head if repeated or not summary else [*head, printable(summary)]

    def _stream(self, text: str, kind: str) -> None:
        self.status.end()
        if self._flow is None or self._flow_of != kind:
            self._end_flow()
            self._calls.close()
            paint = COLOURS["dim"] if kind == "reasoning" and self._colour else ""
            self._flow = Flow(self._out, "   ", text_width(self._out), paint)
            self._flow_of = kind
        self._flow.feed(printable(text))

    def _end_flow(self) -> None:
        if self._flow is not None:
            self._flow.end()
        self._flow = None

    def _paint(self, colour: str, text: str) -> str:
        return painted(colour, text, self._colour)


def step_figures(event: events.StepFinished) -> str:
    """Tokens and seconds of a step on one line."""
    usage = event.usage
    cached = ""
    if event.cached_share is not None and event.recomputed_tokens is not None:
        cached = f" ({event.cached_share:.0%} cached, {event.recomputed_tokens:,} computed)"
    seconds = f", {event.thought_s:.1f} s" if event.thought_s >= _WORTH_SAYING_S else ""
    thought = f" ({usage.reasoning_tokens:,} thought{seconds})" if usage.reasoning_tokens else ""
    return (
        f"{usage.prompt_tokens:,} tokens in{cached}, {usage.completion_tokens:,} out{thought}, {event.duration_s:.1f} s"
    )
