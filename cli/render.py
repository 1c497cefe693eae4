"""Events as lines for people: mode and reason per step, calls and results in short, colours only on a terminal."""

import re
import shutil
from dataclasses import dataclass, field
from typing import TextIO

from agent import events
from agent.json_types import parse_object
from cli.flow import Flow

_COLOURS = {"dim": "2", "bold": "1", "red": "31", "green": "32", "yellow": "33", "cyan": "36", "magenta": "35"}
# Besides control characters: marks that turn the direction of writing, and halves of characters that no encoding takes.
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
LONGEST_LINE = 160
LONGEST_NAME = 40
WIDEST_TEXT = 100
OUTPUT_LINES = 3
FAILED_OUTPUT_LINES = 6
_WORTH_SAYING_S = 0.1
_ROOM_FOR_RESULT = 30
_OUTCOME = re.compile(r"\(((?:exit |timed out|job )[^()]*)\)$")
_STATUS_LINE = re.compile(r"\[exit code \d+\]")


def printable(text: str) -> str:
    """Text from a model, a repository or a command, with everything that could drive the terminal made visible."""
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text.replace("\r\n", "\n"))


def one_line(text: str, width: int = LONGEST_LINE) -> str:
    """The text on one line, cut at `width` characters with an ellipsis."""
    flat = " ".join(printable(text).split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"


def text_width(out: TextIO) -> int:
    """Columns for prose: those of the terminal up to a readable line, 0 (no wrapping) where `out` is none."""
    return min(shutil.get_terminal_size().columns, WIDEST_TEXT) if out.isatty() else 0


@dataclass(slots=True)
class TextRenderer:
    """Writes events to a stream as they come. Reasoning is shown only when `show_reasoning`."""

    out: TextIO
    colour: bool
    show_reasoning: bool = False
    _flow: Flow | None = None
    _flow_of: str = ""
    _open_call: str = ""
    _last_answer: str = ""
    _shown: dict[str, str] = field(default_factory=dict[str, str])

    def __call__(self, event: events.Event) -> None:
        """Show one event."""
        match event:
            case events.ContentDelta(text):
                self._stream(text, "answer")
            case events.ReasoningDelta(text):
                if self.show_reasoning:
                    self._stream(text, "reasoning")
            case events.CallNamed() | events.CallOutput():
                pass
            case events.CallStarted(call_id, tool, arguments):
                self._start_call(call_id, tool, arguments)
            case events.CallFinished():
                self._finish_call(event)
            case _:
                self._end_line()
                for line in self._lines(event):
                    self.out.write(line + "\n")
        self.out.flush()

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
            case events.FaultHandled(fault, action):
                return [self._paint("yellow", f"   ! {one_line(fault)} → {one_line(action)}")]
            case events.Notice(text):
                return [self._paint("yellow", f" i {printable(text)}")]
            case events.QuestionAsked(_, question, _):
                return [self._paint("bold", f" ? {printable(question)}")]
            case events.TurnEnded(status, summary, steps):
                return self._ending(status, summary, steps)
            case _:
                return []

    def _ending(self, status: str, summary: str, steps: int) -> list[str]:
        """The last lines of a turn; a summary that stands right above as the last answer is not said twice."""
        colour = "green" if status == "done" else "yellow" if status in ("waiting", "cancelled") else "red"
        count = f"{steps} step" if steps == 1 else f"{steps} steps"
        head = ["", self._paint(colour, f"{status} after {count}")]
        repeated = summary.strip() == self._last_answer.strip()
        return head if repeated or not summary else [*head, printable(summary)]

    def _start_call(self, call_id: str, tool: str, arguments: str) -> None:
        """A command's line is shown at once and stays open for its result; other calls are shown when they end."""
        short = call_in_short(tool, arguments)
        self._shown[call_id] = short
        if tool == "bash":
            self._end_line()
            self._open_call = call_id
            self.out.write(f"   {self._call(tool, short)}")

    def _finish_call(self, event: events.CallFinished) -> None:
        shown = self._shown.pop(event.call_id, "")
        mark = self._paint("green", "✓") if event.ok else self._paint("red", "✗")
        if event.tool != "bash":
            self._end_line()
            self.out.write(f"   {self._result(event, shown)} {mark}\n")
            return
        if self._open_call != event.call_id:
            self._end_line()
            self.out.write(f"   {self._call(event.tool, shown)}")
        self._open_call = ""
        self.out.write(f"  {mark} {self._paint('dim', outcome(event.summary))}\n")
        for line in last_lines(event.text, OUTPUT_LINES if event.ok else FAILED_OUTPUT_LINES):
            self.out.write(self._paint("dim", f"     │ {line}") + "\n")

    def _result(self, event: events.CallFinished, shown: str) -> str:
        """A call that is no command: its summary says what it was about; a failed one is told with its arguments."""
        said = one_line(event.summary.removeprefix(f"{event.tool} "))
        seconds = f", {event.duration_s:.1f} s" if event.duration_s >= _WORTH_SAYING_S else ""
        about = said if event.ok else f"{shown}: {said}" if shown else said
        return f"{self._paint('bold', one_line(event.tool, LONGEST_NAME))} {self._paint('dim', about + seconds)}"

    def _call(self, tool: str, short: str) -> str:
        columns = shutil.get_terminal_size().columns - _ROOM_FOR_RESULT if self.out.isatty() else LONGEST_LINE
        return f"{self._paint('bold', one_line(tool, LONGEST_NAME))} {one_line(short, max(columns, 20))}"

    def _stream(self, text: str, kind: str) -> None:
        if self._flow is None or self._flow_of != kind:
            self._end_line()
            paint = _COLOURS["dim"] if kind == "reasoning" and self.colour else ""
            self._flow = Flow(self.out, "   ", text_width(self.out), paint)
            self._flow_of = kind
        self._flow.feed(printable(text))

    def _end_line(self) -> None:
        """Close what is open: a text, or the line of a call whose result is still to come."""
        if self._flow is not None:
            self._flow.end()
        if self._open_call:
            self.out.write("\n")
        self._flow, self._open_call = None, ""

    def _paint(self, colour: str, text: str) -> str:
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if self.colour else text


def dimmed(text: str, colour: bool) -> str:
    """Text that stands back on a terminal."""
    return f"\x1b[2m{text}\x1b[0m" if colour else text


def step_figures(event: events.StepFinished) -> str:
    """Tokens and seconds of a step on one line."""
    usage = event.usage
    cached = "" if usage.cached_tokens is None else f" ({usage.cached_tokens:,} cached)"
    thought = f" ({usage.reasoning_tokens:,} thought)" if usage.reasoning_tokens else ""
    return (
        f"{usage.prompt_tokens:,} tokens in{cached}, {usage.completion_tokens:,} out{thought}, {event.duration_s:.1f} s"
    )


def call_in_short(tool: str, arguments: str) -> str:
    """The arguments that tell a person what a call does."""
    given = parse_object(arguments)
    if given is None:
        return one_line(arguments)
    if tool == "str_replace_editor":
        return one_line(f"{given.get('command', '')} {given.get('path', '')}")
    for name in ("command", "pattern", "question", "tasks"):
        if name in given:
            return one_line(str(given[name]))
    return one_line(" ".join(str(value) for value in given.values()))


def outcome(summary: str) -> str:
    """How a command ended, from a summary that begins with the command itself."""
    found = _OUTCOME.search(summary)
    return found[1] if found else one_line(summary)


def last_lines(text: str, most: int) -> list[str]:
    """The last lines of an output that say something; above them, how many more there are."""
    lines = [line for line in text.splitlines() if line.strip(" .-=_*") and not _STATUS_LINE.fullmatch(line)]
    hidden = len(lines) - most
    above = [f"… {hidden} more above"] if hidden > 0 else []
    return [*above, *(one_line(line) for line in lines[-most:])]


def paint_diff(patch: str, colour: bool) -> str:
    """A unified diff for the terminal."""
    if not colour:
        return printable(patch)
    painted: list[str] = []
    for line in printable(patch).split("\n"):
        code = {"+": "32", "-": "31", "@": "36"}.get(line[:1])
        code = "1" if line.startswith(("diff ", "+++", "---")) else code
        painted.append(f"\x1b[{code}m{line}\x1b[0m" if code else line)
    return "\n".join(painted)
