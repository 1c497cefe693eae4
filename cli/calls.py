"""Tool calls on the screen: a command with its outcome and last lines, any other call on one line."""

import re
import shutil
from dataclasses import dataclass, field
from typing import TextIO

from agent import events
from agent.json_types import parse_object
from cli.printing import LONGEST_LINE, one_line, painted, printable
from cli.status import StatusLine
from sandboxes.runner.command import LIVE_END

LONGEST_NAME = 40
OUTPUT_LINES = 3
FAILED_OUTPUT_LINES = 6
_WORTH_SAYING_S = 0.1
_ROOM_FOR_RESULT = 30
_OUTCOME = re.compile(r"\(((?:exit |timed out|job )[^()]*)\)$")
_LEFT_OUT = re.compile(r"\[… about [\d,]+ of [\d,]+ bytes left out")
_LIVE_END = LIVE_END.decode().strip()
_STATUS_LINE = re.compile(r"\[exit code \d+\]")
_BAR = "     │ "


@dataclass(slots=True)
class CallLines:
    """Writes calls as they begin, speak and end.

    A command's line stays open for its outcome; where there is a status line, that shows the command until it ends.
    `verbose` writes what a command prints as it comes: the first MiB, and of a longer output its end.
    """

    out: TextIO
    colour: bool
    status: StatusLine
    verbose: bool = False
    _open: str = ""
    _newest: str = ""
    _rest: str = ""
    _spoke: set[str] = field(default_factory=set[str])
    _cut: set[str] = field(default_factory=set[str])
    _shown: dict[str, str] = field(default_factory=dict[str, str])

    def start(self, event: events.CallStarted) -> None:
        """A command is shown at once; of other calls the result says what they were about."""
        self.close()
        short = call_in_short(event.tool, event.arguments)
        self._shown[event.call_id] = short
        self._newest = ""
        if event.tool == "bash" and (self.verbose or not self.status.live):
            self._open = self._newest = event.call_id
            self.out.write(f"   {self._call(event.tool, short)}")
        self.status.begin(f"{event.tool} {short}", at_once=not self._open)

    def output(self, event: events.CallOutput) -> None:
        """A piece of what a command prints."""
        if not self.verbose:
            self.status.hear(event.text)
            return
        self._spoke.add(event.call_id)
        *lines, self._rest = (self._rest + event.text.replace("\r\n", "\n")).split("\n")
        if lines:
            self.close()
        self.out.write("".join(map(self._bar, lines)))
        if _LIVE_END in lines:
            self._cut.add(event.call_id)

    def finish(self, event: events.CallFinished) -> None:
        """The outcome, and of a command its last lines, or all of them."""
        self.status.end()
        shown = self._shown.pop(event.call_id, "")
        mark = painted("green", "✓", self.colour) if event.ok else painted("red", "✗", self.colour)
        if event.tool != "bash":
            self.close()
            self.out.write(f"   {self._result(event, shown)} {mark}\n")
            return
        if self._rest:
            self.close()
            self.out.write(self._bar(self._rest))
            self._rest = ""
        # In one piece: each write of a line to a terminal or a pipe wakes whoever reads there.
        ended = f"{mark} {painted('dim', outcome(event.summary), self.colour)}\n{self._text(event)}"
        if self._open == event.call_id:
            self._open = ""
            self.out.write(f"  {ended}")
        elif self._newest == event.call_id:
            self.out.write(f"     {ended}")
        else:
            self.close()
            self.out.write(f"   {self._call(event.tool, shown)}  {ended}")

    def close(self) -> None:
        """End the line that waits for an outcome: something else is to be written."""
        if self._open:
            self.out.write("\n")
        self._open = ""

    def _text(self, event: events.CallFinished) -> str:
        if outcome(event.summary) == one_line(event.text):
            return ""
        if not self.verbose:
            shown = last_lines(event.text, OUTPUT_LINES if event.ok else FAILED_OUTPUT_LINES)
            return "".join(painted("dim", f"{_BAR}{line}", self.colour) + "\n" for line in shown)
        lines = event.text.splitlines()
        if event.call_id in self._cut:
            # What came behind the part that was shown as it came.
            lines = lines[next((at for at, line in enumerate(lines) if _LEFT_OUT.match(line)), len(lines)) :]
        elif event.call_id in self._spoke:
            return ""
        return "".join(map(self._bar, lines))

    def _bar(self, line: str) -> str:
        return painted("dim", _BAR, self.colour) + printable(line) + "\n"

    def _result(self, event: events.CallFinished, shown: str) -> str:
        """A call that is no command: its summary says what it was about; a failed one is told with its arguments."""
        said = one_line(event.summary.removeprefix(f"{event.tool} "))
        seconds = f", {event.duration_s:.1f} s" if event.duration_s >= _WORTH_SAYING_S else ""
        about = said if event.ok else f"{shown}: {said}" if shown else said
        name = painted("bold", one_line(event.tool, LONGEST_NAME), self.colour)
        return f"{name} {painted('dim', about + seconds, self.colour)}"

    def _call(self, tool: str, short: str) -> str:
        columns = shutil.get_terminal_size().columns - _ROOM_FOR_RESULT if self.out.isatty() else LONGEST_LINE
        return f"{painted('bold', one_line(tool, LONGEST_NAME), self.colour)} {one_line(short, max(columns, 20))}"


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
