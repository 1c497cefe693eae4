"""Events as lines for people: mode and reason per step, calls and results in short, colours only on a terminal."""

import json
import re
from dataclasses import dataclass
from typing import TextIO

from agent import events
from agent.json_types import as_object

_COLOURS = {"dim": "2", "bold": "1", "red": "31", "green": "32", "yellow": "33", "cyan": "36", "magenta": "35"}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
LONGEST_LINE = 160


def printable(text: str) -> str:
    """Text from a model, a repository or a command, with everything that could drive the terminal made visible."""
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text.replace("\r\n", "\n"))


def one_line(text: str, width: int = LONGEST_LINE) -> str:
    """The text on one line, cut at `width` characters with an ellipsis."""
    flat = " ".join(printable(text).split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"


@dataclass(slots=True)
class TextRenderer:
    """Writes events to a stream as they come. Reasoning is shown only when `show_reasoning`."""

    out: TextIO
    colour: bool
    show_reasoning: bool = False
    _in_text: bool = False
    _held: str = ""

    def __call__(self, event: events.Event) -> None:
        """Show one event."""
        match event:
            case events.ContentDelta(text):
                self._stream(text)
            case events.ReasoningDelta(text):
                if self.show_reasoning:
                    self._stream(text, "dim")
            case events.CallNamed() | events.CallOutput():
                pass
            case _:
                self._end_text()
                for line in self._lines(event):
                    self.out.write(line + "\n")
        self.out.flush()

    def _lines(self, event: events.Event) -> list[str]:  # noqa: PLR0911  # one return per kind of event
        """Lines of one event. Each case is one line of the display, so they stand together."""
        match event:
            case events.TurnStarted(session_id, text, resumed):
                what = "resumed" if resumed else "session"
                return [self._paint("dim", f"{what} {session_id}"), self._paint("bold", f"> {one_line(text)}")]
            case events.StepStarted(step, thinking, reason):
                mode = self._paint("magenta", "think ") if thinking else self._paint("cyan", "direct")
                return [f"{self._paint('dim', f'[{step}]')} {mode} {self._paint('dim', reason)}"]
            case events.StepFinished():
                return [self._paint("dim", f"    {step_figures(event)}")]
            case events.CallStarted(_, tool, arguments):
                return [f"  {self._paint('bold', tool)} {call_in_short(tool, arguments)}"]
            case events.CallFinished(ok=ok, summary=summary, duration_s=seconds):
                mark = self._paint("green", "ok") if ok else self._paint("red", "failed")
                return [f"    {mark} {one_line(summary)} {self._paint('dim', f'{seconds:.1f} s')}"]
            case events.FaultHandled(fault, action):
                return [self._paint("yellow", f"  ! {one_line(fault)} → {one_line(action)}")]
            case events.Notice(text):
                return [self._paint("yellow", f"  i {printable(text)}")]
            case events.QuestionAsked(_, question, _):
                return [self._paint("bold", f"? {printable(question)}")]
            case events.TurnEnded(status, summary, steps):
                colour = "green" if status == "done" else "yellow" if status in ("waiting", "cancelled") else "red"
                head = self._paint(colour, f"{status} after {steps} steps")
                return [head, printable(summary)] if summary else [head]
            case _:
                return []

    def _stream(self, text: str, colour: str = "") -> None:
        """Write a piece; white space at its end waits for what follows, so that an answer ends without blank lines."""
        text = self._held + text if self._in_text else text.lstrip()
        said = text.rstrip()
        if not said:
            self._held = text if self._in_text else ""
            return
        self._held = text[len(said) :]
        self._in_text = True
        self.out.write(self._paint(colour, printable(said)) if colour else printable(said))

    def _end_text(self) -> None:
        if self._in_text:
            self.out.write("\n")
        self._in_text, self._held = False, ""

    def _paint(self, colour: str, text: str) -> str:
        return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if self.colour else text


def step_figures(event: events.StepFinished) -> str:
    """Tokens and times of a step on one line."""
    usage = event.usage
    cached = "" if usage.cached_tokens is None else f" ({usage.cached_tokens:,} cached)"
    thought = f", {usage.reasoning_tokens:,} of them thought" if usage.reasoning_tokens else ""
    times = f"first token {event.first_token_s:.2f} s, {event.duration_s:.1f} s"
    return f"{usage.prompt_tokens:,} tokens in{cached}, {usage.completion_tokens:,} out{thought}; {times}"


def call_in_short(tool: str, arguments: str) -> str:
    """The arguments that tell a person what a call does."""
    try:
        given = as_object(json.loads(arguments))
    except ValueError:
        return one_line(arguments)
    if tool == "str_replace_editor":
        return one_line(f"{given.get('command', '')} {given.get('path', '')}")
    for name in ("command", "pattern", "question", "tasks"):
        if name in given:
            return one_line(str(given[name]))
    return one_line(" ".join(str(value) for value in given.values()))


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
